/* What a resend would do, as it is shown before anybody says yes. */
#include <string.h>

#include "base/clean.h"
#include "work/edit.h"
#include "work/guards.h"
#include "work/original.h"
#include "work/own.h"
#include "work/work.h"

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
		struct seen seen;
		struct err e;

		d.recipient.address = d.recipient.original_recipient = SLICE_EMPTY;
		c->id = l->cases[i];
		v = resend_guard(w, a, &c->id, &d, &seen, &e);
		c->guard = v.guard;
		c->why = v.why;
		c->is_alone = v.is_alone;
		c->is_again = v.is_again;
		c->n_again = seen.n_again;
		c->known = seen.known;
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
	if (d.report.original.is_list_mail || resend_is_list(a, w->o.account, resend_recipient(&d)))
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
	if (c->guard == GUARD_OK && !is_named)
		set_guard(p, GUARD_ASK, RESEND_NOT_NAMED);
	c->is_guess = f.is_guess;
	if (f.is_guess && c->guard == GUARD_OK)
		set_guard(p, GUARD_ASK, RESEND_GUESSED);
	if (c->guard == GUARD_OK && lone[0] != '\0') {
		set_guard(p, GUARD_ASK, lone);
		c->is_alone = false; /* to the right one it would go */
	}
	p->found = f.where;
	p->added = lines_of(a, m.added, m.n_added);
	p->n_added = m.n_added;
	p->removed = lines_of(a, m.removed, m.n_removed);
	p->n_removed = m.n_removed;
	show_bytes(w, p, m.bytes);
	p->warnings = arena_printf(a, "%s%s%s%s%s", lone[0] != '\0' ? "Mind: " : "", lone,
	    lone[0] != '\0' ? ".\n" : "", warnings(a, p, &m, is_named), p->warnings);
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
		c->is_alone = from->is_alone;
		c->is_again = from->is_again;
		c->n_again = from->told.n_again;
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
	p->is_blind = resend_is_blind(w);
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
