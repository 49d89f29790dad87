#include "msg/resend.h"

#include "base/clean.h"
#include "msg/addr.h"
#include "msg/coding.h"
#include "msg/compose.h"
#include "msg/date.h"
#include "msg/field.h"

#define MAX_LINE 998 /* RFC 5322 2.1.1 */
#define MAX_ADDED 8

/* Never sent again: who else got it, and where an earlier copy was put. */
static const char *const private_fields[] = {
    "bcc", "resent-bcc", "return-path", "delivered-to", "x-original-to", "x-envelope-to"};

/* What servers put on top of a message that passes through them. No signer puts
 * these in its h= (RFC 6376 5.4.1), so DKIM holds without them. */
static const char *const trace_fields[] = {"received", "received-spf", "x-received",
    "authentication-results", "x-authentication-results", "arc-seal", "arc-message-signature",
    "arc-authentication-results", "x-google-smtp-source", "x-virus-scanned"};

static bool
is_private(struct slice name)
{
	return slice_iis_any(
	    name, private_fields, sizeof(private_fields) / sizeof(*private_fields));
}

static bool
is_trace(struct slice name)
{
	return slice_iis_any(name, trace_fields, sizeof(trace_fields) / sizeof(*trace_fields));
}

/* Where the trace that was added after us ends. It is the run of trace fields at
 * the very top; a DKIM-Signature or any field of the author ends it, and what
 * stands below was there before. The oldest Received of the message, which tells
 * that we submitted it, stays even if it belongs to the run. Result: fields of
 * the message up to `*n_run` are in the run; `*oldest` is the one that stays. */
static void
find_run(struct slice message, size_t *n_run, size_t *oldest)
{
	struct field f;
	bool in_run = true;
	size_t i = 0;

	*n_run = 0;
	*oldest = SLICE_NONE;
	for (; i < FIELD_MAX_COUNT && field_next(&message, &f); i++) {
		in_run = in_run && (is_trace(f.name) || is_private(f.name));
		if (in_run)
			*n_run = i + 1;
		if (slice_iis(f.name, "received"))
			*oldest = i;
	}
}

static bool
is_left_out(const struct resend_options *o, struct slice name, bool is_later_trace)
{
	if (is_private(name) || (is_later_trace && is_trace(name)))
		return true;
	return o->drop_dkim &&
	    (slice_iis(name, "dkim-signature") || slice_iis(name, "domainkey-signature"));
}

static void
note_nature(const struct field *f, struct resend_message *m)
{
	if (slice_iis(f->name, "list-id"))
		m->is_list_mail = true;
	else if (slice_iis(f->name, "precedence"))
		m->is_list_mail = m->is_list_mail || slice_iis(f->value, "list") ||
		    slice_iis(f->value, "bulk") || slice_iis(f->value, "junk");
	else if (slice_iis(f->name, "auto-submitted"))
		m->is_automatic = m->is_automatic || !slice_istarts(f->value, "no");
	else if (slice_iis(f->name, "return-path"))
		m->is_automatic = m->is_automatic || slice_is(f->value, "<>");
}

/* Copies all fields but those that are left out, and the rest as it is. */
static void
add_original(
    struct arena *a, struct buf *out, const struct resend_options *o, struct resend_message *m)
{
	struct slice rest = o->original;
	struct slice tail = rest; /* begins with the empty line, if there is one */
	size_t n_run;
	size_t oldest;
	struct field f;

	find_run(rest, &n_run, &oldest);
	m->removed = arena_alloc(a, FIELD_MAX_COUNT * sizeof(*m->removed));
	for (size_t i = 0; i < FIELD_MAX_COUNT && field_next(&rest, &f); i++) {
		note_nature(&f, m);
		if (is_left_out(o, f.name, i < n_run && i != oldest))
			m->removed[m->n_removed++] = slice_trim(f.whole);
		else
			compose_add_crlf(out, f.whole);
		tail = rest;
	}
	/* A header that was cut off at its last line must not swallow what follows. */
	if (out->len >= 2 && memcmp(out->data + out->len - 2, "\r\n", 2) != 0)
		buf_adds(out, "\r\n");
	if (tail.n == 0)
		buf_adds(out, "\r\n");
	compose_add_crlf(out, tail);
}

/* Who may be named in Resent-To: a recipient that stands in To or Cc. The others
 * got the message blindly, and two of them must not learn of each other. */
static bool
is_named(struct arena *a, struct slice header, struct slice address)
{
	static const char *const names[] = {"to", "cc"};
	struct slice known;

	for (size_t i = 0; i < 2; i++) {
		struct slice list = field_get(header, names[i]);

		while (addr_next(a, &list, &known, NULL)) {
			if (addr_same(known, address))
				return true;
		}
	}
	return false;
}

static struct slice
named_recipients(struct arena *a, const struct resend_options *o)
{
	struct buf list = BUF_INIT;
	struct slice header;
	struct slice body;
	struct slice named;

	field_split(o->original, &header, &body);
	for (size_t i = 0; i < o->n_recipients; i++) {
		if (o->n_recipients > 1 && !is_named(a, header, o->recipients[i]))
			continue;
		buf_adds(&list, list.len > 0 ? ", " : "");
		buf_addslice(&list, o->recipients[i]);
	}
	named = arena_copy(a, buf_slice(&list));
	buf_free(&list);
	return named;
}

static void
add_block(struct arena *a, struct buf *out, const struct resend_options *o)
{
	struct slice to = named_recipients(a, o);
	char date[DATE_TEXT_BYTES];

	date_rfc5322(date, o->now, o->zone_minutes);
	compose_tokens(out, "Resent-Date", slice_of(date));
	compose_mailboxes(a, out, "Resent-From", o->from);
	if (to.n > 0)
		compose_mailboxes(a, out, "Resent-To", to);
	if (o->message_id.n > 0)
		compose_tokens(out, "Resent-Message-ID", o->message_id);
}

