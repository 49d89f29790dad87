/* Every template in every language, for every cause: it can be drafted, asks for one
 * thing, fits a screen, and tells lay people no codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "store/box.h"
#include "work/note_facts.h"

#define TEMPLATES TEST_DATA "/../mail/work/templates/"
#define MAX_COLUMNS 84 /* of a line that holds no value */

static const char *const languages[] = {"en", "de", "fr", "es", "ja"};
#define N_LANGUAGES (sizeof(languages) / sizeof(languages[0]))

static struct arena *arena;

static struct slice
read_template(const char *kind, const char *language)
{
	const char *path = arena_printf(arena, TEMPLATES "%s.%s.txt", kind, language);
	char *bytes = NULL;
	struct slice s;
	size_t n = 0;
	struct err e;

	if (box_read(path, 0, &bytes, &n, &e) != 0)
		fail_msg("%s", e.text);
	s = arena_copy(arena, (struct slice){bytes, n});
	free(bytes);
	return s;
}

static struct detail
detail_of(enum cause cause)
{
	struct detail d = {.row = {.recipient = "bob@partner.test",
			       .domain = "partner.test",
			       .status = "5.7.1",
			       .subject = "Offer",
			       .original_message_id = "<offer@example.org>",
			       .first_seen = 1795166040,
			       .last_seen = 1795252440,
			       .reports = 1,
			       .cause = cause}};

	d.recipient.address = SLICE_LIT("bob@partner.test");
	d.recipient.diagnostic = SLICE_LIT("550 5.7.1 no");
	d.recipient.remote_mta = SLICE_LIT("mx.partner.test");
	d.recipient.action_from = ACTION_FROM_FIELD;
	d.report.reporting_mta = SLICE_LIT("mail.example.org");
	d.report.queue_id = SLICE_LIT("4XyZ");
	d.report.original.date = SLICE_LIT("2026-11-20T09:00:00Z");
	return d;
}

static struct slice
drafted(const char *kind, const char *language, const struct detail *d)
{
	struct note_value values[NOTE_MAX_VALUES];
	struct note_facts f = {.cases = d,
	    .n_cases = 1,
	    .from = SLICE_LIT("Alice Example <alice@example.org>"),
	    .envelope_from = SLICE_LIT("alice@example.org"),
	    .cause_words = note_cause(read_template("causes", language), d->row.cause),
	    .has_report = d->recipient.action_from == ACTION_FROM_FIELD,
	    .size = 18432,
	    .now = 1795252440};
	struct note_options o = {.template_text = read_template(kind, language),
	    .template_name = kind,
	    .values = values,
	    .from = f.from,
	    .to = SLICE_LIT("x@partner.test"),
	    .message_id = SLICE_LIT("<note@example.org>"),
	    .now = f.now};
	struct buf out = BUF_INIT;
	struct slice s;
	struct err e;

	o.n_values = note_values(arena, &f, strcmp(kind, "postmaster") == 0, values);
	assert_true(o.n_values < NOTE_MAX_VALUES); /* none was left out */
	if (note_draft(&out, &o, &e) != 0)
		fail_msg("%s", e.text);
	s = arena_copy(arena, buf_slice(&out));
	buf_free(&out);
	return s;
}

/* The lines of a template that hold for a condition. */
static size_t
lines_with(struct slice template, const char *condition)
{
	struct slice line;
	size_t n = 0;

	while (slice_line(&template, &line))
		n += slice_starts(line, condition);
	return n;
}

