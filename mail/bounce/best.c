/* Of the addresses in the words for people: which are meant. */
#include "bounce/guess_int.h"

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

/* A mail system quotes a reply, or says in words of its own that something failed,
 * and names one address only: who else could be meant? */
static void
mind_the_only_one(struct reading *rd)
{
	const struct findings *fs = &rd->words;
	struct slice text = {rd->human.text, rd->human.n};
	struct finding *only = NULL;
	bool is_daemon = head_is_daemon(&rd->head);
	unsigned marks = MARK_FAIL | MARK_EXPIRED | MARK_DELAY;

	if (!is_daemon && !head_is_null_sender(&rd->head))
		return;
	/* "Payment rejected" and "450 EUR" say nothing of mail, unless a mail system does. */
	if (is_daemon)
		marks |= MARK_SUBJECT | MARK_SUBJECT_DELAY;
	if ((rd->marks & (MARK_AWAY | MARK_SUBJECT_AWAY | MARK_OK)) != 0)
		return;
	for (size_t i = 0; i < fs->n; i++) {
		if (fs->f[i].is_addressee)
			continue;
		if (only != NULL)
			return;
		only = &fs->f[i];
	}
	if (only == NULL || only->sure != GRADE_MENTION)
		return;
	if ((rd->marks & marks) != 0 ||
	    (is_daemon ? reply_has_code(text) : words_have_status(text)))
		only->sure = GRADE_WEAK;
}

/* On a line of its own, and below it, further in, what is said of it. */
static bool
has_shape(const struct human *h, const struct finding *f, uint32_t *indent)
{
	size_t i = words_line(h, f->at);
	const struct line *l = &h->lines[i];

	*indent = l->indent;
	return f->at - l->begin <= 1 && f->end + 2 >= l->end && i + 1 < h->n_lines &&
	    l[1].end > l[1].begin && l[1].indent > l->indent;
}

/* One of those that stand so failed: so did the others, even if what is said of them
 * was never met before. */
static void
mind_the_shape(struct reading *rd)
{
	struct findings *fs = &rd->words;
	uint32_t indent = 0;
	uint32_t other;
	bool has_model = false;

	for (size_t i = 0; i < fs->n && !has_model; i++)
		has_model =
		    fs->f[i].sure == GRADE_HEAD && has_shape(&rd->human, &fs->f[i], &indent);
	for (size_t i = 0; has_model && i < fs->n; i++) {
		if (fs->f[i].sure == GRADE_MENTION && has_shape(&rd->human, &fs->f[i], &other) &&
		    other == indent)
			fs->f[i].sure = GRADE_HEAD;
	}
}

void
best_keep(struct reading *rd)
{
	mind_the_shape(rd);
	mind_the_only_one(rd);
	keep_best(&rd->words);
}
