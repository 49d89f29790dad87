#include "net/imap_row.h"

#include "base/calendar.h"

enum kind { ATOM, STRING, QUOTED, LIST };

struct value {
	enum kind kind;
	struct slice text; /* without its brackets or quotes */
};

static bool
is_atom_end(char c)
{
	return c == ' ' || c == '(' || c == ')' || c == '"' || c == '{';
}

static struct slice
take_atom(struct slice *s)
{
	size_t n = 0;
	struct slice atom;

	while (n < s->n && !is_atom_end(s->p[n]))
		n++;
	atom = slice_sub(*s, 0, n);
	*s = slice_from(*s, n);
	return atom;
}

/* Saturates: a size that cannot be is a large one. */
static bool
number_of(struct slice s, uint64_t *n_r)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned)(s.p[i] - '0');

		if (!ascii_isdigit(s.p[i]))
			return false;
		n = n > (UINT64_MAX - digit) / 10 ? UINT64_MAX : n * 10 + digit;
	}
	*n_r = n;
	return s.n > 0;
}

/* "{12}" and as many bytes; "~" of a literal8 was taken. */
static bool
take_literal(struct slice *s, struct slice *bytes)
{
	size_t end = slice_chr(*s, '}');
	uint64_t n;
	size_t digits = end;

	if (end == SLICE_NONE)
		return false;
	if (digits > 1 && s->p[digits - 1] == '+')
		digits--;
	if (!number_of(slice_sub(*s, 1, digits - 1), &n) || n > s->n - end - 1)
		return false;
	*bytes = slice_sub(*s, end + 1, (size_t)n);
	*s = slice_from(*s, end + 1 + (size_t)n);
	return true;
}

static bool
take_quoted(struct slice *s, struct slice *text)
{
	for (size_t i = 1; i < s->n; i++) {
		if (s->p[i] == '\\') {
			i++;
		} else if (s->p[i] == '"') {
			*text = slice_sub(*s, 1, i - 1);
			*s = slice_from(*s, i + 1);
			return true;
		}
	}
	return false;
}

/* With all that is nested in it; the guard has seen that this is not deep. */
static bool
take_list(struct slice *s, struct slice *inside)
{
	const char *begin = s->p + 1;
	struct slice ignored;
	unsigned depth = 0;

	while (s->n > 0) {
		if (s->p[0] == '"') {
			if (!take_quoted(s, &ignored))
				return false;
			continue;
		}
		if (s->p[0] == '{') {
			if (!take_literal(s, &ignored))
				return false;
			continue;
		}
		if (s->p[0] == '(')
			depth++;
		if (s->p[0] == ')' && --depth == 0) {
			*inside = slice_range(begin, s->p);
			*s = slice_from(*s, 1);
			return true;
		}
		*s = slice_from(*s, 1);
	}
	return false;
}

static bool
take_value(struct slice *s, struct value *v)
{
	if (s->n > 1 && s->p[0] == '~' && s->p[1] == '{')
		*s = slice_from(*s, 1);
	if (s->n == 0)
		return false;
	switch (s->p[0]) {
	case '(':
		v->kind = LIST;
		return take_list(s, &v->text);
	case '"':
		v->kind = QUOTED;
		return take_quoted(s, &v->text);
	case '{':
		v->kind = STRING;
		return take_literal(s, &v->text);
	default:
		v->kind = ATOM;
		v->text = take_atom(s);
		return v->text.n > 0;
	}
}

/* Behind "[HEADER.FIELDS (TO "X]" {2}..)]": names of fields may be strings. */
static bool
skip_section(struct slice *s)
{
	struct slice ignored;

	while (s->n > 0) {
		if (s->p[0] == '"') {
			if (!take_quoted(s, &ignored))
				return false;
		} else if (s->p[0] == '{') {
			if (!take_literal(s, &ignored))
				return false;
		} else {
			char c = s->p[0];

			*s = slice_from(*s, 1);
			if (c == ']')
				return true;
		}
	}
	return false;
}

