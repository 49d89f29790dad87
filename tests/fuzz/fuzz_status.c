#include "base/clean.h"
#include "bounce/cause.h"
#include "bounce/explain.h"
#include "bounce/match.h"
#include "fuzz.h"
#include "msg/coding.h"

static void
check_codes(struct slice text)
{
	char shown[STATUS_TEXT_BYTES];
	struct slice rest = text;
	struct slice at;
	struct status s;
	struct status again;
	unsigned reply;

	while (status_find(&rest, &s, &at)) {
		MUST(is_inside(text, at) && rest.p == at.p + at.n);
		MUST(status_read(at, &again) && status_same(s, again));
		MUST(status_read(slice_of(status_format(shown, s)), &again) &&
		    status_same(s, again));
		MUST(code_find(s) != NULL);
	}
	MUST(rest.n == 0);
	for (rest = text; status_find_reply(&rest, &reply, &at);) {
		MUST(is_inside(text, at) && at.n == 3 && rest.p == at.p + 3);
		MUST(reply >= 400 && reply <= 599 && code_find_reply(reply) != NULL);
	}
	MUST(rest.n == 0);
	MUST(status_read(text, &s) || s.class == 0);
}

static void
check_matches(struct slice text)
{
	static struct match_set set;

	match_text(text, &set);
	MUST(set.n <= MATCH_MAX);
	for (size_t i = 0; i < set.n; i++) {
		const struct match *m = &set.at[i];

		MUST(m->row < diagnostic_table_n);
		MUST(i == 0 || set.at[i - 1].row <= m->row);
		MUST(m->begin < m->end && m->begin <= m->last && m->last < m->end);
		MUST(m->end <= text.n);
	}
}

static void
check_causes(struct arena *a, const struct recipient *r)
{
	for (size_t i = 0; i < r->n_causes; i++) {
		const struct cause_hit *hit = &r->causes[i];

		MUST(hit->cause != CAUSE_UNKNOWN && hit->cause < CAUSE_COUNT);
		MUST(hit->weight > 0 && hit->weight <= 1);
		MUST(i == 0 || r->causes[i - 1].weight >= hit->weight);
		MUST(hit->evidence.n <= REPORT_MAX_EVIDENCE);
		for (size_t k = 0; k < i; k++)
			MUST(r->causes[k].cause != hit->cause);
	}
	(void)a;
}

/* What a person is told can be shown: UTF-8 in lines, nothing that moves a cursor. */
static void
check_print(const struct explanation *x, int columns)
{
	struct buf out = BUF_INIT;
	const char *p;
	const char *end;

	explain_print(&out, x, columns);
	MUST(coding_is_utf8(buf_slice(&out)) && out.len < 64 * 1024);
	p = buf_cstr(&out);
	for (end = p + out.len; p < end;) {
		unsigned cp = 0;
		size_t n = utf8_decode(p, end, &cp);

		MUST(n > 0 && (cp == '\n' || (cp >= 0x20 && (cp < 0x7f || cp >= 0xa0))));
		p += n;
	}
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = input_of(data, size);
	struct arena *a = arena_new();
	struct explanation x;
	struct recipient r;

	check_codes(text);
	check_matches(text);
	if (explain_text(a, text, 1795166040, &r, &x)) {
		check_causes(a, &r);
		MUST(x.title[0] != '\0' && x.n_causes <= REPORT_MAX_CAUSES);
		MUST(x.n_steps <= EXPLAIN_MAX_STEPS);
		check_print(&x, size == 0 ? 80 : 20 + data[0]);
	}
	MUST(is_frugal(a, size, 60));
	arena_free(&a);
	return 0;
}
