/* A sendmail-like command as the way out. */
#include <stdlib.h>
#include <sysexits.h>

#include "base/clean.h"
#include "net/run.h"
#include "net/way.h"

struct command {
	char *line;
	struct net_options o;
};

/* The command as it was written, and the envelope as arguments that no shell
 * reads: sh -c 'sendmail -i "$@"' sh -f from -- to… */
static char **
arguments(const struct command *c, const struct outgoing_mail *m)
{
	char **argv = xcalloc(m->n_recipients + 9, sizeof(*argv));
	struct buf script = BUF_INIT;
	size_t n = 0;

	buf_addf(&script, "%s \"$@\"", c->line);
	argv[n++] = xstrdup("sh");
	argv[n++] = xstrdup("-c");
	argv[n++] = buf_take(&script);
	argv[n++] = xstrdup("sh");
	argv[n++] = xstrdup("-f");
	argv[n++] = m->envelope_from.n == 0 ? xstrdup("<>") : xslicedup(m->envelope_from);
	argv[n++] = xstrdup("--");
	for (size_t i = 0; i < m->n_recipients; i++)
		argv[n++] = xslicedup(m->recipients[i]);
	return argv;
}

static void
free_arguments(char **argv)
{
	for (size_t i = 0; argv[i] != NULL; i++)
		free(argv[i]);
	free(argv);
}

static enum outgoing_outcome
doubt(struct err *e)
{
	e->code = ERR_DOUBT;
	err_add(e, "the command had the whole message, and did not say that it took it");
	err_todo(e, "look into the mail system's log or queue");
	return OUT_DOUBT;
}

static enum outgoing_outcome
judge(const struct run_result *run, const struct outgoing_mail *m, struct outgoing_result *results,
    struct slice said, struct err *e)
{
	struct buf words = BUF_INIT;

	if (run->status == 0 && run->took_all) {
		results_set(results, m->n_recipients, true, 0, said);
		return OUT_SENT;
	}
	if (run->status == 0) {
		err_set(e, ERR_DOUBT, "the command ended well without reading the whole message");
		err_todo(
		    e, "outgoing wants a command that reads a message, like /usr/sbin/sendmail -i");
		return OUT_DOUBT;
	}
	clean_append(&words, slice_trim(said), 300);
	err_set(e, ERR_REFUSED, "the command ended with status %d%s%s", run->status,
	    words.len > 0 ? ": " : "", buf_cstr(&words));
	results_set(results, m->n_recipients, false, 0, buf_slice(&words));
	buf_free(&words);
	return run->status == EX_TEMPFAIL ? OUT_NOT_SENT : OUT_REFUSED;
}

static enum outgoing_outcome
send_command(void *state, const struct outgoing_mail *m, struct outgoing_result *results,
    char *reply, struct err *e)
{
	const struct command *c = state;
	struct buf text = BUF_INIT, said = BUF_INIT;
	char **argv = arguments(c, m);
	enum outgoing_outcome outcome;
	struct run_result run;

	lines_local(&text, m->bytes);
	if (run_shell(argv, buf_slice(&text), &c->o, &said, &said, &run, e) == 0)
		outcome = judge(&run, m, results, buf_slice(&said), e);
	else
		outcome = run.took_all ? doubt(e) : OUT_NOT_SENT;
	if (reply != NULL)
		reply_set(reply, buf_slice(&said));
	free_arguments(argv);
	buf_free(&text);
	buf_free(&said);
	return outcome;
}

static void
close_command(void *state)
{
	struct command *c = state;

	free(c->line);
	free(c);
}

static const struct way command_way = {.send = send_command, .close = close_command};

int
command_open(struct outgoing *out, const struct url *u, const struct net_options *o, struct err *e)
{
	struct command *c;
	struct buf words = BUF_INIT;

	if (u->path[0] == '\0')
		return err_set(e, ERR_CONF, "outgoing is an empty command");
	c = xcalloc(1, sizeof(*c));
	c->line = xstrdup(u->path);
	c->o = *o;
	clean_append(&words, slice_of(u->path), 200);
	out->way = &command_way;
	out->state = c;
	out->caps = (struct outgoing_caps){.eight_bit = true, .smtputf8 = true, .dsn = true};
	out->words = buf_take(&words);
	return 0;
}