/* "BODY[HEADER.FIELDS (TO)]<0>": what is in brackets may hold anything. */
static bool
take_name(struct slice *s, struct slice *name, bool *has_section, bool *is_head)
{
	const char *begin = s->p;
	size_t n = 0;

	while (n < s->n && s->p[n] != '[' && !is_atom_end(s->p[n]))
		n++;
	*name = slice_sub(*s, 0, n);
	*has_section = n < s->n && s->p[n] == '[';
	*s = slice_from(*s, n);
	*is_head = *has_section && slice_istarts(*s, "[HEADER");
	if (*has_section) {
		if (!skip_section(s))
			return false;
		if (s->n > 0 && s->p[0] == '<')
			take_atom(s);
	}
	return s->p > begin && s->n > 0 && s->p[0] == ' ';
}

static bool
has_control(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 127)
			return true;
	return false;
}

static void
add_flag(struct imap_row *row, struct slice flag)
{
	struct imap_message *m = &row->m;

	if (slice_iis(flag, "\\Seen"))
		m->seen = true;
	else if (slice_iis(flag, "\\Deleted"))
		m->deleted = true;
	else if (slice_iis(flag, "\\Draft"))
		m->draft = true;
	else if (flag.n > 0 && flag.p[0] != '\\' && m->n_keywords < IMAP_ROW_KEYWORDS &&
	    !has_control(flag)) {
		buf_addslice(&row->words, flag);
		buf_addc(&row->words, '\0');
		m->n_keywords++;
	}
}

static bool
read_flags(struct imap_row *row, const struct value *v)
{
	struct slice rest = v->text;
	const char *word;

	if (v->kind != LIST)
		return false;
	buf_clear(&row->words);
	row->m.n_keywords = 0;
	while (rest.n > 0) {
		add_flag(row, take_atom(&rest));
		rest = slice_from(rest, 1);
	}
	word = row->words.data;
	for (size_t i = 0; i < row->m.n_keywords; i++, word += strlen(word) + 1)
		row->keywords[i] = word;
	return true;
}

static bool
take_int(struct slice *s, size_t digits, char behind, int *n_r)
{
	struct slice text = slice_trim(slice_sub(*s, 0, digits));
	uint64_t n;

	if (s->n < digits || !number_of(text, &n))
		return false;
	*s = slice_from(*s, digits);
	*n_r = (int)n;
	if (behind == '\0')
		return true;
	if (s->n == 0 || s->p[0] != behind)
		return false;
	*s = slice_from(*s, 1);
	return true;
}

static bool
take_month(struct slice *s, int *month_r)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++) {
		struct slice name = {names + (size_t)3 * (size_t)i, 3};

		if (slice_ieq(slice_sub(*s, 0, 3), name) && s->n > 3 && s->p[3] == '-') {
			*s = slice_from(*s, 4);
			*month_r = i + 1;
			return true;
		}
	}
	return false;
}

/* " 7-Feb-1994 21:52:25 -0800" as unix time; 0 if it is none. */
static int64_t
read_date(struct slice s)
{
	struct calendar c = {0};
	int day, month, year, hour, minute, second, zone;
	int64_t zone_s;

	if (s.n > 1 && s.p[1] == '-') { /* one digit and no space: not legal, but seen */
		if (!take_int(&s, 1, '-', &day))
			return 0;
	} else if (!take_int(&s, 2, '-', &day)) {
		return 0;
	}
	if (!take_month(&s, &month) || !take_int(&s, 4, ' ', &year) ||
	    !take_int(&s, 2, ':', &hour) || !take_int(&s, 2, ':', &minute) ||
	    !take_int(&s, 2, ' ', &second) || s.n < 5 || (s.p[0] != '+' && s.p[0] != '-'))
		return 0;
	zone_s = s.p[0] == '-' ? -60 : 60;
	s = slice_from(s, 1);
	if (!take_int(&s, 4, '\0', &zone))
		return 0;
	zone_s *= zone / 100 * 60 + zone % 100;
	if (day < 1 || day > 31 || year < 1970 || hour > 23 || minute > 59 || second > 60 ||
	    zone_s < -86400 || zone_s > 86400)
		return 0;
	c = (struct calendar){.year = year,
	    .month = month,
	    .day = day,
	    .hour = hour,
	    .minute = minute,
	    .second = second};
	return calendar_to_unix(&c) - zone_s;
}

