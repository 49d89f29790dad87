#include "work/guards.h"

#include "base/clean.h"
#include "msg/addr.h"
#include "work/work.h"

#define SOON_S 900 /* a resend so short ago has hardly been tried yet */

static enum guard
say(const char **why_r, enum guard g, const char *why)
{
	*why_r = why;
	return g;
}

/* What no yes can change. */
static enum guard
never(struct arena *a, const struct guard_input *in, const char **why_r)
{
	char when[WHEN_BYTES];

	if (in->is_read_only)
		return say(why_r, GUARD_NEVER, "nothing is sent with --read-only");
	if (in->row->lane == LANE_NOT_OURS)
		return say(
		    why_r, GUARD_NEVER, "not ours: nothing proves that we sent this message");
	if (in->row->lane != LANE_CASES)
		return say(why_r, GUARD_NEVER, "this is no failed delivery");
	if (in->handled->doubt_item != 0)
		return say(why_r, GUARD_NEVER,
		    in->handled->is_doubt_note
			? "in doubt: a note may have gone; say first whether it went"
			: "in doubt: an earlier resend may have gone; say first whether it went");
	if (in->handled->due_item != 0)
		return say(why_r, GUARD_NEVER,
		    arena_printf(a, "a %s is due already, at %s",
			in->handled->is_due_note ? "note" : "resend",
			when_words(when, in->handled->due_at)));
	if (in->row->state == STATE_DELIVERED)
		return say(why_r, GUARD_NEVER, "it was delivered");
	if (in->row->cause == CAUSE_LOOP && !in->is_other_address)
		return say(why_r, GUARD_NEVER,
		    "mail to this address runs in a circle; once more would too");
	if (!addr_is_wire_safe(in->to))
		return say(why_r, GUARD_NEVER,
		    arena_printf(
			a, "“%.100s” is no address that can be sent to", clean(a, in->to).s));
	if (in->row->state == STATE_REFUSED && in->row->advice == RESEND_NO &&
	    !in->is_other_address)
		return say(why_r, GUARD_NEVER,
		    in->is_edited
			? "refused for good, and the address is the same: change Envelope-To"
			: "refused for good: the same message to the same address would be "
			  "refused again");
	return GUARD_OK;
}

static enum guard
type(struct arena *a, const struct guard_input *in, const char **why_r)
{
	char when[WHEN_BYTES];

	if (in->row->state == STATE_TRYING && in->row->retry_until != 0)
		return say(why_r, GUARD_TYPE,
		    arena_printf(a, "a mail server still tries, until %s: it may arrive twice",
			when_words(when, in->row->retry_until)));
	if (in->row->state == STATE_TRYING)
		return say(why_r, GUARD_TYPE, "a mail server still tries: it may arrive twice");
	if (in->row->state == STATE_REFUSED && !in->is_edited)
		return say(why_r, GUARD_TYPE,
		    "refused for good: send it again only once the cause is mended");
	return GUARD_OK;
}

/* 4.4.2 after the last dot: nobody knows whether it arrived. */
static bool
may_have_arrived(const struct recipient *r)
{
	return slice_ifind(r->diagnostic, "end of data") != SLICE_NONE ||
	    slice_ifind(r->diagnostic, "may be sent more than once") != SLICE_NONE ||
	    slice_ifind(r->diagnostic, "after sending data") != SLICE_NONE;
}

static enum guard
ask_about_history(struct arena *a, const struct guard_input *in, const char **why_r)
{
	const struct handled *h = in->handled;
	char when[WHEN_BYTES], until[WHEN_BYTES];
	int64_t wait;

	if (h->sent_at != 0 && in->now - h->sent_at < SOON_S)
		return say(why_r, GUARD_ASK,
		    arena_printf(a, "resent at %s, there can be no answer yet",
			when_words(when, h->sent_at)));
	wait = cause_info(in->row->cause)->wait_s;
	if (h->sent_at != 0 && in->now - h->sent_at < wait)
		return say(why_r, GUARD_ASK,
		    arena_printf(a, "resent at %s: for this cause wait until %s before the next",
			when_words(when, h->sent_at), when_words(until, h->sent_at + wait)));
	if (h->tries >= HANDLED_MAX_TRIES)
		return say(why_r, GUARD_ASK,
		    arena_printf(a, "resent %u times in five days: rather write a note", h->tries));
	if (in->row->handling == HANDLING_RESENT && h->sent_at < in->row->last_seen)
		return say(why_r, GUARD_ASK,
		    arena_printf(a,
			"resent from another machine, seen at %s, and no failure came "
			"back since",
			when_words(when, in->row->handled_at)));
	if (in->row->handling == HANDLING_RESENT)
		return say(why_r, GUARD_ASK,
		    arena_printf(a, "resent at %s, and no failure came back since",
			when_words(when, in->row->handled_at)));
	if (in->row->handling == HANDLING_IGNORED)
		return say(why_r, GUARD_ASK, "it is ignored");
	if (in->row->handling == HANDLING_DONE)
		return say(why_r, GUARD_ASK, "it is done");
	return GUARD_OK;
}

static enum guard
ask_about_mail(const struct guard_input *in, const char **why_r)
{
	const struct original *o = in->original;

	if (o->is_null_sender)
		return say(why_r, GUARD_ASK, "the original was itself a report (Return-Path: <>)");
	if (o->is_list_mail && !in->is_edited)
		return say(why_r, GUARD_ASK, GUARD_LIST_MAIL);
	if (in->is_list_address && !in->is_edited)
		return say(why_r, GUARD_ASK, GUARD_LIST_ADDRESS);
	if (o->is_automatic)
		return say(why_r, GUARD_ASK, "a program wrote the original");
	if (may_have_arrived(in->recipient))
		return say(why_r, GUARD_ASK,
		    "the line was lost after the whole message had been sent: it may be there "
		    "already");
	if (in->row->state == STATE_REFUSED && !in->is_other_address)
		return say(
		    why_r, GUARD_ASK, "refused at this address: does the change mend the cause?");
	if (in->is_other_address)
		return GUARD_OK;
	if (in->row->state == STATE_UNKNOWN)
		return say(why_r, GUARD_ASK, "the report does not say whether it failed for good");
	if (in->row->advice == RESEND_NO || in->row->advice == RESEND_AFTER_FIX)
		return say(why_r, GUARD_ASK, "the cause has to be mended first");
	return GUARD_OK;
}

enum guard
guard_resend(struct arena *a, const struct guard_input *in, const char **why_r)
{
	enum guard g;

	*why_r = "";
	if ((g = never(a, in, why_r)) != GUARD_OK || (g = type(a, in, why_r)) != GUARD_OK ||
	    (g = ask_about_history(a, in, why_r)) != GUARD_OK)
		return g;
	return ask_about_mail(in, why_r);
}
