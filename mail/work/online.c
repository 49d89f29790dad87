/* The session: connect, lose, wait a little longer each time, connect again. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "net/busy.h"
#include "work/work.h"

#define BACK_OFF_MAX_S 60
#define BUSY_MIN_S 30
#define BUSY_MAX_S 900

void
online_want(struct worker *w)
{
	if (w->is_local || w->o.offline)
		return;
	w->wants_online = true;
	w->is_held = false;
	w->next_try_ms = 0;
}

int
online_fd(const struct worker *w)
{
	return w->connecting != NULL ? connecting_fd(w->connecting) : -1;
}

struct net_options
online_options(const struct worker *w, struct cancel *cancel)
{
	return (struct net_options){
	    .cancel = cancel,
	    .timeout_s = w->o.account->timeout_s,
	    .keepalive_s = w->o.account->keepalive_s,
	    .ca_file = w->o.account->ca_file,
	    .allow_cleartext = w->o.account->allow_cleartext,
	};
}

/* Trying again at once would lock the account, or cannot help. */
static bool
is_hopeless(enum err_code code)
{
	return code == ERR_LOGIN || code == ERR_CONF || code == ERR_NOT_FOUND ||
	    code == ERR_REFUSED || code == ERR_CANCELLED;
}

static void
plan_next_try(struct worker *w, const struct err *e)
{
	bool is_busy = e->code == ERR_BUSY;
	unsigned max = is_busy ? BUSY_MAX_S : BACK_OFF_MAX_S;

	w->back_off_s = w->back_off_s == 0 ? 1 : 2 * w->back_off_s;
	if (is_busy && w->back_off_s < BUSY_MIN_S)
		w->back_off_s = BUSY_MIN_S;
	if (w->back_off_s > max)
		w->back_off_s = max;
	if (is_busy && w->back_off_s < busy_wait_s(slice_of(e->text)))
		w->back_off_s = busy_wait_s(slice_of(e->text));
	/* Up to a quarter more: who lost the server together does not come back together. */
	w->next_try_ms =
	    clock_mono_ms() + 1000 * (int64_t)w->back_off_s + random_bits() % (250 * w->back_off_s);
	w->is_held = is_hopeless(e->code);
	if (!w->o.watch)
		w->wants_online = false;
	if (w->is_held)
		tell_status(w, ONLINE_NO, e, "not tried again by itself: %s", e->text);
	else if (w->wants_online)
		tell_status(w, ONLINE_NO, e, "next try in %u s: %s", w->back_off_s, e->text);
	else
		tell_status(w, ONLINE_NO, e, "%s", e->text);
}

