#include "bounce/explain.h"

#include "bounce/cause.h"
#include "bounce/explain_int.h"
#include "bounce/match.h"

/* Causes that are one trouble in several forms: no contradiction among them. */
static bool
is_network(enum cause c)
{
	return c == CAUSE_CONNECT_TIMEOUT || c == CAUSE_CONNECT_REFUSED || c == CAUSE_NO_ROUTE ||
	    c == CAUSE_LOCAL_NET || c == CAUSE_CONN_DROP || c == CAUSE_DNS_TEMP;
}

static bool
agree(enum cause a, enum cause b)
{
	return a == b || a == CAUSE_UNKNOWN || (is_network(a) && is_network(b));
}

static unsigned
reply_number(struct slice reply)
{
	unsigned n = 0;

	if (reply.n != 3)
		return 0;
	for (size_t i = 0; i < 3; i++) {
		if (!ascii_isdigit(reply.p[i]))
			return 0;
		n = n * 10 + (unsigned)(reply.p[i] - '0');
	}
	return n;
}

static void
look_up(struct subject *s)
{
	struct match_set words, mta;

	s->has_status = status_read(s->rcpt->status, &s->status);
	s->code = s->has_status ? code_find(s->status)
				: code_find_reply(reply_number(s->rcpt->reply_code));
	match_text(s->rcpt->diagnostic, &words);
	match_text(s->rcpt->remote_mta, &mta);
	if (s->has_status)
		s->reading =
		    reading_find(words.vendor != NULL ? words.vendor : mta.vendor, s->status);
	s->cause = CAUSE_UNKNOWN;
	if (s->rcpt->n_causes > 0) {
		s->cause = s->rcpt->causes[0].cause;
		s->row = s->rcpt->causes[0].row;
	} else if (s->reading != NULL) {
		s->cause = s->reading->cause;
	} else if (s->code != NULL) {
		s->cause = s->code->cause;
	}
	if (s->reading != NULL && !agree(s->reading->cause, s->cause) && s->row != NULL)
		s->reading = NULL; /* the words decide, whatever the vendor means as a rule */
	s->info = cause_info(s->cause);
}

/* Does the code itself say what the trouble is? */
static bool
code_speaks(const struct subject *s)
{
	return s->code != NULL && !(s->has_status && status_is_vague(s->status)) &&
	    agree(s->code->cause, s->cause);
}

static bool
code_is_exact(const struct subject *s)
{
	return !s->has_status || code_is_registered(s->status);
}

static const char *
title_case(struct arena *a, const char *title)
{
	char *copy = arena_strdup(a, title);

	if (copy[0] >= 'a' && copy[0] <= 'z')
		copy[0] = (char)(copy[0] - 32);
	return copy;
}

/* Whose words to show: a vendor's, the registry's, or the cause's. */
static void
choose_words(struct arena *a, const struct subject *s, struct explanation *x)
{
	if (s->reading != NULL) {
		x->title = s->reading->title;
		x->meaning = s->reading->meaning;
		x->vendor = s->reading->vendor->name;
	} else if (code_speaks(s)) {
		x->title = s->code->title;
		x->meaning = s->row != NULL && s->cause != s->code->cause ? s->info->meaning
									  : s->code->meaning;
	} else if (s->code == NULL || s->rcpt->n_causes > 0) {
		x->title = title_case(a, s->info->title);
		x->meaning = s->info->meaning;
	} else {
		x->title = s->code->title;
		x->meaning = s->code->meaning;
	}
}

static void
fill_words(struct arena *a, const struct subject *s, struct explanation *x)
{
	choose_words(a, s, x);
	if (s->has_status && s->reading == NULL && !code_is_registered(s->status))
		x->registry =
		    arena_printf(a, "%s itself is not registered; its first digits mean: %s.",
			x->code, s->code != NULL ? s->code->title : "nothing that is known");
	else if (s->code != NULL && x->title != s->code->title && code_is_exact(s))
		x->registry =
		    arena_printf(a, "As registered, %s means: %s.", x->code, s->code->title);
}

