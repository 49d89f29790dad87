/* COMPRESS=DEFLATE (RFC 4978): what goes in comes out, and a bomb fills no memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/resource.h>
#include <zlib.h>

#include "net/deflate.h"

static struct deflate *
made(void)
{
	struct deflate *d;

	assert_int_equal(deflate_new(&d), 0);
	return d;
}

/* Byte by byte: blocks end anywhere. */
static void
test_round_trip_in_any_pieces(void **state)
{
	static const size_t pieces[] = {1, 2, 7, 1000, 100000};

	(void)state;
	for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
		struct deflate *here = made(), *there = made();
		struct buf plain = BUF_INIT, packed = BUF_INIT, back = BUF_INIT;
		struct slice rest;

		for (unsigned i = 0; i < 5000; i++)
			buf_addf(&plain, "* %u FETCH (UID %u FLAGS ())\r\n", i, i * 7919);
		deflate_pack(here, buf_slice(&plain), &packed);
		assert_true(packed.len < plain.len / 3);
		for (rest = buf_slice(&packed); rest.n > 0;) {
			struct slice now = slice_sub(rest, 0, pieces[p]);
			char room[500];
			ssize_t n;

			rest = slice_from(rest, now.n);
			deflate_feed(there, now);
			while ((n = deflate_read(there, room, sizeof(room))) > 0)
				buf_add(&back, room, (size_t)n);
			assert_int_equal(n, 0);
		}
		assert_true(slice_eq(buf_slice(&plain), buf_slice(&back)));
		buf_free(&plain);
		buf_free(&packed);
		buf_free(&back);
		deflate_free(&here);
		deflate_free(&there);
	}
}

static long
peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static void
test_bomb_fills_no_memory(void **state)
{
	const size_t size = (size_t)256 << 20;
	struct deflate *d = made();
	struct buf packed = BUF_INIT;
	unsigned char zeros[65536] = {0};
	z_stream z = {0};
	size_t total = 0;
	long before;

	(void)state;
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	for (size_t done = 0; done < size; done += sizeof(zeros)) {
		unsigned char room[65536];

		z.next_in = zeros;
		z.avail_in = sizeof(zeros);
		while (z.avail_in > 0) {
			z.next_out = room;
			z.avail_out = sizeof(room);
			assert_int_equal(
			    deflate(&z, done + sizeof(zeros) == size ? Z_SYNC_FLUSH : Z_NO_FLUSH),
			    Z_OK);
			buf_add(&packed, room, sizeof(room) - z.avail_out);
		}
	}
	deflateEnd(&z);
	assert_true(packed.len < size / 500);
	before = peak_kib();
	deflate_feed(d, buf_slice(&packed)); /* all at once: more than a stream ever feeds */
	for (;;) {
		char room[16384];
		ssize_t n = deflate_read(d, room, sizeof(room));

		assert_true(n >= 0);
		if (n == 0)
			break;
		total += (size_t)n;
	}
	assert_true(total <= size && total > size - sizeof(zeros) * 64);
	/* Sanitizers take some; a quarter of what was unpacked would be a bomb. */
	assert_true(peak_kib() - before < (long)(size >> 12));
	buf_free(&packed);
	deflate_free(&d);
}

static void
test_damage_is_seen(void **state)
{
	static const struct slice rows[] = {
	    {"\xff\xff\xff\xff", 4},      /* a block of no known kind */
	    {"\x03\x00", 2},              /* the end of the stream, which a session has none of */
	    {"\x00\x05\x00\x00\x00x", 6}, /* a length that is not its complement */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct deflate *d = made();
		char room[100];

		deflate_feed(d, rows[i]);
		assert_true(deflate_has_pending(d));
		assert_int_equal(deflate_read(d, room, sizeof(room)), -1);
		deflate_free(&d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip_in_any_pieces),
	    cmocka_unit_test(test_bomb_fills_no_memory),
	    cmocka_unit_test(test_damage_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
