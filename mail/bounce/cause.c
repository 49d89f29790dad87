#include "bounce/cause.h"

#include "bounce/match.h"

#define TIER_SPECIFIC 0
#define TIER_GENERIC 1
#define TIER_WRAPPER 2

struct ranking {
	struct cause_hit *hits;
	size_t n;
};

static void
add_hit(struct ranking *r, struct cause_hit hit)
{
	if (hit.cause == CAUSE_UNKNOWN || r->n == REPORT_MAX_CAUSES)
		return;
	for (size_t i = 0; i < r->n; i++) {
		if (r->hits[i].cause == hit.cause)
			return;
	}
	r->hits[r->n++] = hit;
}

static bool
is_word(char c)
{
	return ascii_isalpha(c) || ascii_isdigit(c) || (unsigned char)c >= 0x80;
}

/* The words at [begin, end), widened to whole words, at most
 * REPORT_MAX_EVIDENCE bytes and then cut between words. */
static struct slice
quote(struct slice text, size_t begin, size_t end)
{
	while (begin > 0 && is_word(text.p[begin]) && is_word(text.p[begin - 1]))
		begin--;
	while (end > 0 && end < text.n && is_word(text.p[end]) && is_word(text.p[end - 1]))
		end++;
	if (end - begin > REPORT_MAX_EVIDENCE) {
		size_t cut = begin + REPORT_MAX_EVIDENCE;

		while (cut > begin && !ascii_isspace(text.p[cut]))
			cut--;
		if (cut == begin) /* one endless word: at least no half character */
			for (cut = begin + REPORT_MAX_EVIDENCE;
			     cut > begin && ((unsigned char)text.p[cut] & 0xc0) == 0x80;)
				cut--;
		end = cut;
	}
	return slice_trim(slice_sub(text, begin, end - begin));
}

static struct slice
evidence_of(struct slice text, const struct match *m)
{
	if (m->end - m->begin > REPORT_MAX_EVIDENCE)
		return quote(text, m->last, m->end);
	return quote(text, m->begin, m->end);
}

static double
row_weight(const struct diagnostic_info *row)
{
	static const double by_tier[] = {0.93, 0.7, 0.5};

	return by_tier[row->tier] * (row->verdict == VERDICT_AMBIGUOUS ? 0.85 : 1);
}

/* A short row inside the words of a better one says nothing new. */
static bool
is_inside(const struct match_set *set, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (set->at[k].begin <= set->at[i].begin && set->at[i].end <= set->at[k].end)
			return true;
	}
	return false;
}

/* Rows of one tier, in the order of the table. */
static void
add_rows(
    struct ranking *r, struct slice text, const struct match_set *set, unsigned tier, double trust)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct diagnostic_info *row = &diagnostic_table[set->at[i].row];

		if (row->tier == tier && !is_inside(set, i))
			add_hit(r,
			    (struct cause_hit){row->cause, row_weight(row) * trust,
				evidence_of(text, &set->at[i]), row});
	}
}

/* Does the row that was found first name this code as its own? Then the code is
 * no further witness. */
static bool
is_code_of_row(const struct ranking *r, struct slice code)
{
	const char *codes = r->n > 0 && r->hits[0].row != NULL ? r->hits[0].row->codes : "";
	char text[STATUS_TEXT_BYTES + 1];

	if (code.n >= sizeof(text))
		return false;
	memcpy(text, code.p, code.n);
	text[code.n] = '\0';
	return strstr(codes, text) != NULL;
}

static void
add_code(struct ranking *r, struct status s, struct slice at, const struct vendor_info *vendor,
    double trust)
{
	const struct reading_info *reading = reading_find(vendor, s);
	const struct code_info *code = code_find(s);

	if ((s.class != 4 && s.class != 5) || is_code_of_row(r, at))
		return;
	if (reading != NULL)
		add_hit(r, (struct cause_hit){reading->cause, 0.9 * trust, at, NULL});
	else if (code != NULL && !status_is_vague(s))
		add_hit(r, (struct cause_hit){code->cause, 0.8 * trust, at, NULL});
}

static void
add_codes_in(struct ranking *r, struct slice text, const struct vendor_info *vendor, double trust)
{
	struct slice rest = slice_sub(text, 0, MATCH_MAX_TEXT), at;
	struct status s;

	for (unsigned i = 0; i < 8 && status_find(&rest, &s, &at); i++)
		add_code(r, s, at, vendor, trust);
}

/* The first keeps its weight; what follows shares the doubt that is left. */
static void
settle_weights(struct ranking *r)
{
	double left = 1;

	for (size_t i = 0; i < r->n; i++) {
		double w = r->hits[i].weight;

		if (i > 0 && w > left * 0.6)
			w = left * 0.6;
		r->hits[i].weight = w;
		left -= w;
	}
}

size_t
cause_rank(struct arena *a, const struct cause_input *in, struct cause_hit hits[REPORT_MAX_CAUSES])
{
	struct ranking r = {hits, 0};
	struct match_set inner, outer, mta;
	const struct vendor_info *vendor;
	struct status s;

	(void)a;
	match_text(in->diagnostic, &inner);
	match_text(in->remote_mta, &mta);
	vendor = inner.vendor != NULL ? inner.vendor : mta.vendor;
	add_rows(&r, in->diagnostic, &inner, TIER_SPECIFIC, 1);
	add_codes_in(&r, in->diagnostic, vendor, 1);
	add_rows(&r, in->diagnostic, &inner, TIER_GENERIC, 1);
	outer.n = 0;
	if (r.n == 0 && in->text.n > 0) {
		match_text(in->text, &outer);
		add_rows(&r, in->text, &outer, TIER_SPECIFIC, 0.9);
	}
	if (status_read(in->status, &s))
		add_code(&r, s, slice_trim(in->status), vendor, 0.85);
	if (r.n == 0 && in->text.n > 0) {
		add_codes_in(&r, in->text, vendor, 0.8);
		add_rows(&r, in->text, &outer, TIER_GENERIC, 0.8);
	}
	add_rows(&r, in->diagnostic, &inner, TIER_WRAPPER, 1);
	add_rows(&r, in->text, &outer, TIER_WRAPPER, 0.9);
	if (r.n == 0 && status_read(in->status, &s) && s.subject == 4 && s.detail == 7)
		add_hit(&r, (struct cause_hit){CAUSE_EXPIRED, 0.5, slice_trim(in->status), NULL});
	settle_weights(&r);
	return r.n;
}