/* What a report says in two places, and differently. */
static const char *
contradiction(struct arena *a, const struct recipient *r)
{
	const struct slice status = r->status_field.n > 0 ? r->status_field : r->status;
	const char *field = r->status_field.n > 0 ? "The Status field says" : "The code says";

	if (status.n == 0)
		return "";
	if (r->reply_code.n == 3 && r->reply_code.p[0] != status.p[0])
		return arena_printf(a, "%s %.*s, which is %s; the reply says %.*s, which is %s.",
		    field, SLICE_FMT(status), status.p[0] == '4' ? "temporary" : "permanent",
		    SLICE_FMT(r->reply_code),
		    r->reply_code.p[0] == '4' ? "temporary" : "permanent");
	if (r->status_field.n > 0 && r->status.n > 0 && r->status.p[0] != r->status_field.p[0])
		return arena_printf(a,
		    "The Status field says %.*s, the server's own words say %.*s.",
		    SLICE_FMT(r->status_field), SLICE_FMT(r->status));
	if (r->state == STATE_TRYING && status.p[0] == '5')
		return arena_printf(a,
		    "The report says that delivery is only delayed, but names %.*s, which "
		    "is permanent.",
		    SLICE_FMT(status));
	return "";
}

static void
fill_causes(const struct subject *s, struct explanation *x)
{
	for (size_t i = 0; i < s->rcpt->n_causes && i < REPORT_MAX_CAUSES; i++) {
		const struct cause_hit *hit = &s->rcpt->causes[i];

		x->causes[x->n_causes++] =
		    (struct explain_cause){hit->cause, cause_info(hit->cause)->title, hit->weight,
			hit->evidence, hit->row != NULL ? hit->row->remedy : ""};
	}
}

/* A time-out looks the same from either end: one's own way out is always a
 * suspect, with what is left of the weight. */
static void
suspect_own_side(const struct subject *s, struct explanation *x)
{
	double left = 1;

	for (size_t i = 0; i < x->n_causes; i++) {
		left -= x->causes[i].weight;
		if (x->causes[i].cause == CAUSE_LOCAL_NET)
			return;
	}
	if (s->cause != CAUSE_CONNECT_TIMEOUT || x->n_causes == 0 ||
	    x->n_causes == REPORT_MAX_CAUSES)
		return;
	x->causes[x->n_causes++] = (struct explain_cause){CAUSE_LOCAL_NET,
	    "your own way out (port 25)", left > 0.1 ? left / 2 : left * 0.7, SLICE_EMPTY,
	    "Only if mail to other domains times out as well: then have port 25 and the network of "
	    "your own "
	    "mail server checked."};
}

static bool
is_suspect(const struct explanation *x, const enum cause *causes, size_t n)
{
	for (size_t i = 0; i < x->n_causes; i++) {
		for (size_t k = 0; k < n; k++) {
			if (x->causes[i].cause == causes[k])
				return true;
		}
	}
	return false;
}

/* Guides to "no answer from host" name five causes. Those that nothing in this
 * report points to are named, so that nobody goes looking there. */
static const char *
fill_against(struct arena *a, const struct subject *s, const struct explanation *x)
{
	static const struct {
		const char *words;
		enum cause causes[4];
		size_t n;
	} usual[] = {
	    {"a full mailbox (4.2.2)", {CAUSE_MAILBOX_FULL}, 1},
	    {"a server short of room or power (4.3.1, 4.3.2)", {CAUSE_HOST_FULL, CAUSE_RESOURCE},
		2},
	    {"the content of the message (5.6.0, 5.7.1)",
		{CAUSE_CONTENT_SPAM, CAUSE_CONTENT_POLICY, CAUSE_CONTENT_VIRUS, CAUSE_POLICY}, 4},
	};
	struct buf b = BUF_INIT;
	const char *words;

	if (s->code == NULL || strcmp(s->code->pattern, "X.4.1") != 0 || !is_network(s->cause))
		return "";
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		if (!is_suspect(x, usual[i].causes, usual[i].n))
			buf_addf(&b, "%s%s", b.len > 0 ? ", or " : "", usual[i].words);
	}
	if (b.len == 0)
		return "";
	words = arena_printf(a, "Nothing points to %s: each has a code of its own.", buf_cstr(&b));
	buf_free(&b);
	return words;
}

