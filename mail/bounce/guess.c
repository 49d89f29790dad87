/* Who is meant by the words for people.
 *
 * Every address of the text gets a grade from what stands around it: a sentence
 * that announces failed addresses, a label, a reply of a server, a sentence that
 * says that something failed. The best grades are the recipients. */
#include "bounce/guess_int.h"
#include "msg/addr.h"

/* More than there can be recipients, so that one is always free. */
#define N_SLOTS (2 * REPORT_MAX_RECIPIENTS)

/* The state of the walk through the text. */
struct guess {
	struct reading *rd;
	const struct human *h;
	size_t next_hit;           /* the first hit behind the address */
	const struct phrase *list; /* the announcement that is still open */
	uint32_t list_end;
	uint32_t list_indent; /* of the first address below it */
	bool has_list_indent;
	bool has_named; /* somebody but the addressee, with some reason */
	struct slice addressee;
	size_t last_end; /* of the address before, and its grade */
	enum grade last_grade;
	bool last_is_not;        /* "write to a@b.example or c@d.example": neither is meant */
	size_t told_end;         /* behind the last address that a sentence of failure named */
	uint16_t named[N_SLOTS]; /* by address: number in the findings, from 1 on; 0 = free */
};

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

/* A sentence ends at a full stop before white space, or with its paragraph. */
static size_t
sentence_begin(const struct human *h, size_t at)
{
	size_t limit = at > 400 ? at - 400 : 0;

	while (at > limit) {
		at--;
		if (words_break(h, at))
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
		if (words_break(h, at))
			return at;
		if ((h->text[at] == '.' || h->text[at] == '!' || h->text[at] == '?') &&
		    at + 1 < h->n && ascii_isspace(h->text[at + 1]))
			return at;
	}
	return limit;
}

/* Is there a failure, or a delay, between the two places? Hits around `near`. */
static bool
fails_between(const struct guess *g, size_t near_hit, size_t from, size_t to)
{
	const struct human *h = g->h;

	for (size_t i = near_hit; i-- > 0 && h->hits[i].at >= from;) {
		if (phrase_says_failure(h->hits[i].phrase->kind) ||
		    h->hits[i].phrase->kind == PHRASE_DELAY)
			return true;
	}
	for (size_t i = near_hit; i < h->n_hits && h->hits[i].at < to; i++) {
		if (phrase_says_failure(h->hits[i].phrase->kind) ||
		    h->hits[i].phrase->kind == PHRASE_DELAY)
			return true;
	}
	return false;
}

/* What stands before the address on its line; no more than a reply may be long, so
 * that a line of nothing but addresses is not read again for each. */
static struct slice
line_before(const struct guess *g, const struct mention *m)
{
	const struct line *l = line_of_mention(g, m);
	size_t begin = m->at > l->begin + 512 ? m->at - 512 : l->begin;

	return (struct slice){g->h->low + begin, m->at - begin};
}

/* The line holds a server's reply before the address: "550 5.1.1 <a@b>…". */
static bool
is_reply_line(const struct guess *g, const struct mention *m)
{
	return reply_has_code(line_before(g, m));
}

/* "<a@b>... User unknown", "a@b... Deferred: …" */
static bool
is_transcript(const struct guess *g, const struct mention *m)
{
	struct slice behind = slice_sub((struct slice){g->h->text, g->h->n}, m->end, 5);

	return slice_starts(behind, ">... ") || slice_starts(behind, "... ") ||
	    slice_starts(behind, ">...");
}

/* "RCPT TO:<a@b>", and below it "<<< 250 ok": that one was taken. */
static bool
is_accepted(const struct guess *g, const struct mention *m)
{
	const struct line *l = line_of_mention(g, m);
	struct slice below;

	if (m->line + 1 >= g->h->n_lines || slice_find(line_before(g, m), "rcpt to") == SLICE_NONE)
		return false;
	l++;
	below = (struct slice){g->h->text + l->begin, l->end - l->begin};
	while (below.n > 0 && (below.p[0] == '<' || below.p[0] == ' '))
		below = slice_from(below, 1);
	return below.n > 3 && below.p[0] == '2' && ascii_isdigit(below.p[1]) &&
	    ascii_isdigit(below.p[2]) && below.p[3] == ' ';
}

/* Words of failure do, where nobody was named before: else a reason follows. */
static bool
announces(const struct guess *g, const struct phrase_hit *hit)
{
	return phrase_says_failure(hit->phrase->kind) && !g->has_named &&
	    !slice_iends(slice_of(hit->phrase->text), " by") && words_open_list(g->h, hit);
}

/* "A temporary problem delivering your message to" and then "the following
 * recipients": the last words announce nothing of their own. */
static bool
continues_list(const struct guess *g, const struct phrase_hit *hit)
{
	return hit->phrase->kind == PHRASE_INTRO && g->list != NULL &&
	    g->list->kind != PHRASE_INTRO && hit->at <= g->list_end + 5;
}

