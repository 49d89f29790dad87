/* Looks at everything that must work, one line each, and sends no mail. */
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "net/probe.h"
#include "store/box.h"
#include "work/doubt.h"
#include "work/own.h"
#include "work/work.h"

struct check {
	struct worker *w;
	uint32_t request;
	struct arena *arena;
	bool has_failed;
	struct err first; /* of the failures */
};

static void
say_ok(struct check *c, const char *what, const char *words)
{
	tell_text(c->w, c->request, what, slice_of(arena_printf(c->arena, "ok: %s", words)));
}

/* Works, but something will be missing. */
static void
say_note(struct check *c, const char *what, const char *words, const char *todo)
{
	tell_text(
	    c->w, c->request, what, slice_of(arena_printf(c->arena, "note: %s — %s", words, todo)));
}

static void
say_fail(struct check *c, const char *what, const struct err *e)
{
	if (!c->has_failed)
		c->first = *e;
	c->has_failed = true;
	tell_text(c->w, c->request, what,
	    slice_of(arena_printf(
		c->arena, "fail: %s%s%s", e->text, e->todo[0] != '\0' ? " — " : "", e->todo)));
}

static void
check_folders_of_ours(struct check *c)
{
	struct worker *w = c->w;
	struct err e;

	store_open(w);
	if (w->cache == NULL)
		say_fail(c, "cache", &w->cache_err);
	else
		say_ok(c, "cache", w->o.cache_dir);
	if (w->journal == NULL && w->cache != NULL)
		say_fail(c, "journal", &w->journal_err);
	else if (w->journal == NULL)
		return;
	else if (journal_remember(w->journal, "checked", "yes", &e) != 0)
		say_fail(c, "journal", &e);
	else
		say_ok(c, "journal", w->o.state_dir);
}

static void
check_from(struct check *c)
{
	struct slice from = own_address(c->arena, c->w->o.account);
	struct err e;

	if (from.n > 0) {
		say_ok(c, "from", clean(c->arena, from).s);
		return;
	}
	err_set(&e, ERR_CONF, "the account has no address to send from");
	err_todo(&e, "set from");
	say_fail(c, "from", &e);
}

/* The steps of connecting; a failure names its own, those before it went well. */
static const struct step {
	const char *name;
	enum err_code code;
} steps[] = {
    {"name", ERR_DNS}, {"connection", ERR_CONNECT}, {"tls", ERR_TLS}, {"login", ERR_LOGIN}};

#define STEPS_N (sizeof(steps) / sizeof(steps[0]))

static void
say_steps(struct check *c, const char *side, const char *words, const struct err *e)
{
	size_t failed = STEPS_N;

	for (size_t i = 0; e != NULL && i < STEPS_N; i++) {
		if (steps[i].code == e->code)
			failed = i;
	}
	if (e != NULL && failed == STEPS_N) {
		say_fail(c, side, e);
		return;
	}
	for (size_t i = 0; i < failed; i++)
		say_ok(c, arena_printf(c->arena, "%s %s", side, steps[i].name), words);
	if (failed < STEPS_N)
		say_fail(c, arena_printf(c->arena, "%s %s", side, steps[failed].name), e);
}

static const char *
caps_words(struct arena *a, const struct imap_caps *caps)
{
	return arena_printf(a, "%s%s%s%s%s%s", caps->idle ? "IDLE " : "no IDLE ",
	    caps->condstore ? "CONDSTORE " : "no CONDSTORE ", caps->qresync ? "QRESYNC " : "",
	    caps->uidplus ? "UIDPLUS " : "no UIDPLUS ",
	    caps->special_use ? "SPECIAL-USE " : "no SPECIAL-USE ",
	    caps->compress ? "COMPRESS" : "");
}

