#include "tui/theme.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/slice.h"

#define MAX_BASES 4
#define MAX_LINE 512

static const char *const role_names[ROLE_N] = {"text", "dim", "heading", "title", "bar", "key",
    "border", "list.cursor", "list.tagged", "match", "prompt", "code", "evidence", "state.trying",
    "state.gave-up", "state.refused", "state.delivered", "state.unknown", "state.doubt", "handled",
    "new", "good", "warn", "error"};

static const char *const colour_names[16] = {"black", "red", "green", "yellow", "blue", "magenta",
    "cyan", "white", "bright-black", "bright-red", "bright-green", "bright-yellow", "bright-blue",
    "bright-magenta", "bright-cyan", "bright-white"};

static const struct {
	const char *name;
	uint8_t attr;
} attr_names[] = {{"bold", ATTR_BOLD}, {"dim", ATTR_DIM}, {"underline", ATTR_UNDERLINE},
    {"reverse", ATTR_REVERSE}, {"italic", ATTR_ITALIC}};

const char *
role_name(enum role r)
{
	return role_names[r];
}

void
theme_plain(struct theme *t)
{
	for (int i = 0; i < ROLE_N; i++)
		t->styles[i] = (struct style){COLOUR_DEFAULT, COLOUR_DEFAULT, 0};
	t->styles[ROLE_TITLE].attrs = t->styles[ROLE_CURSOR].attrs = ATTR_REVERSE;
	t->styles[ROLE_HEADING].attrs = t->styles[ROLE_KEY].attrs = ATTR_BOLD;
	t->styles[ROLE_ERROR].attrs = t->styles[ROLE_DOUBT].attrs = ATTR_BOLD | ATTR_REVERSE;
	t->styles[ROLE_TAGGED].attrs = t->styles[ROLE_GAVE_UP].attrs = ATTR_BOLD;
	t->styles[ROLE_MATCH].attrs = ATTR_UNDERLINE;
}

static bool
read_number(struct slice word, unsigned base, int32_t limit, int32_t *n_r)
{
	int32_t n = 0;

	if (word.n == 0 || word.n > 6)
		return false;
	for (size_t i = 0; i < word.n; i++) {
		char c = ascii_lower(word.p[i]);
		int digit = ascii_isdigit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;

		if (digit >= (int)base)
			return false;
		n = n * (int32_t)base + digit;
	}
	*n_r = n;
	return n <= limit;
}

static bool
read_colour(struct slice word, int32_t *colour_r)
{
	if (slice_is(word, "default")) {
		*colour_r = COLOUR_DEFAULT;
		return true;
	}
	for (int i = 0; i < 16; i++) {
		if (slice_is(word, colour_names[i])) {
			*colour_r = i;
			return true;
		}
	}
	if (word.n == 7 && word.p[0] == '#' &&
	    read_number(slice_from(word, 1), 16, 0xffffff, colour_r)) {
		*colour_r |= COLOUR_RGB;
		return true;
	}
	return read_number(word, 10, 255, colour_r);
}

static uint8_t
find_attr(struct slice word)
{
	for (size_t i = 0; i < sizeof(attr_names) / sizeof(attr_names[0]); i++) {
		if (slice_is(word, attr_names[i].name))
			return attr_names[i].attr;
	}
	return 0;
}

static struct slice
take_word(struct slice *rest)
{
	struct slice word = *rest = slice_trim(*rest);

	for (size_t i = 0; i < rest->n; i++) {
		if (ascii_isspace(rest->p[i])) {
			word.n = i;
			break;
		}
	}
	*rest = slice_from(*rest, word.n);
	return word;
}

static bool
read_style(struct slice rest, struct style *s)
{
	bool has_fg = false, has_bg = false;
	struct slice word;

	*s = (struct style){COLOUR_DEFAULT, COLOUR_DEFAULT, 0};
	while ((word = take_word(&rest)).n > 0) {
		uint8_t attr = find_attr(word);

		if (attr != 0) {
			s->attrs |= attr;
		} else if (slice_is(word, "on")) {
			if (has_bg || !read_colour(take_word(&rest), &s->bg))
				return false;
			has_bg = true;
		} else {
			if (has_fg || has_bg || !read_colour(word, &s->fg))
				return false;
			has_fg = true;
		}
	}
	return true;
}

static int
find_role(struct slice name)
{
	for (int i = 0; i < ROLE_N; i++) {
		if (slice_is(name, role_names[i]))
			return i;
	}
	return -1;
}

