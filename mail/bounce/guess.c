/* Who is meant by the words for people.
 *
 * Every address of the text gets a grade from what stands around it: a sentence
 * that announces failed addresses, a label, a reply of a server, a sentence that
 * says that something failed. The best grades are the recipients. */
#include "bounce/report_int.h"
#include "msg/addr.h"

/* How sure an address is the one that failed. */
enum grade {
	GRADE_NONE = 0,
	GRADE_MENTION = 10,  /* it occurs */
	GRADE_REPLY = 45,    /* a server speaks of it */
	GRADE_SENTENCE = 50, /* in a sentence that says that something failed */
	GRADE_HEAD = 60,     /* it heads a paragraph that says so */
	GRADE_TOWARD = 62,
	GRADE_LABEL = 70,
	GRADE_LIST = 80, /* it was announced */
};
#define GRADE_ENOUGH GRADE_HEAD
#define GRADE_WEAK GRADE_REPLY

/* An address and where it stands. */
struct mention {
	size_t at;
	size_t end;
	size_t line;
	struct slice address;
	bool in_brackets;
};

/* The state of the walk through the text. */
struct guess {
	struct reading *rd;
	const struct human *h;
	size_t next_hit;           /* the first hit behind the address */
	const struct phrase *list; /* the announcement that is still open */
	uint32_t list_indent;      /* of the first address below it */
	bool has_list_indent;
	struct slice addressee;
};

static bool
is_local_char(unsigned char c)
{
	return ascii_isalpha((char)c) || ascii_isdigit((char)c) ||
	    (c != 0 && strchr(".!#$%&'*+/=?^_`{|}~-", c) != NULL);
}

static bool
is_domain_char(unsigned char c)
{
	return ascii_isalpha((char)c) || ascii_isdigit((char)c) || c == '.' || c == '-' || c == '_';
}

/* "to=a@b", "T=a@b": the key is not part of the address. */
static size_t
skip_key(const char *p, size_t begin, size_t at)
{
	static const char *const keys[] = {"to=", "from=", "rcpt=", "user=", "t=", "f=", "rcpt_to=",
	    "recipient=", "email=", "addr=", "mailto="};
	struct slice s = {p + begin, at - begin};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (slice_istarts(s, keys[i]))
			return begin + strlen(keys[i]);
	}
	while (begin < at && strchr("'/=`|*.", p[begin]) != NULL)
		begin++;
	return begin;
}

/* The quoted local part that ends before `at`, if there is one. */
static size_t
quoted_begin(const char *p, size_t at)
{
	size_t i = at - 1;

	while (i > 0 && at - i < 66) {
		i--;
		if (p[i] == '\n')
			return at;
		if (p[i] == '"' && (i == 0 || p[i - 1] != '\\'))
			return i;
	}
	return at;
}

/* The address around the '@' at `at`; false if there is none. */
static bool
mention_read(const struct human *h, size_t from, size_t at, struct mention *m)
{
	const char *p = h->text;
	size_t begin = at;
	size_t end = at + 1;

	while (begin > from && at - begin < 200 && is_local_char((unsigned char)p[begin - 1]))
		begin--;
	if (begin == at && at > 0 && p[at - 1] == '"')
		begin = quoted_begin(p, at);
	begin = skip_key(p, begin, at);
	if (end < h->n && p[end] == '[')
		end++;
	while (end < h->n && end - at < 256 && is_domain_char((unsigned char)p[end]))
		end++;
	if (end < h->n && p[at + 1] == '[' && p[end] == ']')
		end++;
	while (end > at + 1 && (p[end - 1] == '.' || p[end - 1] == '-'))
		end--;
	m->in_brackets = begin > 0 && p[begin - 1] == '<' && end < h->n && p[end] == '>';
	if (begin > 0 && p[begin - 1] == '<') { /* whatever stands in brackets */
		const char *close = memchr(p + at, '>', h->n - at < 256 ? h->n - at : 256);

		if (close != NULL && memchr(p + at, '\n', (size_t)(close - (p + at))) == NULL &&
		    memchr(p + at, ' ', (size_t)(close - (p + at))) == NULL) {
			end = (size_t)(close - p);
			m->in_brackets = true;
		}
	}
	if (begin == at || end - at < 3)
		return false;
	m->at = begin;
	m->end = end;
	m->address = (struct slice){p + begin, end - begin};
	return m->in_brackets || memchr(p + at, '.', end - at) != NULL ||
	    slice_iends(m->address, "@localhost");
}

