#include "msg/anew.h"

#include <strings.h>

#include "base/clean.h"
#include "msg/addr.h"
#include "msg/coding.h"
#include "msg/compose.h"
#include "msg/date.h"
#include "msg/mime.h"
#include "msg/note_int.h"

/* Of the way that the original went, and of who must not be known. A row that ends
 * in "*" stands for all names that begin so. */
static const char *const left_out[] = {"arc-*", "authentication-results", "bcc", "date",
    "delivered-to", "dkim-*", "domainkey-*", "envelope-to", "message-id", "received*", "resent-*",
    "return-path", "status", "x-arc-*", "x-authentication-*", "x-delivered-*", "x-envelope-*",
    "x-failed-recipients", "x-forefront-*", "x-gm-*", "x-google-*", "x-mozilla-*",
    "x-ms-exchange-*", "x-ms-office365-*", "x-original-to", "x-originalarrivaltime",
    "x-originating-*", "x-received*", "x-spam*", "x-status", "x-uid*", "x-virus*"};

/* Of the structure of the body: not shown, and put back by the program. */
static bool
is_structure(struct slice name)
{
	return slice_istarts(name, "content-") || slice_iis(name, "mime-version");
}

static bool
is_left_out(struct slice name)
{
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
		struct slice row = slice_of(left_out[i]);
		bool is_begin = row.p[row.n - 1] == '*';

		row.n -= is_begin;
		if (name.n >= row.n && (is_begin || name.n == row.n) &&
		    strncasecmp(name.p, row.p, row.n) == 0)
			return true;
	}
	return false;
}

/* "Name <address>, …" with readable names, quoted where they must be. */
static struct slice
readable_mailboxes(struct arena *a, struct slice list)
{
	struct buf out = BUF_INIT;
	struct slice address, name, s;

	while (addr_next(a, &list, &address, &name)) {
		struct slice words = slice_trim(coding_words(a, name));

		buf_adds(&out, out.len > 0 ? ", " : "");
		if (words.n == 0) {
			buf_addslice(&out, address);
			continue;
		}
		buf_addc(&out, '"');
		for (size_t i = 0; i < words.n; i++) {
			if (words.p[i] != '"' && words.p[i] != '\\')
				buf_addc(&out, words.p[i]);
		}
		buf_adds(&out, "\" <");
		buf_addslice(&out, address);
		buf_addc(&out, '>');
	}
	s = arena_copy(a, buf_slice(&out));
	buf_free(&out);
	return s;
}

/* A field as it stands in the draft: on one line, for eyes. */
static struct slice
readable(struct arena *a, const struct field *f)
{
	static const char *const mailboxes[] = {"from", "sender", "reply-to", "to", "cc"};
	static const char *const tokens[] = {"in-reply-to", "references"};
	struct slice value = field_unfold(a, f->value);
	struct buf out = BUF_INIT;
	struct slice s;

	if (slice_iis_any(f->name, mailboxes, 5) && slice_find(value, "=?") != SLICE_NONE)
		value = readable_mailboxes(a, value);
	else if (!slice_iis_any(f->name, mailboxes, 5) && !slice_iis_any(f->name, tokens, 2))
		value = field_text(a, f->value);
	clean_append(&out, value, FIELD_MAX_BYTES);
	s = slice_trim(arena_copy(a, buf_slice(&out)));
	buf_free(&out);
	return s;
}

/* Where the text stands that can be edited. */
struct text {
	struct mime mime;
	const struct mime_part *part; /* NULL if nothing of it is text */
	struct slice shown;
};

static bool
is_sealed(const struct mime *m)
{
	for (size_t i = 0; i < m->n_parts; i++) {
		if (slice_iis(m->parts[i].type, "multipart/signed") ||
		    slice_iis(m->parts[i].type, "multipart/encrypted"))
			return true;
	}
	return false;
}

static bool
is_attached(const struct mime_part *p)
{
	return slice_istarts(field_get(p->header, "Content-Disposition"), "attachment");
}

