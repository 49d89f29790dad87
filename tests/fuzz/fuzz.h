/* What the fuzz targets share. A broken promise stops the run with its text. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(claim)                                                                         \
	do {                                                                                \
		if (!(claim)) {                                                             \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #claim); \
			abort();                                                            \
		}                                                                           \
	} while (0)

static inline struct slice
input_of(const uint8_t *data, size_t size)
{
	return size == 0 ? SLICE_EMPTY : (struct slice){(const char *)data, size};
}

static inline bool
is_inside(struct slice outer, struct slice inner)
{
	return inner.p != NULL && inner.p >= outer.p && inner.p + inner.n <= outer.p + outer.n;
}

/* Memory is a stand-in for time that does not hang on the machine: what is read
 * in linear time cannot ask for more than this. */
static inline bool
is_frugal(const struct arena *a, size_t size, size_t factor)
{
	return arena_used(a) <= 128 * 1024 + size * factor;
}

/* CR and LF only as pairs: what a mail server demands. */
static inline bool
has_crlf_only(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\r' && (i + 1 == s.n || s.p[i + 1] != '\n'))
			return false;
		if (s.p[i] == '\n' && (i == 0 || s.p[i - 1] != '\r'))
			return false;
	}
	return true;
}

#endif
