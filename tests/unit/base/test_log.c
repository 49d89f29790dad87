#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

static char folder[] = "/tmp/test_log.XXXXXX";
static char path[64];

static void
test_off_unless_opened(void **state)
{
	(void)state;
	log_line("test", "nobody %s", "listens");
	log_close();
}

static void
test_lines_are_clean_and_private(void **state)
{
	struct err e = {0};
	struct stat st;
	char text[4096] = "";
	FILE *f;

	(void)state;
	f = fopen(path, "w");
	fclose(f);
	chmod(path, 0644);
	setenv("BOUNCEBOX_NOW", "1795166040", 1);
	assert_int_equal(log_open(path, &e), 0);
	log_line("imap", "said %s", "a\x1b[2Jb\r\nfaked line");
	log_line("imap", "%03000d", 7);
	log_close();
	log_line("imap", "too late");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	f = fopen(path, "r");
	assert_non_null(fgets(text, sizeof(text), f));
	assert_string_equal(text, "2026-11-20T09:14:00Z imap: said a\xef\xbf\xbd[2Jb faked line\n");
	assert_non_null(fgets(text, sizeof(text), f));
	assert_true(strlen(text) < 2100 && text[strlen(text) - 1] == '\n');
	assert_null(fgets(text, sizeof(text), f));
	fclose(f);
}

static void
test_refuses_what_is_no_file(void **state)
{
	struct err e = {0};
	char link[80];

	(void)state;
	assert_int_equal(log_open(folder, &e), -1);
	assert_int_equal(e.code, ERR_IO);
	assert_non_null(strstr(e.text, folder));
	assert_string_not_equal(e.todo, "");
	snprintf(link, sizeof(link), "%s/link", folder);
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(log_open(link, &e), -1);
	unlink(link);
	assert_int_equal(log_open("/nowhere/\x1b/log", &e), -1);
	assert_null(strchr(e.text, '\x1b'));
	assert_int_equal(log_open("/dev/null", &e), -1);
}

static int
clear_up(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_off_unless_opened),
	    cmocka_unit_test(test_lines_are_clean_and_private),
	    cmocka_unit_test(test_refuses_what_is_no_file),
	};

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/log", folder);
	return cmocka_run_group_tests(tests, NULL, clear_up);
}