/* A name in the configuration may be one that the server does not know. */
static void
check_folder(struct check *c, struct imap *s, const char *what, const char *configured,
    const char *marked, const char *option)
{
	const char *name = configured[0] != '\0' ? configured : marked;
	struct imap_box box;
	struct err e;

	if (name[0] == '\0') {
		say_note(
		    c, what, "the server marks none", arena_printf(c->arena, "set %s", option));
	} else if (imap_select(s, name, true, &box, &e) != 0) {
		if (configured[0] != '\0')
			err_todo(&e, "%s names it: create it, or name another", option);
		say_fail(c, what, &e);
	} else {
		say_ok(c, what, clean(c->arena, slice_of(name)).s);
	}
}

static void
check_mailbox(struct check *c, struct imap *s)
{
	struct worker *w = c->w;
	struct imap_box box;
	struct err e;

	if (imap_select(s, w->mailbox, w->o.read_only, &box, &e) != 0) {
		say_fail(c, "mailbox", &e);
		return;
	}
	say_ok(c, "mailbox",
	    arena_printf(c->arena, "%s, %u messages%s", clean(c->arena, slice_of(w->mailbox)).s,
		box.exists, box.read_only && !w->o.read_only ? ", read-only" : ""));
	if (box.keywords)
		say_ok(c, "keywords", "what you do is seen by others and on other machines");
	else
		say_note(c, "keywords",
		    box.read_only && !w->o.read_only
			? "you may only read this mailbox (of the ACL rights, w is missing)"
			: "this server keeps none here",
		    "what you do is remembered on this machine only");
}

static void
check_session(struct check *c, struct imap *s)
{
	const struct account *a = c->w->o.account;
	struct imap_folders f;
	struct err e;

	say_ok(c, "capabilities", caps_words(c->arena, imap_caps(s)));
	check_mailbox(c, s);
	if (imap_folders(s, &f, &e) != 0) {
		say_fail(c, "folders", &e);
		return;
	}
	check_folder(c, s, "sent folder", a->copy_to, f.sent, "copy-to");
	check_folder(c, s, "drafts folder", a->postpone, f.drafts, "postpone");
}

static char *
give_secret(void *ctx, const char *what)
{
	struct worker *w = ctx;

	if (w->secret_in == NULL)
		w->secret_in = work_ask(w, what);
	return w->secret_in != NULL ? xstrdup(w->secret_in) : NULL;
}

static int
open_source(struct worker *w, struct imap **s_r, struct err *e)
{
	const struct account *a = w->o.account;
	struct net_options o = online_options(w, w->cancel);
	char *secret = NULL;
	int r;

	if (a->source.user[0] != '\0' &&
	    secret_get(&a->source, a->source_cred_cmd, &o, give_secret, w, &secret, e) != 0)
		return -1;
	r = imap_open(s_r, a, secret != NULL ? secret : "", &o, e);
	if (secret != NULL)
		secret_wipe(secret, strlen(secret));
	free(secret);
	return r;
}

static void
check_server(struct check *c)
{
	struct imap *s = NULL;
	struct err e;

	if (open_source(c->w, &s, &e) != 0) {
		say_steps(c, "source", c->w->o.account->source.host, &e);
		return;
	}
	say_steps(c, "source",
	    imap_tls_words(s)[0] != '\0' ? imap_tls_words(s) : c->w->o.account->source.host, NULL);
	check_session(c, s);
	imap_close(&s);
}

static bool
count_file(void *ctx, const struct box_message *m)
{
	uint64_t *n = ctx;

	if (m->error == NULL)
		(*n)++;
	return true;
}

static void
check_disk(struct check *c)
{
	uint64_t n = 0;
	struct err e;

	if (box_walk(c->w->mailbox, count_file, &n, &e) != 0)
		say_fail(c, "source", &e);
	else
		say_ok(c, "source",
		    arena_printf(c->arena, "%s, %llu messages", c->w->o.account->source.text,
			(unsigned long long)n));
}

static const char *
out_words(struct arena *a, struct outgoing *o)
{
	const struct outgoing_caps *caps = outgoing_caps(o);

	return arena_printf(a, "%s%s%s", outgoing_words(o), caps->dsn ? ", DSN" : ", no DSN",
	    caps->smtputf8 ? ", SMTPUTF8" : "");
}