static void
forget_secret(char **secret)
{
	if (*secret != NULL)
		secret_wipe(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}

/* Nobody must wait for what does not come. */
static void
not_connected(struct worker *w, const struct err *e)
{
	if (e->code == ERR_LOGIN)
		forget_secret(&w->secret_in);
	log_line("work", "not connected: %s", e->text);
	w->lost = *e;
	plan_next_try(w, e);
	waiters_fail(w, e);
	serve_without_session(w, e);
}

static bool
must_ask(const struct worker *w)
{
	const struct account *a = w->o.account;

	return w->secret_in == NULL && a->source_cred_cmd[0] == '\0' &&
	    a->source.password[0] == '\0' && a->source.user[0] != '\0';
}

static int
ask_secret(struct worker *w)
{
	const struct url *u = &w->o.account->source;
	struct job job;
	char *what;

	if (!must_ask(w))
		return 0;
	what = arena_printf(w->arena, "Password for %s at %s", u->user, u->host);
	job_begin(w, &job, w->n_waiters > 0 ? w->waiters[0].request : 0);
	w->secret_in = work_ask(w, what);
	job_end(w, &job);
	return w->secret_in != NULL ? 0 : -1;
}

static void
begin(struct worker *w)
{
	struct net_options o = online_options(w, w->cancel);
	struct imap_known known = {.modseq = 0};
	struct err e;

	if (ask_secret(w) != 0) {
		err_set(
		    &e, ERR_CANCELLED, "no password was given for %s", w->o.account->source.text);
		err_todo(&e, "set source-cred-cmd to a command that prints it");
		not_connected(w, &e);
		return;
	}
	tell_status(w, ONLINE_CONNECTING, NULL, "connecting to %s", w->o.account->source.host);
	sync_known(w, &known);
	w->connecting = connecting_new(
	    w->o.account, w->secret_in, &o, w->o.read_only, w->is_one_by_one, &known);
	if (w->connecting == NULL) {
		err_set(&e, ERR_IO, "cannot start a thread");
		not_connected(w, &e);
	}
}

void
online_selected(struct worker *w, const char *mailbox, bool read_only)
{
	free(w->selected);
	w->selected = mailbox != NULL ? xstrdup(mailbox) : NULL;
	w->is_selected_rw = !read_only;
	w->is_box_fresh = false; /* what is known of it may be old when it is selected again */
	imap_delta_free(&w->delta);
}

static void
finish(struct worker *w)
{
	struct imap_delta delta = {.is_whole = false};
	struct err e;

	if (connecting_take(&w->connecting, &w->imap, &w->box, &delta, &e) != 0) {
		imap_delta_free(&delta);
		if (!slice_starts(slice_of(e.text), w->o.account->source.host))
			err_add(&e, "%s", w->o.account->source.host);
		not_connected(w, &e);
		return;
	}
	online_selected(w, w->mailbox, w->o.read_only);
	w->back_off_s = 0;
	w->is_one_by_one = imap_is_one_by_one(w->imap);
	w->delta = delta;
	w->is_box_fresh = true;
	w->wants_sync = true;
	err_clear(&w->lost);
	tell_status(w, ONLINE_YES, NULL, "online");
	if (online_is_alone(w) && !w->o.read_only && !w->told_keywords) {
		w->told_keywords = true;
		tell_status(w, ONLINE_YES, NULL, "%s", online_alone_words(w));
	}
}

bool
online_is_alone(const struct worker *w)
{
	return !w->is_local && w->imap != NULL && (!w->box.keywords || w->box.read_only);
}

const char *
online_alone_words(const struct worker *w)
{
	return w->box.read_only
	    ? "you may only read this mailbox: what you do is remembered on this machine only"
	    : "this server keeps no keywords: what you do is remembered on this machine only";
}

void
online_step(struct worker *w)
{
	if (w->is_local || w->o.offline)
		return;
	if (w->connecting != NULL) {
		if (connecting_is_done(w->connecting))
			finish(w);
	} else if (w->imap == NULL && w->wants_online && !w->is_held &&
	    clock_mono_ms() >= w->next_try_ms) {
		begin(w);
	}
}

static bool
is_dead_after(enum err_code code)
{
	return code == ERR_PROTOCOL || code == ERR_CLOSED || code == ERR_TIMEOUT ||
	    code == ERR_CANCELLED || code == ERR_CONNECT || code == ERR_TLS;
}

/* The thread that connects works while a new store is made, and while the rows of one that
 * is there are told: what that knows of the mailbox is asked with. */
void
online_begin(struct worker *w)
{
	if (w->is_local || w->o.offline || must_ask(w))
		return;
	online_want(w);
	online_step(w);
}

void
online_failed(struct worker *w, const struct err *e)
{
	if (w->imap == NULL || (!is_dead_after(e->code) && !imap_is_dead(w->imap)))
		return;
	imap_close(&w->imap);
	online_selected(w, NULL, true);
	w->lost = *e;
	if (work_is_quitting(w))
		return;
	if (e->code == ERR_CANCELLED) { /* by us: nothing is wrong with the line */
		w->next_try_ms = 0;
		w->wants_online = w->o.watch;
		return;
	}
	log_line("work", "connection lost: %s", e->text);
	plan_next_try(w, e);
}

void
online_close(struct worker *w)
{
	struct err e;

	if (w->connecting != NULL)
		(void)connecting_take(
		    &w->connecting, &w->imap, &w->box, &w->delta, &e); /* it heard the cancel */
	imap_delta_free(&w->delta);
	imap_close(&w->imap);
	online_selected(w, NULL, true);
	forget_secret(&w->secret_in);
	forget_secret(&w->secret_out);
}

void
online_note_box(struct worker *w, const struct imap_box *box)
{
	/* It came while another mailbox was open: nobody will tell of it again. */
	if (w->o.watch &&
	    (box->exists != w->box.exists || box->uidnext != w->box.uidnext ||
		box->modseq != w->box.modseq))
		w->wants_sync = true;
	w->box = *box;
	w->is_box_fresh = false;
	imap_delta_free(&w->delta);
}

int
online_select(struct worker *w, const char *mailbox, bool read_only, struct err *e)
{
	struct imap_box box;

	if (w->imap == NULL) {
		*e = w->lost;
		if (e->code == ERR_NONE)
			err_set(e, ERR_CLOSED, "there is no connection");
		return -1;
	}
	if (w->selected != NULL && strcmp(w->selected, mailbox) == 0 &&
	    w->is_selected_rw == !read_only)
		return 0;
	if (imap_select(w->imap, mailbox, read_only, &box, e) != 0) {
		online_selected(w, NULL, true);
		online_failed(w, e);
		return -1;
	}
	online_selected(w, mailbox, read_only);
	if (strcmp(mailbox, w->mailbox) == 0)
		online_note_box(w, &box);
	return 0;
}
