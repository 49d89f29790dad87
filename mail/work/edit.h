/* Edit as new, on top of msg/anew.h. Private to the room. */
#ifndef WORK_EDIT_H
#define WORK_EDIT_H

#include "msg/anew.h"
#include "work/guards.h"
#include "work/work.h"

struct edited {
	struct detail detail;
	struct found found;
	struct anew_original original;
	struct anew_message message;
	int64_t known; /* newest resend of it in the journal */
	enum handling handling;
	enum guard guard;
	const char *why;
};

void edit_request(struct worker *w, struct letter *l); /* LETTER_EDIT */
/* What l->text makes of the case, and whether it may go. */
int edit_make(
    struct worker *w, const struct letter *l, struct arena *a, struct edited *x, struct err *e);
/* Into the journal with its bytes; *item_r 0 and words in *e if not. */
void edit_journal(struct worker *w, const struct letter *l, struct arena *a, int64_t due_at,
    struct edited *x, int64_t *item_r, struct err *e);
/* Reports about the new message belong to the old case. */
void edit_alias(struct worker *w, const struct journal_item *item);

#endif