static void
users_folder(struct buf *out)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	if (config != NULL && config[0] == '/')
		buf_addf(out, "%s/bouncebox/themes", config);
	else
		buf_addf(out, "%s/.config/bouncebox/themes", home == NULL ? "" : home);
}

#define N_FOLDERS 2
static void
folder(struct buf *out, int i, const char *dir)
{
	buf_clear(out);
	if (i == 0)
		users_folder(out);
	else
		buf_adds(out, dir);
}

/* A name is no path: it may come from a file. */
static bool
is_name(const char *name)
{
	if (name[0] == '\0' || strlen(name) > 64)
		return false;
	for (; *name != '\0'; name++) {
		if (!ascii_isalpha(*name) && !ascii_isdigit(*name) && *name != '-' && *name != '_')
			return false;
	}
	return true;
}

static FILE *
open_theme(const char *name, const char *dir, struct buf *path)
{
	for (int i = 0; i < N_FOLDERS && is_name(name); i++) {
		FILE *f;

		folder(path, i, dir);
		if (path->len == 0)
			continue;
		buf_addf(path, "/%s.theme", name);
		f = fopen(buf_cstr(path), "r");
		if (f != NULL)
			return f;
	}
	return NULL;
}

/* What load and its lines share; `depth` counts the bases above. */
struct reading {
	struct theme *theme;
	const char *dir;
	const char *path;
	int depth;
	struct buf *problems;
};

#define MAX_FOUND 40
static void
found(const struct reading *r, int number, struct slice what)
{
	buf_addf(r->problems, "%s:%d: \"", r->path, number);
	clean_append(r->problems, what, MAX_FOUND);
	buf_adds(r->problems, "\" ");
}

static int load(struct theme *t, const char *name, const char *dir, int depth, struct buf *problems,
    struct err *e);

static void
read_base(const struct reading *r, struct slice value, int number)
{
	char *name = xslicedup(value);
	struct err e;

	if (load(r->theme, name, r->dir, r->depth + 1, r->problems, &e) != 0)
		buf_addf(r->problems, "%s:%d: %s; %s\n", r->path, number, e.text, e.todo);
	free(name);
}

static void
read_role(const struct reading *r, struct slice name, struct slice value, int number)
{
	struct style style;
	int role = find_role(name);

	if (role < 0) {
		found(r, number, name);
		buf_adds(r->problems, "is no role; allowed are");
		for (int i = 0; i < ROLE_N; i++)
			buf_addf(r->problems, " %s", role_names[i]);
		buf_adds(r->problems, " and base\n");
	} else if (!read_style(value, &style)) {
		found(r, number, value);
		buf_adds(r->problems,
		    "is no style; allowed is [COLOUR] [on COLOUR] [bold dim underline reverse "
		    "italic], a colour being default, red, bright-red, 0 to 255 or #rrggbb\n");
	} else {
		r->theme->styles[role] = style;
	}
}

static bool
split(struct slice line, struct slice *name, struct slice *value)
{
	size_t eq = slice_chr(line, '=');

	*name = slice_trim(slice_sub(line, 0, eq));
	*value = eq == SLICE_NONE ? SLICE_EMPTY : slice_trim(slice_from(line, eq + 1));
	return eq != SLICE_NONE;
}

static void
read_line(const struct reading *r, struct slice line, int number, bool for_base, bool *has_base)
{
	struct slice name, value;
	bool is_pair = split(line = slice_trim(line), &name, &value);
	bool is_base = is_pair && slice_is(name, "base");

	if (line.n == 0 || line.p[0] == '#' || (for_base && !is_base))
		return;
	if (is_base && for_base && !*has_base) {
		*has_base = true;
		read_base(r, value, number);
	} else if (is_base && for_base) {
		found(r, number, value);
		buf_adds(r->problems, "is a second base; allowed is one\n");
	} else if (!is_pair) {
		found(r, number, line);
		buf_adds(r->problems, "is no line of a theme; allowed is ROLE = STYLE\n");
	} else if (!is_base) {
		read_role(r, name, value, number);
	}
}

/* True for a line that does not fit; its rest is skipped, it would read as another. */
static bool
is_too_long(FILE *f, const char *line)
{
	int c;

	if (strlen(line) < MAX_LINE - 1 || line[MAX_LINE - 2] == '\n')
		return false;
	while ((c = fgetc(f)) != EOF && c != '\n')
		;
	return true;
}

