/* From what came back from the editor to what goes on the wire. */
#include "msg/note.h"

#include "base/clean.h"
#include "msg/addr.h"
#include "msg/coding.h"
#include "msg/compose.h"
#include "msg/date.h"
#include "msg/field.h"
#include "msg/note_int.h"

#define MAX_LINE 998
#define MAX_RECIPIENTS 100
#define BOUNDARY "=_bouncebox"

enum form { FORM_TEXT, FORM_TOKENS, FORM_MAILBOXES, FORM_DROPPED };

/* How a field is written. What is not in the table is text. */
static const struct row {
	const char *name;
	enum form form;
} rows[] = {
    {"from", FORM_MAILBOXES},
    {"sender", FORM_MAILBOXES},
    {"reply-to", FORM_MAILBOXES},
    {"to", FORM_MAILBOXES},
    {"cc", FORM_MAILBOXES},
    {"bcc", FORM_DROPPED}, /* they are recipients, but nobody reads of them */
    {"date", FORM_TOKENS},
    {"message-id", FORM_TOKENS},
    {"in-reply-to", FORM_TOKENS},
    {"references", FORM_TOKENS},
    {"mime-version", FORM_DROPPED}, /* ours come instead */
    {"return-path", FORM_DROPPED},
};

static enum form
form_of(struct slice name)
{
	if (slice_istarts(name, "content-"))
		return FORM_DROPPED;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (slice_iis(name, rows[i].name))
			return rows[i].form;
	}
	return FORM_TEXT;
}

/* Editors save in other charsets, and put a byte order mark in front. */
struct slice
note_utf8(struct arena *a, struct slice edited)
{
	if (slice_starts(edited, "\xef\xbb\xbf"))
		edited = slice_from(edited, 3);
	return coding_to_utf8(a, edited, SLICE_EMPTY);
}

/* Exactly one of each, and readable (RFC 5322 3.6). */
static int
check_field(struct arena *a, struct slice header, const char *name, const char *what, struct err *e)
{
	struct slice value = field_unfold(a, field_get(header, name));
	int64_t ignored;

	if (value.n == 0)
		return err_set(e, ERR_REFUSED, "%s has no %s", what, name);
	if (field_get_nth(header, name, 1).n > 0)
		return err_set(e, ERR_REFUSED, "%s has more than one %s", what, name);
	if (strcmp(name, "Date") == 0 && !date_read(value, &ignored, NULL))
		return err_set(e, ERR_REFUSED, "the Date of %s cannot be read: \"%s\"", what,
		    clean(a, slice_sub(value, 0, 100)).s);
	if (strcmp(name, "From") == 0 && !addr_is_wire_safe(addr_read(a, value)))
		return err_set(e, ERR_REFUSED, "the From of %s has no mail address: \"%s\"", what,
		    clean(a, slice_sub(value, 0, 100)).s);
	return 0;
}

/* msg-id = "<" id-left "@" id-right ">", on one line and without blanks. */
static int
check_message_id(struct arena *a, struct slice header, const char *what, struct err *e)
{
	struct slice id = field_unfold(a, field_get(header, "Message-ID"));
	bool is_good = id.n > 4 && id.p[0] == '<' && id.p[id.n - 1] == '>' &&
	    slice_chr(id, '@') != SLICE_NONE && coding_is_ascii(id);

	for (size_t i = 0; i < id.n; i++)
		is_good = is_good && id.p[i] > 32 && id.p[i] != 127;
	if (is_good)
		return 0;
	return err_set(e, ERR_REFUSED, "the Message-ID of %s is broken: \"%s\"", what,
	    clean(a, slice_sub(id, 0, 100)).s);
}

struct recipients {
	struct slice *list;
	size_t n;
};

static int
add_recipient(struct arena *a, struct recipients *r, struct slice address, struct err *e)
{
	for (size_t i = 0; i < r->n; i++) {
		if (addr_same(r->list[i], address))
			return 0;
	}
	if (!addr_is_wire_safe(address))
		return err_set(e, ERR_REFUSED, "the recipient \"%s\" is no mail address",
		    clean(a, slice_sub(address, 0, 100)).s);
	if (r->n == MAX_RECIPIENTS)
		return err_set(
		    e, ERR_REFUSED, "the note has more than %d recipients", MAX_RECIPIENTS);
	r->list[r->n++] = address;
	return 0;
}