static const struct line *
line_of_mention(const struct guess *g, const struct mention *m)
{
	return &g->h->lines[m->line];
}

/* Only signs between: brackets, dots, bullets, numbers of a list, white space. */
static bool
only_signs(const char *p, size_t from, size_t to, bool with_digits)
{
	for (size_t i = from; i < to; i++) {
		unsigned char c = (unsigned char)p[i];

		if (ascii_isalpha((char)c) || c >= 0x80)
			return false;
		if (!with_digits && ascii_isdigit((char)c))
			return false;
		if (with_digits && ascii_isdigit((char)c) && i + 1 < to &&
		    (ascii_isdigit(p[i + 1]) || p[i + 1] == '-'))
			return false; /* a reply code, not the number of a list */
	}
	return true;
}

static bool
heads_line(const struct guess *g, const struct mention *m)
{
	return only_signs(g->h->text, line_of_mention(g, m)->begin, m->at, true);
}

/* Nothing of weight between the end of the phrase and the address. */
static bool
is_right_behind(const struct guess *g, const struct phrase_hit *hit, const struct mention *m)
{
	static const char *const fillers[] = {"the ", "user ", "recipient ", "address ", "is ",
	    "was ", "to ", "mailbox ", "following ", "email ", "e-mail ", "account ", "for ",
	    "your ", "at ", "recipients ", "our ", "by ", "of ", "smtp ", "rfc822", "(s)",
	    "addresses ", "are "};
	const char *p = g->h->low;
	size_t i = hit->end;

	if (m->at < i || m->at - i > 60)
		return false;
	while (i < m->at) {
		bool took = false;

		if (only_signs(p, i, m->at, false))
			return true;
		while (i < m->at && !ascii_isalpha(p[i]) && (unsigned char)p[i] < 0x80)
			i++;
		for (size_t k = 0; k < sizeof(fillers) / sizeof(fillers[0]); k++) {
			size_t n = strlen(fillers[k]);

			if (m->at - i >= n && memcmp(p + i, fillers[k], n) == 0) {
				i += n;
				took = true;
				break;
			}
		}
		if (!took)
			return false;
	}
	return true;
}

/* A paragraph ends at an empty line. */
static bool
is_break(const struct human *h, size_t i)
{
	return h->text[i] == '\n' && i + 1 < h->n && h->text[i + 1] == '\n';
}

/* A sentence ends at a full stop before white space, or with its paragraph. */
static size_t
sentence_begin(const struct human *h, size_t at)
{
	size_t limit = at > 400 ? at - 400 : 0;

	while (at > limit) {
		at--;
		if (is_break(h, at))
			return at + 1;
		if ((h->text[at] == '.' || h->text[at] == '!' || h->text[at] == '?') &&
		    at + 1 < h->n && ascii_isspace(h->text[at + 1]))
			return at + 1;
	}
	return limit;
}

static size_t
sentence_end(const struct human *h, size_t at)
{
	size_t limit = h->n - at > 400 ? at + 400 : h->n;

	for (; at < limit; at++) {
		if (is_break(h, at))
			return at;
		if ((h->text[at] == '.' || h->text[at] == '!' || h->text[at] == '?') &&
		    at + 1 < h->n && ascii_isspace(h->text[at + 1]))
			return at;
	}
	return limit;
}

static size_t
paragraph_end(const struct human *h, size_t at)
{
	size_t limit = h->n - at > 1000 ? at + 1000 : h->n;

	while (at < limit && !is_break(h, at))
		at++;
	return at;
}

static bool
says_failure(enum phrase_kind kind)
{
	return kind == PHRASE_FAIL || kind == PHRASE_PERMANENT || kind == PHRASE_EXPIRED ||
	    kind == PHRASE_FAIL_TO || kind == PHRASE_INTRO || kind == PHRASE_LIST;
}

