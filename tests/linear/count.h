/* Counts what the C library does, in bytes looked at: included before each counted
 * source. What the source itself does is counted block by block (test_linear.c). */
#ifndef TESTS_LINEAR_COUNT_H
#define TESTS_LINEAR_COUNT_H

#include <stdint.h>
#include <string.h>
#include <strings.h>

extern uint64_t linear_work;

static inline void *
counted_memchr(const void *s, int c, size_t n)
{
	const char *hit = memchr(s, c, n);

	linear_work += 1 + (hit == NULL ? n : (size_t)(hit - (const char *)s)) / 16;
	return (void *)(uintptr_t)hit;
}

static inline void *
counted_memrchr(const void *s, int c, size_t n)
{
	const char *hit = memrchr(s, c, n);

	linear_work += 1 + (hit == NULL ? n : n - (size_t)(hit - (const char *)s)) / 16;
	return (void *)(uintptr_t)hit;
}

static inline void *
counted_memmem(const void *s, size_t n, const void *needle, size_t m)
{
	const char *hit = memmem(s, n, needle, m);

	linear_work += 1 + (hit == NULL ? n : (size_t)(hit - (const char *)s)) / 16;
	return (void *)(uintptr_t)hit;
}

static inline int
counted_memcmp(const void *s, const void *t, size_t n)
{
	int r = memcmp(s, t, n);

	linear_work += 1 + (r == 0 ? n / 16 : 0);
	return r;
}

static inline size_t
counted_strlen(const char *s)
{
	size_t n = strlen(s);

	linear_work += 1 + n / 16;
	return n;
}

static inline void *
counted_memcpy(void *to, const void *from, size_t n)
{
	linear_work += 1 + n / 16;
	return memcpy(to, from, n);
}

static inline void *
counted_memmove(void *to, const void *from, size_t n)
{
	linear_work += 1 + n / 16;
	return memmove(to, from, n);
}

static inline void *
counted_memset(void *to, int c, size_t n)
{
	linear_work += 1 + n / 16;
	return memset(to, c, n);
}

#undef memchr
#undef memrchr
#undef memmem
#undef memcmp
#undef strlen
#undef memcpy
#undef memmove
#undef memset
#define memchr(s, c, n) counted_memchr(s, c, n)
#define memrchr(s, c, n) counted_memrchr(s, c, n)
#define memmem(s, n, t, m) counted_memmem(s, n, t, m)
#define memcmp(s, t, n) counted_memcmp(s, t, n)
#define strlen(s) counted_strlen(s)
#define memcpy(to, from, n) counted_memcpy(to, from, n)
#define memmove(to, from, n) counted_memmove(to, from, n)
#define memset(to, c, n) counted_memset(to, c, n)

#endif
