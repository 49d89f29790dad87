/* RFC 3464 fields, in their own part or wherever they were pasted.
 *
 * Tolerated: groups without an empty line between them, "Field : value", no
 * address type, only Original-Recipient, RFC 6533 types, comments behind values. */
#include "base/clean.h"
#include "bounce/report_int.h"
#include "msg/addr.h"
#include "msg/date.h"
#include "msg/field.h"

enum dsn_field {
	DSN_NONE,
	/* of the message */
	DSN_REPORTING_MTA,
	DSN_ENVELOPE_ID,
	DSN_ARRIVAL,
	DSN_MESSAGE, /* known, not used */
	DSN_QUEUE_ID,
	/* of a recipient */
	DSN_FINAL,
	DSN_ORIGINAL,
	DSN_ACTUAL,
	DSN_ACTION,
	DSN_STATUS,
	DSN_DIAGNOSTIC,
	DSN_REMOTE_MTA,
	DSN_LAST_ATTEMPT,
	DSN_LOG_ID,
	DSN_RETRY,
	DSN_RECIPIENT, /* known, not used */
};

static const struct {
	const char *name;
	unsigned len;
	enum dsn_field field;
} dsn_fields[] = {
    {"action", 6, DSN_ACTION},
    {"status", 6, DSN_STATUS},
    {"remote-mta", 10, DSN_REMOTE_MTA},
    {"remote-recipient", 16, DSN_RECIPIENT},
    {"reporting-mta", 13, DSN_REPORTING_MTA},
    {"reporting-ua", 12, DSN_MESSAGE},
    {"dsn-gateway", 11, DSN_MESSAGE},
    {"mdn-gateway", 11, DSN_MESSAGE},
    {"arrival-date", 12, DSN_ARRIVAL},
    {"final-log-id", 12, DSN_LOG_ID},
    {"final-recipient", 15, DSN_FINAL},
    {"diagnostic-code", 15, DSN_DIAGNOSTIC},
    {"will-retry-until", 16, DSN_RETRY},
    {"last-attempt-date", 17, DSN_LAST_ATTEMPT},
    {"received-from-mta", 17, DSN_MESSAGE},
    {"original-recipient", 18, DSN_ORIGINAL},
    {"x-actual-recipient", 18, DSN_ACTUAL},
    {"x-postfix-queue-id", 18, DSN_QUEUE_ID},
    {"x-postfix-sender", 16, DSN_MESSAGE},
    {"x-display-name", 14, DSN_RECIPIENT},
    {"x-supplementary-info", 20, DSN_RECIPIENT},
    {"original-envelope-id", 20, DSN_ENVELOPE_ID},
    {"localized-diagnostic-code", 25, DSN_RECIPIENT},
    {"smtp-remote-recipient", 21, DSN_RECIPIENT},
    {"x-unitymail-queue-id", 20, DSN_MESSAGE},
};

static enum dsn_field
field_of(struct slice name)
{
	for (size_t i = 0; i < sizeof(dsn_fields) / sizeof(dsn_fields[0]); i++) {
		if (name.n == dsn_fields[i].len && slice_iis(name, dsn_fields[i].name))
			return dsn_fields[i].field;
	}
	return DSN_NONE;
}

static enum dsn_field
field_of_line(struct slice line)
{
	size_t colon;

	if (line.n < 8 || !ascii_isalpha(line.p[0]))
		return DSN_NONE;
	colon = slice_chr(slice_sub(line, 0, 30), ':');
	if (colon == SLICE_NONE || colon < 6)
		return DSN_NONE;
	return field_of(slice_trim(slice_sub(line, 0, colon)));
}

bool
dsn_is_field(struct slice line)
{
	return field_of_line(line) != DSN_NONE;
}

/* "rfc822; a@b" without the type; what has none is left as it is. */
struct slice
dsn_without_type(struct slice value)
{
	size_t semi = slice_chr(slice_sub(value, 0, 24), ';');

	if (semi == SLICE_NONE)
		return value;
	for (size_t i = 0; i < semi; i++) {
		char c = value.p[i];

		if (!ascii_isalpha(c) && !ascii_isdigit(c) && c != '-' && c != '/' && c != ' ' &&
		    c != '_')
			return value;
	}
	return slice_trim(slice_from(value, semi + 1));
}

