/* Twice the message is twice the work, whatever it is made of. Work is counted, not
 * timed: the blocks of our own code that are entered, and the bytes that the C library
 * looks at for it. So the same message always costs the same, on any machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "bounce/report.h"
#include "msg/coding.h"
#include "unit/bounce/hostile.h"

void __sanitizer_cov_trace_pc(void);

uint64_t linear_work;

/* The compiler puts a call of this into each block of the counted sources. */
void
__sanitizer_cov_trace_pc(void)
{
	linear_work++;
}

/* Where a limit is met, what is behind it is read in another way: one step up that
 * stays below this is none of a square. */
#define WORK_PER_BYTE 256

static uint64_t
work_of(const struct hostile *x, size_t n, size_t *bytes)
{
	struct arena *a = arena_new();
	struct buf message = BUF_INIT;
	struct buf out = BUF_INIT;
	struct report r;
	struct json j;
	uint64_t work;

	x->make(&message, n);
	linear_work = 0;
	report_read(a, buf_slice(&message), &r);
	json_begin(&j, &out);
	report_json(&j, SLICE_LIT("hostile"), &r);
	work = linear_work;
	*bytes = message.len;
	buf_free(&message);
	buf_free(&out);
	arena_free(&a);
	return work;
}

static void
open_tags(struct buf *b, size_t n)
{
	buf_adds(b, HEAD "Content-Type: text/html\n\n");
	for (size_t i = 0; i < n; i++)
		buf_adds(b, "<a <!-- &amp");
}

static void
markup_without_end(struct buf *b, size_t n)
{
	buf_adds(b, HEAD "Content-Type: text/html\n\n");
	for (size_t i = 0; i < n; i++)
		buf_adds(b, "<script <style &#");
}

static void
alias_words(struct buf *b, size_t n)
{
	buf_adds(b, STATUS "Final-Recipient: rfc822; a@b.c\n");
	for (size_t i = 0; i < n; i++)
		buf_adds(b, "expanded expanded ");
}

static void
words_of_nobody(struct buf *b, size_t n)
{
	buf_adds(b, HEAD "\n");
	for (size_t i = 0; i < n; i++)
		buf_adds(b, "quota connect to host: x\n");
}

static void
addresses_on_lines(struct buf *b, size_t n)
{
	buf_adds(b, HEAD "\nunheard of:\n\n");
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "u%zu@b.example; ", i);
}

static const struct hostile more[] = {
    {"tags that stay open", open_tags, 100000},
    {"markup that does not end", markup_without_end, 80000},
    {"words of an alias", alias_words, 60000},
    {"sentences that nobody has met", words_of_nobody, 40000},
    {"addresses in a row", addresses_on_lines, 60000},
};

static void
check(const struct hostile *x)
{
	for (size_t n = x->n / 64; n <= x->n / 16; n *= 2) {
		size_t bytes;
		uint64_t once = work_of(x, n, &bytes);
		uint64_t twice = work_of(x, 2 * n, &bytes);

		assert_true(once > 0);
		if (twice > once * 9 / 4 + 100000 && twice > WORK_PER_BYTE * bytes)
			fail_msg("%s: %llu for %zu, %llu for twice as many", x->name,
			    (unsigned long long)once, n, (unsigned long long)twice);
	}
}

static void
test_linear(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(hostiles) / sizeof(hostiles[0]); i++)
		check(&hostiles[i]);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		check(&more[i]);
}

/* The count must see a loop in a loop, or it proves nothing. */
static void
test_count_sees_squares(void **unused)
{
	struct buf text = BUF_INIT;
	uint64_t work[2];

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		size_t n = 2000u << i;

		buf_clear(&text);
		for (size_t k = 0; k < n; k++)
			buf_addc(&text, 'a');
		linear_work = 0;
		for (size_t k = 0; k < n; k++)
			slice_find(slice_from(buf_slice(&text), k), "b");
		work[i] = linear_work;
	}
	assert_true(work[1] > 3 * work[0]);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_linear),
	    cmocka_unit_test(test_count_sees_squares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
