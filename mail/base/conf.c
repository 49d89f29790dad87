#include "base/conf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/conf_ini.h"
#include "base/conf_reader.h"
#include "base/conf_value.h"
#include "base/near.h"

#define MAX_FILE_BYTES (1024 * 1024)
#define MAX_PROBLEMS 50
#define MAX_ACCOUNTS 1000

enum section_kind { SECTION_ACCOUNT, SECTION_UI, SECTION_KEYS };

void
reader_problem(struct reader *r, unsigned line, const char *fmt, ...)
{
	struct buf words = BUF_INIT;
	va_list ap;

	if (r->n_problems++ >= MAX_PROBLEMS)
		return;
	buf_adds(&words, r->c->file);
	if (line > 0)
		buf_addf(&words, ":%u", line);
	buf_adds(&words, ": ");
	va_start(ap, fmt);
	buf_addvf(&words, fmt, ap);
	va_end(ap);
	if (r->n_problems == 1)
		err_set(r->e, ERR_CONF, "%s", buf_cstr(&words));
	if (r->problems != NULL)
		buf_addf(r->problems, "%s\n", buf_cstr(&words));
	buf_free(&words);
}

static void
problem_err(struct reader *r, unsigned line, const struct err *e)
{
	if (e->todo[0] == '\0')
		reader_problem(r, line, "%s", e->text);
	else
		reader_problem(r, line, "%s (%s)", e->text, e->todo);
}

static void
ini_problem(void *ctx, unsigned line, const char *words)
{
	reader_problem(ctx, line, "%s", words);
}

static enum section_kind
section_kind(const char *section)
{
	if (strcmp(section, "ui") == 0)
		return SECTION_UI;
	return strcmp(section, "keys") == 0 ? SECTION_KEYS : SECTION_ACCOUNT;
}

static const char *
option_section(enum section_kind kind)
{
	return kind == SECTION_UI ? "ui" : "account";
}

/* All options of a section get their defaults by the same way as from the file. */
static void
set_defaults(struct reader *r, enum section_kind kind, void *base)
{
	struct err e;

	for (size_t i = 0; i < conf_n_options; i++) {
		const struct conf_option *o = &conf_options[i];

		/* A choice without a default follows another option: see reader_check. */
		if (o->type == CONF_CHOICE && o->fallback[0] == '\0')
			continue;
		if (strcmp(o->section, option_section(kind)) == 0 &&
		    conf_value_set(r->c->arena, o, base, o->fallback, &e) != 0)
			problem_err(r, 0, &e);
	}
}

size_t
reader_account(const struct conf *c, const char *name)
{
	size_t i = 0;

	while (i < c->n_accounts && strcmp(c->accounts[i].name, name) != 0)
		i++;
	return i;
}

static void
grow_accounts(struct reader *r)
{
	struct conf *c = r->c;
	size_t cap = r->cap_accounts == 0 ? 4 : r->cap_accounts * 2;
	struct account *more = arena_calloc(c->arena, cap, sizeof(*more));

	if (c->n_accounts > 0)
		memcpy(more, c->accounts, c->n_accounts * sizeof(*more));
	c->accounts = more;
	r->seen = xrealloc(r->seen, cap, sizeof(*r->seen));
	r->cap_accounts = cap;
}

static void
take_section(struct reader *r, unsigned line, const char *section)
{
	struct conf *c = r->c;
	size_t i = reader_account(c, section);

	if (section_kind(section) != SECTION_ACCOUNT)
		return;
	if (i < c->n_accounts) {
		reader_problem(r, line, "there is an account of this name on line %u already",
		    r->seen[i].section_line);
		return;
	}
	if (i >= MAX_ACCOUNTS) {
		reader_problem(r, line, "more than %d accounts", MAX_ACCOUNTS);
		return;
	}
	if (i == r->cap_accounts)
		grow_accounts(r);
	c->n_accounts++;
	c->accounts[i].name = arena_strdup(c->arena, section);
	set_defaults(r, SECTION_ACCOUNT, &c->accounts[i]);
	r->seen[i] = (struct seen){.section_line = line};
}

