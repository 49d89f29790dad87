/* From a template to a draft that a person reads and changes. */
#include "msg/note.h"

#include "base/clean.h"
#include "msg/addr.h"
#include "msg/date.h"

#define MAX_SUBJECT 400
#define MAX_LINE 2000 /* of a value, in the body */
#define MAX_COLUMN 40 /* of a table's second column */

#define CONDITION "if_"

struct writer {
	struct buf *out;
	const struct note_options *o;
	unsigned line; /* of the template */
	bool is_header;
};

static const struct note_value *
find_value(const struct note_options *o, struct slice name)
{
	for (size_t i = 0; i < o->n_values; i++) {
		if (slice_is(name, o->values[i].name))
			return &o->values[i];
	}
	return NULL;
}

/* "{name}" at the begin of s: its length, 0 if it is only a brace. */
static size_t
placeholder_bytes(struct slice s)
{
	size_t i = 1;

	while (i < s.n &&
	    (ascii_isalpha(s.p[i]) || ascii_isdigit(s.p[i]) || s.p[i] == '_' || s.p[i] == '-'))
		i++;
	return i > 1 && i < s.n && s.p[i] == '}' ? i + 1 : 0;
}

/* A brace and a name, and no end of it. */
static bool
is_unclosed(struct slice s)
{
	return placeholder_bytes(s) == 0 && s.n > 1 && (ascii_isalpha(s.p[1]) || s.p[1] == '_');
}

/* Splits `rest` into the text before the next placeholder and its name. */
static bool
next_placeholder(struct slice *rest, struct slice *text, struct slice *name)
{
	for (size_t i = 0; i < rest->n; i++) {
		size_t n = rest->p[i] == '{' ? placeholder_bytes(slice_from(*rest, i)) : 0;

		if (n == 0)
			continue;
		*text = slice_sub(*rest, 0, i);
		*name = slice_sub(*rest, i + 1, n - 2);
		*rest = slice_from(*rest, i + n);
		return true;
	}
	*text = *rest;
	*rest = SLICE_EMPTY;
	return false;
}

static int
refuse_line(const struct writer *w, const char *what, struct slice found, struct err *e)
{
	struct buf shown = BUF_INIT;

	clean_append(&shown, found, 60);
	err_set(e, ERR_CONF, "template %s, line %u: %s \"%s\"", w->o->template_name, w->line, what,
	    buf_cstr(&shown));
	buf_free(&shown);
	return -1;
}

/* All names would be longer than an error: those of its kind. */
static int
refuse_placeholder(const struct writer *w, struct slice name, struct err *e)
{
	bool is_condition = slice_starts(name, CONDITION);
	struct buf known = BUF_INIT;

	refuse_line(w, "unknown placeholder", name, e);
	for (size_t i = 0; i < w->o->n_values; i++) {
		if (slice_starts(slice_of(w->o->values[i].name), CONDITION) == is_condition)
			buf_addf(&known, " %s", w->o->values[i].name);
	}
	err_todo(e, "known are%s", buf_cstr(&known));
	buf_free(&known);
	return -1;
}

/* It goes out as UTF-8, and a name that is not closed would go as it stands. */
static int
check_line(const struct writer *w, struct slice line, struct err *e)
{
	const char *end = line.p + line.n;
	unsigned cp;

	for (size_t i = 0, n; i < line.n; i += n) {
		n = utf8_decode(line.p + i, end, &cp);
		if (n == 0)
			return refuse_line(w, "not in UTF-8:", line, e);
		if (line.p[i] == '{' && is_unclosed(slice_from(line, i)))
			return refuse_line(
			    w, "a placeholder that is not closed:", slice_from(line, i), e);
	}
	return 0;
}

/* Are there placeholders in the line, and all of them empty? -1: an unknown one. */
static int
is_left_out(const struct writer *w, struct slice line, struct err *e)
{
	struct slice text;
	struct slice name;
	bool has_any = false;
	bool has_value = false;

	while (next_placeholder(&line, &text, &name)) {
		const struct note_value *v = find_value(w->o, name);

		if (v == NULL)
			return refuse_placeholder(w, name, e);
		has_any = true;
		has_value = has_value || slice_trim(v->value).n > 0;
	}
	return has_any && !has_value;
}

/* What further lines of a value begin with: as the first, "> " and blanks. */
static struct slice
indent_of(struct slice line)
{
	size_t n = 0;

	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '>'))
		n++;
	return slice_sub(line, 0, n);
}

