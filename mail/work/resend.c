/* A resend as it is asked for: looked at beforehand, then put into the journal.
 *
 * Envelope: MAIL FROM is the account's own address, because relays refuse others
 * and because the next report must come back here. RCPT TO is the one recipient
 * of the case, as the user wrote it. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "msg/addr.h"
#include "msg/date.h"
#include "work/claim.h"
#include "work/edit.h"
#include "work/guards.h"
#include "work/original.h"
#include "work/own.h"
#include "work/work.h"

struct slice
resend_recipient(const struct detail *d)
{
	/* Even if it is no address at all: a guard stops that, and nobody else may get it. */
	if (d->recipient.original_recipient.n > 0)
		return d->recipient.original_recipient;
	return d->recipient.address;
}

bool
resend_is_list(struct arena *a, const struct account *account, struct slice address)
{
	const char **names;
	size_t n = original_folders(a, slice_of(account->lists), &names);

	for (size_t i = 0; i < n; i++) {
		if (slice_iis(addr_domain(address), names[i]) ||
		    addr_same(address, slice_of(names[i])))
			return true;
	}
	return false;
}

struct guard_verdict
resend_guard(struct worker *w, struct arena *a, const case_id *id, struct detail *d,
    struct seen *seen_r, struct err *e)
{
	struct handled h = {.n_items = 0};
	struct guard_verdict v;
	struct sent_told told;
	char own[CLAIM_BYTES];
	struct guard_input in;

	*seen_r = (struct seen){.known = 0};
	/* Else nobody knows what was sent already. */
	if (cache_detail(w->cache, id, a, d, e) != 0 || handled_of_case(w, id, &h, e) != 0 ||
	    claim_name(w, own, e) != 0 || elsewhere_look(w->cache, id, &h, own, &told, e) != 0)
		return (struct guard_verdict){
		    .guard = GUARD_NEVER, .why = arena_strdup(a, e->text)};
	/* The cache follows the journal, but a moment later. */
	handled_news(&h, &d->row, told.end, clock_now());
	if (h.handling != HANDLING_OPEN) {
		d->row.handling = h.handling;
		d->row.handled_at = h.handled_at;
	}
	in = (struct guard_input){
	    .row = &d->row,
	    .recipient = &d->recipient,
	    .original = &d->report.original,
	    .handled = &h,
	    .told = told,
	    .to = resend_recipient(d),
	    .is_read_only = w->o.read_only,
	    .is_list_address = resend_is_list(a, w->o.account, resend_recipient(d)),
	    .now = clock_now(),
	};
	v = guard_resend(a, &in);
	*seen_r = (struct seen){h.last_resend, d->row.handling, v.is_again, told.n_again};
	return v;
}

int
resend_make(struct worker *w, const case_id *id, struct slice recipient, const char *resent_id,
    struct arena *a, struct found *f, struct resend_message *m, struct err *e)
{
	int64_t now = clock_now();
	struct resend_options o = {
	    .recipients = &recipient,
	    .n_recipients = 1,
	    .from = slice_of(w->o.account->from),
	    .message_id = slice_of(resent_id),
	    .now = now,
	    .zone_minutes = date_local_zone(now),
	    .drop_dkim = !w->o.account->keep_dkim,
	};

	if (original_find(w, id, a, f, e) != 0)
		return -1;
	o.original = f->bytes;
	return resend_build(a, &o, m, e);
}

const char *
resend_make_id(struct arena *a, const struct worker *w, const char *prefix, const case_id *id)
{
	struct slice domain = addr_domain(own_address(a, w->o.account));

	return arena_printf(a, "<%s%s.%" PRIx64 ".%08x@%.*s>", prefix, id->text,
	    (uint64_t)clock_now(), random_bits(), SLICE_FMT(domain));
}

const char *
resend_make_envelope_id(struct arena *a, const case_id *id)
{
	return arena_printf(a, CASE_NAME_SENT "%s.%08x", id->text, random_bits());
}

