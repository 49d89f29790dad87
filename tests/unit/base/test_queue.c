#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/queue.h"

static bool
is_readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

static void
test_order_and_wakefulness(void **state)
{
	struct queue *q = queue_new(3);
	int items[4];

	(void)state;
	assert_null(queue_take(q));
	assert_false(is_readable(queue_fd(q)));
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 3; i++)
			assert_true(queue_put(q, &items[i]));
		assert_false(queue_put(q, &items[3]));
		assert_false(queue_put_wait(q, &items[3], 1));
		for (int i = 0; i < 3; i++) {
			assert_true(is_readable(queue_fd(q)));
			assert_ptr_equal(queue_take(q), &items[i]);
		}
		assert_false(is_readable(queue_fd(q)));
		assert_null(queue_take(q));
	}
	queue_free(&q, NULL);
	assert_null(q);
	queue_free(&q, NULL);
}

static void
test_closed(void **state)
{
	struct queue *q = queue_new(2);

	(void)state;
	assert_true(queue_put(q, xstrdup("kept")));
	assert_true(queue_put(q, xstrdup("kept too")));
	queue_close(q);
	assert_false(queue_put(q, q));
	assert_false(queue_put_wait(q, q, -1));
	free(queue_take(q));
	assert_false(queue_put(q, q));
	queue_free(&q, free); /* the leak check sees the second if it is not freed */
}

#define MANY 20000

static void *
put_many(void *arg)
{
	for (intptr_t i = 1; i <= MANY; i++) {
		if (!queue_put_wait(arg, (void *)i, -1))
			return NULL;
	}
	return arg;
}

static void
test_two_threads(void **state)
{
	struct queue *q = queue_new(7);
	pthread_t thread;
	void *result;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, put_many, q), 0);
	for (intptr_t want = 1; want <= MANY;) {
		struct pollfd p = {.fd = queue_fd(q), .events = POLLIN};
		void *item;

		assert_int_equal(poll(&p, 1, 60000), 1);
		while ((item = queue_take(q)) != NULL)
			assert_int_equal((intptr_t)item, want++);
	}
	pthread_join(thread, &result);
	assert_ptr_equal(result, q);
	queue_free(&q, NULL);
}

static void
test_close_wakes_the_waiting_putter(void **state)
{
	struct queue *q = queue_new(1);
	pthread_t thread;
	void *result;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, put_many, q), 0);
	queue_close(q);
	pthread_join(thread, &result);
	assert_null(result);
	queue_free(&q, NULL);
}

static void
test_cancel(void **state)
{
	struct cancel *c = cancel_new();

	(void)state;
	for (int round = 0; round < 3; round++) {
		assert_false(cancel_is_fired(c));
		assert_false(is_readable(cancel_fd(c)));
		cancel_fire(c);
		cancel_fire(c);
		assert_true(cancel_is_fired(c));
		assert_true(is_readable(cancel_fd(c)));
		cancel_reset(c);
	}
	cancel_free(&c);
	assert_null(c);
	cancel_free(&c);
}

static void
test_clock(void **state)
{
	int64_t begin = clock_mono_ms();

	(void)state;
	setenv("BOUNCEBOX_NOW", "1795166040", 1);
	assert_int_equal(clock_now(), 1795166040);
	setenv("BOUNCEBOX_NOW", "soon", 1);
	assert_true(clock_now() > 1700000000);
	unsetenv("BOUNCEBOX_NOW");
	assert_true(clock_now() > 1700000000);
	assert_true(clock_mono_ms() >= begin);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order_and_wakefulness),
	    cmocka_unit_test(test_closed),
	    cmocka_unit_test(test_two_threads),
	    cmocka_unit_test(test_close_wakes_the_waiting_putter),
	    cmocka_unit_test(test_cancel),
	    cmocka_unit_test(test_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
