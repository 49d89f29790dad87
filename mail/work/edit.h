/* Edit as new, on top of msg/anew.h. Private to the room. */
#ifndef WORK_EDIT_H
#define WORK_EDIT_H

#include "msg/anew.h"
#include "work/guards.h"
#include "work/work.h"

#define EDIT_MAX_CASES 50

/* One of the cases that the new message is for. */
struct edited_case {
	case_id id;
	struct detail detail;
	struct slice recipient; /* "" = left out: its address was taken out of the draft */
	int64_t known;          /* newest resend of it in the journal */
	enum handling handling;
	struct sent_told told;
	bool is_alone, is_again; /* as of struct guard_verdict */
	enum guard guard;
	const char *why;
};

struct edited {
	struct found found;
	struct anew_original original;
	struct anew_message message;
	struct edited_case *cases; /* as in the letter */
	size_t n_cases;
};

struct seen edit_seen(const struct edited_case *c);
void edit_request(struct worker *w, struct letter *l); /* LETTER_EDIT */
/* What l->text makes of the cases, and whether it may go. */
int edit_make(
    struct worker *w, const struct letter *l, struct arena *a, struct edited *x, struct err *e);
/* Into the journal with its bytes, all or none; items_r has as many places as there are
 * cases, *n_r says how many were taken. */
int edit_journal(struct worker *w, struct arena *a, int64_t due_at, const struct edited *x,
    int64_t *items_r, size_t *n_r, struct err *e);
/* Reports about the new message belong to the old case. */
void edit_alias(struct worker *w, const struct journal_item *item);
/* Did another item of this message go already? Then a copy of it is in Sent. */
bool edit_is_copied(struct worker *w, const char *message_id, int64_t item);

#endif