bool
resend_is_blind(const struct worker *w)
{
	return !w->is_local && w->imap == NULL;
}

static bool
is_allowed(enum guard g, const struct letter *l)
{
	return g == GUARD_OK || (g == GUARD_ASK && (l->confirmed || l->typed)) ||
	    (g == GUARD_TYPE && l->typed);
}

const char *
resend_mark(struct arena *a, bool is_confirmed, struct seen seen, bool is_typed)
{
	const char *confirmed = RESEND_CONFIRMED;

	if (seen.is_again)
		confirmed = arena_printf(a, RESEND_AGAIN " %u", seen.n_again);
	return arena_printf(a, "%s%s%s", is_confirmed ? confirmed : "",
	    seen.handling == HANDLING_IGNORED ? " " RESEND_IGNORED : "",
	    is_typed ? " " RESEND_TYPED : "");
}

int64_t
resend_created_at(const struct row *row)
{
	int64_t now = clock_now();

	return now > row->last_seen ? now : row->last_seen;
}

int
resend_check_seen(const struct letter *l, size_t i, struct seen now, struct err *e)
{
	const struct seen *seen = l->seen != NULL ? &l->seen[i] : &now;

	if (seen->known == now.known && now.handling == seen->handling &&
	    (now.is_again != seen->is_again || now.n_again != seen->n_again))
		err_set(e, ERR_REFUSED,
		    "left out: since the preview it was heard that it may have been resent");
	else if (seen->known != now.known && now.handling == seen->handling)
		err_set(e, ERR_REFUSED,
		    "left out: a resend of it was begun or taken back since the preview");
	else if (seen->known != now.known || seen->handling != now.handling)
		err_set(e, ERR_REFUSED,
		    "left out: somebody has handled it since the preview, it is %s now",
		    handling_id(now.handling));
	else
		return 0;
	return err_todo(e, "look again");
}

/* Into the journal, or a result that says why not: the message as it was … */
static bool
journal_same(struct worker *w, const struct letter *l, size_t i, int64_t due_at, int64_t *item_r)
{
	const case_id *id = &l->cases[i];
	struct arena *a = arena_new();
	struct detail d = {.row = {.handling = HANDLING_OPEN}};
	struct err e;
	struct seen seen;
	struct guard_verdict v = resend_guard(w, a, id, &d, &seen, &e);
	bool is_single = l->flag && l->n_cases == 1;
	bool is_added = false;

	err_clear(&e);
	if (resend_check_seen(l, i, seen, &e) != 0) {
		tell_result(w, l->request, id, &e, "not resent: %s", e.text);
	} else if (!is_allowed(v.guard, l) || (v.is_alone && !is_single)) {
		err_set(&e, ERR_REFUSED, "%s", v.why);
		tell_result(w, l->request, id, &e, "not resent: %s", v.why);
	} else {
		struct journal_item item = {
		    .kind = JOURNAL_RESEND,
		    .known_id = seen.known,
		    .state = JOURNAL_DUE,
		    .case_id = *id,
		    .account = w->o.account->name,
		    .recipient = arena_slicedup(a, resend_recipient(&d)),
		    .envelope_from = arena_slicedup(a, own_address(a, w->o.account)),
		    .message_id = d.row.original_message_id,
		    .envelope_id = resend_make_envelope_id(a, id),
		    .resent_id = resend_make_id(a, w, CASE_NAME_SENT, id),
		    .words = resend_mark(a, is_single && !l->is_blind && (l->confirmed || l->typed),
			seen, l->typed && v.guard == GUARD_TYPE),
		    .created_at = resend_created_at(&d.row),
		    .due_at = due_at,
		};

		is_added = journal_add(w->journal, &item, 1, &e) == 0;
		if (is_added && handled_alias(w, &item, &e) != 0)
			log_line("work", "case %s: %s", id->text, e.text);
		*item_r = item.id;
		if (!is_added)
			tell_result(w, l->request, id, &e, "not resent: %s", e.text);
	}
	arena_free(&a);
	return is_added;
}

