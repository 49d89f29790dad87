/* The cases of an account as a command sees them: fetched, chosen by id or by
 * filter, printed. */
#ifndef TUI_CMD_CASES_H
#define TUI_CMD_CASES_H

#include "base/json.h"
#include "tui/cmd_session.h"

struct cases {
	struct arena *arena; /* owns all strings of the rows */
	struct row *rows;    /* newest first */
	size_t n;
	size_t cap;
	uint32_t *order; /* of arrival, while rows are collected */
	bool *gone;
};

/* All rows of the account, after a sync unless the session is offline. When the
 * sync fails, what is cached is there, *e says why, and -1 is returned. */
int cases_fetch(struct session *s, struct cases *c, struct err *e);
/* The same, but only rows that `keep` wants; it is shown each that comes, of one case
 * as often as the case changes (and is_gone, with an id only), and the last holds. */
typedef bool (*cases_keep_fn)(void *ctx, const struct row *row, bool is_gone);
int cases_fetch_some(
    struct session *s, struct cases *c, cases_keep_fn keep, void *ctx, struct err *e);
/* Do the words make a filter? */
int cases_check(char *const *words, size_t n_words, struct err *e);
/* Keeps what matches the words, joined with blanks. ERR_USAGE with words. */
int cases_filter(struct cases *c, char *const *words, size_t n_words, struct err *e);
/* The same for CASE…|FILTER: if each word is the beginning of one id, these. */
int cases_choose(struct cases *c, char *const *words, size_t n_words, struct err *e);
/* The one case whose id begins so; none is left if there is none, ERR_USAGE with
 * the candidates if there are several. */
int cases_choose_one(struct cases *c, const char *prefix, struct err *e);
void cases_free(struct cases *c);

/* The rows' ids into a letter. */
void cases_put(const struct cases *c, struct letter *l);
const struct row *cases_find(const struct cases *c, const case_id *id);

/* A table for a terminal of so many columns; 0 = nothing is cut. */
void cases_print(struct buf *out, const struct cases *c, int columns, int64_t now);
/* The keys of `list --json`; `uids` are those of the case's reports. The object is left open. */
void cases_json(struct json *j, const struct row *row, const uint32_t *uids, size_t n_uids);
/* "GAVE UP", or the lane of what is no case of ours */
const char *state_label(const struct row *row);
/* The same of one whose last resend did not go. */
const char *not_sent_words(struct arena *a, const struct row *row);
/* "3h", "2d", "5w" */
void age_words(char buf[16], int64_t seconds);

#endif
