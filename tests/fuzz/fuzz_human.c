/* A notice in free text. The phrases that are found are those that a plain search
 * finds; whoever is named and whatever code is shown stands in the text. */
#include "bounce/phrase.h"
#include "bounce/report.h"
#include "fuzz.h"
#include "msg/addr.h"
#include "msg/coding.h"

#define MAX_PLAIN_SEARCH 1500

static const struct slice heads[] = {
    SLICE_LIT("From: MAILER-DAEMON@mail.example.org\nSubject: failure notice\n\n"),
    SLICE_LIT("From: bob@partner.example\nTo: alice@example.org\nSubject: Fwd: hello\n\n"),
    SLICE_LIT("Return-Path: <>\nTo: alice@example.org\n\n"),
    SLICE_LIT("From: x\nSubject: Warning: message delayed\nContent-Type: text/html\n\n"),
};

static bool
in_word(char c)
{
	return ascii_isdigit(c) || (c >= 'a' && c <= 'z');
}

/* The phrases by their first byte, so that searching for each is quick enough. */
static const struct phrase **rows[256];
static size_t n_rows[256];

static void
make_rows(void)
{
	for (size_t i = 0; i < phrase_table_n; i++)
		n_rows[(unsigned char)phrase_table[i].text[0]]++;
	for (size_t c = 0; c < 256; c++) {
		rows[c] = xcalloc(n_rows[c] + 1, sizeof(*rows[c]));
		n_rows[c] = 0;
	}
	for (size_t i = 0; i < phrase_table_n; i++) {
		unsigned char c = (unsigned char)phrase_table[i].text[0];

		rows[c][n_rows[c]++] = &phrase_table[i];
	}
}

static const struct phrase *
plain_longest(const char *low, size_t left, bool in_subject)
{
	const struct phrase *best = NULL;
	unsigned char c = (unsigned char)low[0];

	for (size_t i = 0; i < n_rows[c]; i++) {
		const struct phrase *p = rows[c][i];

		if ((p->kind >= PHRASE_SUBJECT_FAIL) == in_subject && p->len <= left &&
		    low[p->len - 1] == p->text[p->len - 1] && memcmp(p->text, low, p->len) == 0 &&
		    (best == NULL || p->len > best->len))
			best = p;
	}
	return best;
}

static void
check_phrases(struct slice text, bool in_subject)
{
	static struct phrase_hit hits[PHRASE_MAX_HITS];
	size_t n = phrase_scan(text.p, text.n, in_subject, hits, PHRASE_MAX_HITS);
	size_t end = 0;
	size_t k = 0;

	for (size_t i = 0; i < text.n && k < PHRASE_MAX_HITS; i++) {
		const struct phrase *p;

		if (i > 0 && in_word(text.p[i]) && in_word(text.p[i - 1]))
			continue;
		p = plain_longest(text.p + i, text.n - i, in_subject);
		if (p == NULL || i + p->len <= end)
			continue;
		end = i + p->len;
		MUST(k < n && hits[k].at == i && hits[k].end == end);
		MUST(hits[k].phrase->len == p->len && hits[k].phrase->kind == p->kind);
		k++;
	}
	MUST(k == n);
}

static bool
stands_in(struct slice whole, struct slice part)
{
	return part.n == 0 || memmem(whole.p, whole.n, part.p, part.n) != NULL;
}

static void
check_report(struct slice message)
{
	struct arena *a = arena_new();
	struct report r;

	report_read(a, message, &r);
	MUST(r.n_recipients <= REPORT_MAX_RECIPIENTS);
	MUST(arena_used(a) <= 4u * 1024 * 1024 + 64 * message.n);
	for (size_t i = 0; i < r.n_recipients; i++) {
		const struct recipient *x = &r.recipients[i];

		MUST(stands_in(message, x->reply_code));
		MUST(stands_in(message, x->status));
		MUST(coding_is_utf8(x->diagnostic));
		MUST(slice_eol(x->address) == x->address.n);
	}
	arena_free(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_from(input_of(data, size), 1);
	struct buf message = BUF_INIT;
	char low[MAX_PLAIN_SEARCH];

	if (rows[0] == NULL)
		make_rows();
	if (text.n <= sizeof(low)) {
		for (size_t i = 0; i < text.n; i++)
			low[i] = ascii_isspace(text.p[i]) ? ' ' : ascii_lower(text.p[i]);
		check_phrases((struct slice){low, text.n}, false);
		check_phrases((struct slice){low, text.n}, true);
	}
	buf_addslice(&message, heads[size == 0 ? 0 : data[0] % 4]);
	buf_addslice(&message, text);
	check_report(buf_slice(&message));
	buf_free(&message);
	return 0;
}
