/* The rows of the list: kept, filtered, sorted, grouped, tagged. Knows nothing of
 * drawing. A case is known by its account and id, for the same bounce may lie in two
 * mailboxes; positions are of what is shown now. */
#ifndef TUI_MODEL_H
#define TUI_MODEL_H

#include <limits.h>
#include <string.h>

#include "store/case.h"

struct case_key {
	case_id id;
	uint16_t account; /* its number: as the names were given to model_new */
};

static inline bool
key_same(const struct case_key *a, const struct case_key *b)
{
	return a->account == b->account && memcmp(a->id.text, b->id.text, CASE_ID_LEN) == 0;
}

enum sort_by {
	SORT_AGE,
	SORT_RECIPIENT,
	SORT_DOMAIN,
	SORT_CODE,
	SORT_CAUSE,
	SORT_STATE,
	SORT_HANDLING,
	SORT_SUBJECT,
	SORT_REPORTS,
	SORT_ACCOUNT,
	SORT_N,
};
enum group_by {
	GROUP_NONE,
	GROUP_DOMAIN,
	GROUP_CODE,
	GROUP_CAUSE,
	GROUP_ORIGINAL,
	GROUP_DAY,
	GROUP_ACCOUNT,
	GROUP_N
};
extern const char *const sort_names[SORT_N];   /* "age", … */
extern const char *const group_names[GROUP_N]; /* "none", … */

/* Rows are kept packed, and unpacked for who asks: so many of the last ones that
 * were asked for are there, until the next model_put or model_drop. */
#define MODEL_ROWS 16

/* One line of the list: a case, or the head of a group (row is then its newest). */
struct line {
	const struct row *row;
	struct case_key key; /* of the row */
	bool is_group;
	bool is_folded;
	size_t n_cases;    /* of a group */
	const char *title; /* of a group: raw words, not cleaned */
};

struct model_counts {
	size_t all, open, due, doubt, shown;
};

struct model;
/* The names must outlive the model. */
struct model *model_new(const char *const *accounts, size_t n);
void model_free(struct model **m);

/* Copies (each text once; times as 32 bits). Rows that are there are replaced. */
void model_put(struct model *m, unsigned account, const struct row *rows, size_t n);
void model_drop(struct model *m, unsigned account, const case_id *ids, size_t n);
/* Drops all of the account but these, which are in order; false if there were no others. */
bool model_keep(struct model *m, unsigned account, const case_id *ids, size_t n);

/* What is shown: one account (at first the first one), or all. Tags count as long as
 * their account is shown. */
#define MODEL_ALL UINT_MAX
void model_set_account(struct model *m, unsigned account);
unsigned model_account(const struct model *m);

/* The filter in use stays if the new one makes no sense (ERR_USAGE). */
int model_filter(struct model *m, const char *text, struct err *e);
const char *model_filter_text(const struct model *m);
/* The same column again turns it round. Doubts stand first when sorted by age. */
void model_sort(struct model *m, enum sort_by by);
void model_set_sort(struct model *m, enum sort_by by, bool reverse);
enum sort_by model_sort_by(const struct model *m);
bool model_is_reverse(const struct model *m);
void model_group(struct model *m, enum group_by by);
enum group_by model_group_by(const struct model *m);
void model_fold(struct model *m, size_t pos); /* folds or unfolds the group at pos */

/* What is shown: works out lazily what changed since. */
size_t model_lines(struct model *m);
struct line model_line(struct model *m, size_t pos);
/* SIZE_MAX if it is not shown. */
size_t model_find(struct model *m, const struct case_key *key);
const struct row *model_row(const struct model *m, const struct case_key *key); /* or NULL */
/* Of the accounts that are shown, and of one (without `shown`). */
struct model_counts model_count(struct model *m);
struct model_counts model_count_of(const struct model *m, unsigned account);

/* Next line from `from` (excluded) that has `words` in recipient, subject, code,
 * cause's title, without case; wraps; SIZE_MAX if none. */
size_t model_search(struct model *m, const char *words, size_t from, bool backwards);

void model_tag(struct model *m, size_t pos); /* a case, or all of a group: turns it round */
void model_tag_all(struct model *m);         /* all shown; if all are: none */
void model_untag(struct model *m);
/* These, as far as they are there, and no others. */
void model_tag_these(struct model *m, const struct case_key *keys, size_t n);
bool model_is_tagged(const struct model *m, const struct case_key *key);
size_t model_n_tagged(const struct model *m);
/* The tagged cases, also those that the filter hides; malloc'ed. */
struct case_key *model_tagged(const struct model *m, size_t *n_r);
/* … and those of the accounts that are not shown. */
struct case_key *model_all_tagged(const struct model *m, size_t *n_r);
/* Of one line: the case, or all of its group. malloc'ed. */
struct case_key *model_of_line(struct model *m, size_t pos, size_t *n_r);

#endif
