/* The returned original: where it begins, what came back, and what it says. */
#include "bounce/report_int.h"
#include "msg/coding.h"
#include "msg/date.h"
#include "msg/field.h"

/* Fields that nearly every message has, and that prose has not. */
static const struct {
	const char *name;
	unsigned len;
} strong_fields[] = {{"to", 2}, {"from", 4}, {"date", 4}, {"subject", 7}, {"received", 8},
    {"message-id", 10}, {"return-path", 11}, {"mime-version", 12}, {"delivered-to", 12},
    {"content-type", 12}, {"dkim-signature", 14}, {"x-mailer", 8}, {"reply-to", 8},
    {"authentication-results", 22}, {"x-google-dkim-signature", 23}, {"x-received", 10},
    {"arc-seal", 8}, {"x-google-smtp-source", 20}, {"domainkey-signature", 19},
    {"x-originating-ip", 16}, {"content-transfer-encoding", 25}, {"resent-from", 11}};

/* To, Date and Subject alone may be a summary; these only machines write. */
static bool
is_machine(struct slice name)
{
	return !slice_iis(name, "to") && !slice_iis(name, "date") && !slice_iis(name, "subject");
}

static bool
is_strong(struct slice name)
{
	for (size_t i = 0; i < sizeof(strong_fields) / sizeof(strong_fields[0]); i++) {
		if (name.n == strong_fields[i].len && slice_iis(name, strong_fields[i].name))
			return true;
	}
	return false;
}

static bool
is_name_char(char c)
{
	return ascii_isalpha(c) || ascii_isdigit(c) || c == '-' || c == '_';
}

/* Length of the field name that the line begins with; 0 if it is no field. */
static size_t
field_name_len(struct slice line)
{
	size_t n = 0;

	while (n < line.n && n < 60 && is_name_char(line.p[n]))
		n++;
	if (n < 2 || n == line.n || line.p[n] != ':')
		return 0;
	return n;
}