static void
find_text(struct arena *a, const struct anew_original *original, struct text *t)
{
	*t = (struct text){.shown = SLICE_EMPTY};
	if (original->bytes.n == 0)
		return;
	mime_read(a, original->bytes, &t->mime);
	if (original->is_whole && (is_sealed(&t->mime) || t->mime.is_cut))
		return;
	for (size_t i = 0; i < t->mime.n_parts && t->part == NULL; i++) {
		if (t->mime.parts[i].kind == MIME_TEXT_PLAIN && !is_attached(&t->mime.parts[i]))
			t->part = &t->mime.parts[i];
	}
	if (t->part != NULL)
		t->shown = slice_of(clean_lines(a, mime_text(a, t->part)).s);
}

static void
add_line(struct buf *out, const char *name, struct slice value)
{
	buf_addf(out, "%s: ", name);
	clean_append(out, value, FIELD_MAX_BYTES);
	buf_addc(out, '\n');
}

static void
add_missing(struct buf *out, struct slice header, const char *name, struct slice value)
{
	if (field_get(header, name).n == 0)
		add_line(out, name, value);
}

static int
check_recipient(struct arena *a, struct slice address, struct err *e)
{
	if (addr_is_wire_safe(address))
		return 0;
	return err_set(e, ERR_REFUSED, "the recipient \"%s\" is no mail address",
	    clean(a, slice_sub(address, 0, 100)).s);
}

int
anew_draft(struct arena *a, struct buf *out, const struct anew_original *original,
    const struct anew_options *o, struct err *e)
{
	struct slice rest = original->bytes;
	char date[DATE_TEXT_BYTES];
	struct slice header, body;
	struct field f;
	struct text text;

	if (check_recipient(a, o->recipient, e) != 0)
		return -1;
	add_line(out, ANEW_ENVELOPE, o->recipient);
	for (size_t i = 0; i < o->n_more; i++) {
		if (check_recipient(a, o->more[i], e) != 0)
			return -1;
		add_line(out, ANEW_ENVELOPE, o->more[i]);
	}
	field_split(original->bytes, &header, &body);
	add_missing(out, header, "From", o->from);
	if (field_get(header, "Cc").n == 0)
		add_missing(out, header, "To", o->to);
	add_missing(out, header, "Subject", o->subject);
	for (size_t i = 0; i < FIELD_MAX_COUNT && field_next(&rest, &f); i++) {
		if (!is_left_out(f.name) && !is_structure(f.name))
			add_line(out, arena_slicedup(a, f.name), readable(a, &f));
	}
	add_line(out, "Date", slice_of(date_rfc5322(date, o->now, o->zone_minutes)));
	add_line(out, "Message-ID", o->message_id);
	buf_addc(out, '\n');
	find_text(a, original, &text);
	buf_addslice(out, text.shown);
	if (text.shown.n > 0 && text.shown.p[text.shown.n - 1] != '\n')
		buf_addc(out, '\n');
	return 0;
}

static int
add_recipient(struct arena *a, struct anew_message *m, struct slice address, size_t max_recipients,
    struct err *e)
{
	if (check_recipient(a, address, e) != 0)
		return -1;
	for (size_t i = 0; i < m->n_recipients; i++) {
		if (addr_same(m->recipients[i], address))
			return err_set(e, ERR_REFUSED,
			    "the recipient \"%s\" stands twice in " ANEW_ENVELOPE,
			    clean(a, slice_sub(address, 0, 100)).s);
	}
	if (m->n_recipients == max_recipients) {
		err_set(e, ERR_REFUSED, "more than %zu recipient%s in " ANEW_ENVELOPE ": \"%s\"",
		    max_recipients, max_recipients == 1 ? "" : "s",
		    clean(a, slice_sub(address, 0, 100)).s);
		return err_todo(e, "the others got the message, or are cases too");
	}
	m->recipients[m->n_recipients++] = arena_copy(a, address);
	return 0;
}

/* Of all lines Envelope-To, in their order. */
static int
read_recipients(struct arena *a, struct slice header, size_t max_recipients, struct anew_message *m,
    struct err *e)
{
	struct field f;

