#include "work/guards.h"

#include "base/clean.h"
#include "msg/addr.h"
#include "work/work.h"

#define SOON_S 900 /* a resend so short ago has hardly been tried yet */

/* What is said, and whether a yes to it must be to this case alone. */
static struct guard_verdict
say(enum guard g, const char *why)
{
	return (struct guard_verdict){.guard = g, .why = why};
}

static struct guard_verdict
ask_alone(const char *why)
{
	return (struct guard_verdict){.guard = GUARD_ASK, .why = why, .is_alone = true};
}

static const struct guard_verdict nothing = {.guard = GUARD_OK, .why = ""};

/* What no yes can change. */
static struct guard_verdict
never(struct arena *a, const struct guard_input *in)
{
	char when[WHEN_BYTES];

	if (in->is_read_only)
		return say(GUARD_NEVER, "nothing is sent with --read-only");
	if (in->row->lane == LANE_NOT_OURS)
		return say(GUARD_NEVER, "not ours: nothing proves that we sent this message");
	if (in->row->lane != LANE_CASES)
		return say(GUARD_NEVER, "this is no failed delivery");
	if (in->handled->doubt_item != 0)
		return say(GUARD_NEVER,
		    in->handled->is_doubt_note
			? "in doubt: a note may have gone; say first whether it went"
			: "in doubt: an earlier resend may have gone; say first whether it went");
	if (in->handled->due_item != 0 && in->handled->is_being_sent)
		return say(GUARD_NEVER,
		    arena_printf(a, "a %s is being sent just now",
			in->handled->is_due_note ? "note" : "resend"));
	if (in->handled->due_item != 0)
		return say(GUARD_NEVER,
		    arena_printf(a, "a %s is due already, at %s",
			in->handled->is_due_note ? "note" : "resend",
			when_words(when, in->handled->due_at)));
	if (in->row->state == STATE_DELIVERED)
		return say(GUARD_NEVER, "it was delivered");
	if (in->row->cause == CAUSE_LOOP && !in->is_other_address)
		return say(
		    GUARD_NEVER, "mail to this address runs in a circle; once more would too");
	if (!addr_is_wire_safe(in->to))
		return say(GUARD_NEVER,
		    arena_printf(
			a, "“%.100s” is no address that can be sent to", clean(a, in->to).s));
	if (in->row->state == STATE_REFUSED && in->row->advice == RESEND_NO &&
	    !in->is_other_address)
		return say(GUARD_NEVER,
		    in->is_edited
			? "refused for good, and the address is the same: change Envelope-To"
			: "refused for good: the same message to the same address would be "
			  "refused again");
	return nothing;
}

static struct guard_verdict
still_tried(struct arena *a, const struct guard_input *in)
{
	char when[WHEN_BYTES];

	if (in->row->state == STATE_TRYING && in->row->retry_until != 0)
		return say(GUARD_TYPE,
		    arena_printf(a, "a mail server still tries, until %s: it may arrive twice",
			when_words(when, in->row->retry_until)));
	if (in->row->state == STATE_TRYING)
		return say(GUARD_TYPE, "a mail server still tries: it may arrive twice");
	if (in->row->state == STATE_REFUSED && !in->is_edited)
		return say(
		    GUARD_TYPE, "refused for good: send it again only once the cause is mended");
	return nothing;
}

/* 4.4.2 after the last dot: nobody knows whether it arrived. */
static bool
may_have_arrived(const struct recipient *r)
{
	return slice_ifind(r->diagnostic, "end of data") != SLICE_NONE ||
	    slice_ifind(r->diagnostic, "may be sent more than once") != SLICE_NONE ||
	    slice_ifind(r->diagnostic, "after sending data") != SLICE_NONE;
}

/* After the last resend a report came, but none that names it: it may tell of the first
 * delivery, or of an earlier resend, and the last one may have arrived. */
static bool
is_unnamed(const struct guard_input *in)
{
	return in->handled->sent_at != 0 && in->row->last_seen > in->handled->sent_at &&
	    in->told.end == TOLD_NO_END;
}

/* It was seen to be resent by another machine, and the report that said so is gone. */
static bool
was_elsewhere(const struct guard_input *in)
{
	return in->row->resends > in->handled->resends && !in->told.is_named;
}

static bool
is_again(const struct guard_input *in)
{
	return in->row->handling == HANDLING_RESENT || in->row->handling == HANDLING_DONE ||
	    in->told.before != SENT_BEFORE_NOT || is_unnamed(in) || was_elsewhere(in);
}

