/* A resend as it is asked for: looked at beforehand, then put into the journal.
 *
 * Envelope: MAIL FROM is the account's own address, because relays refuse others
 * and because the next report must come back here. RCPT TO is the one recipient
 * of the case, as the user wrote it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "msg/addr.h"
#include "msg/date.h"
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

/* Is the address, or its domain, named as a list? */
static bool
is_list_address(struct arena *a, const struct account *account, struct slice address)
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
    int64_t *known_r, struct err *e)
{
	struct handled h = {.n_items = 0};
	enum sent_before before;
	bool is_told;
	struct guard_input in;

	*known_r = 0;
	/* Else nobody knows what was sent already. */
	if (cache_detail(w->cache, id, a, d, e) != 0 || handled_of_case(w, id, &h, e) != 0 ||
	    elsewhere_look(w->cache, id, &h, &before, &is_told, e) != 0)
		return (struct guard_verdict){
		    .guard = GUARD_NEVER, .why = arena_strdup(a, e->text)};
	*known_r = h.last_resend;
	/* The cache follows the journal, but a moment later. */
	handled_news(&h, &d->row, clock_now());
	if (h.handling != HANDLING_OPEN) {
		d->row.handling = h.handling;
		d->row.handled_at = h.handled_at;
	}
	in = (struct guard_input){
	    .row = &d->row,
	    .recipient = &d->recipient,
	    .original = &d->report.original,
	    .handled = &h,
	    .before = before,
	    .is_told = is_told,
	    .to = resend_recipient(d),
	    .is_read_only = w->o.read_only,
	    .is_list_address = is_list_address(a, w->o.account, resend_recipient(d)),
	    .now = clock_now(),
	};
	return guard_resend(a, &in);
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

static const char **
lines_of(struct arena *a, const struct slice *lines, size_t n)
{
	const char **out = arena_calloc(a, n + 1, sizeof(*out));

	for (size_t i = 0; i < n; i++)
		out[i] = arena_slicedup(a, lines[i]);
	return out;
}

static void
count_guard(struct preview *p, enum guard g)
{
	switch (g) {
	case GUARD_OK:
		p->n_ok++;
		break;
	case GUARD_ASK:
		p->n_ask++;
		break;
	case GUARD_TYPE:
		p->n_type++;
		break;
	case GUARD_NEVER:
		p->n_never++;
		break;
	}
}

/* A yes to many is none to a case that wants its own. */
static void
leave_out(struct arena *a, struct preview_case *c)
{
	c->guard = GUARD_NEVER;
	c->why = arena_printf(a, "%s: resend it alone", c->why);
}

static void
guard_all(struct worker *w, struct arena *a, const struct letter *l, struct preview *p)
{
	p->cases = arena_calloc(a, l->n_cases, sizeof(*p->cases));
	p->n_cases = l->n_cases;
	for (size_t i = 0; i < l->n_cases; i++) {
		struct preview_case *c = &p->cases[i];
		struct detail d = {.row = {.handling = HANDLING_OPEN}};
		struct guard_verdict v;
		struct err e;

		d.recipient.address = d.recipient.original_recipient = SLICE_EMPTY;
		c->id = l->cases[i];
		v = resend_guard(w, a, &c->id, &d, &c->known, &e);
		c->guard = v.guard;
		c->why = v.why;
		c->is_alone = v.is_alone;
		c->is_again = v.is_again;
		c->handling = d.row.handling;
		if (v.is_alone && (l->n_cases > 1 || l->number > 1))
			leave_out(a, c);
		c->recipient = arena_slicedup(a, resend_recipient(&d));
		count_guard(p, c->guard);
	}
}

#define ASK_SIZE_BYTES (1024 * 1024) /* smaller ones every server takes */

/* What the server takes; it is asked only if that may matter. */
static uint64_t
max_size(struct worker *w, uint64_t size)
{
	struct outgoing *o = NULL;
	struct err e;

	if (w->max_size == 0 && size > ASK_SIZE_BYTES && outbox_open(w, &o, &e) == 0)
		outgoing_close(&o);
	return w->max_size;
}

static const char *
size_words(struct arena *a, const struct preview *p)
{
	if (p->max_size == 0 || p->size <= p->max_size)
		return "";
	return arena_printf(a, "Too large: %llu bytes, and the server takes %llu at most.\n",
	    (unsigned long long)p->size, (unsigned long long)p->max_size);
}

static const char *
warnings(struct arena *a, const struct preview *p, const struct resend_message *m, bool is_named)
{
	return arena_printf(a, "%s%s%s%s%s%s", is_named ? "" : "Mind: " RESEND_NOT_NAMED ".\n",
	    m->is_list_mail ? "List mail: a list drops what it has seen already.\n" : "",
	    m->is_automatic ? "A program wrote the original.\n" : "",
	    m->was_too_long_lines ? "Lines over 998 bytes: some servers refuse it.\n" : "",
	    m->has_utf8_header ? "Raw letters beyond ASCII in the header: it goes only where all "
				 "servers take such (SMTPUTF8).\n"
			       : "",
	    size_words(a, p));
}

static void
set_guard(struct preview *p, enum guard g, const char *why)
{
	p->cases[0].is_alone = g == GUARD_ASK;
	p->cases[0].guard = g;
	p->cases[0].why = why;
	p->n_ok = p->n_ask = p->n_type = p->n_never = 0;
	count_guard(p, g);
}

/* Nothing that was sent can be told from it: to look at, and to send. */
static void
show_bytes(struct worker *w, struct preview *p, struct slice bytes)
{
	p->bytes = bytes;
	p->size = bytes.n;
	p->max_size = max_size(w, p->size);
}

/* Where a resend of the same message is of no use, but another one may be. */
static const char *
reason_to_edit(struct worker *w, struct arena *a, const case_id *id, const char *why)
{
	struct detail d;
	struct err e;

	if (cache_detail(w->cache, id, a, &d, &e) != 0 || d.row.lane != LANE_CASES ||
	    d.row.handling == HANDLING_DOUBT || d.row.handling == HANDLING_DUE || w->o.read_only)
		return "";
	if (d.row.state == STATE_REFUSED && d.row.advice == RESEND_NO)
		return "this address refuses it for good";
	if (d.report.original.is_list_mail ||
	    is_list_address(a, w->o.account, resend_recipient(&d)))
		return "a list drops a message that it has seen";
	return why;
}

/* Of a single case, exactly what would be sent. */
static void
show_message(struct worker *w, struct arena *a, struct preview *p)
{
	struct preview_case *c = &p->cases[0];
	struct resend_message m;
	struct found f;
	struct err e;
	const char *lone;
	bool is_named;

	f.bytes = SLICE_EMPTY;
	if (resend_make(w, &c->id, slice_of(c->recipient),
		resend_make_id(a, w, CASE_NAME_SENT, &c->id), a, &f, &m, &e) != 0) {
		/* That it is still being tried matters to whoever edits it as new then. */
		set_guard(p, GUARD_NEVER,
		    arena_printf(a, "%s%s%s%s%s", c->why, c->why[0] != '\0' ? "; besides, " : "",
			e.text, e.todo[0] != '\0' ? "; " : "", e.todo));
		if (e.code == ERR_NOT_FOUND && f.recipient != NULL)
			p->edit = reason_to_edit(w, a, &c->id, "only a part of it is at hand");
		return;
	}
	p->edit = reason_to_edit(w, a, &c->id, "");
	lone = f.is_returned ? original_contradicted(w, a, &f) : "";
	is_named = resend_is_named(a, f.bytes, slice_of(c->recipient));
	if (c->guard == GUARD_OK && lone[0] != '\0')
		set_guard(p, GUARD_ASK, lone);
	if (c->guard == GUARD_OK && !is_named)
		set_guard(p, GUARD_ASK, RESEND_NOT_NAMED);
	c->is_guess = f.is_guess;
	if (f.is_guess && c->guard == GUARD_OK)
		set_guard(p, GUARD_ASK, RESEND_GUESSED);
	p->found = f.where;
	p->added = lines_of(a, m.added, m.n_added);
	p->n_added = m.n_added;
	p->removed = lines_of(a, m.removed, m.n_removed);
	p->n_removed = m.n_removed;
	show_bytes(w, p, m.bytes);
	p->warnings = arena_printf(a, "%s%s%s%s%s", lone[0] != '\0' ? "Mind: " : "", lone,
	    lone[0] != '\0' ? ".\n" : "", warnings(a, p, &m, is_named), p->warnings);
}

static bool
has_no_connection(const struct worker *w)
{
	return !w->is_local && w->imap == NULL;
}

/* The new message that somebody wrote. It asks always: nobody has seen it yet. */
static void
show_edited_cases(struct arena *a, const struct edited *x, struct preview *p)
{
	size_t n = 0;

	p->n_ok = p->n_ask = p->n_type = p->n_never = 0;
	for (size_t i = 0; i < x->n_cases; i++) {
		const struct edited_case *from = &x->cases[i];
		struct preview_case *c = &p->cases[n];

		if (from->recipient.n == 0)
			continue;
		*c = p->cases[i];
		c->known = from->known;
		c->handling = from->handling;
		c->is_again = from->is_again;
		c->recipient = arena_slicedup(a, from->recipient);
		c->guard = from->guard == GUARD_OK ? GUARD_ASK : from->guard;
		c->why = from->guard == GUARD_OK ? "a new message, as it was edited" : from->why;
		count_guard(p, c->guard);
		n++;
	}
	p->n_cases = n;
}

static bool
are_all_named(struct arena *a, const struct anew_message *m)
{
	for (size_t i = 0; i < m->n_recipients; i++) {
		if (!resend_is_named(a, m->bytes, m->recipients[i]))
			return false;
	}
	return true;
}

static void
show_edited(struct worker *w, const struct letter *l, struct arena *a, struct preview *p)
{
	struct edited x = {.n_cases = 0};
	const struct anew_message *m = &x.message;
	struct err e;

	if (edit_make(w, l, a, &x, &e) != 0) {
		p->n_cases = 1;
		set_guard(p, GUARD_NEVER,
		    arena_printf(a, "%s%s%s", e.text, e.todo[0] != '\0' ? "; " : "", e.todo));
		return;
	}
	show_edited_cases(a, &x, p);
	p->found = x.found.where;
	p->added = lines_of(a, m->added, m->n_added);
	p->n_added = m->n_added;
	p->removed = lines_of(a, m->removed, m->n_removed);
	p->n_removed = m->n_removed;
	show_bytes(w, p, m->bytes);
	p->warnings = arena_printf(a, "%s%s%s%s",
	    are_all_named(a, m)        ? ""
		: m->n_recipients == 1 ? "The recipient stands neither in To nor in Cc.\n"
				       : "Not all of the recipients stand in To or Cc.\n",
	    m->is_html_dropped ? "The HTML half is left out: it would say what was said before.\n"
			       : "",
	    size_words(a, p), p->warnings);
}

/* No claim can stand where nobody may write: two machines could both send. */
static const char *
alone_words(struct arena *a, const struct worker *w)
{
	if (!online_is_alone(w))
		return "";
	return arena_printf(a, "No other machine is kept from sending it too: %s.\n",
	    w->box.read_only ? "you may only read this mailbox" : "this server keeps no keywords");
}

void
resend_preview(struct worker *w, struct letter *l)
{
	struct letter *answer = letter_new(LETTER_PREVIEWED, l->request);
	struct arena *a = answer->arena;
	struct preview *p = arena_calloc(a, 1, sizeof(*p));

	answer->preview = p;
	p->found = p->warnings = p->edit = "";
	p->bytes = SLICE_EMPTY;
	p->envelope_from = arena_slicedup(a, own_address(a, w->o.account));
	p->outgoing = arena_strdup(a, w->o.account->outgoing.text);
	p->warnings = alone_words(a, w);
	guard_all(w, a, l, p);
	p->is_blind = has_no_connection(w);
	if (p->is_blind)
		p->found = "there is no connection: it is looked for when there is one, and sent "
			   "then";
	else if (l->text.n > 0)
		show_edited(w, l, a, p);
	else if (p->n_cases == 1 && p->cases[0].guard != GUARD_NEVER)
		show_message(w, a, p);
	else if (p->n_cases == 1)
		p->edit = reason_to_edit(w, a, &p->cases[0].id, "");
	else
		p->found = "each original is looked for when its turn comes";
	answer->flag = l->text.n > 0;
	tell(w, answer);
	tell_done(w, l->request);
}

static bool
is_allowed(enum guard g, const struct letter *l)
{
	return g == GUARD_OK || (g == GUARD_ASK && (l->confirmed || l->typed)) ||
	    (g == GUARD_TYPE && l->typed);
}

const char *
resend_mark(bool is_confirmed, bool is_again)
{
	if (!is_confirmed)
		return "";
	return is_again ? RESEND_AGAIN : RESEND_CONFIRMED;
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
	    now.is_again != seen->is_again)
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
	int64_t known;
	struct guard_verdict v = resend_guard(w, a, id, &d, &known, &e);
	bool is_single = l->flag && l->n_cases == 1;
	bool is_added = false;

	err_clear(&e);
	if (resend_check_seen(l, i, (struct seen){known, d.row.handling, v.is_again}, &e) != 0) {
		tell_result(w, l->request, id, &e, "not resent: %s", e.text);
	} else if (!is_allowed(v.guard, l) || (v.is_alone && !is_single)) {
		err_set(&e, ERR_REFUSED, "%s", v.why);
		tell_result(w, l->request, id, &e, "not resent: %s", v.why);
	} else {
		struct journal_item item = {
		    .kind = JOURNAL_RESEND,
		    .known_id = known,
		    .state = JOURNAL_DUE,
		    .case_id = *id,
		    .account = w->o.account->name,
		    .recipient = arena_slicedup(a, resend_recipient(&d)),
		    .envelope_from = arena_slicedup(a, own_address(a, w->o.account)),
		    .message_id = d.row.original_message_id,
		    .envelope_id = resend_make_envelope_id(a, id),
		    .resent_id = resend_make_id(a, w, CASE_NAME_SENT, id),
		    .words = resend_mark(
			is_single && !l->is_blind && (l->confirmed || l->typed), v.is_again),
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

		if (c->recipient.n > 0 &&
		    resend_check_seen(l, i, (struct seen){c->known, c->handling, c->is_again}, e) !=
			0)
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
	bool waits = due_at <= clock_now() && has_no_connection(w);

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
	bool is_now = l->at == 0 && l->number == 0 && !has_no_connection(w);
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