/* Is there a failure, or a delay, between the two places? Hits around `near`. */
static bool
fails_between(const struct guess *g, size_t near_hit, size_t from, size_t to)
{
	const struct human *h = g->h;

	for (size_t i = near_hit; i-- > 0 && h->hits[i].at >= from;) {
		if (says_failure(h->hits[i].phrase->kind) ||
		    h->hits[i].phrase->kind == PHRASE_DELAY)
			return true;
	}
	for (size_t i = near_hit; i < h->n_hits && h->hits[i].at < to; i++) {
		if (says_failure(h->hits[i].phrase->kind) ||
		    h->hits[i].phrase->kind == PHRASE_DELAY)
			return true;
	}
	return false;
}

/* A reply code or an enhanced code between the two places. */
static bool
has_code(const struct human *h, size_t from, size_t to)
{
	return to > from && reply_has_code((struct slice){h->text + from, to - from});
}

static bool
has_reply(struct slice text)
{
	struct said said;

	if (text.n == 0)
		return false;
	reply_read(text, &said);
	return said.reply.n > 0 && said.reply.p[0] != '2';
}

/* The line holds a server's reply before the address: "550 5.1.1 <a@b>…". */
static bool
is_reply_line(const struct guess *g, const struct mention *m)
{
	const struct line *l = line_of_mention(g, m);

	return has_code(g->h, l->begin, m->at);
}

/* "<a@b>... User unknown", "a@b... Deferred: …" */
static bool
is_transcript(const struct guess *g, const struct mention *m)
{
	struct slice behind = slice_sub((struct slice){g->h->text, g->h->n}, m->end, 5);

	return slice_starts(behind, ">... ") || slice_starts(behind, "... ") ||
	    slice_starts(behind, ">...");
}

static bool
is_role(struct slice address)
{
	static const char *const roles[] = {"postmaster@", "mailer-daemon@", "abuse@", "support@",
	    "helpdesk@", "hostmaster@", "noc@", "webmaster@", "root@", "admin@", "security@",
	    "noreply@", "no-reply@", "help@", "dmarc@", "delisting@", "removeme@", "unblock@"};

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (slice_istarts(address, roles[i]))
			return true;
	}
	return false;
}

static bool
is_in_url(const struct guess *g, const struct mention *m)
{
	const char *p = g->h->text;
	size_t i = m->at;

	while (i > line_of_mention(g, m)->begin && p[i - 1] > ' ') {
		i--;
		if (p[i] == '/' && i > 0 && p[i - 1] == '/')
			return true;
	}
	return false;
}

/* Keeps track of announcements on the way to the address. */
static void
pass_hits(struct guess *g, size_t at)
{
	const struct human *h = g->h;

	while (g->next_hit < h->n_hits && h->hits[g->next_hit].at < at) {
		enum phrase_kind kind = h->hits[g->next_hit].phrase->kind;

		if (kind == PHRASE_INTRO || kind == PHRASE_INTRO_DELAY || kind == PHRASE_INTRO_OK) {
			g->list = h->hits[g->next_hit].phrase;
			g->has_list_indent = false;
		} else if (kind == PHRASE_STOP)
			g->list = NULL;
		g->next_hit++;
	}
}

/* Below an announcement, at the indent of the first address there. */
static bool
is_listed(struct guess *g, const struct mention *m)
{
	const struct line *l = line_of_mention(g, m);

	if (g->list == NULL || !heads_line(g, m))
		return false;
	if (g->has_list_indent && l->indent > g->list_indent + 1)
		return false; /* a detail of the address above */
	if (!g->has_list_indent) {
		g->list_indent = l->indent;
		g->has_list_indent = true;
	}
	return true;
}

/* At the head of a line, and the paragraph says that something failed; or it
 * fills the line, and the words before it say so. */
static bool
heads_failure(const struct guess *g, const struct mention *m)
{
	const struct human *h = g->h;
	const struct line *l = line_of_mention(g, m);
	size_t end = paragraph_end(h, m->end);
	bool fills = m->end + 1 >= l->end;

	if (!fills && !m->in_brackets && !is_transcript(g, m) && h->text[m->end] != ':' &&
	    h->text[m->end] != ' ')
		return false;
	if (g->next_hit > 0 && h->hits[g->next_hit - 1].phrase->kind == PHRASE_NOT)
		fills = false; /* "write to:", then whom */
	if (fills && fails_between(g, g->next_hit, m->at > 400 ? m->at - 400 : 0, end))
		return true;
	return fails_between(g, g->next_hit, m->at, end) || has_code(h, m->end, end);
}

