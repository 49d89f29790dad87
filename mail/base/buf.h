/* Growing text. `data` is NUL-terminated after the first add and moves when it
 * grows: keep offsets, not pointers. Start from BUF_INIT; free when done.
 *
 * Running out of memory ends the program with words: no caller could do better.
 * Bytes from outside are bounded before they come here. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/slice.h"

struct buf {
	char *data;
	size_t len;
	size_t cap;
};

#define BUF_INIT           \
	{                  \
		NULL, 0, 0 \
	}

/* append */
void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *cstr);
void buf_addslice(struct buf *b, struct slice s);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_addvf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* overwrite, ask */
void buf_clear(struct buf *b); /* keeps the memory */
void buf_grow(struct buf *b, size_t more);
void buf_truncate(struct buf *b, size_t len);
struct slice buf_slice(const struct buf *b);
const char *buf_cstr(struct buf *b); /* "" when empty */

/* Room for so many bytes and the NUL. */
static inline void
buf_reserve(struct buf *b, size_t more)
{
	if (more >= b->cap - b->len)
		buf_grow(b, more);
}

static inline void
buf_addc(struct buf *b, char c)
{
	buf_reserve(b, 1);
	b->data[b->len++] = c;
	b->data[b->len] = '\0';
}

/* The caller frees what it took with free(). Never NULL. */
char *buf_take(struct buf *b);
void buf_free(struct buf *b);

/* As malloc and friends, but never return NULL. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xslicedup(struct slice s);

#endif
