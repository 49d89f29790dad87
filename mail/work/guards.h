/* Whether a resend may go. Pure: facts in, a verdict and its words out. */
#ifndef WORK_GUARDS_H
#define WORK_GUARDS_H

#include "work/elsewhere.h"
#include "work/letters.h"

#define GUARD_LIST_MAIL "list mail: a list drops a message that it has seen, silently"
#define GUARD_LIST_ADDRESS "a mailing list: it drops a message that it has seen, silently"

struct guard_input {
	const struct row *row;
	const struct recipient *recipient;
	const struct original *original;
	const struct handled *handled;
	struct sent_told told; /* of what was sent again, from this machine or another */
	struct slice to;       /* where it would go */
	bool is_read_only;
	bool is_edited;        /* as new: another Message-ID, perhaps another text */
	bool is_other_address; /* than the one that failed */
	bool is_list_address;  /* the configuration says so */
	int64_t now;
};

struct guard_verdict {
	enum guard guard;
	const char *why; /* "" for GUARD_OK */
	/* A yes to many, or a word typed for many, is none to this one: it might arrive twice, or where
	 * it should not. */
	bool is_alone;
	bool is_again; /* `why` says that it was, or may have been, sent again already */
};

/* The strictest that holds. */
struct guard_verdict guard_resend(struct arena *a, const struct guard_input *in);

#endif
