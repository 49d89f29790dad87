/* Tells mail that is surely no report by its header alone, so that the rest of it
 * need not be fetched.
 *
 * Pure. Errs on the side of reading: what a mail system, a robot or nobody wrote,
 * what is called like a bounce or is sent on, and whatever form could hold a report,
 * is read. What is left out is the mail of people and lists. */
#ifndef BOUNCE_SIFT_H
#define BOUNCE_SIFT_H

#include "base/arena.h"

/* The names of the fields that it looks at, as an IMAP FETCH lists them. */
extern const char sift_fields[];

enum sift {
	SIFT_NO,      /* surely no report */
	SIFT_PERHAPS, /* nothing but its form or a service's name says so */
	SIFT_LIKELY,
};

/* `header`: all fields, or those of sift_fields. */
enum sift sift_header(struct arena *a, struct slice header);

#endif