static void
add_value(struct writer *w, struct slice value, struct slice indent)
{
	struct slice line;
	bool is_first = true;

	value = slice_trim(value);
	if (w->is_header) {
		clean_append(w->out, value, MAX_SUBJECT);
		return;
	}
	while (slice_line(&value, &line)) {
		if (!is_first) {
			buf_addc(w->out, '\n');
			buf_addslice(w->out, indent);
		}
		clean_append(w->out, line, MAX_LINE);
		is_first = false;
	}
}

/* What further lines of a value begin with that stands behind `before`. */
static void
add_indent(struct buf *indent, struct slice before)
{
	struct buf shown = BUF_INIT;
	struct slice begin = indent_of(before);
	int columns;

	buf_clear(indent);
	buf_addslice(indent, begin);
	if (begin.n == 0)
		return;
	clean_append(&shown, before, MAX_LINE);
	columns = utf8_columns(buf_cstr(&shown));
	for (int n = (int)begin.n; n < columns && n < MAX_COLUMN; n++)
		buf_addc(indent, ' ');
	buf_free(&shown);
}

static int
add_line(struct writer *w, struct slice line, struct err *e)
{
	size_t begin = w->out->len;
	struct buf indent = BUF_INIT;
	struct slice text;
	struct slice name;
	int left_out = check_line(w, line, e) != 0 ? -1 : is_left_out(w, line, e);

	if (left_out != 0)
		return left_out < 0 ? -1 : 0;
	while (next_placeholder(&line, &text, &name)) {
		buf_addslice(w->out, text);
		if (slice_starts(name, CONDITION)) {
			if (line.n > 0 && line.p[0] == ' ')
				line = slice_from(line, 1);
			continue;
		}
		add_indent(&indent, slice_from(buf_slice(w->out), begin));
		add_value(w, find_value(w->o, name)->value, buf_slice(&indent));
	}
	buf_addslice(w->out, text);
	buf_addc(w->out, '\n');
	buf_free(&indent);
	return 0;
}

/* A field of the draft: readable UTF-8 on one line. */
static void
add_field(struct buf *out, const char *name, struct slice value)
{
	if (value.n == 0)
		return;
	buf_addf(out, "%s: ", name);
	clean_append(out, value, 2000);
	buf_addc(out, '\n');
}

static int
check(const struct note_options *o, struct err *e)
{
	struct buf shown = BUF_INIT;

	if (addr_is_wire_safe(o->to))
		return 0;
	clean_append(&shown, o->to, 100);
	err_set(e, ERR_REFUSED, "the recipient \"%s\" is no mail address", buf_cstr(&shown));
	buf_free(&shown);
	return -1;
}

/* The first line of the template. */
static int
add_subject(struct writer *w, struct slice *rest, struct err *e)
{
	struct slice line = SLICE_EMPTY;
	size_t before = w->out->len;

	w->line = 1;
	w->is_header = true;
	slice_line(rest, &line);
	if (!slice_istarts(line, "Subject:"))
		return refuse_line(w, "expected \"Subject: …\", found", line, e);
	if (add_line(w, line, e) != 0)
		return -1;
	if (w->out->len == before)
		buf_adds(w->out, "Subject:\n");
	w->line = 2;
	if (slice_line(rest, &line) && slice_trim(line).n > 0)
		return refuse_line(w, "expected an empty line, found", line, e);
	w->is_header = false;
	return 0;
}

int
note_draft(struct buf *out, const struct note_options *o, struct err *e)
{
	struct writer w = {.out = out, .o = o};
	struct slice rest = o->template_text;
	struct slice line;
	char date[DATE_TEXT_BYTES];

	if (check(o, e) != 0)
		return -1;
	add_field(out, "From", o->from);
	add_field(out, "To", o->to);
	if (add_subject(&w, &rest, e) != 0)
		return -1;
	add_field(out, "Date", slice_of(date_rfc5322(date, o->now, o->zone_minutes)));
	add_field(out, "Message-ID", o->message_id);
	add_field(out, "In-Reply-To", o->in_reply_to);
	add_field(out, "References", o->in_reply_to);
	buf_adds(out,
	    "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: 8bit\n\n");
	while (slice_line(&rest, &line)) {
		w.line++;
		if (add_line(&w, line, e) != 0)
			return -1;
	}
	return 0;
}
