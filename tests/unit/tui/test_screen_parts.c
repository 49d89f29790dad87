/* The parts of the screen that need no terminal: canvas, theme, keys, line, times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/canvas.h"
#include "tui/command.h"
#include "tui/edit.h"
#include "tui/term.h"

static void
test_a_wide_character_is_never_halved(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c);
	canvas_resize(&c, 1, 5);
	assert_int_equal(
	    canvas_put(&c, 0, 0, -1, ROLE_TEXT, clean_literal("ab\xe6\xbc\xa2\xe5\xad\x97")), 4);
	assert_string_equal(c.cells[2].text, "\xe6\xbc\xa2");
	assert_string_equal(c.cells[3].text, "");
	canvas_put(&c, 0, 3, 1, ROLE_TEXT, clean_literal("x"));
	assert_string_equal(c.cells[2].text, " ");
	assert_string_equal(c.cells[3].text, "x");
	canvas_free(&c);
}

static void
test_nothing_is_drawn_outside(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c);
	canvas_resize(&c, 0, 0);
	canvas_put(&c, 0, 0, -1, ROLE_TEXT, clean_literal("x"));
	canvas_resize(&c, 1, 1);
	canvas_fill(&c, -1, -3, 9, ROLE_BAR, '-');
	canvas_over(&c, 7, 7, 3);
	assert_int_equal(canvas_cut(&c, 0, 0, 1, ROLE_TEXT, clean_literal("long"), true), 1);
	assert_string_equal(c.cells[0].text, "~");
	canvas_free(&c);
}

static void
test_every_theme_loads_without_a_word(void **state)
{
	struct buf names = BUF_INIT;
	struct slice rest;
	size_t n = 0;

	(void)state;
	setenv("XDG_CONFIG_HOME", TEST_BINARY_DIR "/no-config", 1);
	theme_names(&names, TEST_DATA "/../themes");
	for (rest = buf_slice(&names); rest.n > 0; n++) {
		struct slice word = slice_sub(rest, 0, slice_chr(rest, ' '));
		char *name = xslicedup(word);
		struct buf problems = BUF_INIT;
		struct theme t;
		struct err e;

		assert_int_equal(theme_load(&t, name, TEST_DATA "/../themes", &problems, &e), 0);
		assert_int_equal(problems.len, 0);
		free(name);
		rest = slice_from(rest, word.n + 1);
	}
	assert_true(n >= 8);
	buf_free(&names);
}

static void
test_a_theme_that_is_not_there_names_those_that_are(void **state)
{
	struct buf problems = BUF_INIT;
	struct theme t;
	struct err e;

	(void)state;
	assert_int_equal(
	    theme_load(&t, "../etc/passwd", TEST_DATA "/../themes", &problems, &e), -1);
	assert_int_equal(e.code, ERR_CONF);
	assert_non_null(strstr(e.todo, "nord"));
	buf_free(&problems);
}

static void
test_each_key_has_one_command(void **state)
{
	struct conf conf = {.file = "x.conf"};
	struct binding bindings[] = {{"r", "ignore", 1}, {"Hyper-x", "resend", 2},
	    {"w", "resnd", 3}, {"i", "", 4}, {"C-r", "resend", 5}};
	struct buf problems = BUF_INIT;
	struct keymap *k;

	(void)state;
	k = keymap_new(&conf, &problems);
	assert_int_equal(problems.len, 0);
	for (size_t i = 0; i < tui_commands_n; i++) {
		assert_int_equal(command_find(tui_commands[i].name), i);
		if (tui_commands[i].keys[0] != '\0')
			assert_int_equal(
			    keymap_command(k, key_parse(keymap_key(k, (enum command_id)i))), i);
	}
	assert_int_equal(keymap_command(k, 'b'), CMD_NONE);
	keymap_free(&k);
	conf.bindings = bindings;
	conf.n_bindings = 5;
	k = keymap_new(&conf, &problems);
	assert_int_equal(keymap_command(k, 'r'), CMD_IGNORE);
	assert_int_equal(keymap_command(k, 'i'), CMD_NONE);
	assert_int_equal(keymap_command(k, 18), CMD_RESEND);
	assert_non_null(strstr(buf_cstr(&problems), "x.conf:2:"));
	assert_non_null(strstr(buf_cstr(&problems), "did you mean resend?"));
	keymap_free(&k);
	buf_free(&problems);
}

static void
test_a_line_is_edited(void **state)
{
	struct edit e = {.text = BUF_INIT};

	(void)state;
	edit_set(&e, "one two");
	edit_key(&e, 23);
	assert_string_equal(buf_cstr(&e.text), "one ");
	edit_key(&e, 0xfc);
	edit_key(&e, 1);
	edit_key(&e, 'x');
	assert_string_equal(buf_cstr(&e.text), "xone \xc3\xbc");
	edit_key(&e, 5);
	edit_key(&e, 127);
	assert_string_equal(buf_cstr(&e.text), "xone ");
	assert_false(edit_key(&e, 27));
	assert_false(edit_key(&e, 0x202e));
	edit_key(&e, 21);
	assert_string_equal(buf_cstr(&e.text), "");
	edit_free(&e);
}

static void
test_words_for_a_time(void **state)
{
	const int64_t now = 1795777200; /* Friday, 2026-11-27 11:00 UTC */
	static const struct {
		const char *text;
		int64_t at;
	} rows[] = {{"4h", 4 * 3600}, {"1h30m", 5400}, {"2d", 2 * 86400}, {"13:00", 2 * 3600},
	    {"9:00", 22 * 3600}, {"tomorrow", 22 * 3600}, {"tomorrow 9:30", 22 * 3600 + 1800},
	    {"mon 8", 69 * 3600}, {"2026-11-30 8:00", 69 * 3600}};
	static const char *const none[] = {"", "x", "4", "4x", "25:00", "2026-13-01", "2020-01-01",
	    "tomorrow 99", "-4h", "99999999999h", "9:61"};

	(void)state;
	setenv("TZ", "UTC", 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (when_parse(rows[i].text, now) != now + rows[i].at)
			fail_msg("%s: %lld, not %lld", rows[i].text,
			    (long long)(when_parse(rows[i].text, now) - now),
			    (long long)rows[i].at);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		if (when_parse(none[i], now) != 0)
			fail_msg("%s is a time", none[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_wide_character_is_never_halved),
	    cmocka_unit_test(test_nothing_is_drawn_outside),
	    cmocka_unit_test(test_every_theme_loads_without_a_word),
	    cmocka_unit_test(test_a_theme_that_is_not_there_names_those_that_are),
	    cmocka_unit_test(test_each_key_has_one_command),
	    cmocka_unit_test(test_a_line_is_edited),
	    cmocka_unit_test(test_words_for_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