static int
read_recipients(struct arena *a, struct slice header, struct recipients *r, struct err *e)
{
	struct field f;

	r->list = arena_alloc(a, MAX_RECIPIENTS * sizeof(*r->list));
	while (field_next(&header, &f)) {
		struct slice list = f.value;
		struct slice address;

		if (!slice_iis(f.name, "to") && !slice_iis(f.name, "cc") &&
		    !slice_iis(f.name, "bcc"))
			continue;
		if (addr_list_odd(a, list) > 0)
			return err_set(e, ERR_REFUSED,
			    "not all of these are mail addresses: \"%s\"",
			    clean(a, slice_sub(list, 0, 200)).s);
		while (addr_next(a, &list, &address, NULL)) {
			if (add_recipient(a, r, address, e) != 0)
				return -1;
		}
	}
	return r->n > 0 ? 0 : err_set(e, ERR_REFUSED, "the note has no recipient");
}

int
note_check(struct arena *a, struct slice header, const char *what, struct err *e)
{
	static const char *const needed[] = {"From", "Subject", "Date", "Message-ID"};

	if (header.n == 0) {
		err_set(e, ERR_REFUSED, "%s has no header", what);
		return err_todo(
		    e, "keep the lines From, To, Subject, Date and Message-ID at the top");
	}
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (check_field(a, header, needed[i], what, e) != 0)
			return err_todo(e, "put the line back at the top of %s", what);
	}
	return check_message_id(a, header, what, e);
}

void
note_add_field(struct arena *a, struct buf *out, const struct field *f)
{
	struct slice value = field_text(a, f->value);
	const char *name = arena_slicedup(a, f->name);

	if (value.n == 0)
		return;
	switch (form_of(f->name)) {
	case FORM_TEXT:
		compose_text(out, name, value);
		break;
	case FORM_TOKENS:
		compose_tokens(out, name, value);
		break;
	case FORM_MAILBOXES:
		compose_mailboxes(a, out, name, field_unfold(a, f->value));
		break;
	case FORM_DROPPED:
		break;
	}
}

static void
add_header(struct arena *a, struct buf *out, struct slice header)
{
	struct field f;

	while (field_next(&header, &f))
		note_add_field(a, out, &f);
	buf_adds(out, "MIME-Version: 1.0\r\n");
}

/* May it go as it is? ASCII, no NUL, no long line, nothing that looks like our
 * boundary: "=_" is never in quoted-printable. */
static bool
is_7bit(struct slice text)
{
	struct slice line;

	if (!coding_is_ascii(text) || slice_chr(text, '\0') != SLICE_NONE ||
	    slice_find(text, BOUNDARY) != SLICE_NONE)
		return false;
	while (slice_line(&text, &line)) {
		if (line.n > MAX_LINE)
			return false;
	}
	return true;
}

/* The fields and the body of one text part; `more` are further parameters. */
static void
add_part(struct buf *out, struct slice text, const char *more, const char *file_name)
{
	bool is_plain = is_7bit(text);

	buf_addf(out, "Content-Type: text/plain; charset=%s%s\r\n",
	    coding_is_ascii(text) ? "us-ascii" : "utf-8", more);
	if (file_name != NULL)
		buf_addf(out, "Content-Disposition: attachment; filename=\"%s\"\r\n", file_name);
	buf_addf(
	    out, "Content-Transfer-Encoding: %s\r\n\r\n", is_plain ? "7bit" : "quoted-printable");
	if (is_plain)
		compose_add_crlf(out, text);
	else
		coding_add_quoted_printable(out, text);
	if (text.n > 0 && out->data[out->len - 1] != '\n')
		buf_adds(out, "\r\n");
}

void
note_add_text(struct buf *out, struct slice text, const char *more)
{
	add_part(out, text, more, NULL);
}

static void
add_body(struct arena *a, struct buf *out, struct slice text, struct slice report)
{
	if (report.n == 0) {
		add_part(out, text, "", NULL);
		return;
	}
	report = coding_to_utf8(a, report, SLICE_EMPTY);
	buf_adds(out, "Content-Type: multipart/mixed; boundary=\"" BOUNDARY "\"\r\n\r\n");
	buf_adds(out, "--" BOUNDARY "\r\n");
	add_part(out, text, "", NULL);
	buf_adds(out, "--" BOUNDARY "\r\n");
	add_part(out, report, "", "delivery-report.txt");
	buf_adds(out, "--" BOUNDARY "--\r\n");
}

int
note_finish(struct arena *a, struct slice edited, struct slice report, struct slice *bytes,
    struct slice **recipients, size_t *n_recipients, struct err *e)
{
	struct recipients found = {NULL, 0};
	struct buf out = BUF_INIT;
	struct slice header;
	struct slice body;

	edited = note_utf8(a, edited);
	field_split(edited, &header, &body);
	if (note_check(a, header, "the note", e) != 0 || read_recipients(a, header, &found, e) != 0)
		return -1;
	add_header(a, &out, header);
	add_body(a, &out, body, report);
	*bytes = arena_copy(a, buf_slice(&out));
	*recipients = found.list;
	*n_recipients = found.n;
	buf_free(&out);
	return 0;
}
