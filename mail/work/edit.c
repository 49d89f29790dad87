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
#include "work/claim.h"
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
	struct handled h = {.n_items = 0};
	struct guard_input in;
	struct guard_verdict v;

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
	v = guard_resend(a, &in);
	if (v.guard != GUARD_NEVER)
		return 0;
	return err_set(e, ERR_REFUSED, "%s", v.why);
}

/* They must be of one original: only that can become one message. */
static int
check_same_original(const struct row *first, const struct row *row, struct err *e)
{
	if (first->original_message_id[0] != '\0' &&
	    strcmp(first->original_message_id, row->original_message_id) == 0)
		return 0;
	err_set(e, ERR_REFUSED, "these cases are not of one message");
	return err_todo(e, "edit those of one message together, or each alone");
}

/* The cases that may be written to; the others are left out, with words. */
static int
choose_cases(struct worker *w, const struct letter *l, struct letter *answer, struct slice *to,
    struct detail *first, struct err *e)
{
	struct arena *a = answer->arena;
	struct buf left_out = BUF_INIT;
	struct row head;
	size_t n = 0;

	answer->cases = arena_calloc(a, l->n_cases, sizeof(case_id));
	if (cache_row(w->cache, &l->cases[0], a, &head, e) != 0)
		return -1;
	for (size_t i = 0; i < l->n_cases; i++) {
		struct detail d;
		struct row row;

		if (cache_row(w->cache, &l->cases[i], a, &row, e) != 0 ||
		    (l->n_cases > 1 && check_same_original(&head, &row, e) != 0)) {
			buf_free(&left_out);
			return -1;
		}
		if (check_case(w, &l->cases[i], a, &d, e) != 0) {
			buf_addf(&left_out, "%s%s is left out: %s", left_out.len > 0 ? "; " : "",
			    clean(a, slice_of(row.recipient)).s, e->text);
			continue;
		}
		if (n == 0)
			*first = d;
		to[n] = resend_recipient(&d);
		answer->cases[n++] = l->cases[i];
	}
	answer->n_cases = n;
	err_clear(&answer->err);
	if (n > 0 && left_out.len > 0)
		err_set(&answer->err, ERR_NONE, "%s", buf_cstr(&left_out));
	buf_free(&left_out);
	return n > 0 ? 0 : -1;
}

