/* Cases of which nobody knows whether they went: what is known, what can be found out, and
 * what a person says of it. */
#ifndef WORK_DOUBT_H
#define WORK_DOUBT_H

#include "store/doubt.h"
#include "work/work.h"

/* doubt_words.c: for the cache, what the journal knows; "" if it cannot be read. */
const char *doubt_text(struct worker *w, const case_id *id, int64_t item, struct arena *a);
/* The words of a detail in doubt: what the reports say of it, and the steps. */
void doubt_explain(
    struct cache *c, const struct account *account, struct arena *a, struct detail *d);
/* What to look for in which log. */
const char *doubt_log_words(struct arena *a, const struct account *account, const struct doubt *d);

/* doubt_look.c: what is known of a case, a line each; looks on the server, too, if there is
 * a session. Nothing if it is not in doubt: *is_doubt_r. */
typedef void (*doubt_line_fn)(void *ctx, const char *what, const char *words);
int doubt_look(struct worker *w, const case_id *id, bool *is_doubt_r, doubt_line_fn fn, void *ctx,
    struct err *e);

/* doubt_answer.c: one letter, LETTER_RESOLVE */
void doubt_answer(struct worker *w, struct letter *l);

#endif