unsigned
original_begins(struct slice text)
{
	struct slice rest = text;
	struct slice line;
	unsigned n_strong = 0;
	unsigned n_machine = 0;
	unsigned n = 0;

	for (unsigned lines = 0; lines < 60 && slice_line(&rest, &line); lines++) {
		size_t len;

		if (line.n > 0 && n > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
			continue;
		len = field_name_len(line);
		if (len == 0)
			break;
		if (dsn_is_field(line))
			return 0;
		n++;
		if (is_strong(slice_sub(line, 0, len))) {
			n_strong++;
			n_machine += is_machine(slice_sub(line, 0, len));
		}
		if (n_strong >= 3 && n_machine > 0)
			return n;
	}
	if (n_strong >= 2 && n >= 2 && slice_istarts(text, "received:"))
		return n;
	return 0;
}

/* "v=1; d=example.org; …" to the domain. */
static struct slice
dkim_domain(struct arena *a, struct slice value)
{
	struct slice v = field_unfold(a, value);
	size_t i = 0;

	while (i + 1 < v.n) {
		size_t end;

		while (i < v.n && (ascii_isspace(v.p[i]) || v.p[i] == ';'))
			i++;
		end = slice_chr(slice_from(v, i), ';');
		end = end == SLICE_NONE ? v.n : i + end;
		if (i + 2 < end && ascii_lower(v.p[i]) == 'd') {
			struct slice tag = slice_sub(v, i, end - i);
			size_t eq = slice_chr(tag, '=');

			if (eq != SLICE_NONE && slice_trim(slice_sub(tag, 0, eq)).n == 1)
				return slice_trim(slice_from(tag, eq + 1));
		}
		i = end;
	}
	return SLICE_EMPTY;
}

static void
flags(struct original *o, struct slice name, struct slice value)
{
	if (slice_iis(name, "return-path") && slice_is(slice_trim(value), "<>"))
		o->is_null_sender = true;
	else if (slice_iis(name, "list-id") || slice_iis(name, "list-post"))
		o->is_list_mail = true;
	else if (slice_iis(name, "auto-submitted"))
		o->is_automatic |= !slice_istarts(slice_trim(value), "no");
	else if (slice_iis(name, "precedence")) {
		struct slice v = slice_trim(value);

		o->is_list_mail |= slice_istarts(v, "list");
		o->is_automatic |= slice_istarts(v, "bulk") || slice_istarts(v, "junk");
	}
}

static void
take_text(struct arena *a, struct slice *to, struct slice value)
{
	if (to->n == 0)
		*to = field_text(a, value);
}

static void
take_date(struct arena *a, struct slice *to, struct slice value)
{
	char text[DATE_TEXT_BYTES];
	int64_t t;

	if (to->n == 0 && date_read(field_unfold(a, value), &t, NULL))
		*to = arena_copy(a, slice_of(date_rfc3339(text, t)));
}

static void
take_message_id(struct arena *a, struct slice *to, struct slice value)
{
	struct slice v = field_unfold(a, value);
	size_t open = slice_chr(v, '<');
	size_t close = slice_chr(v, '>');

	if (to->n > 0)
		return;
	if (open != SLICE_NONE && close != SLICE_NONE && open < close)
		*to = slice_sub(v, open, close + 1 - open);
	else if (v.n > 0 && slice_chr(v, ' ') == SLICE_NONE)
		*to = v;
}

static void
one_field(struct reading *rd, const struct field *f)
{
	struct original *o = &rd->r->original;
	struct arena *a = rd->a;

	switch (f->name.n) {
	case 2:
		if (slice_iis(f->name, "to"))
			take_text(a, &o->to, f->value);
		break;
	case 4:
		if (slice_iis(f->name, "from"))
			take_text(a, &o->from, f->value);
		else if (slice_iis(f->name, "date"))
			take_date(a, &o->date, f->value);
		break;
	case 7:
		if (slice_iis(f->name, "subject"))
			take_text(a, &o->subject, f->value);
		else
			flags(o, f->name, f->value);
		break;
	case 8:
		if (slice_iis(f->name, "received"))
			o->first_received = slice_trim(f->value);
		break;
	case 9:
	case 10:
		if (slice_iis(f->name, "message-id"))
			take_message_id(a, &o->message_id, f->value);
		else
			flags(o, f->name, f->value);
		break;
	case 11:
		if (o->return_path.n == 0 && slice_iis(f->name, "return-path"))
			o->return_path = slice_trim(f->value);
		flags(o, f->name, f->value);
		break;
	case 14:
		if (o->dkim_domain.n == 0 && slice_iis(f->name, "dkim-signature"))
			o->dkim_domain = dkim_domain(a, f->value);
		else
			flags(o, f->name, f->value);
		break;
	default:
		break;
	}
}

static struct slice
skip_blank_lines(struct slice text)
{
	while (text.n > 0 && (text.p[0] == '\n' || text.p[0] == '\r'))
		text = slice_from(text, 1);
	return text;
}

#define MAX_LAST_LINE 80
#define MAX_LAST_LINES 20

/* "----- Message truncated -----" */
static bool
says_shortened(struct slice line)
{
	struct phrase_hit hit;
	char low[MAX_LAST_LINE];
	size_t n = 0;

	if (line.n > MAX_LAST_LINE)
		return false;
	while (line.n > 0 && (line.p[0] == '-' || line.p[0] == ' '))
		line = slice_from(line, 1);
	for (; n < line.n; n++)
		low[n] = ascii_lower(line.p[n]);
	while (n > 0 && (low[n - 1] == '-' || low[n - 1] == ' ' || low[n - 1] == '.'))
		n--;
	return phrase_scan(low, n, false, &hit, 1) == 1 && hit.phrase->kind == PHRASE_SHORTENED &&
	    hit.at == 0 && hit.end == n;
}

/* Does its last line say that more was left out? To send it again would lose the rest.
 * Gmail closes the parts behind that line, so that it looks whole. */
static bool
ends_shortened(struct slice body)
{
	struct slice text = slice_trim(body);

	for (unsigned lines = 0; lines < MAX_LAST_LINES && text.n > 0; lines++) {
		size_t at = text.n;
		struct slice line;

		while (at > 0 && text.p[at - 1] != '\n' && text.p[at - 1] != '\r')
			at--;
		line = slice_from(text, at);
		if (says_shortened(line))
			return true;
		if (!slice_starts(line, "--"))
			return false;
		text = slice_trim(slice_sub(text, 0, at));
	}
	return false;
}

static void
take(struct reading *rd, struct slice text, bool may_be_full, bool is_shortened)
{
	struct original *o = &rd->r->original;
	struct slice body = text;
	struct field f;

	while (field_next(&body, &f))
		one_field(rd, &f);
	o->header = slice_range(text.p, body.p);
	o->part = o->header.n > 0 ? ORIGINAL_HEADERS : ORIGINAL_FRAGMENT;
	if (!may_be_full || slice_trim(body).n == 0)
		return;
	o->raw = text;
	if (!is_shortened && !ends_shortened(body))
		o->part = ORIGINAL_FULL;
}

void
original_from_part(struct reading *rd, const struct mime_part *part)
{
	struct slice text = skip_blank_lines(mime_decoded(rd->a, part));

	if (text.n == 0 || rd->r->original.part >= ORIGINAL_HEADERS)
		return;
	rd->has_original_part = true;
	/* OpenSMTPD calls a whole message headers: what is there counts. */
	take(rd, text, true, false);
}

void
original_from_text(struct reading *rd, struct slice text, bool only_header, bool is_shortened)
{
	struct slice t = skip_blank_lines(text);
	struct field f;
	struct slice rest = t;

	if (rd->r->original.part >= ORIGINAL_HEADERS || !field_next(&rest, &f))
		return;
	take(rd, t, !only_header, is_shortened);
}
