/* Theme files: what a line means, what a wrong one costs, where colours go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tui/theme.h"

#define THEMES TEST_DATA "/../themes"
#define RGB(x) (COLOUR_RGB | (x))

static char users[64];
static char dir[64];
static struct theme t;
static struct buf problems;
static struct err e;

static void
write_theme(const char *folder, const char *name, const char *words)
{
	struct buf path = BUF_INIT;
	FILE *f;

	buf_addf(&path, "%s/%s.theme", folder, name);
	f = fopen(buf_cstr(&path), "w");
	assert_non_null(f);
	fputs(words, f);
	fclose(f);
	buf_free(&path);
}

static int
load(const char *name)
{
	buf_clear(&problems);
	return theme_load(&t, name, dir, &problems, &e);
}

static bool
is_told(const char *words)
{
	return strstr(buf_cstr(&problems), words) != NULL;
}

static bool
is_style(enum role role, int32_t fg, int32_t bg, unsigned attrs)
{
	const struct style *s = &t.styles[role];

	return s->fg == fg && s->bg == bg && s->attrs == attrs;
}

static int
set_up(void **state)
{
	char config[] = "/tmp/bb-theme-XXXXXX";

	(void)state;
	if (mkdtemp(config) == NULL || setenv("XDG_CONFIG_HOME", config, 1) != 0)
		return -1;
	snprintf(users, sizeof(users), "%s/bouncebox", config);
	snprintf(dir, sizeof(dir), "%s/shared", config);
	if (mkdir(users, 0700) != 0 || mkdir(dir, 0700) != 0)
		return -1;
	snprintf(users, sizeof(users), "%s/bouncebox/themes", config);
	return mkdir(users, 0700);
}

static void
remove_all(const char *folder)
{
	static const char *const names[] = {"a", "b", "c", "loop", "x y", "mine"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf path = BUF_INIT;

		buf_addf(&path, "%s/%s.theme", folder, names[i]);
		unlink(buf_cstr(&path));
		buf_free(&path);
	}
	rmdir(folder);
}

static int
tear_down(void **state)
{
	(void)state;
	remove_all(users);
	remove_all(dir);
	*strrchr(users, '/') = '\0';
	rmdir(users);
	*strrchr(users, '/') = '\0';
	rmdir(users);
	buf_free(&problems);
	return 0;
}

static void
test_a_line_is_colours_and_attributes(void **state)
{
	(void)state;
	write_theme(dir, "a",
	    "# comment\n\n"
	    "text = #D8dee9 on #000001\n"
	    "dim=bright-black\n"
	    "  title\t=  black\ton  255   bold\tunderline \r\n"
	    "bar = default on bright-white italic dim\n"
	    "list.cursor = on blue\n"
	    "state.gave-up = bold reverse");
	assert_int_equal(load("a"), 0);
	assert_string_equal(buf_cstr(&problems), "");
	assert_true(is_style(ROLE_TEXT, RGB(0xd8dee9), RGB(1), 0));
	assert_true(is_style(ROLE_DIM, 8, COLOUR_DEFAULT, 0));
	assert_true(is_style(ROLE_TITLE, 0, 255, ATTR_BOLD | ATTR_UNDERLINE));
	assert_true(is_style(ROLE_BAR, COLOUR_DEFAULT, 15, ATTR_ITALIC | ATTR_DIM));
	assert_true(is_style(ROLE_CURSOR, COLOUR_DEFAULT, 4, 0));
	assert_true(
	    is_style(ROLE_GAVE_UP, COLOUR_DEFAULT, COLOUR_DEFAULT, ATTR_BOLD | ATTR_REVERSE));
	/* Not named: what is readable anyway. */
	assert_true(is_style(ROLE_HEADING, COLOUR_DEFAULT, COLOUR_DEFAULT, ATTR_BOLD));
}

static void
test_a_wrong_line_is_told_and_the_rest_counts(void **state)
{
	static const char *const wrong[] = {"red blue", "256", "-1", "#12345", "#12345g", "on",
	    "red on", "on red on blue", "on red blue", "pink", "bold-"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct buf words = BUF_INIT;

		buf_addf(&words, "good = green\nwarn = %s\nerror = red\n", wrong[i]);
		write_theme(dir, "a", buf_cstr(&words));
		assert_int_equal(load("a"), 0);
		assert_true(is_told("a.theme:2: \""));
		assert_true(is_told(wrong[i]));
		assert_true(is_told("allowed is"));
		assert_int_equal(t.styles[ROLE_WARN].fg, COLOUR_DEFAULT);
		assert_int_equal(t.styles[ROLE_GOOD].fg, 2);
		assert_int_equal(t.styles[ROLE_ERROR].fg, 1);
		buf_free(&words);
	}
	write_theme(dir, "a", "titel = red\njust words\nev\033[2Jil = red\ngood = green\n");
	assert_int_equal(load("a"), 0);
	assert_true(is_told("a.theme:1: \"titel\" is no role"));
	assert_true(is_told("state.gave-up"));
	assert_true(is_told("a.theme:2: \"just words\""));
	assert_true(is_told("a.theme:3: "));
	assert_false(is_told("\033"));
	assert_int_equal(t.styles[ROLE_GOOD].fg, 2);
}

static void
test_a_line_that_is_too_long_is_one_line(void **state)
{
	struct buf words = BUF_INIT;

	(void)state;
	buf_adds(&words, "good = green");
	for (int i = 0; i < 2000; i++)
		buf_adds(&words, " bold");
	buf_adds(&words, "\nwarn = pink\n");
	write_theme(dir, "a", buf_cstr(&words));
	assert_int_equal(load("a"), 0);
	assert_true(is_told("a.theme:1: "));
	assert_true(is_told("too long"));
	assert_true(is_told("a.theme:2: \"pink\""));
	assert_int_equal(t.styles[ROLE_GOOD].fg, COLOUR_DEFAULT);
	buf_free(&words);
}