static void
test_each_asks_for_one_thing(void **state)
{
	static const char *const conditions[] = {"{if_other}", "{if_full}", "{if_gone}",
	    "{if_nodomain}", "{if_down}", "{if_busy}", "{if_big}", "{if_refused}", "{if_ours}"};
	static const char *const kinds[] = {"postmaster", "recipient"};

	(void)state;
	for (size_t i = 0; i < 2 * N_LANGUAGES; i++) {
		const char *kind = kinds[i % 2], *language = languages[i / 2];
		struct slice template = read_template(kind, language), line;
		size_t n_all = 0, n_plain = 0;

		for (size_t k = 0; k < sizeof(conditions) / sizeof(conditions[0]); k++) {
			size_t n = lines_with(template, conditions[k]);

			if (n == 0)
				fail_msg("%s.%s has no %s", kind, language, conditions[k]);
			n_all += n;
		}
		while (slice_line(&template, &line))
			n_plain += !slice_starts(line, "{if_");
		for (int c = 0; c < CAUSE_COUNT; c++) {
			struct detail d = detail_of((enum cause)c);
			struct slice text = drafted(kind, language, &d);
			size_t n = 0;

			while (slice_line(&text, &line))
				n++;
			/* 8 more of the header; of the asks one, and the report. */
			assert_true(n > n_plain + 6 && n < n_plain + 8 + n_all / 2);
		}
	}
}

static void
test_lay_people_read_no_codes(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_LANGUAGES; i++) {
		for (int c = 0; c < CAUSE_COUNT; c++) {
			struct detail d = detail_of((enum cause)c);
			struct slice text = drafted("recipient", languages[i], &d);
			size_t block = slice_find(text, "550 5.7.1");

			size_t body = slice_find(text, "\n\n");

			assert_true(block != SLICE_NONE && body < block);
			text = slice_sub(text, body, block - body);
			assert_int_equal(slice_find(text, "5.7.1"), SLICE_NONE);
			assert_int_equal(slice_find(text, "SMTP"), SLICE_NONE);
			assert_int_equal(slice_find(text, "MX"), SLICE_NONE);
		}
	}
}

static void
test_postmasters_get_facts_and_no_local_part(void **state)
{
	static const char *const facts[] = {"partner.test", "mx.partner.test", "550 5.7.1 no",
	    "4XyZ", "<offer@example.org>", "mail.example.org", "alice@example.org", "18432"};

	(void)state;
	for (size_t i = 0; i < N_LANGUAGES; i++) {
		struct detail d = detail_of(CAUSE_CONNECT_TIMEOUT);
		struct slice text = drafted("postmaster", languages[i], &d);

		for (size_t k = 0; k < sizeof(facts) / sizeof(facts[0]); k++)
			assert_true(slice_find(text, facts[k]) != SLICE_NONE);
		assert_int_equal(slice_find(text, "bob@"), SLICE_NONE);
		/* Nothing is promised that does not come. */
		d.recipient.action_from = ACTION_FROM_TEXT;
		assert_true(drafted("postmaster", languages[i], &d).n < text.n);
	}
}

static void
test_each_cause_has_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_LANGUAGES; i++) {
		struct slice causes = read_template("causes", languages[i]), rest = causes, line;
		int n = 0;

		while (slice_line(&rest, &line))
			n++;
		assert_int_equal(n, CAUSE_COUNT);
		for (int c = 0; c < CAUSE_COUNT; c++) {
			struct slice words = note_cause(causes, (enum cause)c);

			if (words.n == 0)
				fail_msg(
				    "causes.%s has no %s", languages[i], cause_id((enum cause)c));
			if (i > 0)
				assert_false(slice_eq(words,
				    note_cause(read_template("causes", "en"), (enum cause)c)));
		}
	}
}

static void
test_lines_fit(void **state)
{
	static const char *const kinds[] = {"postmaster", "recipient"};

	(void)state;
	for (size_t i = 0; i < 2 * N_LANGUAGES; i++) {
		struct slice rest = read_template(kinds[i % 2], languages[i / 2]), line;

		while (slice_line(&rest, &line)) {
			size_t close = slice_starts(line, "{if_") ? slice_chr(line, '}') + 2 : 0;

			if (close == 0 && slice_chr(line, '{') != SLICE_NONE)
				continue;
			if (close < line.n &&
			    utf8_columns(clean(arena, slice_from(line, close)).s) > MAX_COLUMNS)
				fail_msg("%s.%s: too long: %.*s", kinds[i % 2], languages[i / 2],
				    SLICE_FMT(line));
		}
	}
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
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_each_asks_for_one_thing),
	    TEST(test_lay_people_read_no_codes),
	    TEST(test_postmasters_get_facts_and_no_local_part),
	    TEST(test_each_cause_has_words),
	    TEST(test_lines_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
