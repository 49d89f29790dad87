/* What was done, as IMAP keywords: seen by everybody who shares the mailbox. Pure. */
#ifndef WORK_KEYWORDS_H
#define WORK_KEYWORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "store/case.h"

/* "" for what has no keyword. */
const char *keyword_of(enum handling h);
/* On a report of several recipients, of which only one was resent: the part of that
 * case (case_part). Returns out. */
#define KEYWORD_PART_BYTES 20
const char *keyword_part(char out[KEYWORD_PART_BYTES], const case_id *id);
bool keywords_have_part(const char *const *keywords, size_t n);
/* What was resent before is sent again: another one each time, so that whoever was asked
 * about it a moment before sees that it is no longer as it was shown. `n` from 1; those
 * above KEYWORD_MAX_AGAIN are that one. */
#define KEYWORD_AGAIN_BYTES 20
#define KEYWORD_MAX_AGAIN 9
const char *keyword_again(char out[KEYWORD_AGAIN_BYTES], unsigned n);
/* The highest of them among words in lower case; 0 = none. */
unsigned keywords_again(const char *words);
/* On a report that came after a resend and does not say that it is about that: whoever sent
 * it says so, as the reports that have a mark of it may go from the mailbox. */
#define KEYWORD_PERHAPS "bouncebox-perhaps"
/* The mark of whoever sends, before its name. */
#define KEYWORD_SENDING "bouncebox-sending-"
/* What the keywords of a message say; the last deed wins: done, ignored, resent,
 * noted. False if none of ours is there. */
bool keywords_read(const char *const *keywords, size_t n, enum handling *h_r);

#endif