static const char *
code_text(struct arena *a, const struct recipient *r)
{
	struct status s;

	if (status_read(r->status, &s))
		return arena_slicedup(a, slice_trim(r->status));
	return reply_number(r->reply_code) > 0 ? arena_slicedup(a, r->reply_code) : "";
}

void
explain(struct arena *a, const struct explain_input *in, struct explanation *x)
{
	struct subject s;

	memset(&s, 0, sizeof(s));
	memset(x, 0, sizeof(*x));
	s.in = in;
	s.rcpt = in->recipient;
	look_up(&s);
	x->code = code_text(a, s.rcpt);
	x->registry = x->vendor = x->wait = x->against = "";
	fill_words(a, &s, x);
	fill_causes(&s, x);
	suspect_own_side(&s, x);
	x->against = fill_against(a, &s, x);
	x->contradiction = contradiction(a, s.rcpt);
	x->who =
	    owner_words(s.cause != CAUSE_UNKNOWN || s.code == NULL ? s.info->owner : s.code->owner);
	x->prevention = code_speaks(&s) && s.code->prevention[0] != '\0' ? s.code->prevention
									 : s.info->prevention;
	explain_state(a, &s, x);
	explain_steps(a, &s, code_speaks(&s) ? s.code->steps : "", x);
}

static void
take_codes(struct slice text, struct recipient *r)
{
	struct slice rest = text, at;
	struct status s;
	unsigned reply;

	while (status_find(&rest, &s, &at)) {
		struct status have;

		if (s.class == 2)
			continue;
		if (!status_read(r->status, &have) ||
		    (status_is_vague(have) && !status_is_vague(s)))
			r->status = at;
		if (!status_is_vague(s))
			break;
	}
	rest = text;
	if (status_find_reply(&rest, &reply, &at))
		r->reply_code = at;
}

static void
judge(struct recipient *r)
{
	const struct cause_hit *hit = r->n_causes > 0 ? &r->causes[0] : NULL;
	const char class = r->status.n > 0 ? r->status.p[0]
	    : r->reply_code.n > 0          ? r->reply_code.p[0]
					   : 0;

	r->permanent = class == '5';
	if (hit != NULL && hit->row != NULL && hit->row->verdict != VERDICT_AMBIGUOUS)
		r->permanent = hit->row->verdict == VERDICT_HARD;
	else if (hit != NULL && class == 0)
		r->permanent = cause_info(hit->cause)->is_permanent;
	if (hit != NULL)
		r->resend = hit->row != NULL ? hit->row->resend : cause_info(hit->cause)->resend;
}

static void
clear_recipient(struct recipient *r)
{
	memset(r, 0, sizeof(*r));
	r->address = r->original_recipient = r->status = r->status_field = SLICE_EMPTY;
	r->reply_code = r->diagnostic = r->remote_mta = r->final_log_id = SLICE_EMPTY;
}

bool
explain_text(
    struct arena *a, struct slice text, int64_t now, struct recipient *r, struct explanation *x)
{
	struct explain_input in = {r, SLICE_EMPTY, 0, now};
	struct cause_input words = {
	    SLICE_EMPTY, SLICE_EMPTY, SLICE_EMPTY, SLICE_EMPTY, SLICE_EMPTY, SLICE_EMPTY};
	struct status s;
	unsigned reply;

	clear_recipient(r);
	text = slice_sub(slice_trim(text), 0, MATCH_MAX_TEXT);
	reply = reply_number(text);
	if (status_read(text, &s)) {
		r->status = text;
	} else if (reply > 0) {
		if (code_find_reply(reply) == NULL)
			return false;
		r->reply_code = text;
	} else {
		r->diagnostic = text;
		take_codes(text, r);
	}
	words.diagnostic = r->diagnostic;
	words.status = r->status;
	r->n_causes = cause_rank(a, &words, r->causes);
	judge(r);
	explain(a, &in, x);
	return r->n_causes > 0 || r->status.n > 0 || r->reply_code.n > 0;
}
