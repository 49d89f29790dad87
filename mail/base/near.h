/* "Did you mean …?": the name that a mistyped word was probably meant to be. */
#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#include <stddef.h>

/* The name at `offset` of each row of a table (stride bytes apart) that is
 * nearest to `word` by edits (a swap of neighbours counts as one); "" if none is
 * near enough to be worth naming. Case is ignored. */
const char *near_name(const char *word, const void *table, size_t n, size_t stride, size_t offset);

#endif
