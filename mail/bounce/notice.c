/* Notices in JSON that a sending service mails through its message bus (Amazon
 * SES through SNS): {"notificationType":"Bounce","bounce":{"bouncedRecipients":
 * [{"emailAddress":…,"action":…,"status":…,"diagnosticCode":…}]},"mail":{…}}.
 *
 * Only strings and the keys before them are looked at, in one pass. */
#include "bounce/report_int.h"
#include "msg/addr.h"

enum where { IN_NOTHING, IN_RECIPIENTS, IN_NAMES, IN_MAIL };

struct notice {
	struct reading *rd;
	struct slice key;
	enum where where;
	enum action action; /* of the whole notice */
	struct finding *f;
	bool is_complaint;
};

static struct slice
unescaped(struct arena *a, struct slice s)
{
	char *out;
	size_t n = 0;

	if (slice_chr(s, '\\') == SLICE_NONE)
		return s;
	out = arena_alloc(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\\' || i + 1 == s.n) {
			out[n++] = s.p[i];
			continue;
		}
		i++;
		out[n++] = s.p[i] == 'n' || s.p[i] == 'r' || s.p[i] == 't' ? ' ' : s.p[i];
	}
	return (struct slice){out, n};
}

/* The string that begins behind a quotation mark; `rest` moves behind its end. */
static bool
string_next(struct slice *rest, struct slice *s)
{
	size_t open = slice_chr(*rest, '"');
	size_t i;

	if (open == SLICE_NONE)
		return false;
	for (i = open + 1; i < rest->n && rest->p[i] != '"'; i++) {
		if (rest->p[i] == '\\')
			i++;
	}
	if (i >= rest->n)
		return false;
	*s = slice_sub(*rest, open + 1, i - open - 1);
	*rest = slice_from(*rest, i + 1);
	return true;
}

static bool
is_key(struct slice rest)
{
	size_t i = 0;

	while (i < rest.n && ascii_isspace(rest.p[i]))
		i++;
	return i < rest.n && rest.p[i] == ':';
}

static void
take_key(struct notice *x, struct slice key)
{
	x->key = key;
	if (slice_is(key, "bouncedRecipients") || slice_is(key, "delayedRecipients") ||
	    slice_is(key, "complainedRecipients"))
		x->where = IN_RECIPIENTS;
	else if (slice_is(key, "recipients"))
		x->where = IN_NAMES;
	else if (slice_is(key, "mail") || slice_is(key, "commonHeaders"))
		x->where = IN_MAIL;
	else if (x->where == IN_NAMES)
		x->where = IN_NOTHING;
}

static void
add(struct notice *x, struct slice address)
{
	x->f = finding_add(x->rd, &x->rd->fields);
	if (x->f == NULL)
		return;
	x->f->address = addr_read(x->rd->a, address);
	x->f->action = x->action;
	x->f->has_action_field = x->action != ACTION_NONE;
}

static void
take_kind(struct notice *x, struct slice value)
{
	if (slice_is(value, "Bounce"))
		x->action = ACTION_FAILED;
	else if (slice_is(value, "DeliveryDelay"))
		x->action = ACTION_DELAYED;
	else if (slice_is(value, "Delivery"))
		x->action = ACTION_DELIVERED;
	else if (slice_is(value, "Complaint"))
		x->is_complaint = true;
}

static void
take_original(struct original *o, struct slice key, struct slice value)
{
	struct slice *to = slice_is(key, "messageId") ? &o->message_id
	    : slice_is(key, "subject")                ? &o->subject
	    : slice_is(key, "to")                     ? &o->to
	    : slice_is(key, "from")                   ? &o->from
	    : slice_is(key, "source")                 ? &o->return_path
						      : NULL;

	if (to == NULL || to->n > 0 ||
	    (to == &o->message_id && !slice_starts(value, "<"))) /* else SES's own */
		return;
	*to = value;
	o->part = ORIGINAL_FRAGMENT;
}

static void
take_value(struct notice *x, struct slice raw)
{
	struct slice value = unescaped(x->rd->a, raw);

	if (slice_is(x->key, "notificationType") || slice_is(x->key, "eventType"))
		take_kind(x, value);
	else if (x->where == IN_MAIL)
		take_original(&x->rd->r->original, x->key, value);
	else if (x->where == IN_NAMES)
		add(x, value);
	else if (x->where == IN_RECIPIENTS && slice_is(x->key, "emailAddress"))
		add(x, value);
	else if (x->f == NULL)
		return;
	else if (slice_is(x->key, "status"))
		x->f->status = value;
	else if (slice_is(x->key, "diagnosticCode") || slice_is(x->key, "smtpResponse"))
		x->f->diagnostic = dsn_without_type(value);
	else if (slice_is(x->key, "remoteMtaIp") || slice_is(x->key, "reportingMTA"))
		x->f->remote_mta = slice_is(x->key, "remoteMtaIp") ? value : x->f->remote_mta;
}

bool
notice_read(struct reading *rd, struct slice text)
{
	struct notice x = {.rd = rd, .key = SLICE_EMPTY};
	struct slice rest = slice_trim(text);
	struct slice s;

	if (!slice_starts(rest, "{"))
		return false;
	if (slice_find(slice_sub(rest, 0, 4096), "\\\"notificationType\\\"") != SLICE_NONE)
		rest = unescaped(rd->a, rest);
	if (slice_find(slice_sub(rest, 0, 4096), "\"notificationType\"") == SLICE_NONE &&
	    slice_find(slice_sub(rest, 0, 4096), "\"eventType\"") == SLICE_NONE)
		return false;
	while (string_next(&rest, &s)) {
		if (is_key(rest))
			take_key(&x, s);
		else
			take_value(&x, s);
	}
	rd->is_notice_complaint = x.is_complaint;
	return x.is_complaint || rd->fields.n > 0;
}