/* Keeps track of announcements on the way to the address. */
static void
pass_hits(struct guess *g, size_t at)
{
	const struct human *h = g->h;

	while (g->next_hit < h->n_hits && h->hits[g->next_hit].at < at) {
		const struct phrase_hit *hit = &h->hits[g->next_hit];
		enum phrase_kind kind = hit->phrase->kind;

		if (continues_list(g, hit))
			g->list_end = hit->end;
		else if (kind == PHRASE_INTRO || kind == PHRASE_INTRO_DELAY ||
		    kind == PHRASE_INTRO_OK || announces(g, hit)) {
			g->list = hit->phrase;
			g->list_end = hit->end;
			g->has_list_indent = false;
		} else if (kind == PHRASE_STOP || (kind == PHRASE_NOT && words_open_list(h, hit)))
			g->list = NULL;
		g->next_hit++;
	}
}

/* "Bob Partner (b@c.example)": a name, then the address, and no more on the line. */
static bool
follows_name(const struct guess *g, const struct mention *m)
{
	const struct line *l = line_of_mention(g, m);
	const char *p = g->h->text;

	if (m->at < l->begin + 3 || m->at - l->begin > 60 || m->end + 1 != l->end ||
	    !(p[m->at - 1] == '(' || p[m->at - 1] == '<') || p[m->at - 2] != ' ')
		return false;
	for (size_t i = l->begin; i + 2 < m->at; i++) {
		if (!ascii_isalpha(p[i]) && (unsigned char)p[i] < 0x80 &&
		    strchr(" .,'\"-", p[i]) == NULL)
			return false;
	}
	return true;
}

/* Below an announcement, at the indent of the first address there. */
static bool
is_listed(struct guess *g, const struct mention *m)
{
	const struct line *l = line_of_mention(g, m);

	if (g->list == NULL || (!heads_line(g, m) && !follows_name(g, m)))
		return false;
	if (g->has_list_indent && l->indent > g->list_indent + 1)
		return false; /* a detail of the address above */
	if (!g->has_list_indent) {
		g->list_indent = l->indent;
		g->has_list_indent = true;
	}
	return true;
}

/* Below "--": who wrote it. */
static bool
is_signature(const struct guess *g, const struct mention *m)
{
	for (size_t i = m->line; i > 0 && m->line - i < 6;) {
		const struct line *l = &g->h->lines[--i];

		if (l->end - l->begin == 2 && memcmp(g->h->text + l->begin, "--", 2) == 0)
			return true;
	}
	return false;
}

/* At the head of a line, and the paragraph says that something failed; or it
 * fills the line, and the words before it say so. */
