/* Configuration and folders of a run. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tui/cmd_data.h"
#include "tui/cmd_demo.h"
#include "tui/cmd_session.h"

static void
print_problems(struct buf *problems, const struct err *e)
{
	if (problems->len == 0) {
		cmd_fail(e);
		return;
	}
	fputs("bouncebox: the configuration has mistakes:\n", stderr);
	fputs(buf_cstr(problems), stderr);
}

static int
read_conf(struct setup *s, const struct cmd_globals *g, bool *missing)
{
	const char *path = g->conf[0] != '\0' ? g->conf : path_conf(s->arena);
	struct buf problems = BUF_INIT;
	struct err e = {0};
	int rc = conf_read(path, &s->conf, &problems, &e);

	if (rc != 0 && e.code == ERR_NOT_FOUND && g->conf[0] == '\0' && missing != NULL)
		*missing = true;
	else if (rc != 0)
		print_problems(&problems, &e);
	buf_free(&problems);
	return rc == 0 ? 0 : EXIT_MISUSE;
}

static int
choose_account(struct setup *s, const struct cmd_globals *g)
{
	s->account = conf_account(s->conf, g->account);
	if (s->account != NULL)
		return 0;
	cmd_misuse("%s has no account %s; there are:", s->conf->file, g->account);
	for (size_t i = 0; i < s->conf->n_accounts; i++)
		fprintf(stderr, "  %s\n", s->conf->accounts[i].name);
	return EXIT_MISUSE;
}

static int
open_demo(struct setup *s)
{
	struct err e;

	if (demo_open(&s->demo, &e) != 0 || conf_read(demo_conf(s->demo), &s->conf, NULL, &e) != 0)
		return cmd_fail(&e);
	s->state_dir = demo_state_dir(s->demo);
	s->cache_dir = demo_cache_dir(s->demo);
	return 0;
}

int
setup_open(struct setup *s, const struct cmd_globals *g, bool *missing)
{
	int status;

	memset(s, 0, sizeof(*s));
	s->arena = arena_new();
	s->template_dir = data_dir(s->arena, "templates", "mail/work/templates");
	s->state_dir = path_state(s->arena);
	s->cache_dir = path_cache(s->arena);
	status = g->demo ? open_demo(s) : read_conf(s, g, missing);
	if (status == 0)
		status = choose_account(s, g);
	if (status != 0)
		setup_close(s);
	return status;
}

void
setup_close(struct setup *s)
{
	demo_close(&s->demo);
	conf_free(&s->conf);
	arena_free(&s->arena);
}