static enum grade
grade_of(struct guess *g, const struct mention *m)
{
	const struct human *h = g->h;
	const struct phrase_hit *before = g->next_hit > 0 ? &h->hits[g->next_hit - 1] : NULL;
	enum phrase_kind kind = before == NULL ? PHRASE_COUNT : before->phrase->kind;
	bool behind = before != NULL && is_right_behind(g, before, m);
	bool head = heads_line(g, m);
	bool reply = is_reply_line(g, m);

	if (is_in_url(g, m))
		return GRADE_NONE;
	if (behind && (kind == PHRASE_NOT || kind == PHRASE_FROM) &&
	    (!head || line_of_mention(g, m)->begin <= before->at))
		return GRADE_NONE;
	if (behind &&
	    (kind == PHRASE_INTRO || kind == PHRASE_INTRO_DELAY || kind == PHRASE_INTRO_OK)) {
		is_listed(g, m);
		return GRADE_LIST;
	}
	if (!reply && is_listed(g, m))
		return GRADE_LIST;
	if (behind && kind == PHRASE_LABEL)
		return GRADE_LABEL;
	if (is_role(m->address) && !head)
		return GRADE_NONE;
	if (behind && (kind == PHRASE_TOWARD || kind == PHRASE_FAIL_TO || kind == PHRASE_LIST) &&
	    ((g->rd->marks & (MARK_FAIL | MARK_LIST | MARK_DELAY | MARK_EXPIRED | MARK_SUBJECT)) !=
		0))
		return GRADE_TOWARD;
	if (head && !reply && heads_failure(g, m))
		return GRADE_HEAD;
	if (is_transcript(g, m) && reply)
		return GRADE_HEAD;
	if (reply || is_transcript(g, m))
		return GRADE_REPLY;
	if (fails_between(g, g->next_hit, sentence_begin(h, m->at), sentence_end(h, m->end)))
		return GRADE_SENTENCE;
	return GRADE_MENTION;
}

static struct finding *
finding_of(struct findings *fs, struct slice address)
{
	for (size_t i = 0; i < fs->n; i++) {
		if (addr_same(fs->f[i].address, address))
			return &fs->f[i];
	}
	return NULL;
}

static enum action
action_of_list(const struct guess *g, enum grade grade)
{
	if (grade != GRADE_LIST || g->list == NULL)
		return ACTION_NONE;
	if (g->list->kind == PHRASE_INTRO_DELAY)
		return ACTION_DELAYED;
	if (g->list->kind == PHRASE_INTRO_OK)
		return ACTION_DELIVERED;
	return ACTION_FAILED;
}

/* What a server said of it, on this line. */
static void
take_reply(struct finding *f, const struct guess *g, const struct mention *m)
{
	const struct line *l = line_of_mention(g, m);

	struct slice all = {g->h->text + l->begin, l->end - l->begin};
	struct slice behind = slice_from(all, m->end - l->begin);
	size_t dots = slice_find(slice_sub(behind, 0, 6), "... ");

	if (f->reply.n > 0)
		return;
	/* "554 <a@b>... 550 Host unknown": what was heard, not what was concluded */
	if (dots != SLICE_NONE && has_reply(slice_sub(behind, dots + 4, 4)))
		all = slice_from(behind, dots + 4);
	f->reply = all;
}

static void
consider(struct guess *g, const struct mention *m)
{
	enum grade grade = grade_of(g, m);
	struct findings *fs = &g->rd->words;
	struct finding *f;
	bool is_addressee;

	if (grade == GRADE_NONE)
		return;
	is_addressee = g->addressee.n > 0 && addr_same(g->addressee, m->address);
	if (is_addressee && grade < GRADE_LABEL)
		return;
	f = finding_of(fs, m->address);
	if (f == NULL) {
		f = finding_add(g->rd, fs);
		if (f == NULL)
			return;
		f->address = m->address;
		f->is_addressee = is_addressee;
		f->at = m->at;
		f->end = m->end;
	}
	if (grade > f->sure) {
		f->sure = grade;
		f->action = action_of_list(g, grade);
		if (grade >= GRADE_ENOUGH) {
			f->at = m->at;
			f->end = m->end;
		}
	}
	if (is_reply_line(g, m) || is_transcript(g, m))
		take_reply(f, g, m);
	else if (grade >= GRADE_ENOUGH && f->at != m->at && f->reply.n == 0 &&
	    has_code(g->h, m->end, paragraph_end(g->h, m->end)))
		f->reply =
		    (struct slice){g->h->text + m->end, paragraph_end(g->h, m->end) - m->end};
}

