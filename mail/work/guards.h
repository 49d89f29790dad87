/* Whether a resend may go. Pure: facts in, a verdict and its words out. */
#ifndef WORK_GUARDS_H
#define WORK_GUARDS_H

#include "work/handled.h"
#include "work/letters.h"

#define GUARD_LIST_MAIL "list mail: a list drops a message that it has seen, silently"
#define GUARD_LIST_ADDRESS "a mailing list: it drops a message that it has seen, silently"

struct guard_input {
	const struct row *row;
	const struct recipient *recipient;
	const struct original *original;
	const struct handled *handled;
	struct slice to; /* where it would go */
	bool is_read_only;
	bool is_edited;        /* as new: another Message-ID, perhaps another text */
	bool is_other_address; /* than the one that failed */
	bool is_list_address;  /* the configuration says so */
	int64_t now;
};

/* The strictest that holds. `why` is "" for GUARD_OK. */
enum guard guard_resend(struct arena *a, const struct guard_input *in, const char **why_r);

#endif
