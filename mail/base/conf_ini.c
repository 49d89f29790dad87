#include "base/conf_ini.h"

#include <ini.h>
#include <stdio.h>

#include "base/conf.h"

/* inih splits names from values. Lines, their numbers and comments are ours: it
 * counts no lines for its caller and cuts long ones in two. */
struct walk {
	struct slice rest;
	const struct ini_sink *sink;
	unsigned line;
	char section[INI_MAX_SECTION_BYTES + 1];
	bool in_section;
};

static bool
begins_word(struct slice s, size_t i)
{
	return i == 0 || s.p[i - 1] == ' ' || s.p[i - 1] == '\t' || s.p[i - 1] == '=';
}

/* Index behind the quotation that begins at i, or i + 1 if it is not closed. */
static size_t
skip_quoted(struct slice s, size_t i)
{
	size_t end = slice_chr(slice_from(s, i + 1), s.p[i]);

	return end == SLICE_NONE ? i + 1 : i + 1 + end + 1;
}

static struct slice
without_comment(struct slice line)
{
	size_t i = 0;

	if (line.n > 0 && (line.p[0] == '#' || line.p[0] == ';'))
		return SLICE_EMPTY;
	while (i < line.n) {
		char c = line.p[i];

		if ((c == '"' || c == '\'') && begins_word(line, i))
			i = skip_quoted(line, i);
		else if (c == '#' && i > 0 && ascii_isspace(line.p[i - 1]))
			return slice_trim(slice_sub(line, 0, i));
		else
			i++;
	}
	return line;
}

static bool
has_control(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

static const char *
line_problem(struct slice line)
{
	if (line.n > INI_MAX_LINE_BYTES)
		return "this line is longer than 4000 bytes";
	if (has_control(line))
		return "this line holds a control character";
	if (line.n == 0 || line.p[0] == '[')
		return "";
	if (slice_chr(line, '=') == SLICE_NONE)
		return "this line is no \"name = value\" and no \"[section]\"";
	if (line.p[0] == '=')
		return "there is no name before the =";
	return "";
}

static void
section_line(struct walk *w, struct slice line)
{
	size_t end = slice_chr(line, ']');
	struct slice name = slice_trim(slice_sub(line, 1, end == SLICE_NONE ? 0 : end - 1));

	w->in_section = false;
	if (end == SLICE_NONE) {
		w->sink->problem(w->sink->ctx, w->line, "the ] of the section's name is missing");
	} else if (end + 1 != line.n) {
		w->sink->problem(w->sink->ctx, w->line, "there is more behind the section's name");
	} else if (name.n == 0 || name.n > INI_MAX_SECTION_BYTES) {
		w->sink->problem(w->sink->ctx, w->line, "a section's name has 1 to 48 bytes");
	} else {
		w->in_section = true;
		memcpy(w->section, name.p, name.n);
		w->section[name.n] = '\0';
		w->sink->entry(w->sink->ctx, w->line, w->section, NULL, NULL);
	}
}

/* What inih is to see of this line; empty if nothing. */
static struct slice
take_line(struct walk *w, struct slice line, size_t room)
{
	const char *problem = line_problem(line = without_comment(slice_trim(line)));

	if (problem[0] == '\0' && line.n > room)
		problem = "this line is too long for this system's inih";
	if (problem[0] != '\0') {
		w->sink->problem(w->sink->ctx, w->line, problem);
		return SLICE_EMPTY;
	}
	if (line.n > 0 && line.p[0] == '[') {
		section_line(w, line);
		return SLICE_EMPTY;
	}
	if (line.n > 0 && !w->in_section) {
		w->sink->problem(w->sink->ctx, w->line, "this stands in no (valid) section");
		return SLICE_EMPTY;
	}
	return line;
}

static char *
give_line(char *str, int num, void *stream)
{
	struct walk *w = stream;
	struct slice line;

	if (!slice_line(&w->rest, &line)) {
		/* inih frees its buffer as it is, and a password may have been there. */
		secret_wipe(str, (size_t)num);
		return NULL;
	}
	w->line++;
	line = take_line(w, line, (size_t)num - 3);
	memcpy(str, line.p, line.n);
	memcpy(str + line.n, "\n", 2);
	return str;
}

static int
take_entry(void *user, const char *section, const char *name, const char *value)
{
	struct walk *w = user;

	(void)section;
	if (name[0] == '\0' && value[0] == '=') {
		/* inih parts at a colon too: this is the key of that name. */
		name = ":";
		value++;
		value += strspn(value, " \t");
	}
	w->sink->entry(w->sink->ctx, w->line, w->section, name, value);
	return 1;
}

void
ini_walk(struct slice text, const struct ini_sink *sink)
{
	struct walk w = {.rest = text, .sink = sink};

	if (slice_starts(text, "\xef\xbb\xbf"))
		w.rest = slice_from(text, 3);
#ifdef BB_INIH_RUNTIME
	ini_use_stack = false;
	ini_max_line = INI_MAX_LINE_BYTES + 8;
	ini_initial_alloc = ini_max_line;
	ini_allow_multiline = false;
	ini_allow_inline_comments = false;
#endif
	if (ini_parse_stream(give_line, &w, take_entry, &w) != 0)
		sink->problem(sink->ctx, w.line, "the file could not be read to its end");
}