static void
read_file(const struct reading *r, FILE *f, bool for_base)
{
	char line[MAX_LINE];
	bool has_base = false;

	for (int number = 1; fgets(line, sizeof(line), f) != NULL; number++) {
		if (!is_too_long(f, line)) {
			read_line(r, slice_of(line), number, for_base, &has_base);
		} else if (!for_base) {
			found(r, number, slice_of(line));
			buf_addf(r->problems, "is too long; allowed are %d bytes\n", MAX_LINE - 2);
		}
	}
}

static int
not_there(const char *name, const char *dir, int depth, struct err *e)
{
	struct buf shown = BUF_INIT;
	struct buf names = BUF_INIT;

	clean_append(&shown, slice_of(name), MAX_FOUND);
	theme_names(&names, dir);
	if (depth > MAX_BASES)
		err_set(e, ERR_CONF, "the theme %s is one base too many, %d deep are allowed",
		    buf_cstr(&shown), MAX_BASES);
	else if (!is_name(name))
		err_set(e, ERR_CONF,
		    "\"%s\" is no name of a theme: letters, digits, - and _ are allowed",
		    buf_cstr(&shown));
	else
		err_set(e, ERR_CONF, "there is no theme %s", buf_cstr(&shown));
	err_todo(e, "there are: %s", buf_cstr(&names));
	buf_free(&names);
	buf_free(&shown);
	return -1;
}

static int
load(struct theme *t, const char *name, const char *dir, int depth, struct buf *problems,
    struct err *e)
{
	struct buf path = BUF_INIT;
	FILE *f = depth > MAX_BASES ? NULL : open_theme(name, dir, &path);
	struct reading r = {.theme = t, .dir = dir, .depth = depth, .problems = problems};

	if (f == NULL) {
		buf_free(&path);
		return not_there(name, dir, depth, e);
	}
	r.path = buf_cstr(&path);
	/* The base comes first wherever its line stands. */
	read_file(&r, f, true);
	rewind(f);
	read_file(&r, f, false);
	fclose(f);
	buf_free(&path);
	return 0;
}

int
theme_load(struct theme *t, const char *name, const char *dir, struct buf *problems, struct err *e)
{
	theme_plain(t); /* readable whatever is missing in the file */
	return load(t, name, dir, 0, problems, e);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
theme_names(struct buf *out, const char *dir)
{
	char *names[128];
	size_t n = 0;
	struct buf path = BUF_INIT;

	for (int i = 0; i < N_FOLDERS; i++) {
		struct dirent *entry;
		DIR *d;

		folder(&path, i, dir);
		d = path.len == 0 ? NULL : opendir(buf_cstr(&path));
		while (d != NULL && n < 128 && (entry = readdir(d)) != NULL) {
			struct slice file = slice_of(entry->d_name);
			char *name;

			if (file.n <= 6 || !slice_is(slice_from(file, file.n - 6), ".theme"))
				continue;
			name = xslicedup(slice_sub(file, 0, file.n - 6));
			if (is_name(name))
				names[n++] = name;
			else
				free(name);
		}
		if (d != NULL)
			closedir(d);
	}
	qsort(names, n, sizeof(names[0]), compare_names);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
			buf_addf(out, "%s%s", i > 0 ? " " : "", names[i]);
	}
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	buf_free(&path);
}

static int
distance(int32_t a, int r, int g, int b)
{
	int dr = (a >> 16 & 255) - r;
	int dg = (a >> 8 & 255) - g;
	int db = (a & 255) - b;

	return 3 * dr * dr + 4 * dg * dg + 2 * db * db;
}

/* 16 to 231 are a cube of six steps, 232 to 255 are grey. */
int
theme_nearest_256(int32_t rgb)
{
	static const int steps[6] = {0, 95, 135, 175, 215, 255};
	int best = 16;
	int least = distance(rgb, 0, 0, 0);

	for (int i = 0; i < 216; i++) {
		int d = distance(rgb, steps[i / 36 % 6], steps[i / 6 % 6], steps[i % 6]);

		if (d < least) {
			least = d;
			best = 16 + i;
		}
	}
	for (int i = 0; i < 24; i++) {
		int d = distance(rgb, 8 + i * 10, 8 + i * 10, 8 + i * 10);

		if (d < least) {
			least = d;
			best = 232 + i;
		}
	}
	return best;
}

int
theme_nearest_16(int32_t rgb)
{
	int best = 0;
	int least = -1;

	for (int i = 0; i < 16; i++) {
		int full = i >= 8 ? 255 : 187;
		int low = i >= 8 ? 85 : 0;
		int d = distance(rgb, i & 1 ? full : low, i & 2 ? full : low, i & 4 ? full : low);

		if (least < 0 || d < least) {
			least = d;
			best = i;
		}
	}
	return best;
}
