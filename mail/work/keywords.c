#include "work/keywords.h"

#include <stdio.h>
#include <string.h>

#include "base/slice.h"

struct keyword {
	enum handling handling;
	const char *name;
};

/* The first that is there counts. Letters, digits and '-' only. */
static const struct keyword table[] = {
    {HANDLING_DONE, "bouncebox-done"},
    {HANDLING_IGNORED, "bouncebox-ignored"},
    {HANDLING_RESENT, "bouncebox-resent"},
    {HANDLING_NOTED, "bouncebox-noted"},
};

#define PART "bouncebox-part-"
#define AGAIN "bouncebox-again-"
#define TABLE_N (sizeof(table) / sizeof(table[0]))

const char *
keyword_of(enum handling h)
{
	for (size_t i = 0; i < TABLE_N; i++) {
		if (table[i].handling == h)
			return table[i].name;
	}
	return "";
}

const char *
keyword_part(char out[KEYWORD_PART_BYTES], const case_id *id)
{
	snprintf(out, KEYWORD_PART_BYTES, PART "%u", case_part(id));
	return out;
}

const char *
keyword_again(char out[KEYWORD_AGAIN_BYTES], unsigned n)
{
	snprintf(
	    out, KEYWORD_AGAIN_BYTES, AGAIN "%u", n > KEYWORD_MAX_AGAIN ? KEYWORD_MAX_AGAIN : n);
	return out;
}

unsigned
keywords_again(const char *words)
{
	unsigned most = 0;

	for (const char *p = words; (p = strstr(p, AGAIN)) != NULL; p++) {
		char digit = p[sizeof(AGAIN) - 1];

		if (digit > '0' && digit <= '9' && (unsigned)(digit - '0') > most)
			most = (unsigned)(digit - '0');
	}
	return most;
}

bool
keywords_have_part(const char *const *keywords, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (slice_istarts(slice_of(keywords[i]), PART))
			return true;
	}
	return false;
}

bool
keywords_read(const char *const *keywords, size_t n, enum handling *h_r)
{
	for (size_t k = 0; k < TABLE_N; k++) {
		for (size_t i = 0; i < n; i++) {
			if (slice_iis(slice_of(keywords[i]), table[k].name)) {
				*h_r = table[k].handling;
				return true;
			}
		}
	}
	return false;
}