static void
test_a_base_is_read_first(void **state)
{
	(void)state;
	write_theme(dir, "b", "good = green\nwarn = yellow\n");
	write_theme(dir, "a", "good = cyan\nbase = b\n");
	assert_int_equal(load("a"), 0);
	assert_string_equal(buf_cstr(&problems), "");
	assert_int_equal(t.styles[ROLE_GOOD].fg, 6);
	assert_int_equal(t.styles[ROLE_WARN].fg, 3);
	write_theme(dir, "a", "base = b\nbase = b\nbase = ../b\ngood = red\n");
	assert_int_equal(load("a"), 0);
	assert_true(is_told("a.theme:2: \"b\" is a second base"));
	assert_int_equal(t.styles[ROLE_GOOD].fg, 1);
	write_theme(dir, "a", "base = gone\ngood = red\n");
	assert_int_equal(load("a"), 0);
	assert_true(is_told("a.theme:1: there is no theme gone"));
	assert_int_equal(t.styles[ROLE_GOOD].fg, 1);
	write_theme(dir, "loop", "base = loop\ngood = red\n");
	assert_int_equal(load("loop"), 0);
	assert_true(is_told("one base too many"));
	assert_int_equal(t.styles[ROLE_GOOD].fg, 1);
}

static void
test_the_users_own_comes_before_ours(void **state)
{
	struct buf names = BUF_INIT;

	(void)state;
	write_theme(dir, "a", "good = green\n");
	write_theme(dir, "c", "good = green\n");
	write_theme(users, "a", "good = blue\n");
	write_theme(users, "mine", "good = blue\n");
	write_theme(users, "x y", "good = blue\n");
	assert_int_equal(load("a"), 0);
	assert_int_equal(t.styles[ROLE_GOOD].fg, 4);
	theme_names(&names, dir);
	assert_non_null(strstr(buf_cstr(&names), "a"));
	assert_null(strstr(buf_cstr(&names), "a a"));
	assert_non_null(strstr(buf_cstr(&names), "c"));
	assert_non_null(strstr(buf_cstr(&names), "mine"));
	assert_null(strstr(buf_cstr(&names), "x y"));
	buf_free(&names);
}

static void
test_a_name_is_no_path(void **state)
{
	static const char *const names[] = {"", "../a", "/etc/passwd", "a.b", "x y", "a\033[2J"};

	(void)state;
	write_theme(dir, "a", "good = green\n");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(load(names[i]), -1);
		assert_int_equal(e.code, ERR_CONF);
		assert_null(strchr(e.text, '\033'));
		assert_non_null(strstr(e.todo, "a"));
	}
	assert_true(is_style(ROLE_TITLE, COLOUR_DEFAULT, COLOUR_DEFAULT, ATTR_REVERSE));
}

static void
test_ours_name_every_role_and_are_told_apart_from_the_background(void **state)
{
	static const char *const full[] = {"light", "nord", "dracula", "solarized-dark",
	    "solarized-light", "gruvbox", "catppuccin", "high-contrast"};

	(void)state;
	for (size_t i = 0; i < sizeof(full) / sizeof(full[0]); i++) {
		buf_clear(&problems);
		assert_int_equal(theme_load(&t, full[i], THEMES, &problems, &e), 0);
		assert_string_equal(buf_cstr(&problems), "");
		for (int r = 0; r < ROLE_N; r++) {
			if (r == ROLE_CURSOR)
				continue;
			assert_int_not_equal(t.styles[r].fg, COLOUR_DEFAULT);
			assert_int_not_equal(t.styles[r].bg, COLOUR_DEFAULT);
			assert_int_not_equal(t.styles[r].fg, t.styles[r].bg);
		}
		assert_int_not_equal(t.styles[ROLE_CURSOR].bg, t.styles[ROLE_TEXT].bg);
	}
	assert_int_equal(theme_load(&t, "mono", THEMES, &problems, &e), 0);
	for (int r = 0; r < ROLE_N; r++)
		assert_true(t.styles[r].fg == COLOUR_DEFAULT && t.styles[r].bg == COLOUR_DEFAULT);
}

static void
test_the_nearest_colour(void **state)
{
	(void)state;
	assert_int_equal(theme_nearest_256(0x000000), 16);
	assert_int_equal(theme_nearest_256(0xffffff), 231);
	assert_int_equal(theme_nearest_256(0xff0000), 196);
	assert_int_equal(theme_nearest_256(0x5f87af), 67);
	assert_int_equal(theme_nearest_256(0x121212), 233);
	assert_int_equal(theme_nearest_256(RGB(0xff0000)), 196);
	assert_int_equal(theme_nearest_16(0x000000), 0);
	assert_int_equal(theme_nearest_16(0xbb0000), 1);
	assert_int_equal(theme_nearest_16(0xffffff), 15);
	assert_int_equal(theme_nearest_16(0x555555), 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_line_is_colours_and_attributes),
	    cmocka_unit_test(test_a_wrong_line_is_told_and_the_rest_counts),
	    cmocka_unit_test(test_a_line_that_is_too_long_is_one_line),
	    cmocka_unit_test(test_a_base_is_read_first),
	    cmocka_unit_test(test_the_users_own_comes_before_ours),
	    cmocka_unit_test(test_a_name_is_no_path),
	    cmocka_unit_test(test_ours_name_every_role_and_are_told_apart_from_the_background),
	    cmocka_unit_test(test_the_nearest_colour),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
