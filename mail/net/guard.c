#include "net/guard.h"

#include "base/clean.h"
#include "net/busy.h"

#define MAX_PREFIX 40 /* "* 4294967295 EXPUNGE " and more */

/* Untagged responses that the parser knows and we ask for. */
static const char *const known[] = {
    "CAPABILITY", "FLAGS", "LIST", "LSUB", "SEARCH", "ESEARCH", "STATUS"};
static const char *const known_numbered[] = {"EXISTS", "RECENT", "EXPUNGE", "FETCH"};

void
guard_init(struct guard *g, uint64_t max_literal)
{
	*g = (struct guard){.max_literal = max_literal, .exists = UINT32_MAX};
}

void
guard_free(struct guard *g)
{
	buf_free(&g->held);
	buf_free(&g->tagged);
	buf_free(&g->greeting);
}

static struct slice
next_word(struct slice *rest)
{
	size_t n = 0;
	struct slice word;

	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\r' && rest->p[n] != '\n')
		n++;
	word = slice_sub(*rest, 0, n);
	*rest = slice_from(*rest, n < rest->n && rest->p[n] == ' ' ? n + 1 : n);
	return word;
}

static bool
is_among(struct slice word, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_iis(word, names[i]))
			return true;
	return false;
}

static bool
is_status(struct slice word)
{
	static const char *const names[] = {"OK", "NO", "BAD", "PREAUTH", "BYE"};

	return is_among(word, names, sizeof(names) / sizeof(names[0]));
}

static void
count_change(struct guard *g, struct slice number, struct slice what)
{
	uint64_t n = 0;

	for (size_t i = 0; i < number.n && n <= UINT32_MAX; i++)
		n = n * 10 + (uint64_t)(number.p[i] - '0');
	if (slice_iis(what, "FETCH")) {
		g->n_fetches++;
	} else if (!slice_iis(what, "RECENT")) {
		g->n_changes++;
		if (slice_iis(what, "EXISTS") && n < UINT32_MAX)
			g->exists = (uint32_t)n;
	}
}

static bool
is_number(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_isdigit(s.p[i]))
			return false;
	return s.n > 0;
}

enum verdict { PASS, DROP, HOLD };

/* From the beginning of a line, which is at least its first two words. */
static enum verdict
judge(struct guard *g, struct slice line)
{
	struct slice first, second;

	if (!slice_starts(line, "* "))
		return HOLD; /* tagged, or a continuation: short */
	line = slice_from(line, 2);
	first = next_word(&line);
	second = next_word(&line);
	if (is_status(first))
		return HOLD;
	if (is_number(first)) {
		if (!is_among(second, known_numbered, sizeof(known_numbered) / sizeof(char *)))
			return DROP;
		count_change(g, first, second);
		return PASS;
	}
	if (slice_iis(first, "VANISHED")) {
		g->n_changes++;
		return g->passes_vanished ? PASS : DROP;
	}
	return is_among(first, known, sizeof(known) / sizeof(char *)) ? PASS : DROP;
}

static bool
is_decidable(struct slice line)
{
	size_t words = 0;

	if (line.n >= 2 && !slice_starts(line, "* "))
		return true;
	for (size_t i = 0; i < line.n; i++)
		words += line.p[i] == ' ' || line.p[i] == '\n';
	return line.n > MAX_PREFIX || words >= 3 || (line.n > 0 && line.p[line.n - 1] == '\n');
}

/* flag-list of RFC 3501 behind "[PERMANENTFLAGS": anything else makes the parser
 * follow a null pointer. */
static bool
is_flag_list(struct slice s)
{
	size_t i = 0;
	bool in_flag = false;

	if (s.n == 0 || s.p[i++] != '(')
		return false;
	for (; i < s.n && s.p[i] != ')'; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' && !(c == ' ' && in_flag && i + 1 < s.n && s.p[i + 1] != ')'))
			return false;
		if (c >= 127 || c == '(' || c == '{' || c == '"' || c == '[' || c == ']')
			return false;
		in_flag = c != ' ';
	}
	return i + 1 < s.n && s.p[i + 1] == ']';
}

static bool
is_harmful(struct slice line)
{
	size_t at = slice_ifind(line, "[PERMANENTFLAGS");

	return at != SLICE_NONE &&
	    !is_flag_list(slice_trim(slice_from(line, at + sizeof("[PERMANENTFLAGS") - 1)));
}

static int
bye(struct slice line, struct err *e)
{
	struct buf words = BUF_INIT;

	clean_append(&words, slice_trim(slice_from(line, 5)), 300);
	err_set(e, busy_is(buf_slice(&words), true) ? ERR_BUSY : ERR_CLOSED,
	    "the server says good-bye: %s", buf_cstr(&words));
	buf_free(&words);
	return -1;
}

static void
begin_line(struct guard *g)
{
	g->state = GUARD_HOLD;
	g->is_dropped = false;
	g->after_literal = false;
	g->line_bytes = 0;
	g->depth = 0;
	g->n_tail = 0;
	buf_clear(&g->held);
}

/* n of "{n}" or "{n+}" before the line end, or -1. */
static int64_t
literal_size(const struct guard *g)
{
	size_t end = g->n_tail, i;
	uint64_t n = 0;

	while (end > 0 && (g->tail[end - 1] == '\n' || g->tail[end - 1] == '\r'))
		end--;
	if (end == 0 || g->tail[--end] != '}')
		return -1;
	for (i = end; i > 0 && ascii_isdigit(g->tail[i - 1]); i--)
		;
	if (i == end || i == 0 || g->tail[i - 1] != '{')
		return -1;
	for (; i < end; i++)
		n = n * 10 + (uint64_t)(g->tail[i] - '0');
	return (int64_t)n;
}

