#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "work/ladder.h"

static struct arena *arena;

static size_t
ladder(const char *domain, enum cause cause, const char *remote_mta, const char *diagnostic,
    const char *known, struct rung rungs[LADDER_MAX])
{
	struct detail d = {.row = {.domain = domain, .cause = cause}};

	d.recipient.remote_mta = slice_of(remote_mta);
	d.recipient.diagnostic = slice_of(diagnostic);
	d.report.reporting_mta = SLICE_LIT("mail.example.org");
	return ladder_make(arena, &d, slice_of(known), rungs);
}

static void
test_rungs(void **state)
{
	static const struct {
		const char *domain;
		enum cause cause;
		const char *remote_mta, *diagnostic, *known;
		const char *want; /* "!" it is down, "?" it may be */
	} rows[] = {
	    {"partner.test", CAUSE_CONNECT_TIMEOUT, "",
		"connect to mx.partner.test[192.0.2.7]:25: Connection timed out", "",
		"!postmaster@partner.test !hostmaster@partner.test !abuse@partner.test"},
	    {"partner.test", CAUSE_USER_UNKNOWN, "mx.partner.test", "550 no", "",
		"postmaster@partner.test hostmaster@partner.test abuse@partner.test"},
	    {"partner.test", CAUSE_CONNECT_TIMEOUT, "mx1.hoster.test", "", "it@partner.test",
		"!it@partner.test !postmaster@partner.test postmaster@hoster.test "
		"!hostmaster@partner.test !abuse@partner.test"},
	    {"lists.partner.co.uk", CAUSE_CONNECT_REFUSED, "", "", "",
		"!postmaster@lists.partner.co.uk ?postmaster@partner.co.uk "
		"!hostmaster@lists.partner.co.uk !abuse@lists.partner.co.uk"},
	    {"partner.test", CAUSE_REPUTATION, "partner-test.mail.protection.outlook.com",
		"550 5.7.606", "",
		"https://sender.office.com/ postmaster@partner.test hostmaster@partner.test "
		"abuse@partner.test"},
	    {"hotmail.com", CAUSE_REPUTATION, "hotmail-com.olc.protection.outlook.com",
		"550 5.7.1 S3140", "",
		"https://olcsupport.office.com/ postmaster@hotmail.com hostmaster@hotmail.com "
		"abuse@hotmail.com"},
	    {"icloud.com", CAUSE_POLICY, "mx01.mail.icloud.com", "550", "",
		"icloudadmin@apple.com postmaster@icloud.com hostmaster@icloud.com "
		"abuse@icloud.com"},
	    /* our own relay is not theirs */
	    {"partner.test", CAUSE_USER_UNKNOWN, "relay.example.org", "550 no", "",
		"postmaster@partner.test hostmaster@partner.test abuse@partner.test"},
	    /* not of that provider, though it ends so */
	    {"notgoogle.com", CAUSE_USER_UNKNOWN, "mx.notgoogle.com", "550 no", "",
		"postmaster@notgoogle.com hostmaster@notgoogle.com abuse@notgoogle.com"},
	    {"partner.test", CAUSE_USER_UNKNOWN, "[192.0.2.1]", "host [192.0.2.1] said: 550", "",
		"postmaster@partner.test hostmaster@partner.test abuse@partner.test"},
	    {"[192.0.2.1]", CAUSE_USER_UNKNOWN, "", "", "", "postmaster@[192.0.2.1]"},
	    {"bad domain", CAUSE_USER_UNKNOWN, "", "", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rung rungs[LADDER_MAX];
		size_t n = ladder(rows[i].domain, rows[i].cause, rows[i].remote_mta,
		    rows[i].diagnostic, rows[i].known, rungs);
		struct buf got = BUF_INIT;

		for (size_t k = 0; k < n; k++) {
			const struct rung *r = &rungs[k];

			assert_true(r->why[0] != '\0');
			assert_true(!r->is_down || r->mind[0] != '\0');
			buf_addf(&got, "%s%s%s", k > 0 ? " " : "",
			    r->is_down               ? "!"
				: r->mind[0] != '\0' ? "?"
						     : "",
			    r->address[0] != '\0' ? r->address : r->page);
		}
		assert_string_equal(buf_cstr(&got), rows[i].want);
		buf_free(&got);
	}
}

static void
test_registered_names(void **state)
{
	static const struct {
		const char *name, *want;
	} rows[] = {
	    {"mx1.mail.example.co.uk", "example.co.uk"},
	    {"mx.example.org.", "example.org"},
	    {"example.org", "example.org"},
	    {"co.uk", "co.uk"},
	    {"mail.tokyo.example.ne.jp", "example.ne.jp"},
	    {"mx.example.xn--p1ai", "example.xn--p1ai"},
	    {"192.0.2.7", ""},
	    {"localhost", ""},
	    {"", ""},
	    {".org", ""},
	    {"a..", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
		    arena_slicedup(arena, ladder_registered(slice_of(rows[i].name))), rows[i].want);
}

static int
setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_rungs, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_registered_names, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