/* "(expanded from <a@b>)": to whom the user wrote. */
static bool
take_expanded_from(struct guess *g, const struct mention *m)
{
	struct findings *fs = &g->rd->words;
	const struct phrase_hit *before;

	if (g->next_hit == 0 || fs->n == 0)
		return false;
	before = &g->h->hits[g->next_hit - 1];
	if (before->phrase->kind != PHRASE_FROM || !is_right_behind(g, before, m))
		return false;
	if (fs->f[fs->n - 1].original_recipient.n == 0)
		fs->f[fs->n - 1].original_recipient = m->address;
	return true;
}

/* "a@b <c@d>": the first is a name, the second the address. */
static bool
is_name_of_next(const struct human *h, const struct mention *m)
{
	struct slice behind = slice_sub((struct slice){h->text, h->n}, m->end, 256);
	size_t close;

	if (m->in_brackets || !(slice_starts(behind, " <") || slice_starts(behind, "\" <")))
		return false;
	close = slice_chr(behind, '>');
	return close != SLICE_NONE && slice_chr(slice_sub(behind, 0, close), '@') != SLICE_NONE &&
	    slice_chr(slice_sub(behind, 2, close - 2), ' ') == SLICE_NONE;
}

static void
walk(struct guess *g)
{
	const struct human *h = g->h;
	size_t from = 0;
	size_t line = 0;
	const char *at;

	while (from < h->n && (at = memchr(h->text + from, '@', h->n - from)) != NULL) {
		struct mention m = {.at = (size_t)(at - h->text)};

		if (!mention_read(h, from, m.at, &m)) {
			from = (size_t)(at - h->text) + 1;
			continue;
		}
		while (line + 1 < h->n_lines && h->lines[line + 1].begin <= m.at)
			line++;
		m.line = line;
		pass_hits(g, m.at);
		from = m.end;
		if (is_name_of_next(h, &m))
			continue;
		if (!take_expanded_from(g, &m))
			consider(g, &m);
	}
}

/* Only the best are recipients; the order of the text stays. Whom the report was
 * sent to is one only if nobody else is. */
static void
keep_best(struct findings *fs)
{
	unsigned best = 0;
	bool others = false;
	size_t n = 0;

	for (size_t i = 0; i < fs->n; i++) {
		if (fs->f[i].sure > best)
			best = fs->f[i].sure;
		others |= !fs->f[i].is_addressee && fs->f[i].sure >= GRADE_ENOUGH;
	}
	for (size_t i = 0; i < fs->n; i++) {
		unsigned want = best >= GRADE_LIST ? GRADE_LIST
		    : best >= GRADE_ENOUGH         ? GRADE_ENOUGH
						   : GRADE_WEAK;

		if (fs->f[i].sure >= want && !(fs->f[i].is_addressee && others))
			fs->f[n++] = fs->f[i];
	}
	fs->n = n;
}

static bool
begins_line(const struct human *h, size_t at)
{
	return at == 0 || h->text[at - 1] == '\n';
}

/* Where the words about this recipient end: at the next one, or at the paragraph
 * that soothes, "No action is required on your part". */
static size_t
words_end(const struct human *h, const struct findings *fs, const struct finding *f)
{
	size_t end = h->n;

	for (size_t i = 0; i < fs->n; i++) {
		if (fs->f[i].at > f->at && fs->f[i].at < end)
			end = fs->f[i].at;
	}
	for (size_t i = 0; i < h->n_hits && h->hits[i].at < end; i++) {
		if (h->hits[i].at >= f->end && h->hits[i].phrase->kind == PHRASE_DELAY &&
		    begins_line(h, h->hits[i].at))
			return h->hits[i].at;
	}
	return end;
}