static int
hex_of(char c)
{
	if (ascii_isdigit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 6533 3: "\x{e9}" for what ASCII cannot say. */
static struct slice
without_utf8_escapes(struct arena *a, struct slice s)
{
	char *out;
	size_t n = 0;

	if (slice_find(s, "\\x{") == SLICE_NONE)
		return s;
	out = arena_alloc(a, s.n + 1);
	for (size_t i = 0; i < s.n;) {
		size_t j = i + 3;
		unsigned cp = 0;

		if (s.n - i < 5 || memcmp(s.p + i, "\\x{", 3) != 0) {
			out[n++] = s.p[i++];
			continue;
		}
		while (j < s.n && j - i < 10 && hex_of(s.p[j]) >= 0)
			cp = cp << 4 | (unsigned)hex_of(s.p[j++]);
		if (j >= s.n || s.p[j] != '}' || cp == 0 || cp > 0x10ffff ||
		    (cp >= 0xd800 && cp < 0xe000)) {
			out[n++] = s.p[i++];
			continue;
		}
		n += utf8_encode(out + n, cp); /* never longer than the escape */
		i = j + 1;
	}
	return (struct slice){out, n};
}

struct slice
dsn_address(struct arena *a, struct slice value)
{
	struct slice text = dsn_without_type(field_unfold(a, value));
	struct slice address = addr_read(a, text);

	if (address.n == 0) { /* "rfc822; user", "LOCAL; |/usr/bin/procmail" */
		address = slice_trim(text);
		if (address.n > 1 && address.p[0] == '<' && address.p[address.n - 1] == '>')
			address = slice_sub(address, 1, address.n - 2);
	}
	return without_utf8_escapes(a, address);
}

struct finding *
finding_add(struct reading *rd, struct findings *fs)
{
	struct finding *f;

	if (fs->n >= REPORT_MAX_RECIPIENTS) {
		fs->is_cut = true;
		return NULL;
	}
	if (fs->n == fs->cap) {
		size_t cap = fs->cap == 0 ? 4 : fs->cap * 2;
		struct finding *more = arena_alloc(rd->a, cap * sizeof(*more));

		if (fs->n > 0)
			memcpy(more, fs->f, fs->n * sizeof(*more));
		fs->f = more;
		fs->cap = cap;
	}
	f = &fs->f[fs->n++];
	*f = (struct finding){.address = SLICE_EMPTY,
	    .original_recipient = SLICE_EMPTY,
	    .actual = SLICE_EMPTY,
	    .status = SLICE_EMPTY,
	    .diagnostic = SLICE_EMPTY,
	    .words = SLICE_EMPTY,
	    .reply = SLICE_EMPTY,
	    .remote_mta = SLICE_EMPTY,
	    .final_log_id = SLICE_EMPTY};
	return f;
}

static enum action
action_read(struct slice value)
{
	static const struct {
		const char *word;
		enum action action;
	} words[] = {{"failed", ACTION_FAILED}, {"failure", ACTION_FAILED}, {"fail", ACTION_FAILED},
	    {"delayed", ACTION_DELAYED}, {"delay", ACTION_DELAYED}, {"deferred", ACTION_DELAYED},
	    {"delivered", ACTION_DELIVERED}, {"deliverable", ACTION_DELIVERED},
	    {"relayed", ACTION_RELAYED}, {"expanded", ACTION_EXPANDED}};
	struct slice v = slice_trim(value);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i].word);

		if (slice_istarts(v, words[i].word) && (v.n == n || !ascii_isalpha(v.p[n])))
			return words[i].action;
	}
	return ACTION_NONE;
}

/* "5.1.1 (bad destination)", "5.0.0", "5.4.300". */
static struct slice
status_value(struct slice value)
{
	struct slice rest = value;
	struct slice at;
	struct status s;

	return status_find(&rest, &s, &at) ? at : SLICE_EMPTY;
}

/* "dns; mx.example.org (192.0.2.1)" to the name. */
static struct slice
mta_value(struct arena *a, struct slice value)
{
	struct slice name = dsn_without_type(field_unfold(a, value));
	size_t end = 0;

	while (end < name.n && !ascii_isspace(name.p[end]) && name.p[end] != '(')
		end++;
	return slice_sub(name, 0, end);
}

static int64_t
date_value(struct arena *a, struct slice value)
{
	int64_t t = 0;

	if (!date_read(field_unfold(a, value), &t, NULL))
		return 0;
	return t;
}

/* The state of reading one run of fields. */
struct dsn {
	struct reading *rd;
	struct finding *f; /* of the group that is open; NULL if none is */
	unsigned seen;     /* bits of enum dsn_field in this group */
};

/* A field that stands twice begins a new group: not everybody puts an empty line. */
static struct finding *
group(struct dsn *d, enum dsn_field field)
{
	bool again = (d->seen >> field & 1) != 0 &&
	    (field == DSN_FINAL || field == DSN_ACTION || field == DSN_ORIGINAL);

	if (d->f == NULL || again) {
		struct finding *f = finding_add(d->rd, &d->rd->fields);

		if (f == NULL)
			return NULL;
		d->f = f;
		d->seen = 0;
	}
	d->seen |= 1u << field;
	return d->f;
}

