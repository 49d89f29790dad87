#include "tui/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/json.h"
#include "bounce/explain.h"

#define MAX_INPUT 65536

static int
terminal_columns(void)
{
	const char *set = getenv("COLUMNS");
	struct winsize size;
	long n = set != NULL ? strtol(set, NULL, 10) : 0;

	if (n > 0 && n < 1000)
		return (int)n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

static int
read_stdin(struct buf *text, struct err *e)
{
	char block[4096];

	while (text->len < MAX_INPUT) {
		ssize_t n = read(STDIN_FILENO, block, sizeof(block));

		if (n == 0)
			return 0;
		if (n > 0)
			buf_add(text, block, (size_t)n);
		else if (errno != EINTR)
			return err_set(
			    e, ERR_IO, "cannot read standard input: %s", strerror(errno));
	}
	return 0;
}

static void
json_causes(struct json *j, const struct explanation *x)
{
	json_list(j, "causes");
	for (size_t i = 0; i < x->n_causes; i++) {
		json_object(j, NULL);
		json_cstr(j, "cause", cause_id(x->causes[i].cause));
		json_cstr(j, "title", x->causes[i].title);
		json_weight(j, "weight", x->causes[i].weight);
		json_str(j, "evidence", x->causes[i].evidence);
		json_cstr(j, "remedy", x->causes[i].remedy);
		json_end_object(j);
	}
	json_end_list(j);
}

static void
json_steps(struct json *j, const struct explanation *x)
{
	json_list(j, "steps");
	for (size_t i = 0; i < x->n_steps; i++) {
		json_object(j, NULL);
		json_cstr(j, "command", x->steps[i].command);
		json_cstr(j, "text", x->steps[i].text);
		json_end_object(j);
	}
	json_end_list(j);
}

static void
print_json(struct buf *out, const struct recipient *r, const struct explanation *x)
{
	struct json j;

	json_begin(&j, out);
	json_object(&j, NULL);
	json_cstr(&j, "code", x->code);
	json_cstr(&j, "title", x->title);
	json_cstr(&j, "meaning", x->meaning);
	json_cstr(&j, "vendor", x->vendor);
	json_cstr(&j, "registry", x->registry);
	json_cstr(&j, "badge", x->badge);
	json_bool(&j, "is_permanent", r->permanent);
	json_cstr(&j, "permanent", x->permanent);
	json_cstr(&j, "who", x->who);
	json_cstr(&j, "wait", x->wait);
	json_time(&j, "suggest_at", x->suggest_at);
	json_cstr(&j, "resend", advice_id(r->resend));
	json_causes(&j, x);
	json_cstr(&j, "against", x->against);
	json_steps(&j, x);
	json_cstr(&j, "prevention", x->prevention);
	json_cstr(&j, "contradiction", x->contradiction);
	json_end_object(&j);
	buf_addc(out, '\n');
}

/* Looks like a code, but is none: then it was mistyped, not unknown. */
static int
fail_unknown(struct slice text, struct err *e)
{
	struct buf shown = BUF_INIT;
	bool is_code = text.n > 0 && text.n < 16;

	for (size_t i = 0; i < text.n; i++)
		is_code = is_code && (ascii_isdigit(text.p[i]) || text.p[i] == '.');
	clean_append(&shown, text, 60);
	if (is_code)
		err_set(
		    e, ERR_USAGE, "%s is no status or reply code of a bounce", buf_cstr(&shown));
	else
		err_set(e, ERR_NOT_FOUND, "nothing in \"%s\" points to a cause", buf_cstr(&shown));
	err_todo(e, "%s",
	    is_code ? "codes look like 4.4.1 or 451: they begin with 2, 4 or 5"
		    : "give a code (4.4.1, 451) or the exact words of the report");
	buf_free(&shown);
	return is_code ? EXIT_MISUSE : EXIT_NO_MATCH;
}

static int
explain_one(struct slice text, bool is_json)
{
	struct arena *a = arena_new();
	struct recipient r;
	struct explanation x;
	struct buf out = BUF_INIT;
	struct err e = {ERR_NONE, "", ""};
	int status = EXIT_DONE;

	text = slice_trim(text);
	if (explain_text(a, text, clock_now(), &r, &x)) {
		if (is_json)
			print_json(&out, &r, &x);
		else
			explain_print(&out, &x, terminal_columns());
		fputs(buf_cstr(&out), stdout);
		if (fflush(stdout) != 0) {
			err_set(&e, ERR_IO, "cannot write: %s", strerror(errno));
			status = cmd_fail(&e);
		}
	} else {
		status = fail_unknown(text, &e);
		cmd_fail(&e);
	}
	buf_free(&out);
	arena_free(&a);
	return status;
}

int
cmd_explain(const struct cmd_globals *g, int argc, char **argv)
{
	struct buf text = BUF_INIT;
	struct err e = {ERR_NONE, "", ""};
	bool is_json = false;
	int i = 1, status;

	(void)g;
	for (; i < argc && argv[i][0] == '-' && argv[i][1] == '-'; i++) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (strcmp(argv[i], "--json") != 0) {
			err_set(&e, ERR_USAGE, "explain: unknown option");
			err_todo(&e, "see: bouncebox help explain");
			return cmd_fail(&e);
		}
		is_json = true;
	}
	if (i >= argc) {
		err_set(&e, ERR_USAGE, "explain what?");
		err_todo(&e, "give a code (4.4.1, 451), the words of a report, or - to read them");
		return cmd_fail(&e);
	}
	if (argc - i == 1 && strcmp(argv[i], "-") == 0) {
		if (read_stdin(&text, &e) < 0)
			return cmd_fail(&e);
	} else {
		for (int k = i; k < argc; k++)
			buf_addf(&text, "%s%s", k > i ? " " : "", argv[k]);
	}
	status = explain_one(buf_slice(&text), is_json);
	buf_free(&text);
	return status;
}