/* Whether what was sent again failed is not known for sure. */
static struct guard_verdict
sent_before(struct arena *a, const struct guard_input *in)
{
	bool is_ours = handled_is_last(in->handled, in->row, in->told.end);
	char when[WHEN_BYTES];

	if (in->told.before == SENT_BEFORE_SHARED)
		return ask_alone("one of the recipients of this report was resent already, "
				 "perhaps this one");
	if (in->row->handling == HANDLING_RESENT && !is_ours)
		return ask_alone(arena_printf(a,
		    "resent from another machine, seen at %s, and no failure came back since",
		    when_words(when, in->row->handled_at)));
	if (in->told.before == SENT_BEFORE_YES && !is_ours)
		return ask_alone("resent from another machine, and no failure came back since");
	if (is_unnamed(in))
		return ask_alone(arena_printf(a,
		    "resent at %s, and the newest report does not say that it is about that: it "
		    "may have arrived",
		    when_words(when, in->handled->sent_at)));
	if ((in->told.before == SENT_BEFORE_PERHAPS || was_elsewhere(in)) && !is_ours)
		return ask_alone("resent from another machine, and the newest report does not "
				 "say that it is about that: it may have arrived");
	return nothing;
}

static struct guard_verdict
ask_about_history(struct arena *a, const struct guard_input *in)
{
	const struct handled *h = in->handled;
	char when[WHEN_BYTES], until[WHEN_BYTES];
	struct guard_verdict again;
	int64_t wait;

	if ((again = sent_before(a, in)).guard != GUARD_OK)
		return again;
	if (h->sent_at != 0 && in->now - h->sent_at < SOON_S)
		return (struct guard_verdict){
		    .guard = in->is_edited ? GUARD_ASK : GUARD_TYPE,
		    .why = arena_printf(a, "resent at %s, there can be no answer yet",
			when_words(when, h->sent_at)),
		    .is_alone = true,
		};
	wait = cause_info(in->row->cause)->wait_s;
	if (h->sent_at != 0 && in->now - h->sent_at < wait)
		return ask_alone(
		    arena_printf(a, "resent at %s: for this cause wait until %s before the next",
			when_words(when, h->sent_at), when_words(until, h->sent_at + wait)));
	if (h->tries >= HANDLED_MAX_TRIES)
		return ask_alone(
		    arena_printf(a, "resent %u times in five days: rather write a note", h->tries));
	if (in->row->handling == HANDLING_RESENT)
		return ask_alone(arena_printf(a, "resent at %s, and no failure came back since",
		    when_words(when, in->row->handled_at)));
	if (in->row->handling == HANDLING_IGNORED)
		return say(GUARD_ASK, "it is ignored");
	if (in->row->handling == HANDLING_DONE)
		return ask_alone("it is done");
	return nothing;
}

static struct guard_verdict
ask_about_mail(const struct guard_input *in)
{
	const struct original *o = in->original;

	if (o->is_null_sender)
		return ask_alone("the original was itself a report (Return-Path: <>)");
	if (o->is_list_mail && !in->is_edited)
		return ask_alone(GUARD_LIST_MAIL);
	if (in->is_list_address && !in->is_edited)
		return ask_alone(GUARD_LIST_ADDRESS);
	if (o->is_automatic)
		return ask_alone("a program wrote the original");
	if (may_have_arrived(in->recipient))
		return ask_alone(
		    "the line was lost after the whole message had been sent: it may be there "
		    "already");
	if (in->row->state == STATE_REFUSED && !in->is_other_address)
		return say(GUARD_ASK, "refused at this address: does the change mend the cause?");
	if (in->is_other_address)
		return nothing;
	if (in->row->state == STATE_UNKNOWN)
		return say(GUARD_ASK, "the report does not say whether it failed for good");
	if (in->row->advice == RESEND_NO || in->row->advice == RESEND_AFTER_FIX)
		return say(GUARD_ASK, "the cause has to be mended first");
	return nothing;
}

/* Both reasons are read by whoever types the word for the first. */
static struct guard_verdict
add_history(struct arena *a, struct guard_verdict v, const struct guard_input *in)
{
	struct guard_verdict history = ask_about_history(a, in);

	if (!is_again(in) || history.guard == GUARD_OK)
		return v;
	v.is_alone = true;
	v.why = arena_printf(a, "%s; besides: %s", v.why, history.why);
	return v;
}

struct guard_verdict
guard_resend(struct arena *a, const struct guard_input *in)
{
	struct guard_verdict v;

	if ((v = never(a, in)).guard != GUARD_OK)
		return v;
	if (in->told.is_claimed)
		v = (struct guard_verdict){.guard = GUARD_TYPE,
		    .why = "another machine sends it just now, or began to and has not said how "
			   "it ended: it may arrive twice",
		    .is_alone = true};
	else if ((v = still_tried(a, in)).guard != GUARD_OK)
		v = add_history(a, v, in);
	else if ((v = ask_about_history(a, in)).guard == GUARD_OK)
		v = ask_about_mail(in);
	v.is_again = is_again(in) && !in->told.is_claimed;
	return v;
}
