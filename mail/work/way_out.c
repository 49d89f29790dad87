/* The way out: opened with its secret, and the screen knows when a message is on it. */
#include <stdlib.h>
#include <string.h>

#include "work/work.h"

static bool
must_ask(const struct worker *w)
{
	const struct account *a = w->o.account;
	enum url_scheme s = a->outgoing.scheme;

	return w->secret_out == NULL && a->outgoing_cred_cmd[0] == '\0' &&
	    a->outgoing.password[0] == '\0' && a->outgoing.user[0] != '\0' &&
	    (s == URL_SMTPS || s == URL_SMTP || s == URL_SMTP_INSECURE);
}

static char *
give_secret(void *ctx, const char *what)
{
	struct worker *w = ctx;

	if (must_ask(w))
		w->secret_out = work_ask(w, what);
	return w->secret_out != NULL ? xstrdup(w->secret_out) : NULL;
}

int
outbox_open(struct worker *w, struct outgoing **o_r, struct err *e)
{
	const struct account *a = w->o.account;
	struct net_options options = online_options(w, w->send_cancel);
	char *secret = NULL;
	int r;

	if (a->outgoing.scheme == URL_NONE) {
		err_set(e, ERR_CONF, "there is no way out: the account has no outgoing");
		return err_todo(e, "set outgoing in the configuration");
	}
	if (a->outgoing.user[0] != '\0' && a->outgoing.scheme != URL_COMMAND &&
	    a->outgoing.scheme != URL_MAILDIR &&
	    secret_get(&a->outgoing, a->outgoing_cred_cmd, &options, give_secret, w, &secret, e) !=
		0)
		return -1;
	r = outgoing_open(o_r, a, secret != NULL ? secret : "", &options, e);
	if (r == 0)
		w->max_size = outgoing_caps(*o_r)->max_size;
	if (secret != NULL)
		secret_wipe(secret, strlen(secret));
	free(secret);
	if (r != 0 && e->code == ERR_LOGIN && w->secret_out != NULL) {
		secret_wipe(w->secret_out, strlen(w->secret_out));
		free(w->secret_out);
		w->secret_out = NULL;
	}
	return r;
}

static void
set_on_wire(struct worker *w, bool is_on_wire)
{
	pthread_mutex_lock(&w->lock);
	w->shared.is_on_wire = is_on_wire;
	if (!is_on_wire)
		pthread_cond_broadcast(&w->ended);
	pthread_mutex_unlock(&w->lock);
}

enum outgoing_outcome
outbox_send(struct worker *w, struct outgoing *o, const struct outgoing_mail *m,
    struct outgoing_result *results, char *reply, struct err *e)
{
	enum outgoing_outcome outcome;

	set_on_wire(w, true);
	outcome = outgoing_send(o, m, results, reply, e);
	set_on_wire(w, false);
	return outcome;
}