	m->recipients = arena_calloc(a, max_recipients + 1, sizeof(*m->recipients));
	while (field_next(&header, &f)) {
		struct slice list = field_unfold(a, f.value);
		struct slice rest = list, address;

		if (!slice_iis(f.name, ANEW_ENVELOPE))
			continue;
		if (addr_list_odd(a, list) > 0)
			return err_set(e, ERR_REFUSED,
			    "not all of these are mail addresses: \"%s\"",
			    clean(a, slice_sub(list, 0, 200)).s);
		while (addr_next(a, &rest, &address, NULL)) {
			if (add_recipient(a, m, address, max_recipients, e) != 0)
				return -1;
		}
	}
	m->recipient = m->recipients[0];
	if (m->n_recipients > 0)
		return 0;
	err_set(e, ERR_REFUSED, "there is no recipient");
	return err_todo(e, "put the line " ANEW_ENVELOPE ": user@domain at the top");
}

static int
check(struct arena *a, struct slice header, const struct anew_original *original,
    size_t max_recipients, struct anew_message *m, struct err *e)
{
	struct slice old_header, body;

	if (note_check(a, header, "the message", e) != 0 ||
	    read_recipients(a, header, max_recipients, m, e) != 0)
		return -1;
	m->message_id = arena_copy(a, field_unfold(a, field_get(header, "Message-ID")));
	field_split(original->bytes, &old_header, &body);
	if (slice_eq(m->message_id, field_unfold(a, field_get(old_header, "Message-ID")))) {
		err_set(e, ERR_REFUSED, "the Message-ID is the old one");
		return err_todo(e, "leave the new one as it was, or resend the message instead");
	}
	return 0;
}

/* The field of the original that the draft showed so; false if none. */
static bool
find_same(struct arena *a, struct slice header, const struct field *f, struct field *same)
{
	struct slice shown = slice_trim(field_unfold(a, f->value));

	while (field_next(&header, same)) {
		if (slice_eq(same->name, f->name) && slice_eq(readable(a, same), shown))
			return true;
	}
	return false;
}

static void
add_header(struct arena *a, struct buf *out, struct slice edited, struct slice original)
{
	struct slice old_header, body;
	struct field f, same;

	field_split(original, &old_header, &body);
	for (size_t i = 0; i < FIELD_MAX_COUNT && field_next(&edited, &f); i++) {
		bool is_new = slice_iis(f.name, "date") || slice_iis(f.name, "message-id");

		if ((is_left_out(f.name) && !is_new) || is_structure(f.name) || f.value.n == 0)
			continue;
		if (!is_new && find_same(a, old_header, &f, &same))
			compose_add_crlf(out, same.whole);
		else
			note_add_field(a, out, &f);
		if (out->len > 0 && out->data[out->len - 1] != '\n')
			buf_adds(out, "\r\n");
	}
}

static void
add_structure(struct buf *out, struct slice header)
{
	struct field f;

	while (field_next(&header, &f)) {
		if (!is_structure(f.name))
			continue;
		compose_add_crlf(out, f.whole);
		if (out->data[out->len - 1] != '\n')
			buf_adds(out, "\r\n");
	}
}

/* What has to be kept of a text/plain: how its lines flow (RFC 3676). */
static const char *
flow_of(struct arena *a, const struct mime_part *p)
{
	struct slice type = field_get(p->header, "Content-Type");
	bool is_flowed = slice_iis(mime_param(a, type, "format"), "flowed");
	bool is_delsp = slice_iis(mime_param(a, type, "delsp"), "yes");

	return !is_flowed ? "" : is_delsp ? "; format=flowed; delsp=yes" : "; format=flowed";
}

/* Puts the text into the place of its part, or of the multipart/alternative that
 * it stands in: the other half would say what it said before. */
static void
replace_text(struct arena *a, struct buf *out, const struct anew_original *original,
    const struct text *t, struct slice text, struct anew_message *m)
{
	const struct mime_part *at = t->part;
	const struct mime_part *root = &t->mime.parts[0];
	struct slice new_text = text;

	while (
	    at->parent >= 0 && slice_iis(t->mime.parts[at->parent].type, "multipart/alternative")) {
		at = &t->mime.parts[at->parent];
		m->is_html_dropped = true;
	}
	if (at == root || !original->is_whole) {
		buf_adds(out, "MIME-Version: 1.0\r\n");
		note_add_text(out, new_text, flow_of(a, t->part));
		return;
	}
	add_structure(out, root->header);
	buf_adds(out, "\r\n");
	compose_add_crlf(out, slice_range(root->body.p, at->header.p));
	note_add_text(out, new_text, flow_of(a, t->part));
	/* The line end before the delimiter is the delimiter's. */
	while (out->len >= 2 && memcmp(out->data + out->len - 2, "\r\n", 2) == 0)
		out->len -= 2;
	compose_add_crlf(
	    out, slice_range(at->body.p + at->body.n, original->bytes.p + original->bytes.n));
}

