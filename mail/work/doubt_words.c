/* What is known of a doubt, as it is said to people: facts, and what proves what. */
#include <string.h>

#include "base/clean.h"
#include "msg/addr.h"
#include "work/doubt.h"

struct looking {
	int64_t item;
	struct buf text;
};

static bool
on_item(void *ctx, const struct journal_item *item)
{
	struct looking *l = ctx;
	bool is_resend = item->kind == JOURNAL_RESEND;
	bool is_same = is_resend && item->resent_id[0] != '\0';

	if (item->id != l->item)
		return true;
	doubt_write(&l->text,
	    &(struct doubt){.kind = !is_resend ? DOUBT_NOTE
		    : is_same                  ? DOUBT_RESEND
					       : DOUBT_EDITED,
		.at = item->started_at != 0 ? item->started_at : item->created_at,
		.name = is_same ? item->resent_id : item->message_id,
		.envelope_id = item->envelope_id,
		.recipient = item->recipient,
		.account = item->account,
		.words = item->words});
	return false;
}

const char *
doubt_text(struct worker *w, const case_id *id, int64_t item, struct arena *a)
{
	struct looking l = {item, BUF_INIT};
	const char *text = "";
	struct err e;

	if (journal_of_case(w->journal, id, on_item, &l, &e) == 0)
		text = arena_strdup(a, buf_cstr(&l.text));
	buf_free(&l.text);
	return text;
}

static const char *
noun(enum doubt_kind kind)
{
	return kind == DOUBT_NOTE  ? "note"
	    : kind == DOUBT_EDITED ? "message that was edited"
				   : "resend";
}

/* "through smtp://mail.example.org"; another account's way out is not known here. */
static const char *
through(struct arena *a, const struct account *account, const struct doubt *d)
{
	if (strcmp(d->account, account->name) != 0)
		return arena_printf(a, "from the account %s", clean(a, slice_of(d->account)).s);
	return arena_printf(a, "through %s", clean(a, slice_of(account->outgoing.text)).s);
}

struct told {
	struct slice names[2];
	int64_t at;
	enum state state;
	bool is_told;
};

static void
on_sent(void *ctx, const struct cache_sent *sent)
{
	struct told *t = ctx;

	for (size_t i = 0; i < 2; i++) {
		if (t->names[i].n == 0 || !slice_eq(t->names[i], sent->name) ||
		    (t->is_told && sent->at < t->at))
			continue;
		t->is_told = true;
		t->at = sent->at;
		t->state = sent->state;
	}
}

/* What came back about a note is a case of its own. */
static void
look_for_note(struct cache *c, struct arena *a, const struct doubt *d, struct told *t)
{
	struct slice rest = slice_of(d->recipient);

	while (rest.n > 0) {
		size_t blank = slice_chr(rest, ' ');
		struct recipient rcpt = {
		    .address = slice_sub(rest, 0, blank), .original_recipient = SLICE_EMPTY};
		struct report r = {
		    .kind = KIND_BOUNCE, .original = {.message_id = slice_of(d->name)}};
		case_id id = case_id_make(&r, &rcpt);
		struct row row;
		struct err e;

		if (cache_row(c, &id, a, &row, &e) == 0 && row.reports > 0) {
			t->is_told = true;
			t->at = row.last_seen;
			t->state = row.state;
		}
		rest = blank == SLICE_NONE ? SLICE_EMPTY : slice_from(rest, blank + 1);
	}
}

static const char *
told_words(struct arena *a, const struct told *t)
{
	char when[WHEN_BYTES];
	const char *what = t->state == STATE_DELIVERED ? "it went, and was delivered"
	    : t->state == STATE_TRYING                 ? "it went, and is still tried"
	    : t->state == STATE_UNKNOWN                ? "it went"
						       : "it went, and failed";

	return arena_printf(a, "the report of %s names it: %s", when_words(when, t->at), what);
}

