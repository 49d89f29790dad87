/* The lines of an INI file, with their numbers. Private to conf.
 *
 *     # or ; at the beginning of a line: a comment
 *     [section]
 *     name = value      # white space and # end a value, outside of "…" and '…'
 *
 * A quotation mark counts only where a word begins and only if it is closed on
 * the same line, so that O'Brien needs no care; the marks stay in the value. A
 * value cannot be continued on a further line. */
#ifndef BASE_CONF_INI_H
#define BASE_CONF_INI_H

#include "base/slice.h"

#define INI_MAX_LINE_BYTES 4000
#define INI_MAX_SECTION_BYTES 48 /* inih cuts longer names silently */

struct ini_sink {
	/* name is NULL for the section line itself */
	void (*entry)(
	    void *ctx, unsigned line, const char *section, const char *name, const char *value);
	void (*problem)(void *ctx, unsigned line, const char *words);
	void *ctx;
};

/* Reads all of it: a bad line is a problem, and the rest still counts. */
void ini_walk(struct slice text, const struct ini_sink *sink);

#endif