static bool
heads_failure(const struct guess *g, const struct mention *m)
{
	const struct human *h = g->h;
	const struct line *l = line_of_mention(g, m);
	size_t end = words_paragraph_end(h, m->end);
	size_t from = m->at > 400 ? m->at - 400 : 0;
	bool fills = m->end + 1 >= l->end;

	if (!fills && !m->in_brackets && !is_transcript(g, m) && h->text[m->end] != ':' &&
	    h->text[m->end] != ' ')
		return false;
	if (g->next_hit > 0 && h->hits[g->next_hit - 1].phrase->kind == PHRASE_NOT)
		fills = false; /* "write to:", then whom */
	if (is_signature(g, m))
		return false;
	if (from < g->told_end)
		from = g->told_end; /* who fails by the words before was told there */
	if (fills && fails_between(g, g->next_hit, from, end))
		return true;
	return fails_between(g, g->next_hit, m->at, end) || words_have_code(h, m->end, end);
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

	if (mention_is_in_url(g->h, m) || is_accepted(g, m))
		return GRADE_NONE;
	if (behind && (kind == PHRASE_NOT || kind == PHRASE_FROM) &&
	    (!head || line_of_mention(g, m)->begin <= before->at)) {
		g->last_is_not = true;
		return GRADE_NONE;
	}
	if (behind &&
	    (kind == PHRASE_INTRO || kind == PHRASE_INTRO_DELAY || kind == PHRASE_INTRO_OK)) {
		is_listed(g, m);
		return GRADE_LIST;
	}
	if (!reply && is_listed(g, m))
		return GRADE_LIST;
	if (behind && kind == PHRASE_LABEL)
		return GRADE_LABEL;
	if (mention_is_role(m->address) && !head)
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

/* The place in the table of those who were named already. */
static uint16_t *
slot_of(struct guess *g, struct slice address)
{
	uint32_t hash = 2166136261u;
	uint16_t *slot;

	while (address.n > 0 && address.p[address.n - 1] == '.')
		address.n--;
	for (size_t i = 0; i < address.n; i++)
		hash = (hash ^ (unsigned char)ascii_lower(address.p[i])) * 16777619u;
	for (;; hash++) {
		slot = &g->named[hash % N_SLOTS];
		if (*slot == 0 || addr_same(g->rd->words.f[*slot - 1].address, address))
			return slot;
	}
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

/* "554 <a@b>... Remote protocol error" below "<<< 550 no": where what was heard
 * begins, SLICE_NONE if nothing was. */
static size_t
heard_above(const struct guess *g, const struct mention *m)
{
	const struct line *above;

	if (m->line == 0)
		return SLICE_NONE;
	above = &g->h->lines[m->line - 1];
	if (!slice_starts(slice_sub((struct slice){g->h->text, g->h->n}, m->end, 32),
		">... Remote protocol error") ||
	    above->end - above->begin < 8 || memcmp(g->h->text + above->begin, "<<< ", 4) != 0)
		return SLICE_NONE;
	return reply_is_in((struct slice){g->h->text + above->begin + 4, 4}) ? above->begin + 4
									     : SLICE_NONE;
}

/* What a server said of it, on this line. */
static void
take_reply(struct finding *f, const struct guess *g, const struct mention *m)
{
	const struct line *l = line_of_mention(g, m);

	struct slice all = {g->h->text + l->begin, l->end - l->begin};
	struct slice behind = slice_from(all, m->end - l->begin);
	size_t dots = slice_find(slice_sub(behind, 0, 6), "... ");
	size_t heard;

	if (f->reply.n > 0)
		return;
	/* "554 <a@b>... 550 Host unknown": what was heard, not what was concluded */
	if (dots != SLICE_NONE && reply_is_in(slice_sub(behind, dots + 4, 4)))
		all = slice_from(behind, dots + 4);
	heard = heard_above(g, m);
	if (heard != SLICE_NONE)
		all = slice_range(g->h->text + heard, g->h->text + l->end);
	f->reply = all;
}

/* Hardly anything between it and the address before, on the same line. */
static bool
is_next(const struct guess *g, const struct mention *m)
{
	return m->at > g->last_end && m->at - g->last_end < 8 &&
	    memchr(g->h->text + g->last_end, '\n', m->at - g->last_end) == NULL;
}

/* "Write to a@b.example or c@d.example": the second is no more meant than the first. */
static bool
is_not_either(const struct guess *g, const struct mention *m)
{
	static const char *const links[] = {
	    "or", "and", "oder", "und", "ou", "et", "o", "y", "e", "of", "en", "или", "и"};
	struct slice between;

	if (!g->last_is_not || !is_next(g, m))
		return false;
	if (only_signs(g->h->text, g->last_end, m->at, false))
		return true;
	between = slice_trim((struct slice){g->h->low + g->last_end, m->at - g->last_end});
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		if (slice_is(between, links[i]))
			return true;
	}
	return false;
}

/* "Failed: a@b.example, c@d.example": the next in a row is what the first one was. */
static bool
goes_on(const struct guess *g, const struct mention *m)
{
	return g->last_grade >= GRADE_TOWARD && is_next(g, m) &&
	    only_signs(g->h->text, g->last_end, m->at, false) &&
	    memchr(g->h->text + g->last_end, '(', m->at - g->last_end) == NULL;
}

static void
consider(struct guess *g, const struct mention *m)
{
	bool is_not = is_not_either(g, m);
	enum grade grade = is_not ? GRADE_NONE
	    : goes_on(g, m)       ? g->last_grade
				  : (g->last_is_not = false, grade_of(g, m));
	struct findings *fs = &g->rd->words;
	struct finding *f;
	uint16_t *slot;
	bool is_addressee;
	bool told;

	g->last_end = m->end;
	g->last_grade = grade;
	if (grade == GRADE_NONE)
		return;
	is_addressee = g->addressee.n > 0 && addr_same(g->addressee, m->address);
	if (is_addressee && grade < GRADE_LABEL)
		return;
	g->has_named |= !is_addressee && grade >= GRADE_REPLY;
	told = grade >= GRADE_TOWARD && !heads_line(g, m) && !follows_name(g, m);
	if (told)
		g->told_end = words_paragraph_end(g->h, m->end);
	slot = slot_of(g, m->address);
	if (*slot != 0) {
		f = &fs->f[*slot - 1];
	} else {
		f = finding_add(g->rd, fs);
		if (f == NULL)
			return;
		*slot = (uint16_t)fs->n;
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
	if (grade == GRADE_LIST && told && g->h->text[m->end] != ',' && g->h->text[m->end] != ';')
		g->list = NULL; /* the sentence named whom it announced */
	if (is_reply_line(g, m) || is_transcript(g, m))
		take_reply(f, g, m);
	else if (grade >= GRADE_ENOUGH && f->at != m->at && f->reply.n == 0 &&
	    words_have_code(g->h, m->end, words_paragraph_end(g->h, m->end)))
		f->reply =
		    (struct slice){g->h->text + m->end, words_paragraph_end(g->h, m->end) - m->end};
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
		if (mention_is_name(h, &m))
			continue;
		if (!take_expanded_from(g, &m))
			consider(g, &m);
	}
}

void
guess_recipients(struct reading *rd)
{
	struct guess g = {.rd = rd, .h = &rd->human};

	if (rd->human.n == 0)
		return;
	g.addressee = addr_read(rd->a, rd->head.to);
	walk(&g);
	best_keep(rd);
	words_take(rd);
}
