/* What is known of a resend or note of which nobody knows whether it went. The cache keeps
 * it as the words of such a case. Pure. */
#ifndef STORE_DOUBT_H
#define STORE_DOUBT_H

#include "base/buf.h"
#include "store/case.h"

enum doubt_kind {
	DOUBT_RESEND, /* known by its Resent-Message-ID */
	DOUBT_EDITED, /* a new message: by its Message-ID */
	DOUBT_NOTE,
};

/* Strings are never NULL. */
struct doubt {
	enum doubt_kind kind;
	int64_t at;              /* when it was on the wire */
	const char *name;        /* of the message, with brackets */
	const char *envelope_id; /* ENVID, "" = none */
	const char *recipient;   /* of a note to several, with blanks between */
	const char *account;     /* that sent it */
	const char *words;       /* why it is in doubt */

	/* for people; filled in with the rest of the detail, "" before */
	const char *what;  /* "a resend to bob@partner.test, on the wire at … through …" */
	const char *names; /* "Resent-Message-ID <…>, ENVID …" */
	const char *proof; /* what the reports say of it */
	bool is_told;      /* a report names it: it went */
};

/* The message goes to others too, each on its own: its name alone tells nothing of this one. */
bool doubt_is_of_several(const struct doubt *d);
/* The field that has the name. */
const char *doubt_field(enum doubt_kind kind);
void doubt_write(struct buf *out, const struct doubt *d);
/* False if it is none. */
bool doubt_read(struct arena *a, struct slice text, struct doubt *d);

#endif
