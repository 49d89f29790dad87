/* Edit as new: drafted, looked at, then put into the journal with its bytes, and
 * sent by the outbox like any other resend. The original is looked for each time,
 * so nothing has to be kept between draft and end. */
#include <inttypes.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/log.h"
#include "msg/addr.h"
#include "msg/date.h"
#include "work/edit.h"
#include "work/own.h"

/* What is there of the original: whole, or what the report brought back. */
static int
find_base(struct worker *w, const case_id *id, struct arena *a, struct found *f,
    struct anew_original *original, struct err *e)
{
	const struct original *o;

	if (original_find(w, id, a, f, e) == 0) {
		*original = (struct anew_original){f->bytes, true};
		return 0;
	}
	if (f->recipient == NULL || e->code != ERR_NOT_FOUND)
		return -1;
	o = &f->facts.original;
	*original = (struct anew_original){o->raw.n > 0 ? o->raw : o->header, false};
	f->where = "no whole copy was found: what the report brought back was used, "
		   "attachments are lost";
	return 0;
}

/* What no change of the text or the address can mend. */
static int
check_case(struct worker *w, const case_id *id, struct arena *a, struct detail *d, struct err *e)
{
	struct handled h;
	const char *why;
	struct guard_input in;

	if (cache_detail(w->cache, id, a, d, e) != 0 || handled_of_case(w, id, &h, e) != 0)
		return -1;
	in = (struct guard_input){
	    .row = &d->row,
	    .recipient = &d->recipient,
	    .original = &d->report.original,
	    .handled = &h,
	    .to = SLICE_LIT("somebody@else.invalid"),
	    .is_read_only = w->o.read_only,
	    .is_edited = true,
	    .is_other_address = true,
	    .now = clock_now(),
	};
	if (guard_resend(a, &in, &why) != GUARD_NEVER)
		return 0;
	return err_set(e, ERR_REFUSED, "%s", why);
}

static int
draft(struct worker *w, const struct letter *l, struct letter *answer, struct err *e)
{
	struct arena *a = answer->arena;
	const case_id *id = &l->cases[0];
	struct anew_original original;
	struct buf out = BUF_INIT;
	struct anew_options o;
	struct detail d;
	struct found f;
	int r;

	if (check_case(w, id, a, &d, e) != 0 || find_base(w, id, a, &f, &original, e) != 0)
		return -1;
	o = (struct anew_options){
	    .recipient = resend_recipient(&d),
	    .from = slice_of(w->o.account->from),
	    .to = resend_recipient(&d),
	    .subject = slice_of(d.row.subject),
	    .message_id = slice_of(resend_make_id(a, w, CASE_NAME_EDITED, id)),
	    .now = clock_now(),
	};
	o.zone_minutes = date_local_zone(o.now);
	r = anew_draft(a, &out, &original, &o, e);
	answer->text = arena_copy(a, buf_slice(&out));
	buf_free(&out);
	answer->title = clean(a, o.recipient).s;
	answer->cases = arena_alloc(a, sizeof(case_id));
	answer->cases[0] = *id;
	answer->n_cases = 1;
	err_clear(&answer->err);
	if (!original.is_whole)
		err_set(&answer->err, ERR_NONE, "%s", f.where);
	return r;
}

void
edit_request(struct worker *w, struct letter *l)
{
	struct letter *answer = letter_new(LETTER_NEW_MESSAGE, l->request);
	struct err e;

	if (draft(w, l, answer, &e) != 0) {
		letter_free(answer);
		tell_failed(w, l->request, &e);
		return;
	}
	tell(w, answer);
	tell_done(w, l->request);
}

int
edit_make(
    struct worker *w, const struct letter *l, struct arena *a, struct edited *x, struct err *e)
{
	const case_id *id = &l->cases[0];
	struct guard_input in;
	struct handled h;

	if (l->n_cases != 1)
		return err_set(e, ERR_USAGE, "one case at a time can be edited");
	if (cache_detail(w->cache, id, a, &x->detail, e) != 0 ||
	    handled_of_case(w, id, &h, e) != 0 || check_case(w, id, a, &x->detail, e) != 0 ||
	    find_base(w, id, a, &x->found, &x->original, e) != 0 ||
	    anew_finish(a, l->text, &x->original, &x->message, e) != 0)
		return -1;
	in = (struct guard_input){
	    .row = &x->detail.row,
	    .recipient = &x->detail.recipient,
	    .original = &x->detail.report.original,
	    .handled = &h,
	    .to = x->message.recipient,
	    .is_read_only = w->o.read_only,
	    .is_edited = true,
	    .is_other_address = !addr_same(x->message.recipient, resend_recipient(&x->detail)) &&
		!addr_same(x->message.recipient, x->detail.recipient.address),
	    .now = clock_now(),
	};
	x->known = h.last_resend;
	x->handling = x->detail.row.handling;
	x->guard = guard_resend(a, &in, &x->why);
	return 0;
}

void
edit_journal(struct worker *w, const struct letter *l, struct arena *a, int64_t due_at,
    struct edited *x, int64_t *item_r, struct err *e)
{
	const case_id *id = &l->cases[0];
	struct journal_item item = {
	    .kind = JOURNAL_RESEND,
	    .known_id = x->known,
	    .state = JOURNAL_DUE,
	    .case_id = *id,
	    .account = w->o.account->name,
	    .recipient = arena_slicedup(a, x->message.recipient),
	    .envelope_from = arena_slicedup(a, own_address(a, w->o.account)),
	    .message_id = arena_slicedup(a, x->message.message_id),
	    .envelope_id = resend_make_envelope_id(a, id),
	    .resent_id = "",
	    .words = RESEND_CONFIRMED,
	    .created_at = resend_created_at(&x->detail.row),
	    .due_at = due_at,
	};

	*item_r = 0;
	if (journal_add_edited(w->journal, &item, 1, x->message.bytes, e) != 0)
		return;
	*item_r = item.id;
	edit_alias(w, &item);
}

void
edit_alias(struct worker *w, const struct journal_item *item)
{
	struct err e;

	/* A resend has the Message-ID of the case; only a new one has to be told. */
	if (item->kind != JOURNAL_RESEND || item->resent_id[0] != '\0')
		return;
	if (cache_alias(w->cache, item->message_id, &item->case_id, &e) != 0 ||
	    cache_alias(w->cache, item->envelope_id, &item->case_id, &e) != 0)
		log_line("work", "case %s: %s", item->case_id.text, e.text);
}