/* Keys that cannot begin a line of the file as themselves. */
static const char *
key_from_word(const char *word)
{
	static const char *const words[][2] = {
	    {"Semicolon", ";"}, {"Hash", "#"}, {"Equals", "="}, {"Colon", ":"}, {"Bracket", "["}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i][0], word) == 0)
			return words[i][1];
	}
	return word;
}

static void
take_binding(struct reader *r, unsigned line, const char *key, const char *command)
{
	struct conf *c = r->c;

	if (c->n_bindings == r->cap_bindings) {
		size_t cap = r->cap_bindings == 0 ? 16 : r->cap_bindings * 2;
		struct binding *more = arena_calloc(c->arena, cap, sizeof(*more));

		if (c->n_bindings > 0)
			memcpy(more, c->bindings, c->n_bindings * sizeof(*more));
		c->bindings = more;
		r->cap_bindings = cap;
	}
	c->bindings[c->n_bindings++] = (struct binding){
	    arena_strdup(c->arena, key_from_word(key)), arena_strdup(c->arena, command), line};
}

size_t
reader_option(const char *section, const char *name)
{
	size_t i = 0;

	while (i < conf_n_options &&
	    (strcmp(conf_options[i].section, section) != 0 ||
		strcmp(conf_options[i].name, name) != 0))
		i++;
	return i;
}

static void
unknown_key(struct reader *r, unsigned line, const char *section, const char *name)
{
	const char *kind = option_section(section_kind(section));
	struct conf_option rows[READER_MAX_OPTIONS];
	struct buf words = BUF_INIT;
	const char *near;
	size_t n = 0;

	for (size_t i = 0; i < conf_n_options; i++) {
		if (strcmp(conf_options[i].section, kind) == 0)
			rows[n++] = conf_options[i];
	}
	near = near_name(name, rows, n, sizeof(rows[0]), offsetof(struct conf_option, name));
	buf_adds(&words, "unknown key \"");
	clean_append(&words, slice_of(name), 60);
	buf_adds(&words, "\" in [");
	clean_append(&words, slice_of(section), INI_MAX_SECTION_BYTES);
	buf_addf(&words, "]: %s%s%s", near[0] == '\0' ? "allowed is" : "did you mean ", near,
	    near[0] == '\0' ? "" : "?");
	for (size_t i = 0; near[0] == '\0' && i < n; i++)
		buf_addf(&words, "%s %s", i == 0 ? "" : ",", rows[i].name);
	reader_problem(r, line, "%s", buf_cstr(&words));
	buf_free(&words);
}

static void
take_option(
    struct reader *r, unsigned line, const char *section, const char *name, const char *value)
{
	bool is_ui = section_kind(section) == SECTION_UI;
	size_t at = is_ui ? 0 : reader_account(r->c, section);
	size_t i = reader_option(is_ui ? "ui" : "account", name);
	struct seen *seen = is_ui ? &r->ui : &r->seen[at];
	void *base = is_ui ? (void *)r->c : (void *)&r->c->accounts[at];
	struct err e;

	if (i == conf_n_options) {
		unknown_key(r, line, section, name);
		seen->n_bad++;
		return;
	}
	if (seen->lines[i] != 0) {
		reader_problem(r, line, "%s stands on line %u already", name, seen->lines[i]);
		return;
	}
	seen->lines[i] = line;
	if (conf_value_set(r->c->arena, &conf_options[i], base, value, &e) != 0) {
		problem_err(r, line, &e);
		seen->n_bad++;
	}
}

static void
ini_entry(void *ctx, unsigned line, const char *section, const char *name, const char *value)
{
	struct reader *r = ctx;

	if (name == NULL)
		take_section(r, line, section);
	else if (section_kind(section) == SECTION_KEYS)
		take_binding(r, line, name, value);
	else if (section_kind(section) == SECTION_UI ||
	    reader_account(r->c, section) < r->c->n_accounts)
		take_option(r, line, section, name, value);
}