static size_t
first_stop(const struct human *h, size_t from, size_t to)
{
	for (size_t i = 0; i < h->n_hits; i++) {
		enum phrase_kind kind = h->hits[i].phrase->kind;

		if (h->hits[i].at < from || h->hits[i].at >= to)
			continue;
		if (kind == PHRASE_STOP || kind == PHRASE_ORIGINAL || kind == PHRASE_HEADER)
			return h->hits[i].at;
	}
	return to;
}

static bool
has_fail(const struct human *h, size_t from, size_t to)
{
	for (size_t i = 0; i < h->n_hits; i++) {
		if (h->hits[i].at >= from && h->hits[i].at < to &&
		    says_failure(h->hits[i].phrase->kind))
			return true;
	}
	return false;
}

static size_t
line_at(const struct human *h, size_t at)
{
	size_t i = 0;

	while (i + 1 < h->n_lines && h->lines[i + 1].begin <= at)
		i++;
	return i;
}

/* The last paragraph before `at` that holds a code; SLICE_NONE if none of the few
 * before it does. */
static size_t
paragraph_above(const struct human *h, size_t at)
{
	size_t begin = at;

	for (unsigned n = 0; n < 4 && begin > 1; n++) {
		size_t end = begin;

		begin -= 2;
		while (begin > 0 && !is_break(h, begin - 1))
			begin--;
		if (has_code(h, begin, end))
			return begin;
	}
	return SLICE_NONE;
}

/* The first paragraph of [from, to) that holds a code. */
static size_t
paragraph_below(const struct human *h, size_t from, size_t to)
{
	for (unsigned n = 0; n < 12 && from < to; n++) {
		size_t end = from;

		while (end < to && !is_break(h, end))
			end++;
		if (has_code(h, from, end))
			return from;
		from = end + 2;
	}
	return SLICE_NONE;
}

static struct slice
part_of(const struct human *h, size_t begin, size_t end)
{
	while (begin < end && (h->text[begin] == '>' || h->text[begin] == '"'))
		begin++;
	return (struct slice){h->text + begin, end - begin};
}

/* The words about one recipient: its own paragraph; if that says nothing, what a
 * server replied, the line or paragraph above; else all that follows. */
static struct slice
words_of(const struct human *h, const struct findings *fs, const struct finding *f)
{
	size_t end = words_end(h, fs, f);
	size_t stop = first_stop(h, f->end, end);
	size_t own = f->end;
	size_t line = line_at(h, f->at);
	size_t above = h->lines[line > 0 ? line - 1 : 0].begin;

	while (own < stop && !is_break(h, own))
		own++;
	if (f->reply.n > 0 && f->reply.p >= h->text + h->lines[line].begin &&
	    f->reply.p < h->text + h->lines[line].end && reply_has_code(f->reply))
		return f->reply; /* it stands in a server's reply */
	if (has_reply(f->reply) && !has_reply(part_of(h, f->end, stop)))
		return f->reply;
	if (has_code(h, f->end, own))
		return part_of(h, f->end, own);
	if (has_code(h, f->end, stop))
		return part_of(h, f->end, stop);
	if (f->reply.n > 0 && (reply_has_code(f->reply) || !has_fail(h, f->end, stop)))
		return f->reply;
	if (has_code(h, above, f->at))
		return part_of(h, above, f->at); /* "550 User unknown", then who */
	if (fs->n == 1) {
		above = paragraph_below(h, stop, end);
		if (above != SLICE_NONE)
			return part_of(h, above, paragraph_end(h, above));
		above = paragraph_above(h, f->at);
		if (above != SLICE_NONE)
			return part_of(h, above, end);
	}
	if (has_fail(h, f->end, stop))
		return part_of(h, f->end, stop);
	return part_of(h, f->end, has_fail(h, f->end, end) ? end : stop);
}

void
guess_recipients(struct reading *rd)
{
	struct guess g = {.rd = rd, .h = &rd->human};

	if (rd->human.n == 0)
		return;
	g.addressee = addr_read(rd->a, rd->head.to);
	walk(&g);
	keep_best(&rd->words);
	for (size_t i = 0; i < rd->words.n; i++) {
		rd->words.f[i].words = words_of(&rd->human, &rd->words, &rd->words.f[i]);
		if (reply_has_code(rd->words.f[i].words))
			rd->marks |= MARK_FAIL;
	}
}