static void
list_added(struct arena *a, struct slice block, struct resend_message *m)
{
	struct field f;

	m->added = arena_alloc(a, MAX_ADDED * sizeof(*m->added));
	while (m->n_added < MAX_ADDED && field_next(&block, &f))
		m->added[m->n_added++] = slice_trim(f.whole);
}

static bool
has_long_line(struct slice text)
{
	struct slice line;

	while (slice_line(&text, &line)) {
		if (line.n > MAX_LINE)
			return true;
	}
	return false;
}

static int
check(struct arena *a, const struct resend_options *o, struct err *e)
{
	struct slice original = o->original;
	struct slice from = o->from;
	struct slice address;
	struct field f;

	if (!field_next(&original, &f))
		return err_set(e, ERR_REFUSED, "the original has no header");
	if (o->n_recipients == 0)
		return err_set(e, ERR_REFUSED, "there is no recipient to send to");
	if (!addr_next(a, &from, &address, NULL) || !addr_is_wire_safe(address))
		return err_set(
		    e, ERR_REFUSED, "the sender \"%s\" is no mail address", clean(a, o->from).s);
	for (size_t i = 0; i < o->n_recipients; i++) {
		if (!addr_is_wire_safe(o->recipients[i]))
			return err_set(e, ERR_REFUSED, "the recipient \"%s\" is no mail address",
			    clean(a, o->recipients[i]).s);
	}
	return 0;
}

bool
resend_needs_utf8(struct slice message)
{
	struct slice header;
	struct slice body;

	field_split(message, &header, &body);
	return !coding_is_ascii(header) && coding_is_utf8(header);
}

int
resend_build(
    struct arena *a, const struct resend_options *o, struct resend_message *m, struct err *e)
{
	struct buf out = BUF_INIT;
	size_t block_bytes;

	*m = (struct resend_message){.bytes = SLICE_EMPTY};
	if (check(a, o, e) != 0)
		return -1;
	buf_reserve(&out, o->original.n + 1024);
	add_block(a, &out, o);
	block_bytes = out.len;
	add_original(a, &out, o, m);
	m->bytes = arena_copy(a, buf_slice(&out));
	buf_free(&out);
	list_added(a, slice_sub(m->bytes, 0, block_bytes), m);
	m->has_8bit = !coding_is_ascii(m->bytes);
	m->has_utf8_header = m->has_8bit && resend_needs_utf8(m->bytes);
	m->was_too_long_lines = has_long_line(m->bytes);
	return 0;
}

enum likeness { NOT_COMPARED, ALIKE, DIFFERENT };

static enum likeness
compare(struct arena *a, struct slice x, struct slice y, const char *name)
{
	int64_t t1;
	int64_t t2;

	x = field_unfold(a, field_get(x, name));
	y = field_unfold(a, field_get(y, name));
	if (x.n == 0 || y.n == 0)
		return NOT_COMPARED;
	if (slice_eq(x, y))
		return ALIKE;
	if (strcmp(name, "Date") == 0 && date_read(x, &t1, NULL) && date_read(y, &t2, NULL))
		return t1 == t2 ? ALIKE : DIFFERENT;
	if (strcmp(name, "From") == 0)
		return addr_same(addr_read(a, x), addr_read(a, y)) ? ALIKE : DIFFERENT;
	if (strcmp(name, "Subject") == 0)
		return slice_eq(slice_trim(coding_words(a, x)), slice_trim(coding_words(a, y)))
		    ? ALIKE
		    : DIFFERENT;
	return DIFFERENT;
}

bool
resend_is_same(
    struct arena *a, struct slice returned_header, struct slice found_header, struct slice *why)
{
	static const char *const names[] = {"Message-ID", "Date", "From", "Subject"};
	const char *same = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		enum likeness likeness = compare(a, returned_header, found_header, names[i]);

		if (likeness == DIFFERENT) {
			*why = slice_of(arena_printf(a, "%s differs", names[i]));
			return false;
		}
		if (likeness == ALIKE)
			same = arena_printf(
			    a, "%s%s%s", same, *same == '\0' ? "same " : ", ", names[i]);
	}
	*why = *same == '\0' ? SLICE_LIT("nothing to compare") : slice_of(same);
	return *same != '\0';
}

bool
resend_is_alike(struct arena *a, struct slice returned_header, struct slice found_header,
    struct slice recipient, struct slice *why)
{
	enum likeness from = compare(a, returned_header, found_header, "From");

	*why = SLICE_LIT("it differs");
	if (compare(a, returned_header, found_header, "Date") != ALIKE ||
	    compare(a, returned_header, found_header, "Subject") != ALIKE || from == DIFFERENT ||
	    !resend_is_named(a, found_header, recipient))
		return false;
	*why = from == ALIKE ? SLICE_LIT("same Date, Subject, From and recipient")
			     : SLICE_LIT("same Date, Subject and recipient");
	return true;
}

static bool
list_has(struct arena *a, struct slice list, struct slice recipient)
{
	struct slice rest = field_unfold(a, list);
	struct slice address;

	while (addr_next(a, &rest, &address, NULL)) {
		if (addr_same(address, recipient))
			return true;
	}
	return false;
}

bool
resend_is_named(struct arena *a, struct slice message, struct slice recipient)
{
	struct slice rest = message;
	struct field f;

	while (field_next(&rest, &f)) {
		if ((slice_iis(f.name, "To") || slice_iis(f.name, "Cc") ||
			slice_iis(f.name, "Bcc")) &&
		    list_has(a, f.value, recipient))
			return true;
	}
	return false;
}