static void
look_for_reports(struct cache *c, struct arena *a, const case_id *id, struct doubt *d)
{
	struct told t = {
	    .names = {case_sent_name(slice_of(d->name)), case_sent_name(slice_of(d->envelope_id))}};
	struct err e;

	if (d->kind == DOUBT_NOTE)
		look_for_note(c, a, d, &t);
	else if (cache_sent(c, id, on_sent, &t, &e) != 0)
		return;
	d->is_told = t.is_told;
	d->proof =
	    t.is_told ? told_words(a, &t) : "no report has named it so far: that proves nothing";
}

/* The log of the server that was spoken to, or of this machine's own mail system. */
const char *
doubt_log_words(struct arena *a, const struct account *account, const struct doubt *d)
{
	const struct url *out = &account->outgoing;
	bool is_ours = strcmp(d->account, account->name) == 0;
	char when[WHEN_BYTES];

	return arena_printf(a,
	    "in the mail log of %s, about %s, look for %s%s, to %s: a %s proves that it was taken, "
	    "and the queue id there leads to what became of it; none, where such names are "
	    "logged and the log is whole, that it was not",
	    !is_ours                   ? "the server it went through"
		: out->host[0] != '\0' ? clean(a, slice_of(out->host)).s
				       : "this machine",
	    when_words(when, d->at), clean(a, slice_of(d->name)).s,
	    d->kind == DOUBT_RESEND ? " (or the original's Message-ID)" : "",
	    clean(a, slice_of(d->recipient)).s,
	    doubt_is_of_several(d) ? "queue id that has both" : "line with it");
}

static void
step(struct explanation *x, const char *command, const char *text)
{
	if (x->n_steps < EXPLAIN_MAX_STEPS)
		x->steps[x->n_steps++] = (struct explain_step){command, text};
}

/* Another try may be a second copy: first this has to be settled. */
static void
make_steps(
    struct arena *a, const struct account *account, const struct doubt *d, struct explanation *x)
{
	x->n_steps = 0;
	x->suggest_at = 0;
	x->wait = arena_printf(a, "Not before it is known whether the %s went.", noun(d->kind));
	if (d->is_told) {
		step(x, "resolve", arena_printf(a, "say that it went: %s", d->proof));
		return;
	}
	step(x, "diagnose",
	    doubt_is_of_several(d)
		? "look at both sides; a copy in Sent may be of another recipient's"
		: "look on the server for a copy: one in Sent proves that it was taken; none "
		  "proves nothing, unless your server puts copies there itself");
	step(x, "resolve", "say what you found: it went, it did not, or send it again");
	step(x, "", doubt_log_words(a, account, d));
	step(x, "", "a report that names it proves that it went: none has come so far");
}

static void
tell_event(struct arena *a, struct detail *d)
{
	for (size_t i = 0; i < d->n_events; i++) {
		if (d->events[i].kind != EVENT_DOUBT)
			continue;
		d->events[i].words =
		    arena_printf(a, "%s: %s; %s", d->doubt->what, d->doubt->words, d->doubt->names);
		return;
	}
}

void
doubt_explain(struct cache *c, const struct account *account, struct arena *a, struct detail *d)
{
	struct doubt *x = d->doubt;
	char when[WHEN_BYTES];

	if (x == NULL)
		return;
	x->what = arena_printf(a, "a %s to %s, on the wire at %s, %s", noun(x->kind),
	    clean(a, slice_of(x->recipient)).s, when_words(when, x->at), through(a, account, x));
	x->names = arena_printf(a, "%s %s%s%s", doubt_field(x->kind), clean(a, slice_of(x->name)).s,
	    x->envelope_id[0] != '\0' ? ", ENVID " : "", clean(a, slice_of(x->envelope_id)).s);
	look_for_reports(c, a, &d->row.id, x);
	tell_event(a, d);
	if (d->explanation != NULL)
		make_steps(a, account, x, d->explanation);
}
