/* The parts of the manual page that come from tables, as mdoc(7). */
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "tui/cmd.h"
#include "tui/cmd_help.h"
#include "tui/command.h"

/* mdoc reads a line that begins with . or ' as a macro, and \ as an escape. */
static void
add_text(struct buf *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		buf_adds(out, "\\&");
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			buf_adds(out, "\\e");
		else if (*text == '-')
			buf_adds(out, "\\-");
		else
			buf_addc(out, *text);
	}
}

/* mandoc wants each sentence on a line of its own. */
static void
add_line(struct buf *out, const char *text)
{
	struct slice rest = slice_of(text);

	while (rest.n > 0) {
		size_t n = slice_find(rest, ". ");
		char *sentence = xslicedup(slice_sub(rest, 0, n == SLICE_NONE ? rest.n : n + 1));

		add_text(out, sentence);
		buf_addc(out, '\n');
		free(sentence);
		rest = slice_from(rest, n == SLICE_NONE ? rest.n : n + 2);
	}
}

static void
add_options(struct buf *out, const struct cmd_option *o)
{
	buf_adds(out, ".Bl -tag -width Ds -compact\n");
	for (; o->name != NULL; o++) {
		buf_adds(out, ".It Fl ");
		add_text(out, o->name + 1);
		if (o->arg[0] != '\0')
			buf_addf(out, " Ar %s", o->arg);
		buf_addc(out, '\n');
		add_line(out, o->help);
	}
	buf_adds(out, ".El\n");
}

static void
manual_commands(struct buf *out)
{
	buf_adds(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < cmd_table_n; i++) {
		const struct cmd *c = &cmd_table[i];

		buf_addf(out, ".It Ic %s", c->name);
		buf_adds(out, c->args[0] == '\0' ? "\n" : " No ");
		add_line(out, c->args);
		add_line(out, c->brief);
		if (c->text[0] != '\0')
			buf_adds(out, ".Pp\n");
		add_line(out, c->text);
		if (c->options != NULL && c->options->name != NULL)
			add_options(out, c->options);
	}
	buf_adds(out, ".El\n");
	for (size_t i = 0; i < cmd_topics_n; i++) {
		buf_adds(out, ".Pp\n");
		add_line(out, cmd_topics[i].text);
	}
}

static void
manual_configuration(struct buf *out)
{
	const char *section = "";

	for (size_t i = 0; i < conf_n_options; i++) {
		const struct conf_option *o = &conf_options[i];

		if (strcmp(section, o->section) != 0) {
			buf_adds(out, section[0] == '\0' ? "" : ".El\n");
			buf_addf(out, ".Ss %s\n.Bl -tag -width Ds\n",
			    strcmp(o->section, "ui") == 0 ? "Section [ui]"
							  : "Section of an account");
			section = o->section;
		}
		buf_adds(out, ".It Cm ");
		add_line(out, o->name);
		add_line(out, o->help);
		buf_adds(out, ".br\nAllowed: ");
		add_text(out, o->allowed);
		buf_adds(out, ".\n");
		if (o->fallback[0] != '\0')
			buf_addf(out, "Default: %s.\n", o->fallback);
	}
	buf_adds(out, ".El\n");
}

/* As one argument of a macro. Keys such as ; and : are punctuation to mdoc, even
 * when quoted, unless something invisible stands before them. */
static void
add_keys(struct buf *out, const char *keys)
{
	buf_adds(out, "\"\\&");
	for (; *keys != '\0'; keys++) {
		const char one[2] = {*keys, '\0'};

		if (*keys == ' ')
			buf_adds(out, ", ");
		else
			add_text(out, one);
	}
	buf_addc(out, '"');
}

static void
manual_keys(struct buf *out)
{
	const char *group = "";

	for (size_t i = 0; i < tui_commands_n; i++) {
		const struct command *c = &tui_commands[i];

		if (strcmp(group, c->group) != 0) {
			buf_adds(out, group[0] == '\0' ? "" : ".El\n");
			buf_addf(out, ".Ss %s\n.Bl -tag -width Ds -compact\n", c->group);
			group = c->group;
		}
		buf_adds(out, ".It ");
		if (c->keys[0] != '\0') {
			buf_adds(out, "Sy ");
			add_keys(out, c->keys);
			buf_addc(out, ' ');
		}
		buf_adds(out, "Ic ");
		add_text(out, c->name);
		if (c->args[0] != '\0') {
			buf_adds(out, " No ");
			add_text(out, c->args);
		}
		buf_addc(out, '\n');
		add_line(out, c->help);
	}
	buf_adds(out, ".El\n");
}

void
help_manual(struct buf *out, const char *part)
{
	if (strcmp(part, "commands") == 0)
		manual_commands(out);
	else if (strcmp(part, "options") == 0)
		add_options(out, cmd_global_options);
	else if (strcmp(part, "configuration") == 0)
		manual_configuration(out);
	else if (strcmp(part, "keys") == 0)
		manual_keys(out);
}
