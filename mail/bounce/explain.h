/* What to tell a person: words derived from facts and tables. Pure.
 *
 * Nothing here is stored; a better table improves old mail. */
#ifndef BOUNCE_EXPLAIN_H
#define BOUNCE_EXPLAIN_H

#include "bounce/report.h"

#define EXPLAIN_MAX_STEPS 8

struct explain_step {
	const char
	    *command; /* "resend", "note-recipient", …: of the command table; "" = words only */
	const char *text;
};

struct explain_cause {
	enum cause cause;
	const char *title;
	double weight;
	struct slice evidence; /* the words of the message, raw */
	const char *remedy;
};

struct explanation {
	const char *code; /* "4.4.1", "451", "" */
	const char *title;
	const char *meaning;   /* two plain sentences */
	const char *registry;  /* the registered meaning where a vendor means another; "" else */
	const char *vendor;    /* whose reading is shown; "" = the registry's */
	const char *badge;     /* "temporary · nobody is trying any more" */
	const char *permanent; /* "No." and why, one line */
	const char *who;
	const char *wait;   /* a number for this case where one is known */
	int64_t suggest_at; /* when to try again, unix time; 0 = do not */
	struct explain_cause causes[REPORT_MAX_CAUSES];
	size_t n_causes;
	const char *against; /* the usual suspects that nothing points to; "" */
	struct explain_step steps[EXPLAIN_MAX_STEPS];
	size_t n_steps;
	const char *prevention;
	const char *contradiction; /* "Status says 4.0.0, the reply says 554"; "" */
};

struct explain_input {
	const struct recipient *recipient; /* may hold a status only */
	struct slice mta;                  /* of the report */
	int64_t arrival_date;              /* for "tries until about" */
	int64_t now;
};

void explain(struct arena *a, const struct explain_input *in, struct explanation *x);

/* For the command line: a code (4.4.1), a reply (451) or a whole diagnostic
 * text, as if it had come in a report. False if there is nothing to explain. */
bool explain_text(struct arena *a, struct slice text, int64_t now, struct recipient *rcpt_r,
    struct explanation *x);

/* As plain text for a terminal of `columns`. */
void explain_print(struct buf *out, const struct explanation *x, int columns);

#endif