static void
check_outgoing(struct check *c)
{
	struct outgoing *o = NULL;
	struct err e;

	if (outbox_open(c->w, &o, &e) != 0) {
		say_steps(c, "outgoing", c->w->o.account->outgoing.text, &e);
		return;
	}
	say_ok(c, "outgoing", out_words(c->arena, o));
	outgoing_close(&o);
}

static void
say_probed(void *ctx, const char *what, const char *words, bool is_good)
{
	struct check *c = ctx;

	tell_text(c->w, c->request, what,
	    slice_of(arena_printf(c->arena, "%s: %s", is_good ? "ok" : "fail", words)));
}

static const char *
verdict_of_probe(enum probe_verdict v, const struct err *e)
{
	switch (v) {
	case PROBE_ANSWERS:
		return "their server answers now: a resend has a good chance";
	case PROBE_BUSY:
		return "their server answers, but takes nothing now: wait";
	case PROBE_NO_MAIL:
	case PROBE_NO_DOMAIN:
		return "nothing can be delivered there: the address has to be corrected";
	case PROBE_SILENT:
		return "silent from here. Port 25 is closed to many machines, so this proves "
		       "something only where others answer: look from your mail server";
	default:
		return e->text;
	}
}

static void
say_published(void *ctx, const char *what, const char *words, bool is_good)
{
	struct check *c = ctx;
	const char *use = strcmp(what, "SOA") == 0 ? "who runs their names"
	    : strcmp(what, "TLSRPT") == 0          ? "hears of trouble with TLS"
						   : "hears of mail that fails DMARC";

	(void)is_good;
	tell_text(c->w, c->request, "contact",
	    slice_of(arena_printf(c->arena, "%s: %s (%s)", words, use, what)));
}

static void
say_doubt(void *ctx, const char *what, const char *words)
{
	struct check *c = ctx;

	tell_text(c->w, c->request, what, slice_of(words));
}

/* Of a case in doubt: what can be found out. That was asked for. */
static void
check_doubt(struct check *c, const case_id *id)
{
	bool is_doubt;
	struct err e;

	store_open(c->w);
	if (c->w->cache != NULL)
		(void)doubt_look(c->w, id, &is_doubt, say_doubt, c, &e);
}

/* The recipient's side, asked about a case: names and a greeting, no address. */
static void
check_theirs(struct check *c, const case_id *id)
{
	struct net_options net = online_options(c->w, c->w->cancel);
	struct probe_options o = {.net = &net, .nameserver = ""};
	enum probe_verdict v;
	struct row row;
	struct err e;

	err_clear(&e);
	if (c->w->cache == NULL || cache_row(c->w->cache, id, c->arena, &row, &e) != 0)
		return;
	if (c->w->o.is_sample || c->w->o.offline) {
		say_note(c, "their server", "not asked",
		    c->w->o.is_sample ? "nothing leaves the machine from the sample mailbox"
				      : "offline was asked for");
		return;
	}
	v = probe_domain(slice_of(row.domain), &o, say_probed, c, &e);
	tell_text(c->w, c->request, "their server",
	    slice_of(arena_printf(c->arena, "%s: %s", row.domain, verdict_of_probe(v, &e))));
	if (v != PROBE_UNKNOWN && v != PROBE_NO_DOMAIN)
		(void)probe_published(slice_of(row.domain), &o, say_published, c, &e);
}

void
check_run(struct worker *w, struct letter *l)
{
	struct check c = {.w = w, .request = l->request, .arena = arena_new()};

	if (l->n_cases > 0)
		check_doubt(&c, &l->cases[0]);
	check_folders_of_ours(&c);
	check_from(&c);
	if (w->is_local)
		check_disk(&c);
	else
		check_server(&c);
	check_outgoing(&c);
	if (l->n_cases > 0)
		check_theirs(&c, &l->cases[0]);
	if (c.has_failed)
		tell_failed(w, l->request, &c.first);
	else
		tell_done(w, l->request);
	arena_free(&c.arena);
}
