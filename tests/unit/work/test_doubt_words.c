/* Which log to look into, and for what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "work/doubt.h"

static void
test_the_log(void **state)
{
	static const struct {
		const char *host, *account;
		enum doubt_kind kind;
		const char *place;
		bool has_original;
	} rows[] = {
	    {"smtp.example.org", "bounces", DOUBT_RESEND, "the mail log of smtp.example.org,",
		true},
	    {"", "bounces", DOUBT_RESEND, "the mail log of this machine,", true},
	    {"smtp.example.org", "other", DOUBT_RESEND, "of the server it went through,", true},
	    {"smtp.example.org", "bounces", DOUBT_EDITED, "of smtp.example.org,", false},
	    {"smtp.example.org", "bounces", DOUBT_NOTE, "of smtp.example.org,", false},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct account account = {.name = "bounces", .outgoing = {.host = rows[i].host}};
		struct doubt d = {.kind = rows[i].kind,
		    .at = 1790000000,
		    .name = "<x.1@example.org>",
		    .recipient = "bob@partner.test",
		    .account = rows[i].account};
		const char *words = doubt_log_words(a, &account, &d);

		assert_non_null(strstr(words, rows[i].place));
		assert_non_null(strstr(words, "look for <x.1@example.org>"));
		assert_non_null(strstr(words, "to bob@partner.test"));
		assert_int_equal(strstr(words, "original's") != NULL, rows[i].has_original);
	}
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_log)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
