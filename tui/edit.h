/* The line that a person types into, and words for a time. */
#ifndef TUI_EDIT_H
#define TUI_EDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct edit {
	struct buf text; /* valid UTF-8, no control characters */
	size_t at;       /* byte offset of the cursor, on a character */
};

void edit_set(struct edit *e, const char *text); /* cursor at the end */
/* C-a C-e C-b C-f C-u C-k C-w, arrows, Home, End, Backspace, Delete, and what is
 * printable (keys as in term.h). False if the key is none of these. */
bool edit_key(struct edit *e, int key);
/* Wipes before it frees: a secret may have been typed. */
void edit_free(struct edit *e);

/* "4h", "90m", "2d", "1h30m", "13:00" (the next one), "tomorrow", "tomorrow 9",
 * "tomorrow 9:30", "monday 8", "2026-11-30", "2026-11-30 8:00", in local time;
 * without an hour 9:00. Never in the past. 0 if it makes no sense. */
int64_t when_parse(const char *text, int64_t now);
/* The same, or "next-bounce" and beginnings of it: *until_r as in LETTER_IGNORE. */
bool until_parse(const char *text, int64_t now, int64_t *until_r);

#endif
