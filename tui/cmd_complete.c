/* Completion scripts for shells. */
#include <string.h>

#include "tui/cmd.h"
#include "tui/cmd_help.h"

#define FILTER_WORDS                                                                     \
	"to: domain: from: subject: code: cause: mta: age: id: account: state:trying "   \
	"state:gave-up "                                                                 \
	"state:refused state:delivered state:unknown is:open is:resent is:due is:doubt " \
	"is:ignored "                                                                    \
	"is:noted is:done is:ours is:notours is:new"

static void
add_command_names(struct buf *out)
{
	for (size_t i = 0; i < cmd_table_n; i++)
		buf_addf(out, "%s%s", i == 0 ? "" : " ", cmd_table[i].name);
}

static void
add_option_names(struct buf *out, const struct cmd_option *o)
{
	for (size_t i = 0; o != NULL && o[i].name != NULL; i++)
		buf_addf(out, "%s%s", i == 0 ? "" : " ", o[i].name);
}

static bool
takes_filter(const struct cmd *c)
{
	return strstr(c->args, "FILTER") != NULL;
}

static bool
takes_files(const struct cmd *c)
{
	return strstr(c->args, "PATH") != NULL;
}

static void
bash_values(struct buf *out, const struct cmd_option *o)
{
	for (; o != NULL && o->name != NULL; o++) {
		if (o->values[0] != '\0')
			buf_addf(out, "\t%s) words=\"%s\" ;;\n", o->name, o->values);
		else if (strcmp(o->arg, "FILE") == 0)
			buf_addf(out, "\t%s) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n",
			    o->name);
		else if (o->arg[0] != '\0')
			buf_addf(out, "\t%s) return ;;\n", o->name);
	}
}

static void
bash_commands(struct buf *out)
{
	for (size_t i = 0; i < cmd_table_n; i++) {
		const struct cmd *c = &cmd_table[i];

		buf_addf(out, "\t%s) words=\"", c->name);
		add_option_names(out, c->options);
		buf_addf(out, "%s\"", takes_filter(c) ? " " FILTER_WORDS : "");
		if (takes_files(c))
			buf_adds(out, "; files=yes");
		if (strcmp(c->name, "help") == 0) {
			buf_adds(out, "; words=\"$words ");
			add_command_names(out);
			buf_adds(out, "\"");
		}
		buf_adds(out, " ;;\n");
	}
}

static void
bash(struct buf *out)
{
	buf_adds(out,
	    "# bash completion for bouncebox, made from its tables\n"
	    "_bouncebox()\n{\n"
	    "\tlocal cur prev words=\"\" files=\"\" command=\"\" i\n"
	    "\tCOMPREPLY=()\n"
	    "\tcur=${COMP_WORDS[COMP_CWORD]}\n"
	    "\tprev=${COMP_WORDS[COMP_CWORD-1]}\n"
	    "\t# a colon parts words: put the two halves together again\n"
	    "\tif declare -F _get_comp_words_by_ref >/dev/null; then\n"
	    "\t\t_get_comp_words_by_ref -n : cur prev\n"
	    "\tfi\n"
	    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	    "\t\tcase ${COMP_WORDS[i]} in\n"
	    "\t\t-a | -c | --theme | --log) ((i++)) ;;\n"
	    "\t\t-*) ;;\n"
	    "\t\t*) command=${COMP_WORDS[i]}; break ;;\n"
	    "\t\tesac\n"
	    "\tdone\n"
	    "\tcase $command in\n\t\"\") words=\"");
	add_command_names(out);
	buf_addc(out, ' ');
	add_option_names(out, cmd_global_options);
	buf_adds(out, "\" ;;\n");
	bash_commands(out);
	buf_adds(out, "\tesac\n\tcase $prev in\n");
	bash_values(out, cmd_global_options);
	for (size_t i = 0; i < cmd_table_n; i++)
		bash_values(out, cmd_table[i].options);
	buf_adds(out,
	    "\tesac\n"
	    "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	    "\t[[ -z $files ]] || COMPREPLY+=($(compgen -f -- \"$cur\"))\n"
	    "\t[[ ${COMPREPLY[0]-} != *: ]] || compopt -o nospace\n"
	    "\tif declare -F __ltrim_colon_completions >/dev/null; then\n"
	    "\t\t__ltrim_colon_completions \"$cur\"\n"
	    "\tfi\n}\ncomplete -F _bouncebox bouncebox\n");
}

/* For '…' in zsh and fish: only the quotation mark matters; zsh's specs need [ ] : too. */
static void
add_quoted(struct buf *out, const char *text, const char *escaped)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			buf_adds(out, "'\\''");
		else if (strchr(escaped, *text) != NULL)
			buf_addf(out, "\\%c", *text);
		else
			buf_addc(out, *text);
	}
}