static void
keep_tail(struct guard *g, struct slice s)
{
	const size_t room = sizeof(g->tail);

	if (s.n >= room) {
		memcpy(g->tail, s.p + s.n - room, room);
		g->n_tail = room;
		return;
	}
	if (g->n_tail + s.n > room) {
		size_t surplus = g->n_tail + s.n - room;

		memmove(g->tail, g->tail + surplus, g->n_tail - surplus);
		g->n_tail -= surplus;
	}
	memcpy(g->tail + g->n_tail, s.p, s.n);
	g->n_tail += s.n;
}

static int
count_depth(struct guard *g, struct slice s, struct err *e)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '(' && ++g->depth > GUARD_MAX_DEPTH)
			return err_set(e, ERR_PROTOCOL, "the server nests its answer too deeply");
		if (s.p[i] == ')' && g->depth > 0)
			g->depth--;
	}
	return 0;
}

static int
end_line(struct guard *g, struct err *e)
{
	int64_t n = literal_size(g);

	if (n < 0) {
		begin_line(g);
		return 0;
	}
	if ((uint64_t)n > g->max_literal)
		return err_set(e, ERR_LIMIT,
		    "the server announces %lld bytes at once, more than the %llu asked for",
		    (long long)n, (unsigned long long)g->max_literal);
	g->literal_left = (uint64_t)n;
	g->state = n > 0 ? GUARD_LITERAL : GUARD_LINE;
	g->after_literal = true;
	g->n_tail = 0;
	return 0;
}

/* The held line is complete. */
static int
release(struct guard *g, struct buf *out, struct err *e)
{
	struct slice line = buf_slice(&g->held);

	if (slice_istarts(line, "* BYE"))
		return bye(line, e);
	if (g->greeting.len == 0)
		buf_addslice(&g->greeting, line);
	if (!slice_starts(line, "* ")) {
		buf_clear(&g->tagged);
		buf_addslice(&g->tagged, line);
	}
	if (slice_istarts(line, "* OK [UIDVALIDITY "))
		g->n_changes++;
	if (!is_harmful(line))
		buf_addslice(out, line);
	begin_line(g); /* words for people: what looks like a literal at their end is none */
	return 0;
}

static int
feed_held(struct guard *g, struct slice *in, struct buf *out, struct err *e)
{
	size_t nl = slice_chr(*in, '\n');
	bool is_decided = is_decidable(buf_slice(&g->held));
	size_t n = nl == SLICE_NONE ? in->n : nl + 1;
	struct slice part;
	enum verdict v;

	if (!is_decided && g->held.len + n > MAX_PREFIX + 1) {
		/* No more than that, however large the packets are: or they would decide. */
		n = MAX_PREFIX + 1 - g->held.len;
		nl = SLICE_NONE;
	}
	part = slice_sub(*in, 0, n);
	*in = slice_from(*in, n);
	buf_addslice(&g->held, part);
	keep_tail(g, part);
	if (count_depth(g, part, e) != 0)
		return -1;
	if (!is_decidable(buf_slice(&g->held)))
		return 0;
	v = is_decided ? HOLD : judge(g, buf_slice(&g->held));
	if (v == HOLD) {
		if (g->held.len > GUARD_MAX_HELD)
			return err_set(
			    e, ERR_PROTOCOL, "the server sends a status line without end");
		return part.p[part.n - 1] == '\n' ? release(g, out, e) : 0;
	}
	g->is_dropped = v == DROP;
	if (!g->is_dropped)
		buf_addslice(out, buf_slice(&g->held));
	g->line_bytes = g->held.len;
	g->state = GUARD_LINE;
	return part.p[part.n - 1] == '\n' ? end_line(g, e) : 0;
}

static int
feed_line(struct guard *g, struct slice *in, struct buf *out, struct err *e)
{
	size_t nl = slice_chr(*in, '\n');
	struct slice part = slice_sub(*in, 0, nl == SLICE_NONE ? in->n : nl + 1);

	*in = slice_from(*in, part.n);
	g->line_bytes += part.n;
	if (g->line_bytes > GUARD_MAX_LINE)
		return err_set(e, ERR_PROTOCOL, "the server sends a line without end");
	if (count_depth(g, part, e) != 0)
		return -1;
	keep_tail(g, part);
	if (!g->is_dropped)
		buf_addslice(out, part);
	return nl == SLICE_NONE ? 0 : end_line(g, e);
}

static void
feed_literal(struct guard *g, struct slice *in, struct buf *out)
{
	struct slice part =
	    slice_sub(*in, 0, g->literal_left < in->n ? (size_t)g->literal_left : in->n);

	*in = slice_from(*in, part.n);
	g->literal_left -= part.n;
	if (!g->is_dropped)
		buf_addslice(out, part);
	if (g->literal_left == 0)
		g->state = GUARD_LINE;
}

int
guard_feed(struct guard *g, struct slice in, struct buf *out, struct err *e)
{
	while (in.n > 0) {
		int r = 0;

		switch (g->state) {
		case GUARD_HOLD:
			r = feed_held(g, &in, out, e);
			break;
		case GUARD_LINE:
			r = feed_line(g, &in, out, e);
			break;
		case GUARD_LITERAL:
			feed_literal(g, &in, out);
			break;
		}
		if (r != 0)
			return -1;
	}
	return 0;
}
