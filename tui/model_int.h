/* Inside of the model. Private to model*.c. */
#ifndef TUI_MODEL_INT_H
#define TUI_MODEL_INT_H

#include "base/buf.h"
#include "tui/model.h"

struct entry {
	struct row row; /* strings are in the pool */
	bool is_tagged;
	bool is_gone;
	bool is_changed; /* since the order was worked out: its number is in `changed` */
};

#define CHUNK 1024 /* entries; they never move, so that growing copies nothing */

struct made_line {
	uint32_t entry;   /* of the case; of a group's newest */
	uint32_t n_cases; /* 0 = a case */
	uint32_t first;   /* of a group: where its cases begin in `order` */
	bool is_folded;
	const char *title;
};

struct model {
	struct entry **chunks;
	size_t n, n_chunks;
	uint32_t *index; /* open addressing; place of the row + 1, 0 = free */
	size_t cap_index;
	struct arena *pool;
	const char **strings;
	size_t n_strings, cap_strings;
	struct model_counts counts; /* all but `shown`, kept as rows come and go */
	size_t n_tagged;

	struct filter *filter;
	char *filter_text;
	enum sort_by sort;
	bool is_reverse;
	enum group_by group;
	char **folded; /* titles */
	size_t n_folded;

	bool is_dirty;     /* the order is to be worked out from nothing */
	bool needs_lines;  /* and the lines of the groups */
	uint32_t *changed; /* entries to be put where they belong now */
	size_t n_changed, cap_changed;
	uint32_t *order; /* entries that are shown, in order, folded ones too */
	size_t n_shown;
	struct made_line *lines; /* of groups only: without them a line is its place in `order` */
	size_t n_lines;
};

static inline struct entry *
entry_at(const struct model *m, size_t i)
{
	return &m->chunks[i / CHUNK][i % CHUNK];
}

struct entry *model_entry(const struct model *m, const case_id *id);
void model_work(struct model *m);
/* Its line, groups or not. */
struct made_line model_made_line(const struct model *m, size_t pos);

#endif