/* Why the edited message may not go to all of them; "" if it may. */
static const char *
why_not_edited(const struct letter *l, const struct edited *x)
{
	for (size_t i = 0; i < x->n_cases; i++) {
		const struct edited_case *c = &x->cases[i];

		if (c->recipient.n == 0)
			continue;
		if (c->guard == GUARD_OK && !l->confirmed)
			return "it was not confirmed";
		if (!is_allowed(c->guard, l))
			return c->why;
	}
	return "";
}

static int
check_seen_edited(const struct letter *l, const struct edited *x, struct err *e)
{
	for (size_t i = 0; i < x->n_cases; i++) {
		const struct edited_case *c = &x->cases[i];

		if (c->recipient.n > 0 && resend_check_seen(l, i, edit_seen(c), e) != 0)
			return -1;
	}
	return 0;
}

/* … or as it was edited: one message for all of the cases, or none. */
static void
journal_edited_all(
    struct worker *w, const struct letter *l, int64_t due_at, struct buf *added, struct buf *items)
{
	struct arena *a = arena_new();
	int64_t *ids = arena_calloc(a, l->n_cases, sizeof(*ids));
	struct edited x = {.n_cases = 0};
	const char *why;
	struct err e;
	size_t n = 0;

	err_clear(&e);
	if (edit_make(w, l, a, &x, &e) == 0 && check_seen_edited(l, &x, &e) == 0) {
		why = why_not_edited(l, &x);
		if (why[0] != '\0')
			err_set(&e, ERR_REFUSED, "%s", why);
		else
			(void)edit_journal(w, a, due_at, &x, ids, &n, &e);
	}
	if (n == 0)
		tell_result(w, l->request, &l->cases[0], &e, "not sent: %s", e.text);
	for (size_t i = 0; n > 0 && i < x.n_cases; i++) {
		if (x.cases[i].recipient.n == 0)
			continue;
		buf_add(added, &x.cases[i].id, sizeof(case_id));
		id_set_add(&w->handled, &x.cases[i].id);
	}
	buf_add(items, ids, n * sizeof(*ids));
	arena_free(&a);
}

static void
say_due(struct worker *w, uint32_t request, const case_id *ids, size_t n, int64_t due_at)
{
	bool waits = due_at <= clock_now() && resend_is_blind(w);

	for (size_t i = 0; i < n; i++) {
		if (waits)
			tell_result(w, request, &ids[i], NULL,
			    "resend is due: it goes as soon as there is a connection");
		else
			tell_due(w, request, &ids[i], due_at, "resend is due at");
	}
}

void
resend_request(struct worker *w, struct letter *l)
{
	int64_t now = clock_now();
	int64_t due_at =
	    l->at != 0 ? l->at : now + (int64_t)(l->number > 86400 ? 86400 : l->number);
	bool is_now = l->at == 0 && l->number == 0 && !resend_is_blind(w);
	struct buf added = BUF_INIT, items = BUF_INIT;
	size_t n;

	if (l->text.n > 0)
		journal_edited_all(w, l, due_at, &added, &items);
	for (size_t i = 0; l->text.n == 0 && i < l->n_cases && !work_is_quitting(w); i++) {
		int64_t item;

		if (!journal_same(w, l, i, due_at, &item))
			continue;
		buf_add(&added, &l->cases[i], sizeof(case_id));
		buf_add(&items, &item, sizeof(item));
		id_set_add(&w->handled, &l->cases[i]);
	}
	n = added.len / sizeof(case_id);
	if (!is_now)
		say_due(w, l->request, (const case_id *)(void *)added.data, n, due_at);
	rows_touched(w, l->request, &added);
	if (is_now && n > 0)
		outbox_run_items(w, l->request, (const int64_t *)(void *)items.data, n);
	buf_free(&added);
	buf_free(&items);
	keywords_mark(w);
	tell_done(w, l->request);
}
