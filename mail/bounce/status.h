/* Enhanced status codes (RFC 3463) and reply codes (RFC 5321 4.2). */
#ifndef BOUNCE_STATUS_H
#define BOUNCE_STATUS_H

#include <stdint.h>

#include "base/slice.h"

#define STATUS_TEXT_BYTES 12

struct status {
	uint8_t class; /* 2, 4, 5; 0 = no code */
	uint16_t subject;
	uint16_t detail;
};

/* The whole of `text` is a code, blanks around it aside. */
bool status_read(struct slice text, struct status *s);
/* The next code in free text: not part of an IP address, a version or a date
 * (a digit, dot or letter beside it); `at` is what was found. `rest` moves on. */
bool status_find(struct slice *rest, struct status *s, struct slice *at);
/* The next SMTP reply code, 4xx or 5xx, at a place where one can stand: at the
 * start of a line, after a sign or a word such as "said"; followed by blank,
 * '-' or an enhanced code. */
bool status_find_reply(struct slice *rest, unsigned *code, struct slice *at);
const char *status_format(char buf[STATUS_TEXT_BYTES], struct status s); /* "" for none */
bool status_same(struct status a, struct status b);
/* X.0.0 and X.4.7 and the like say next to nothing: look inside. */
bool status_is_vague(struct status s);

#endif