static void
recipient_field(struct dsn *d, enum dsn_field field, struct slice value)
{
	struct arena *a = d->rd->a;
	struct finding *f = group(d, field);

	if (f == NULL)
		return;
	switch (field) {
	case DSN_FINAL:
		f->address = dsn_address(a, value);
		break;
	case DSN_ORIGINAL:
		f->original_recipient = addr_xtext_decode(a, dsn_address(a, value));
		break;
	case DSN_ACTUAL:
		f->actual = dsn_address(a, value);
		break;
	case DSN_ACTION:
		f->action = action_read(value);
		f->has_action_field = f->action != ACTION_NONE;
		break;
	case DSN_STATUS:
		f->status = status_value(value);
		break;
	case DSN_DIAGNOSTIC:
		if (f->diagnostic.n == 0)
			f->diagnostic = dsn_without_type(reply_join(a, value));
		break;
	case DSN_REMOTE_MTA:
		f->remote_mta = mta_value(a, value);
		break;
	case DSN_LAST_ATTEMPT:
		f->last_attempt = date_value(a, value);
		break;
	case DSN_LOG_ID:
		f->final_log_id = field_unfold(a, value);
		break;
	case DSN_RETRY:
		f->will_retry_until = date_value(a, value);
		break;
	default:
		break;
	}
}

static void
message_field(struct reading *rd, enum dsn_field field, struct slice value)
{
	struct report *r = rd->r;

	if (field == DSN_REPORTING_MTA && r->reporting_mta.n == 0)
		r->reporting_mta = mta_value(rd->a, value);
	else if (field == DSN_ENVELOPE_ID && r->envelope_id.n == 0)
		r->envelope_id = addr_xtext_decode(rd->a, field_unfold(rd->a, value));
	else if (field == DSN_ARRIVAL && r->arrival_date == 0)
		r->arrival_date = date_value(rd->a, value);
	else if (field == DSN_QUEUE_ID && r->queue_id.n == 0)
		r->queue_id = field_unfold(rd->a, value);
}

/* A group that names nobody belongs to the one before it; else it says nothing. */
static void
close_group(struct dsn *d)
{
	struct findings *fs = &d->rd->fields;
	const unsigned names = 1u << DSN_FINAL | 1u << DSN_ORIGINAL | 1u << DSN_ACTUAL;

	if (d->f != NULL && (d->seen & names) == 0 && fs->n > 1) {
		struct finding *before = &fs->f[fs->n - 2];

		if (before->action == ACTION_NONE) {
			before->action = d->f->action;
			before->has_action_field = d->f->has_action_field;
			if (before->status.n == 0)
				before->status = d->f->status;
			if (before->diagnostic.n == 0)
				before->diagnostic = d->f->diagnostic;
			fs->n--;
		}
	}
	d->f = NULL;
	d->seen = 0;
}

/* Takes one line off `rest` together with its continuations. */
static struct slice
logical_line(struct slice *rest)
{
	struct slice line;
	struct slice more = *rest;
	const char *begin = rest->p;
	const char *end = begin;

	while (slice_line(&more, &line)) {
		bool continues =
		    line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t') && slice_trim(line).n > 0;

		if (end != begin && !continues)
			break;
		end = line.p + line.n;
		*rest = more;
		if (line.n == 0)
			break;
	}
	return slice_range(begin, end);
}

void
dsn_read(struct reading *rd, struct slice text)
{
	struct dsn d = {rd, NULL, 0};
	struct slice rest = text;

	while (rest.n > 0) {
		struct slice line = logical_line(&rest);
		enum dsn_field field = field_of_line(line);
		struct slice value;

		if (slice_trim(line).n == 0) {
			close_group(&d);
			continue;
		}
		if (field == DSN_NONE)
			continue;
		value = slice_trim(slice_from(line, slice_chr(line, ':') + 1));
		if (field >= DSN_FINAL)
			recipient_field(&d, field, value);
		else
			message_field(rd, field, value);
	}
	close_group(&d);
}

size_t
dsn_run(struct slice text)
{
	struct slice rest = text;
	size_t end = 0;
	bool names_recipient = false;
	unsigned n = 0;

	while (rest.n > 0) {
		struct slice line = logical_line(&rest);
		enum dsn_field field = field_of_line(line);
		bool is_x =
		    line.n > 2 && (line.p[0] == 'X' || line.p[0] == 'x') && line.p[1] == '-';

		if (slice_trim(line).n == 0)
			continue;
		if (field == DSN_NONE && !(is_x && n > 0))
			break;
		n++;
		if (!names_recipient && n > 40)
			break; /* so that asking at each of many lines stays linear */
		names_recipient |= field == DSN_FINAL || field == DSN_ORIGINAL;
		end = (size_t)(rest.p - text.p);
	}
	return names_recipient && n >= 2 ? end : 0;
}
