#include "tui/cmd_args.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/near.h"
#include "base/slice.h"

static size_t
count(const struct cmd_option *options)
{
	size_t n = 0;

	while (options != NULL && options[n].name != NULL)
		n++;
	return n;
}

/* "--to" and "--to=x" are the option --to. */
static bool
is_option(const char *word, const char *name)
{
	size_t n = strlen(name);

	return strncmp(word, name, n) == 0 && (word[n] == '\0' || word[n] == '=');
}

static const struct cmd_option *
option_find(const struct cmd_option *options, const char *word)
{
	for (size_t i = 0; i < count(options); i++) {
		if (is_option(word, options[i].name))
			return &options[i];
	}
	return NULL;
}

static bool
is_allowed(const struct cmd_option *o, const char *value)
{
	struct slice rest = slice_of(o->values);
	size_t blank;

	if (rest.n == 0)
		return true;
	while (rest.n > 0) {
		blank = slice_chr(rest, ' ');
		if (slice_is(slice_sub(rest, 0, blank), value))
			return true;
		rest = slice_from(rest, blank == SLICE_NONE ? rest.n : blank + 1);
	}
	return false;
}

/* The argument of the option at argv[*i]; NULL after saying what is wrong. */
static const char *
option_argument(const struct cmd_option *o, int argc, char **argv, int *i)
{
	const char *value = strchr(argv[*i], '=');

	if (o->arg[0] == '\0' && value == NULL)
		return "";
	if (o->arg[0] == '\0') {
		cmd_misuse("%s takes no argument", o->name);
		return NULL;
	}
	if (value != NULL)
		value++;
	else if (*i + 1 < argc)
		value = argv[++*i];
	if (value == NULL || value[0] == '\0') {
		cmd_misuse("%s needs an argument: %s", o->name, o->arg);
		return NULL;
	}
	if (!is_allowed(o, value)) {
		cmd_misuse("%s %s: allowed is %s", o->name, value, o->values);
		return NULL;
	}
	return value;
}

static int
unknown_option(const char *command, const struct cmd_option *options, const char *word)
{
	size_t n = count(options);
	const char *near =
	    near_name(word, options, n, sizeof(options[0]), offsetof(struct cmd_option, name));

	if (near[0] == '\0')
		near = near_name(word, cmd_global_options, count(cmd_global_options),
		    sizeof(options[0]), offsetof(struct cmd_option, name));
	if (near[0] != '\0')
		return cmd_misuse("%s: unknown option %s: did you mean %s?", command, word, near);
	return cmd_misuse("%s: unknown option %s (bouncebox help %s tells which there are)",
	    command, word, command);
}

int
args_read(struct cmd_args *a, const char *command, int argc, char **argv)
{
	const struct cmd_option *options;
	bool only_words = false;

	*a = (struct cmd_args){.cmd = cmd_find(command), .words = argv};
	options = a->cmd->options;
	for (int i = 1; i < argc; i++) {
		const struct cmd_option *o;

		if (only_words || strncmp(argv[i], "--", 2) != 0) {
			argv[a->n_words++] = argv[i];
			continue;
		}
		only_words = strcmp(argv[i], "--") == 0;
		if (only_words)
			continue;
		o = option_find(options, argv[i]);
		if (o == NULL)
			return unknown_option(command, options, argv[i]);
		a->values[o - options] = option_argument(o, argc, argv, &i);
		if (a->values[o - options] == NULL)
			return EXIT_MISUSE;
	}
	return 0;
}

const char *
args_value(const struct cmd_args *a, const char *option)
{
	const struct cmd_option *o = option_find(a->cmd->options, option);
	const char *value = o == NULL ? NULL : a->values[o - a->cmd->options];

	return value == NULL ? "" : value;
}

bool
args_has(const struct cmd_args *a, const char *option)
{
	const struct cmd_option *o = option_find(a->cmd->options, option);

	return o != NULL && a->values[o - a->cmd->options] != NULL;
}

struct global_place {
	const char *name;
	size_t offset;
	bool is_text;
};

static const struct global_place global_places[] = {
    {"-a", offsetof(struct cmd_globals, account), true},
    {"-c", offsetof(struct cmd_globals, conf), true},
    {"--theme", offsetof(struct cmd_globals, theme), true},
    {"--log", offsetof(struct cmd_globals, log), true},
    {"--linear", offsetof(struct cmd_globals, linear), false},
    {"--demo", offsetof(struct cmd_globals, demo), false},
    {"--offline", offsetof(struct cmd_globals, offline), false},
    {"--read-only", offsetof(struct cmd_globals, read_only), false},
};

int
globals_take(struct cmd_globals *g, int argc, char **argv, int *i)
{
	const struct cmd_option *o = option_find(cmd_global_options, argv[*i]);
	const char *value;

	for (size_t k = 0; o != NULL && k < sizeof(global_places) / sizeof(global_places[0]); k++) {
		void *place = (char *)g + global_places[k].offset;

		if (strcmp(global_places[k].name, o->name) != 0)
			continue;
		value = option_argument(o, argc, argv, i);
		if (value == NULL)
			return -1;
		if (global_places[k].is_text)
			*(const char **)place = value;
		else
			*(bool *)place = true;
		return 1;
	}
	return 0;
}

int
globals_take_all(struct cmd_globals *g, int *argc, char **argv)
{
	int kept = 1;
	int i = 1;

	for (; i < *argc && strcmp(argv[i], "--") != 0; i++) {
		int taken = globals_take(g, *argc, argv, &i);

		if (taken < 0)
			return -1;
		if (taken == 0)
			argv[kept++] = argv[i];
	}
	while (i < *argc)
		argv[kept++] = argv[i++];
	*argc = kept;
	return 0;
}