static struct slice
without_end(struct slice s)
{
	while (s.n > 0 && ascii_isspace(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* The same to a reader, whatever the editor made of line ends. */
static bool
is_same_text(struct slice x, struct slice y)
{
	struct slice line_x, line_y;

	x = without_end(x);
	y = without_end(y);
	while (slice_line(&x, &line_x)) {
		if (!slice_line(&y, &line_y) || !slice_eq(line_x, line_y))
			return false;
	}
	return y.n == 0;
}

static int
add_body(struct arena *a, struct buf *out, const struct anew_original *original, struct slice body,
    struct anew_message *m, struct err *e)
{
	struct text t;
	struct slice header, old_body;

	find_text(a, original, &t);
	m->is_text_changed = !is_same_text(t.shown, body);
	field_split(original->bytes, &header, &old_body);
	if (original->is_whole && !m->is_text_changed) {
		add_structure(out, header);
		buf_adds(out, "\r\n");
		compose_add_crlf(out, old_body);
		return 0;
	}
	if (original->is_whole && t.part == NULL) {
		err_set(e, ERR_REFUSED,
		    "the body is signed, encrypted or no text: it can go only as it was");
		return err_todo(e, "take the text out again");
	}
	if (t.part != NULL) {
		replace_text(a, out, original, &t, body, m);
		return 0;
	}
	buf_adds(out, "MIME-Version: 1.0\r\n");
	note_add_text(out, body, "");
	return 0;
}

static bool
has_line(struct slice header, struct slice whole)
{
	struct field f;

	while (field_next(&header, &f)) {
		if (slice_eq(slice_trim(f.whole), slice_trim(whole)))
			return true;
	}
	return false;
}

/* Header lines of x that are not in y. */
static struct slice *
lines_only_in(struct arena *a, struct slice x, struct slice y, size_t *n_r)
{
	struct slice *lines = arena_alloc(a, FIELD_MAX_COUNT * sizeof(*lines));
	struct field f;

	*n_r = 0;
	while (*n_r < FIELD_MAX_COUNT && field_next(&x, &f)) {
		if (!has_line(y, f.whole))
			lines[(*n_r)++] = slice_trim(f.whole);
	}
	return lines;
}

static void
compare(struct arena *a, const struct anew_original *original, struct anew_message *m)
{
	struct buf crlf = BUF_INIT;
	struct slice old_header, new_header, body;

	field_split(original->bytes, &old_header, &body);
	field_split(m->bytes, &new_header, &body);
	compose_add_crlf(&crlf, old_header);
	old_header = arena_copy(a, buf_slice(&crlf));
	buf_free(&crlf);
	m->added = lines_only_in(a, new_header, old_header, &m->n_added);
	m->removed = lines_only_in(a, old_header, new_header, &m->n_removed);
}

int
anew_finish_for(struct arena *a, struct slice edited, const struct anew_original *original,
    size_t max_recipients, struct anew_message *m, struct err *e)
{
	struct buf out = BUF_INIT;
	struct slice header, body;
	int r;

	*m = (struct anew_message){.bytes = SLICE_EMPTY};
	edited = note_utf8(a, edited);
	field_split(edited, &header, &body);
	if (check(a, header, original, max_recipients, m, e) != 0)
		return -1;
	add_header(a, &out, header, original->bytes);
	r = add_body(a, &out, original, body, m, e);
	m->bytes = arena_copy(a, buf_slice(&out));
	buf_free(&out);
	m->has_8bit = !coding_is_ascii(m->bytes);
	if (r == 0)
		compare(a, original, m);
	return r;
}

int
anew_finish(struct arena *a, struct slice edited, const struct anew_original *original,
    struct anew_message *m, struct err *e)
{
	return anew_finish_for(a, edited, original, 1, m, e);
}