static void
unquote(struct slice text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\\' && i + 1 < text.n)
			i++;
		buf_addc(out, text.p[i]);
	}
}

static void
read_body(struct imap_row *row, const struct value *v)
{
	if (v->kind == STRING) {
		row->m.bytes = v->text;
	} else if (v->kind == QUOTED) {
		buf_clear(&row->unquoted);
		unquote(v->text, &row->unquoted);
		row->m.bytes = buf_slice(&row->unquoted);
	} else {
		return; /* NIL: the server cannot read it */
	}
	row->has_bytes = true;
}

static bool
read_item(struct imap_row *row, struct slice name, bool has_section, const struct value *v)
{
	uint64_t n = 0;

	if (has_section) {
		if (slice_iis(name, "BODY"))
			read_body(row, v);
		return true;
	}
	if (slice_iis(name, "UID")) {
		if (v->kind != ATOM || !number_of(v->text, &n) || n > UINT32_MAX)
			return false;
		row->m.uid = (uint32_t)n;
	} else if (slice_iis(name, "FLAGS")) {
		return read_flags(row, v);
	} else if (slice_iis(name, "RFC822.SIZE")) {
		if (v->kind != ATOM || !number_of(v->text, &n))
			return false;
		row->m.size = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
	} else if (slice_iis(name, "INTERNALDATE")) {
		row->m.internal_date = v->kind == QUOTED ? read_date(v->text) : 0;
	} else if (slice_iis(name, "MODSEQ")) {
		if (v->kind != LIST || !number_of(slice_trim(v->text), &n))
			return false;
		row->m.modseq = n;
	}
	return true;
}

/* Takes "12 FETCH (" off. */
static bool
take_head(struct slice *line)
{
	struct slice rest = *line;
	size_t digits = 0;

	while (digits < rest.n && ascii_isdigit(rest.p[digits]))
		digits++;
	rest = slice_from(rest, digits);
	if (digits == 0 || !slice_istarts(rest, " FETCH "))
		return false;
	*line = slice_from(rest, strlen(" FETCH "));
	return true;
}

bool
imap_row_is(struct slice line)
{
	return take_head(&line);
}

bool
imap_row_read(struct imap_row *row, struct slice line)
{
	row->m = (struct imap_message){.keywords = row->keywords, .bytes = SLICE_EMPTY};
	row->has_bytes = false;
	if (!take_head(&line) || line.n == 0 || line.p[0] != '(')
		return false;
	line = slice_from(line, 1);
	for (;;) {
		struct slice name;
		struct value v;
		bool has_section, is_head;

		while (line.n > 0 && line.p[0] == ' ')
			line = slice_from(line, 1);
		if (line.n > 0 && line.p[0] == ')')
			return true;
		if (!take_name(&line, &name, &has_section, &is_head))
			return false;
		while (line.n > 0 && line.p[0] == ' ')
			line = slice_from(line, 1);
		if (!take_value(&line, &v) || !read_item(row, name, has_section, &v))
			return false;
		row->m.is_head |= is_head;
	}
}

void
imap_row_free(struct imap_row *row)
{
	buf_free(&row->words);
	buf_free(&row->unquoted);
}

bool
imap_list_read(struct slice line, struct slice *flags, struct buf *name)
{
	struct value marks, separator, v;

	if (!slice_istarts(line, "LIST "))
		return false;
	line = slice_trim(slice_from(line, strlen("LIST ")));
	if (!take_value(&line, &marks) || marks.kind != LIST)
		return false;
	line = slice_trim(line);
	if (!take_value(&line, &separator))
		return false;
	while (line.n > 0 && line.p[0] == ' ')
		line = slice_from(line, 1);
	if (!take_value(&line, &v) || v.kind == LIST)
		return false;
	*flags = marks.text;
	buf_clear(name);
	if (v.kind == QUOTED)
		unquote(v.text, name);
	else
		buf_addslice(name, v.text);
	return true;
}
