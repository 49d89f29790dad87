/* What keywords and names of resends, told by the reports of a case, come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "work/again.h"
#include "work/elsewhere.h"
#include "work/keywords.h"
#include "work/work.h"

#define FIRST "bouncebox.aaaaaaaaaa.1"
#define SECOND "bouncebox.aaaaaaaaaa.2"

enum { SENT = 1, PART = 2, SHARED = 4, DELAY = 8, AGAIN = 16 };

/* Newest first. */
static const struct {
	const char *name;
	struct {
		const char *about;
		int marks;
	} reports[3];
	size_t n;
	enum sent_before before;
} rows[] = {
    {"no report", {{"", 0}}, 0, SENT_BEFORE_NOT},
    {"one, nothing done", {{"", 0}}, 1, SENT_BEFORE_NOT},
    {"one, resent", {{"", SENT}}, 1, SENT_BEFORE_YES},
    {"this one of several", {{"", PART}}, 1, SENT_BEFORE_YES},
    {"this one or its neighbour", {{"", PART | SHARED}}, 1, SENT_BEFORE_SHARED},
    {"all of them, neighbours too", {{"", SENT | PART | SHARED}}, 1, SENT_BEFORE_YES},
    {"resent, and it failed", {{FIRST, 0}, {"", SENT}}, 2, SENT_BEFORE_NOT},
    {"resent, and it is delayed", {{FIRST, DELAY}, {"", SENT}}, 2, SENT_BEFORE_PERHAPS},
    {"resent, and the first delivery failed late", {{"", 0}, {"", SENT}}, 2, SENT_BEFORE_PERHAPS},
    {"the same of one of several", {{"", 0}, {"", PART}}, 2, SENT_BEFORE_PERHAPS},
    {"… or of its neighbour", {{"", 0}, {"", PART | SHARED}}, 2, SENT_BEFORE_SHARED},
    {"two reports, nothing done", {{"", 0}, {"", 0}}, 2, SENT_BEFORE_NOT},
    {"both are marked", {{"", SENT}, {"", SENT}}, 2, SENT_BEFORE_YES},
    {"the second resend failed too", {{SECOND, 0}, {FIRST, SENT}, {"", SENT}}, 3, SENT_BEFORE_NOT},
    {"two were out, and one of them failed", {{FIRST, 0}, {"", SENT | AGAIN}}, 2,
	SENT_BEFORE_PERHAPS},
    {"two were out, and both failed", {{SECOND, 0}, {FIRST, 0}, {"", SENT | AGAIN}}, 3,
	SENT_BEFORE_NOT},
    {"another report of the first resend, after the second",
	{{FIRST, 0}, {FIRST, SENT}, {"", SENT}}, 3, SENT_BEFORE_PERHAPS},
    {"a late one of the first delivery, after a failed resend", {{"", 0}, {FIRST, 0}, {"", SENT}},
	3, SENT_BEFORE_PERHAPS},
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* The order in which they are told does not matter. */
		for (size_t turn = 0; turn < 2; turn++) {
			struct elsewhere x = {.marked = BUF_INIT, .ends = BUF_INIT};

			print_message("  %s\n", rows[i].name);
			for (size_t k = 0; k < rows[i].n; k++) {
				size_t at = turn == 0 ? k : rows[i].n - 1 - k;
				int marks = rows[i].reports[at].marks;
				struct told told = {.name = slice_of(rows[i].reports[at].about),
				    .is_last = at == 0,
				    .is_final = (marks & DELAY) == 0,
				    .is_sent = (marks & SENT) != 0,
				    .is_part = (marks & PART) != 0,
				    .is_shared = (marks & SHARED) != 0,
				    .n_again = (marks & AGAIN) != 0};

				elsewhere_add(&x, &told);
			}
			assert_int_equal(elsewhere_end(&x), rows[i].before);
		}
	}
}

static void
test_names(void **state)
{
	static const struct {
		const char *text, *name;
	} names[] = {
	    {"<bouncebox.aaaaaaaaaa.19.0000000a@example.org>", "bouncebox.aaaaaaaaaa.19.0000000a"},
	    {" bouncebox.aaaaaaaaaa.0000000b ", "bouncebox.aaaaaaaaaa.0000000b"},
	    {"<bouncebox-case.aaaaaaaaaa.1.2@x>", "bouncebox-case.aaaaaaaaaa.1.2"},
	    {"<bouncebox-cases.aaaaaaaaaa.1.2@x>", "bouncebox-cases.aaaaaaaaaa.1.2"},
	    {"<offer.1@example.org>", ""},
	    {"<", ""},
	    {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct slice got = case_sent_name(slice_of(names[i].text));

		assert_int_equal(got.n, strlen(names[i].name));
		assert_true(slice_eq(got, slice_of(names[i].name)));
	}
}

static void
test_parts(void **state)
{
	static const struct {
		const char *id, *keyword;
	} parts[] = {{"aaaaaaaaaa", "bouncebox-part-0"}, {"zzzzzzzzzi", "bouncebox-part-0"},
	    {"aaaaaaaaah", "bouncebox-part-7"}, {"aaaaaaaaa2", "bouncebox-part-2"},
	    {"aaaaaaaaa7", "bouncebox-part-7"}};
	const char *other[] = {"$Label1", "bouncebox-partly"};
	const char *part[] = {"$Label1", "BounceBox-Part-3"};

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char keyword[KEYWORD_PART_BYTES];
		case_id id;

		memcpy(id.text, parts[i].id, sizeof(id.text));
		assert_string_equal(keyword_part(keyword, &id), parts[i].keyword);
	}
	assert_false(keywords_have_part(other, 2));
	assert_true(keywords_have_part(part, 2));
}

/* What a person said yes to outlives each try that found no way out. */
static void
test_marks_stay(void **state)
{
	static const char *const marks[] = {RESEND_CONFIRMED, RESEND_AGAIN " 2 " RESEND_TYPED,
	    " " RESEND_TYPED, " " RESEND_IGNORED " " RESEND_TYPED, ""};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		struct slice first = again_marks(slice_of(marks[i]));
		struct slice words = first;

		for (int try = 0; try < 3; try++)
			words = again_marks(slice_of(again_words(a, words, 1764000000, "why")));
		assert_true(slice_eq(words, first));
		assert_int_equal(slice_find(words, RESEND_TYPED) != SLICE_NONE,
		    strstr(marks[i], RESEND_TYPED) != NULL);
	}
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_marks_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
