/* help, completion scripts and the tables of the manual: all from the tables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clean.h"
#include "base/conf.h"
#include "tui/cmd.h"
#include "tui/cmd_args.h"
#include "tui/cmd_help.h"
#include "tui/command.h"

#define WIDTH 79

/* Words of ours, filled to WIDTH with every line but the first indented. */
static void
add_filled(struct buf *out, const char *text, int column, int indent)
{
	struct slice rest = slice_of(text);

	while (rest.n > 0) {
		size_t n = slice_chr(rest, ' ');
		struct slice word = slice_sub(rest, 0, n);
		char copy[128];
		int columns;

		snprintf(copy, sizeof(copy), "%.*s", SLICE_FMT(word));
		columns = utf8_columns(copy);
		if (column > indent && column + 1 + columns > WIDTH) {
			buf_addf(out, "\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			buf_addc(out, ' ');
			column++;
		}
		buf_adds(out, copy);
		column += columns;
		rest = slice_from(rest, n == SLICE_NONE ? rest.n : n + 1);
	}
	buf_addc(out, '\n');
}

/* "  name ARG   what it does" */
static void
add_row(struct buf *out, const char *name, const char *arg, const char *help, int indent)
{
	int columns = 2 + utf8_columns(name);

	buf_addf(out, "  %s", name);
	if (arg[0] != '\0') {
		buf_addf(out, " %s", arg);
		columns += 1 + utf8_columns(arg);
	}
	if (columns + 2 > indent) {
		buf_addf(out, "\n%*s", indent, "");
		columns = indent;
	}
	buf_addf(out, "%*s", indent - columns, "");
	add_filled(out, help, indent, indent);
}

static void
add_options(struct buf *out, const char *title, const struct cmd_option *o)
{
	if (o == NULL || o->name == NULL)
		return;
	buf_addf(out, "\n%s:\n", title);
	for (; o->name != NULL; o++)
		add_row(out, o->name, o->arg, o->help, 22);
}

const char *
help_version(void)
{
	return "bouncebox " BB_VERSION;
}

void
help_overview(struct buf *out)
{
	buf_adds(out,
	    "Reads a mailbox of bounces, explains each, and answers it: resend, ignore, "
	    "or a note.\n\nbouncebox [OPTION…]            the screen, on the default account\n"
	    "bouncebox [OPTION…] COMMAND …  one thing, without a screen\n\nCommands:\n");
	for (size_t i = 0; i < cmd_table_n; i++)
		add_row(out, cmd_table[i].name, "", cmd_table[i].brief, 12);
	add_options(out, "Options", cmd_global_options);
	buf_adds(out,
	    "\nbouncebox help COMMAND tells more; bouncebox --demo lets you try everything.\n"
	    "Exit status: 0 done, 1 refused or failed, 2 wrong use or configuration,\n"
	    "3 nothing matched, 4 could not reach or log in.\n");
}

static void
help_command(struct buf *out, const struct cmd *c)
{
	buf_addf(out, "bouncebox %s%s%s\n\n", c->name, c->args[0] == '\0' ? "" : " ", c->args);
	add_filled(out, c->brief, 0, 0);
	if (c->text[0] != '\0') {
		buf_addc(out, '\n');
		add_filled(out, c->text, 0, 0);
	}
	for (size_t i = 0; i < cmd_topics_n; i++) {
		if (strstr(c->args, cmd_topics[i].name) == NULL)
			continue;
		buf_addc(out, '\n');
		add_filled(out, cmd_topics[i].text, 0, 0);
	}
	add_options(out, "Options", c->options);
	if (c->uses_account)
		add_options(out, "Options of all commands", cmd_global_options);
}

/* "(what is allowed; default x)" below what the option is for. */
static void
add_allowed(struct buf *out, const struct conf_option *o)
{
	struct buf words = BUF_INIT;

	buf_addf(&words, "(%s%s%s)", o->allowed, o->fallback[0] == '\0' ? "" : "; default ",
	    o->fallback);
	buf_addf(out, "%22s", "");
	add_filled(out, buf_cstr(&words), 22, 22);
	buf_free(&words);
}

static void
help_configuration(struct buf *out)
{
	const char *section = "";

	for (size_t i = 0; i < conf_n_options; i++) {
		const struct conf_option *o = &conf_options[i];

		if (strcmp(section, o->section) != 0)
			buf_addf(out, "%s[%s]\n", section[0] == '\0' ? "" : "\n",
			    strcmp(o->section, "ui") == 0 ? "ui" : "NAME OF THE ACCOUNT");
		section = o->section;
		add_row(out, o->name, "", o->help, 22);
		add_allowed(out, o);
	}
	buf_adds(out, "\n[keys]\n");
	add_row(out, "KEY", "", "the name of a command of the screen; nothing unbinds the key", 22);
}

static void
help_keys(struct buf *out)
{
	const char *group = "";

	for (size_t i = 0; i < tui_commands_n; i++) {
		const struct command *c = &tui_commands[i];

		if (strcmp(group, c->group) != 0)
			buf_addf(out, "%s%s:\n", group[0] == '\0' ? "" : "\n", c->group);
		group = c->group;
		add_row(out, c->keys, c->name, c->help, 30);
	}
}

/* What is no command but has a help of its own. */
static const struct {
	const char *name;
	void (*add)(struct buf *out);
} topics[] = {{"configuration", help_configuration}, {"keys", help_keys}};

static const char *
topic_text(const char *word)
{
	for (size_t i = 0; i < cmd_topics_n; i++) {
		if (strcasecmp(cmd_topics[i].name, word) == 0)
			return cmd_topics[i].text;
	}
	return "";
}

static int
help_on(struct buf *out, const char *word)
{
	const struct cmd *c = cmd_find(word);

	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
		if (strcmp(topics[i].name, word) == 0) {
			topics[i].add(out);
			return 0;
		}
	}
	if (c == NULL && topic_text(word)[0] == '\0')
		return cmd_misuse("help: there is no command %s", word);
	if (c == NULL)
		add_filled(out, topic_text(word), 0, 0);
	else
		help_command(out, c);
	return 0;
}

static int
print(struct buf *out)
{
	bool failed = fputs(buf_cstr(out), stdout) < 0 || fflush(stdout) != 0;

	buf_free(out);
	return failed ? EXIT_FAILED : EXIT_DONE;
}

int
cmd_help(const struct cmd_globals *g, int argc, char **argv)
{
	struct cmd_args a;
	struct buf out = BUF_INIT;

	(void)g;
	if (args_read(&a, "help", argc, argv) != 0)
		return EXIT_MISUSE;
	if (args_has(&a, "--completion"))
		help_completion(&out, args_value(&a, "--completion"));
	else if (args_has(&a, "--manual"))
		help_manual(&out, args_value(&a, "--manual"));
	else if (a.n_words == 0)
		help_overview(&out);
	else if (a.n_words > 1)
		return cmd_misuse("help: one command at a time");
	else if (help_on(&out, a.words[0]) != 0)
		return EXIT_MISUSE;
	return print(&out);
}
