/* Inside of the model. Private to model*.c. */
#ifndef TUI_MODEL_INT_H
#define TUI_MODEL_INT_H

#include "base/buf.h"
#include "tui/model.h"

struct entry {
	struct row row; /* strings are in the pool */
	bool is_tagged;
	bool is_gone;
};

struct made_line {
	uint32_t entry;   /* of the case; of a group's newest */
	uint32_t n_cases; /* 0 = a case */
	uint32_t first;   /* of a group: where its cases begin in `order` */
	bool is_folded;
	const char *title;
};

struct model {
	struct entry *rows;
	size_t n, cap;
	uint32_t *index; /* open addressing; place of the row + 1, 0 = free */
	size_t cap_index;
	struct arena *pool;
	const char **strings;
	size_t n_strings, cap_strings;

	struct filter *filter;
	char *filter_text;
	enum sort_by sort;
	bool is_reverse;
	enum group_by group;
	char **folded; /* titles */
	size_t n_folded;

	bool is_dirty;   /* lines are to be worked out */
	uint32_t *order; /* entries that are shown, in order, folded ones too */
	size_t n_shown;
	struct made_line *lines;
	size_t n_lines;
};

struct entry *model_entry(const struct model *m, const case_id *id);
void model_work(struct model *m);

#endif
