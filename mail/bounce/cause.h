/* Ranks the causes of one failure by what its words say. Pure.
 *
 * Tiers as in diagnostics.tsv: specific texts, an informative code, generic
 * texts, wrappers ("message expired") that look inside, the Status field. */
#ifndef BOUNCE_CAUSE_H
#define BOUNCE_CAUSE_H

#include "bounce/report.h"

struct cause_input {
	struct slice diagnostic; /* UTF-8, joined */
	struct slice text; /* further words of the report about this recipient, may be empty */
	struct slice status;
	struct slice reply_code;
	struct slice remote_mta;
	struct slice reporting_mta;
};

/* Fills `hits` best first, weights descending; 0 when nothing points anywhere. */
size_t cause_rank(
    struct arena *a, const struct cause_input *in, struct cause_hit hits[REPORT_MAX_CAUSES]);

#endif
