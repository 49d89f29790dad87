/* Who tries, until when, and what is left to do. */
#include <stdio.h>

#include "bounce/explain_int.h"
#include "msg/date.h"

#define MINUTE 60
#define HOUR 3600
#define DAY 86400

/* "3 d 2 h", "5 h", "12 min": two parts are enough. */
static const char *
span(struct arena *a, int64_t seconds)
{
	long long s = seconds > 0 ? seconds : 0;

	if (s >= DAY && s % DAY >= HOUR)
		return arena_printf(a, "%lld d %lld h", s / DAY, s % DAY / HOUR);
	if (s >= DAY)
		return arena_printf(a, "%lld %s", s / DAY, s / DAY == 1 ? "day" : "days");
	if (s >= HOUR && s < 10 * HOUR && s % HOUR >= MINUTE)
		return arena_printf(a, "%lld h %lld min", s / HOUR, s % HOUR / MINUTE);
	if (s >= HOUR)
		return arena_printf(a, "%lld %s", s / HOUR, s / HOUR == 1 ? "hour" : "hours");
	return arena_printf(a, "%lld min", s / MINUTE > 0 ? s / MINUTE : 1);
}

/* "2026-11-24 13:00 UTC" */
static const char *
moment(struct arena *a, int64_t t)
{
	char text[DATE_TEXT_BYTES];

	date_rfc3339(text, t);
	if (strlen(text) < 16)
		return "";
	return arena_printf(a, "%.10s %.5s UTC", text, text + 11);
}

/* When the mail server will give up; *is_about when that is only its habit. */
static int64_t
tries_until(const struct subject *s, bool *is_about)
{
	const struct mta_info *mta = mta_find(s->in->mta);

	*is_about = false;
	if (s->rcpt->will_retry_until > 0)
		return s->rcpt->will_retry_until;
	if (mta == NULL || s->in->arrival_date <= 0)
		return 0;
	*is_about = true;
	return s->in->arrival_date + mta->lifetime_s;
}

static const char *
wait_while_trying(struct arena *a, const struct subject *s, int64_t until, bool is_about)
{
	const struct mta_info *mta = mta_find(s->in->mta);
	int64_t left = until - s->in->now;

	if (until > 0 && left > 0)
		return arena_printf(a,
		    "%s%s more: the mail server tries by itself until %s%s. Do not send it "
		    "again meanwhile.",
		    is_about ? "About " : "", span(a, left), is_about ? "about " : "",
		    moment(a, until));
	if (until > 0)
		return arena_printf(a,
		    "Its time ran out %s ago (%s%s). If no report of failure has come by "
		    "now, ask the recipient whether it arrived.",
		    span(a, -left), is_about ? "about " : "", moment(a, until));
	if (mta != NULL)
		return arena_printf(a,
		    "%s tries for about %s, as a rule. Do not send it again meanwhile.", mta->name,
		    span(a, mta->lifetime_s));
	return "The mail server tries by itself, for four to five days as a rule. Do not send it "
	       "again "
	       "meanwhile.";
}

static void
state_trying(struct arena *a, const struct subject *s, struct explanation *x)
{
	bool is_about;
	int64_t until = tries_until(s, &is_about);
	int64_t left = until - s->in->now;

	x->badge = until > 0 && left > 0 ? arena_printf(a, "temporary · still trying, %s%s left",
					       is_about ? "about " : "", span(a, left))
					 : "temporary · still trying";
	x->permanent =
	    "No. It is only late: the mail server still has your message and tries by itself.";
	x->wait = wait_while_trying(a, s, until, is_about);
}

/* Seconds to wait before the next try; 0 if waiting mends nothing. */
static unsigned
first_wait(const struct subject *s)
{
	return s->info->wait_s;
}

static bool
may_come_right(const struct subject *s)
{
	enum resend_advice advice = s->row != NULL ? s->row->resend : s->info->resend;

	return advice == RESEND_YES || advice == RESEND_WAIT || advice == RESEND_ASK;
}

static const char *
general_wait(const struct subject *s)
{
	if (s->code != NULL && s->code->wait_text[0] != '\0' && s->cause == s->code->cause)
		return s->code->wait_text;
	return s->info->wait_text;
}

/* Nobody tries any more, but it was temporary: from when on is it worth a try? */
static void
state_gave_up(struct arena *a, const struct subject *s, struct explanation *x)
{
	int64_t now = s->in->now, last = s->rcpt->last_attempt, at;

	x->badge = "temporary · nobody is trying any more";
	x->permanent =
	    "No. The trouble was temporary, but the mail server has stopped trying: now it is "
	    "your turn.";
	x->wait = general_wait(s);
	if (!may_come_right(s) || first_wait(s) == 0 || now <= 0)
		return;
	at = (last > 0 && last <= now ? last : now) + first_wait(s);
	x->suggest_at = at > now ? at : now;
	if (last > 0 && last <= now && at <= now)
		x->wait = arena_printf(a,
		    "No longer: the last try was %s ago, and %s is enough. Send it again "
		    "now.",
		    span(a, now - last), span(a, first_wait(s)));
	else
		x->wait = arena_printf(a, "%s Next good moment: %s, in %s.", general_wait(s),
		    moment(a, x->suggest_at), span(a, x->suggest_at - now));
}