static int
draft(struct worker *w, const struct letter *l, struct letter *answer, struct err *e)
{
	struct arena *a = answer->arena;
	struct slice *to = arena_calloc(a, l->n_cases, sizeof(*to));
	struct anew_original original;
	struct buf out = BUF_INIT;
	struct anew_options o;
	struct detail d;
	struct found f;
	int r;

	if (l->n_cases > EDIT_MAX_CASES)
		return err_set(e, ERR_LIMIT, "more than %d cases at once", EDIT_MAX_CASES);
	if (choose_cases(w, l, answer, to, &d, e) != 0 ||
	    find_base(w, &answer->cases[0], a, &f, &original, e) != 0)
		return -1;
	o = (struct anew_options){
	    .recipient = to[0],
	    .more = to + 1,
	    .n_more = answer->n_cases - 1,
	    .from = slice_of(w->o.account->from),
	    .to = to[0],
	    .subject = slice_of(d.row.subject),
	    .message_id = slice_of(resend_make_id(a, w,
		answer->n_cases == 1 ? CASE_NAME_EDITED : CASE_NAME_SEVERAL, &answer->cases[0])),
	    .now = clock_now(),
	};
	o.zone_minutes = date_local_zone(o.now);
	r = anew_draft(a, &out, &original, &o, e);
	answer->text = arena_copy(a, buf_slice(&out));
	buf_free(&out);
	answer->title = answer->n_cases == 1 ? clean(a, o.recipient).s
					     : arena_printf(a, "%zu recipients", answer->n_cases);
	if (!original.is_whole && answer->err.text[0] == '\0')
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

static void
guard_case(struct worker *w, struct arena *a, struct edited_case *c, const struct handled *h)
{
	struct guard_input in = {
	    .row = &c->detail.row,
	    .recipient = &c->detail.recipient,
	    .original = &c->detail.report.original,
	    .handled = h,
	    .told = c->told,
	    .to = c->recipient,
	    .is_read_only = w->o.read_only,
	    .is_edited = true,
	    .is_other_address = !addr_same(c->recipient, resend_recipient(&c->detail)) &&
		!addr_same(c->recipient, c->detail.recipient.address),
	    .now = clock_now(),
	};
	struct guard_verdict v = guard_resend(a, &in);

	c->guard = v.guard;
	c->why = v.why;
	c->is_alone = v.is_alone;
	c->is_again = v.is_again;
}

static int
read_cases(struct worker *w, const struct letter *l, struct arena *a, struct edited *x,
    struct handled *handled, struct err *e)
{
	char own[CLAIM_BYTES];

	if (claim_name(w, own, e) != 0)
		return -1;
	x->cases = arena_calloc(a, l->n_cases, sizeof(*x->cases));
	x->n_cases = l->n_cases;
	for (size_t i = 0; i < l->n_cases; i++) {
		struct edited_case *c = &x->cases[i];

		c->id = l->cases[i];
		c->why = "";
		c->recipient = SLICE_EMPTY;
		if (cache_detail(w->cache, &c->id, a, &c->detail, e) != 0 ||
		    handled_of_case(w, &c->id, &handled[i], e) != 0 ||
		    elsewhere_look(w->cache, &c->id, &handled[i], own, &c->told, e) != 0 ||
		    (i > 0 && check_same_original(&x->cases[0].detail.row, &c->detail.row, e) != 0))
			return -1;
		c->known = handled[i].last_resend;
		c->handling = c->detail.row.handling;
	}
	return 0;
}

/* The case that an address is of; NULL: one that somebody has corrected. */
static struct edited_case *
case_of(struct edited *x, struct slice address)
{
	for (size_t i = 0; i < x->n_cases; i++) {
		if (addr_same(address, resend_recipient(&x->cases[i].detail)))
			return &x->cases[i];
	}
	return NULL;
}

/* Which address is whose? Unchanged ones tell by themselves. Changed ones stand for the
 * cases that are left, in their order; if one was changed and another taken out, nobody
 * can say which is which. */
static int
give_recipients(struct edited *x, struct err *e)
{
	const struct anew_message *m = &x->message;
	size_t n_changed = 0, n_left = 0, at = 0;

	for (size_t i = 0; i < m->n_recipients; i++) {
		struct edited_case *c = case_of(x, m->recipients[i]);

		if (c != NULL)
			c->recipient = m->recipients[i];
		n_changed += c == NULL;
	}
	for (size_t i = 0; i < x->n_cases; i++)
		n_left += x->cases[i].recipient.n == 0;
	if (n_changed > 0 && n_changed != n_left) {
		err_set(e, ERR_REFUSED,
		    "addresses were changed and others taken out: nobody can say which is which");
		return err_todo(e, "change them or take them out, and edit the others afterwards");
	}
	for (size_t i = 0; i < m->n_recipients; i++) {
		if (case_of(x, m->recipients[i]) != NULL)
			continue;
		while (x->cases[at].recipient.n > 0)
			at++;
		x->cases[at].recipient = m->recipients[i];
	}
	return 0;
}

int
edit_make(
    struct worker *w, const struct letter *l, struct arena *a, struct edited *x, struct err *e)
{
	struct handled *handled = arena_calloc(a, l->n_cases, sizeof(*handled));
	struct detail ignored;

	if (l->n_cases > EDIT_MAX_CASES)
		return err_set(e, ERR_LIMIT, "more than %d cases at once", EDIT_MAX_CASES);
	if (read_cases(w, l, a, x, handled, e) != 0)
		return -1;
	if (l->n_cases == 1 && check_case(w, &l->cases[0], a, &ignored, e) != 0)
		return -1;
	if (find_base(w, &l->cases[0], a, &x->found, &x->original, e) != 0 ||
	    anew_finish_for(a, l->text, &x->original, l->n_cases, &x->message, e) != 0 ||
	    give_recipients(x, e) != 0)
		return -1;
	for (size_t i = 0; i < x->n_cases; i++) {
		if (x->cases[i].recipient.n > 0)
			guard_case(w, a, &x->cases[i], &handled[i]);
	}
	return 0;
}

struct seen
edit_seen(const struct edited_case *c)
{
	return (struct seen){c->known, c->handling, c->is_again, c->told.n_again};
}

int
edit_journal(struct worker *w, struct arena *a, int64_t due_at, const struct edited *x,
    int64_t *items_r, size_t *n_r, struct err *e)
{
	struct journal_item *items = arena_calloc(a, x->n_cases, sizeof(*items));
	size_t n = 0;

	*n_r = 0;
	for (size_t i = 0; i < x->n_cases; i++) {
		const struct edited_case *c = &x->cases[i];

		if (c->recipient.n == 0)
			continue;
		items[n++] = (struct journal_item){
		    .kind = JOURNAL_RESEND,
		    .known_id = c->known,
		    .state = JOURNAL_DUE,
		    .case_id = c->id,
		    .account = w->o.account->name,
		    .recipient = arena_slicedup(a, c->recipient),
		    .envelope_from = arena_slicedup(a, own_address(a, w->o.account)),
		    .message_id = arena_slicedup(a, x->message.message_id),
		    .envelope_id = resend_make_envelope_id(a, &c->id),
		    .resent_id = "",
		    .words = resend_mark(a, true, edit_seen(c), c->guard == GUARD_TYPE),
		    .created_at = resend_created_at(&c->detail.row),
		    .due_at = due_at,
		};
	}
	if (journal_add_edited(w->journal, items, n, x->message.bytes, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		items_r[i] = items[i].id;
		edit_alias(w, &items[i]);
	}
	*n_r = n;
	return 0;
}

struct copied {
	int64_t item;
	bool is_copied;
};

static bool
look_copied(void *ctx, const struct journal_item *item)
{
	struct copied *c = ctx;

	c->is_copied = c->is_copied ||
	    (item->id != c->item && item->kind == JOURNAL_RESEND && item->state == JOURNAL_SENT);
	return !c->is_copied;
}

bool
edit_is_copied(struct worker *w, const char *message_id, int64_t item)
{
	struct copied c = {item, false};
	struct err e;

	if (journal_of_message(w->journal, w->o.account->name, message_id, look_copied, &c, &e) !=
	    0)
		log_line("work", "copies: %s", e.text);
	return c.is_copied;
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