/* malloc'ed, with *n_r bytes. */
static char *
read_stream(FILE *f, size_t *n_r)
{
	char *text = xmalloc(MAX_FILE_BYTES + 1);

	*n_r = fread(text, 1, MAX_FILE_BYTES + 1, f);
	return text;
}

static void
check_access(struct reader *r, const struct stat *st)
{
	if (st->st_uid != geteuid() && (r->has_password || st->st_uid != 0))
		reader_problem(
		    r, 0, "this file belongs to another user (id %u)", (unsigned)st->st_uid);
	if (r->has_password && (st->st_mode & 077) != 0)
		reader_problem(r, 0,
		    "this file holds a password, and others may read it (mode %04o): chmod 600 it",
		    (unsigned)st->st_mode & 07777);
	else if ((st->st_mode & S_IWOTH) != 0)
		reader_problem(r, 0,
		    "anybody may write to this file, and commands in it are run: chmod 600 it");
}

/* Text is read and checked as a whole, so that all mistakes are told at once. */
static void
read_text(struct reader *r, struct slice text, const struct stat *st)
{
	const struct ini_sink sink = {ini_entry, ini_problem, r};

	set_defaults(r, SECTION_UI, r->c);
	if (text.n > MAX_FILE_BYTES)
		reader_problem(r, 0, "this file is longer than %d bytes", MAX_FILE_BYTES);
	else
		ini_walk(text, &sink);
	reader_check(r);
	check_access(r, st);
	if (r->n_problems > MAX_PROBLEMS && r->problems != NULL)
		buf_addf(r->problems, "and %u more\n", r->n_problems - MAX_PROBLEMS);
}

static int
cannot_read(const char *path, struct err *e)
{
	int why = errno;

	err_set(e, why == ENOENT ? ERR_NOT_FOUND : ERR_CONF, "%s: %s", path, strerror(why));
	if (why == ENOENT)
		err_todo(e,
		    "start bouncebox in a terminal without -c: it asks what it needs and writes "
		    "one");
	return -1;
}

static struct conf *
conf_new(const char *path)
{
	struct arena *a = arena_new();
	struct conf *c = arena_calloc(a, 1, sizeof(*c));

	c->arena = a;
	c->file = arena_strdup(a, path);
	return c;
}

int
conf_read(const char *path, struct conf **conf_r, struct buf *problems, struct err *e)
{
	FILE *f = fopen(path, "re");
	struct reader r = {.problems = problems, .e = e};
	struct stat st;
	char *text;
	size_t n = 0;

	*conf_r = NULL;
	if (f == NULL)
		return cannot_read(path, e);
	if (fstat(fileno(f), &st) != 0 || S_ISDIR(st.st_mode)) {
		fclose(f);
		return err_set(e, ERR_CONF, "%s: this is no file", path);
	}
	r.c = conf_new(path);
	text = read_stream(f, &n);
	read_text(&r, (struct slice){text, n}, &st);
	secret_wipe(text, n);
	free(text);
	free(r.seen);
	fclose(f);
	if (r.n_problems > 0) {
		conf_free(&r.c);
		return -1;
	}
	*conf_r = r.c;
	return 0;
}

const struct account *
conf_account(const struct conf *c, const char *name)
{
	size_t i = reader_account(c, name[0] == '\0' ? c->default_account : name);

	return i < c->n_accounts ? &c->accounts[i] : NULL;
}

static void
wipe_url(struct url *u)
{
	/* The arena that it lives in is ours, so const is only a promise to others. */
	secret_wipe((char *)(uintptr_t)u->password, strlen(u->password));
}

void
conf_free(struct conf **c)
{
	if (c == NULL || *c == NULL)
		return;
	for (size_t i = 0; i < (*c)->n_accounts; i++) {
		wipe_url(&(*c)->accounts[i].source);
		wipe_url(&(*c)->accounts[i].outgoing);
	}
	arena_free(&(struct arena *){(*c)->arena});
	*c = NULL;
}