static void
state_refused(const struct subject *s, struct explanation *x)
{
	x->badge = "permanent · refused";
	x->permanent = s->info->is_permanent
	    ? "Yes. The same message will be refused again until something is changed."
	    : "Yes, as the server put it; but this kind of trouble often passes.";
	x->wait = general_wait(s);
}

/* A code or a text with no report around it. */
static void
state_unknown(const struct subject *s, struct explanation *x)
{
	char class = x->code[0];

	x->wait = general_wait(s);
	if (class == '2') {
		x->badge = "delivered";
		x->permanent = "There is nothing to mend: the message was delivered or passed on.";
		x->wait = "Nothing to wait for.";
	} else if (s->rcpt->permanent || (class == '5' && s->row == NULL)) {
		x->badge = "permanent";
		x->permanent = s->info->is_permanent || s->cause == CAUSE_UNKNOWN
		    ? "Yes. The same message will be refused again until something is changed."
		    : "Yes, as the server put it; but this kind of trouble often passes.";
	} else if (class == '4' || s->rcpt->n_causes > 0) {
		x->badge = "temporary";
		x->permanent = class == '4' ? "No. A code that begins with 4 is temporary. Whether "
					      "the server still tries, or has "
					      "given up, stands in the report, not in the code."
					    : "No. This kind of trouble is temporary, as a rule.";
		if (may_come_right(s) && first_wait(s) > 0 && s->in->now > 0)
			x->suggest_at = s->in->now + first_wait(s);
	} else {
		x->badge = "";
		x->permanent = "The report does not say.";
	}
	if (x->contradiction[0] != '\0') {
		x->badge = "contradictory, as if permanent";
		x->permanent =
		    "The report contradicts itself: treat it as permanent until the reason is "
		    "mended.";
		x->suggest_at = 0;
	}
}

void
explain_state(struct arena *a, const struct subject *s, struct explanation *x)
{
	switch (s->rcpt->state) {
	case STATE_TRYING:
		state_trying(a, s, x);
		break;
	case STATE_GAVE_UP:
		state_gave_up(a, s, x);
		break;
	case STATE_REFUSED:
		state_refused(s, x);
		break;
	case STATE_DELIVERED:
		x->badge = "delivered";
		x->permanent = "There is nothing to mend: the message was delivered or passed on.";
		x->wait = "Nothing to wait for.";
		break;
	case STATE_UNKNOWN:
		state_unknown(s, x);
		break;
	}
}

static void
add_step(struct explanation *x, const char *command, const char *text)
{
	if (x->n_steps < EXPLAIN_MAX_STEPS)
		x->steps[x->n_steps++] = (struct explain_step){command, text};
}

static bool
is_resend(const char *command)
{
	return strcmp(command, "resend") == 0 || strcmp(command, "resend-later") == 0;
}

/* A refused message is worth a resend only when something has changed; the words
 * of a cause that is temporary as a rule do not say so. */
static const char *
step_words(struct arena *a, const struct subject *s, const char *command, const char *text)
{
	if (s->rcpt->state == STATE_REFUSED && is_resend(command) && !s->info->is_permanent)
		return arena_printf(a, "only when something has changed: %s", text);
	return text;
}

void
explain_steps(struct arena *a, const struct subject *s, const char *steps, struct explanation *x)
{
	struct slice rest = slice_of(steps[0] != '\0' ? steps : s->info->steps), line;

	if (s->rcpt->state == STATE_DELIVERED || x->code[0] == '2') {
		add_step(
		    x, "raw", "read the report, if you want to know more; nothing has to be done");
		return;
	}
	if (s->rcpt->state == STATE_TRYING)
		add_step(x, "",
		    "wait: the mail server tries by itself; sending it again would only make a "
		    "second copy");
	while (slice_line(&rest, &line)) {
		size_t tab = slice_chr(line, '\t');
		const char *command, *text;

		if (tab == SLICE_NONE)
			continue;
		command = arena_slicedup(a, slice_sub(line, 0, tab));
		text = arena_slicedup(a, slice_from(line, tab + 1));
		if (s->rcpt->state == STATE_TRYING && is_resend(command))
			continue;
		add_step(x, command, step_words(a, s, command, text));
	}
}