static void
zsh_options(struct buf *out, const struct cmd_option *o)
{
	for (; o != NULL && o->name != NULL; o++) {
		buf_addf(out, " \\\n\t\t'%s[", o->name);
		add_quoted(out, o->help, "[]:");
		buf_adds(out, "]");
		if (o->values[0] != '\0')
			buf_addf(out, ":%s:(%s)", o->arg, o->values);
		else if (strcmp(o->arg, "FILE") == 0)
			buf_adds(out, ":file:_files");
		else if (o->arg[0] != '\0')
			buf_addf(out, ":%s: ", o->arg);
		buf_adds(out, "'");
	}
}

static void
zsh_rest(struct buf *out, const struct cmd *c)
{
	if (takes_files(c))
		buf_adds(out, " \\\n\t\t'*:path:_files'");
	else if (takes_filter(c))
		buf_adds(out, " \\\n\t\t'*:filter:{compadd -S \"\" -- " FILTER_WORDS "}'");
	else if (strcmp(c->name, "help") == 0) {
		buf_adds(out, " \\\n\t\t'1:command:(");
		add_command_names(out);
		buf_adds(out, ")'");
	}
}

static void
zsh(struct buf *out)
{
	buf_adds(out,
	    "#compdef bouncebox\n# zsh completion for bouncebox, made from its tables\n"
	    "_bouncebox() {\n\tlocal state\n\tlocal -a commands\n\tcommands=(\n");
	for (size_t i = 0; i < cmd_table_n; i++) {
		buf_addf(out, "\t\t'%s:", cmd_table[i].name);
		add_quoted(out, cmd_table[i].brief, ":");
		buf_adds(out, "'\n");
	}
	buf_adds(out, "\t)\n\t_arguments -C");
	zsh_options(out, cmd_global_options);
	buf_adds(out,
	    " \\\n\t\t'1:command:->command' \\\n\t\t'*::argument:->argument'\n"
	    "\tcase $state in\n\tcommand) _describe command commands ;;\n"
	    "\targument)\n\t\tcase $words[1] in\n");
	for (size_t i = 0; i < cmd_table_n; i++) {
		buf_addf(out, "\t\t%s) _arguments", cmd_table[i].name);
		zsh_options(out, cmd_table[i].options);
		zsh_rest(out, &cmd_table[i]);
		buf_adds(out, " ;;\n");
	}
	buf_adds(out, "\t\tesac ;;\n\tesac\n}\n_bouncebox \"$@\"\n");
}

static void
fish_option(struct buf *out, const struct cmd_option *o, const char *command)
{
	buf_adds(out, "complete -c bouncebox");
	if (command[0] != '\0')
		buf_addf(out, " -n '__fish_seen_subcommand_from %s'", command);
	buf_addf(
	    out, o->name[1] == '-' ? " -l %s" : " -s %s", o->name + (o->name[1] == '-' ? 2 : 1));
	if (o->values[0] != '\0')
		buf_addf(out, " -x -a '%s'", o->values);
	else if (strcmp(o->arg, "FILE") == 0)
		buf_adds(out, " -r -F");
	else if (o->arg[0] != '\0')
		buf_adds(out, " -x");
	buf_adds(out, " -d '");
	add_quoted(out, o->help, "");
	buf_adds(out, "'\n");
}

static void
fish_command(struct buf *out, const struct cmd *c)
{
	buf_addf(out, "complete -c bouncebox -n __fish_use_subcommand -a %s -d '", c->name);
	add_quoted(out, c->brief, "");
	buf_adds(out, "'\n");
	for (const struct cmd_option *o = c->options; o != NULL && o->name != NULL; o++)
		fish_option(out, o, c->name);
	if (takes_files(c))
		buf_addf(
		    out, "complete -c bouncebox -n '__fish_seen_subcommand_from %s' -F\n", c->name);
	if (takes_filter(c))
		buf_addf(out,
		    "complete -c bouncebox -n '__fish_seen_subcommand_from %s' -a '" FILTER_WORDS
		    "'\n",
		    c->name);
}

static void
fish(struct buf *out)
{
	buf_adds(out,
	    "# fish completion for bouncebox, made from its tables\ncomplete -c bouncebox -f\n");
	for (const struct cmd_option *o = cmd_global_options; o->name != NULL; o++)
		fish_option(out, o, "");
	for (size_t i = 0; i < cmd_table_n; i++)
		fish_command(out, &cmd_table[i]);
	buf_adds(out, "complete -c bouncebox -n '__fish_seen_subcommand_from help' -a '");
	add_command_names(out);
	buf_adds(out, "'\n");
}

void
help_completion(struct buf *out, const char *shell)
{
	if (strcmp(shell, "bash") == 0)
		bash(out);
	else if (strcmp(shell, "zsh") == 0)
		zsh(out);
	else
		fish(out);
}
