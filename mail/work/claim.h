/* One machine at a time sends a case: a claim on the server.
 *
 * A keyword with this machine's name is put on the reports of the case (on each:
 * another machine may not know the newest yet), by STORE … UNCHANGEDSINCE where the
 * server has it (RFC 7162 3.1.3), and then it is looked whether it stands alone: only
 * then anything is sent. It is taken away when the outcome is known, and stays while
 * it is in doubt. Without CONDSTORE two that try at once may both step back. Where the
 * server allows no keywords, or nothing may be written, only the claims of others are
 * looked for; where the source is local, the journal alone stands guard.
 *
 * A claim whose machine never came back is overruled by a person who types the word
 * (then it is taken away), and what was sent before gets one more mark each time
 * (keyword_again), so that a yes counts only for what was shown. */
#ifndef WORK_CLAIM_H
#define WORK_CLAIM_H

#include "work/keywords.h"
#include "work/work.h"

/* What a person said yes to. */
struct claim_known {
	bool is_asked;    /* this one, knowing that it was resent before … */
	unsigned n_again; /* … so often (struct sent_told) */
	bool is_typed;    /* by the word: that another machine began to send it is known */
};

/* 0: go on. ERR_REFUSED: somebody else sends it, or has; anything else: the
 * server could not be asked. Nothing may be sent then. */
int claim_take(struct worker *w, const case_id *id, const struct claim_known *known, struct err *e);
/* The keyword by which this machine claims: of this journal, as two programs that share
 * it are kept apart by it already. */
#define CLAIM_BYTES (sizeof(KEYWORD_SENDING) + 8)
int claim_name(struct worker *w, char out[CLAIM_BYTES], struct err *e);
/* If it cannot be taken away now, the next pass of keywords_mark does. */
void claim_release(struct worker *w, const case_id *id, bool is_sent);
/* Also on reports that came since: those that have it may go. */
void claim_renew(struct worker *w, const case_id *id);
/* Takes away what an earlier end left, unless it is in doubt. */
void claim_tidy(struct worker *w, const case_id *id, enum handling handling);

#endif
