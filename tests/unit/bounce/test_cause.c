#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/buf.h"
#include "bounce/cause.h"
#include "bounce/match.h"

static void
test_ranks(void **state)
{
	static const struct {
		const char *diagnostic, *text, *status, *remote_mta;
		const char *want, *evidence; /* first cause; "" = none */
	} rows[] = {
	    {"connect to mx.example[192.0.2.7]:25: Connection timed out", "", "4.4.1", "",
		"connect-timeout", "connect to mx.example[192.0.2.7]:25: Connection timed out"},
	    {"connect to mx.example[192.0.2.7]:25: Connection refused", "", "4.4.1", "",
		"connect-refused", "connect to mx.example[192.0.2.7]:25: Connection refused"},
	    {"550 5.4.1 Recipient address rejected: Access denied", "", "5.4.1", "", "user-unknown",
		"Recipient address rejected: Access denied"},
	    {"554 4.4.7 Message expired: unable to deliver in 840 minutes.<421 4.4.2 Connection "
	     "timed "
	     "out>",
		"", "4.4.7", "", "conn-drop", "4.4.2"},
	    {"450 4.2.2 <mailboxfull@example.org>... try later", "", "", "", "mailbox-full",
		"4.2.2"},
	    {"550 said <mailboxfull@example.org> no", "", "", "", "", ""},
	    {"550-5.7.1 Our system has detected an\r\n 550-5.7.1 unusual rate of\r\n 550 5.7.1 "
	     "mail",
		"", "", "", "rate", "an\r\n 550-5.7.1 unusual rate of"},
	    {"550 5.7.27 no", "", "", "gmail-smtp-in.l.google.com", "auth", "5.7.27"},
	    {"550 5.7.27 no", "", "", "mx.example.org", "sender-config", "5.7.27"},
	    {"", "Deferred: Connection refused by mx.example.org.", "4.4.7", "", "connect-refused",
		"Deferred: Connection refused by"},
	    {"retry timeout exceeded", "", "5.0.0", "", "expired", "retry timeout exceeded"},
	    {"", "", "4.2.2", "", "mailbox-full", "4.2.2"},
	    {"", "", "5.0.0", "", "", ""},
	    {"", "", "", "", "", ""},
	    {"I couldn\xe2\x80\x99t", "Sorry, I couldn\xe2\x80\x99t find any host by that name", "",
		"", "no-domain", "Sorry, I couldn\xe2\x80\x99t find any host"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cause_input in = {slice_of(rows[i].diagnostic), slice_of(rows[i].text),
		    slice_of(rows[i].status), SLICE_EMPTY, slice_of(rows[i].remote_mta),
		    SLICE_EMPTY};
		struct cause_hit hits[REPORT_MAX_CAUSES];
		size_t n = cause_rank(NULL, &in, hits);

		if (rows[i].want[0] == '\0') {
			assert_int_equal(n, 0);
			continue;
		}
		assert_true(n > 0);
		assert_string_equal(cause_id(hits[0].cause), rows[i].want);
		if (!slice_is(hits[0].evidence, rows[i].evidence))
			fail_msg("row %zu: evidence '%.*s'", i, SLICE_FMT(hits[0].evidence));
		for (size_t k = 1; k < n; k++)
			assert_true(hits[k].weight <= hits[k - 1].weight);
	}
}

/* The pattern with plausible words for its stars. */
static void
make_example(struct buf *b, const char *pattern)
{
	buf_clear(b);
	for (; *pattern != '\0'; pattern++) {
		if (*pattern == '*')
			buf_adds(b, "mx.example.net[192.0.2.7] ");
		else
			buf_addc(b, *pattern);
	}
}

static void
test_every_row_is_reached(void **state)
{
	struct buf b = BUF_INIT;
	size_t missed = 0;

	(void)state;
	for (size_t i = 0; i < diagnostic_table_n; i++) {
		struct match_set set;

		make_example(&b, diagnostic_table[i].pattern);
		match_text(buf_slice(&b), &set);
		if (set.n > 0 && set.at[0].row == i)
			continue;
		missed++;
		print_error("row '%s': reached '%s'\n", diagnostic_table[i].pattern,
		    set.n > 0 ? diagnostic_table[set.at[0].row].pattern : "nothing");
	}
	buf_free(&b);
	assert_int_equal(missed, 0);
}

static void
test_evidence_is_bounded_and_inside(void **state)
{
	struct buf b = BUF_INIT;
	struct cause_hit hits[REPORT_MAX_CAUSES];
	struct cause_input in = {
	    SLICE_EMPTY, SLICE_EMPTY, SLICE_EMPTY, SLICE_EMPTY, SLICE_EMPTY, SLICE_EMPTY};

	(void)state;
	buf_adds(&b, "connect to ");
	for (int i = 0; i < 1000; i++)
		buf_adds(&b, "\xc3\xa4word ");
	buf_adds(&b, ": connection refused");
	in.diagnostic = buf_slice(&b);
	assert_true(cause_rank(NULL, &in, hits) > 0);
	assert_int_equal(hits[0].cause, CAUSE_CONNECT_REFUSED);
	assert_true(hits[0].evidence.n <= REPORT_MAX_EVIDENCE);
	assert_true(slice_is(hits[0].evidence, ": connection refused"));
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ranks),
	    cmocka_unit_test(test_every_row_is_reached),
	    cmocka_unit_test(test_evidence_is_bounded_and_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
