#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include <unistd.h>

#include "base/clean.h"
#include "base/conf.h"
#include "tui/cmd_args.h"
#include "tui/cmd_cases.h"
#include "tui/cmd_demo.h"
#include "tui/cmd_first.h"
#include "tui/cmd_help.h"
#include "tui/cmd_providers.h"

#define NOW 1795341600 /* 2026-11-22 10:00 UTC, a Sunday */

static void
test_dates_of_the_sample(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
	    {"Date: {{-2h}}\n", "Date: Sun, 22 Nov 2026 08:00:00 +0000\n"},
	    {"{{-1d2h30m}}", "Sat, 21 Nov 2026 07:30:00 +0000"},
	    {"{{+3m}} x {{-5d +0100}}",
		"Sun, 22 Nov 2026 10:03:00 +0000 x Tue, 17 Nov 2026 11:00:00 +0100"},
	    {"{{-1m -0530}}", "Sun, 22 Nov 2026 04:29:00 -0530"},
	    {"{{x}} {{-}} {{-9}} {{", "{{x}} {{-}} {{-9}} {{"},
	    {"{{-2h", "{{-2h"},
	    {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = BUF_INIT;

		demo_expand(&out, slice_of(rows[i].in), NOW);
		assert_string_equal(buf_cstr(&out), rows[i].want);
		buf_free(&out);
	}
}

static void
test_args(void **state)
{
	static const struct {
		const char *name, *command;
		const char *argv[7];
		int status;
		const char *words; /* what is left, with blanks */
		const char *option, *value;
	} rows[] = {
	    {"none", "list", {"list"}, 0, "", "", ""},
	    {"an option", "list", {"list", "--json", "a:b", "-c"}, 0, "a:b -c", "--json", ""},
	    {"negated words", "list", {"list", "-domain:x", "y"}, 0, "-domain:x y", "", ""},
	    {"behind --", "list", {"list", "--", "--json"}, 0, "--json", "", ""},
	    {"with argument", "note", {"note", "--to", "postmaster", "x"}, 0, "x", "--to",
		"postmaster"},
	    {"with =", "note", {"note", "x", "--to=recipient"}, 0, "x", "--to", "recipient"},
	    {"not allowed", "note", {"note", "--to", "nobody"}, EXIT_MISUSE, "", "", ""},
	    {"missing", "note", {"note", "--to"}, EXIT_MISUSE, "", "", ""},
	    {"empty", "note", {"note", "--to="}, EXIT_MISUSE, "", "", ""},
	    {"too much", "list", {"list", "--json=x"}, EXIT_MISUSE, "", "", ""},
	    {"unknown", "list", {"list", "--jsno"}, EXIT_MISUSE, "", "", ""},
	    {"of another", "list", {"list", "--dry-run"}, EXIT_MISUSE, "", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char copies[7][32];
		char *argv[7];
		int argc = 0;
		struct cmd_args a;
		struct buf words = BUF_INIT;

		for (; argc < 7 && rows[i].argv[argc] != NULL; argc++) {
			snprintf(copies[argc], sizeof(copies[argc]), "%s", rows[i].argv[argc]);
			argv[argc] = copies[argc];
		}
		print_message("%s\n", rows[i].name);
		assert_int_equal(args_read(&a, rows[i].command, argc, argv), rows[i].status);
		if (rows[i].status != 0)
			continue;
		for (size_t k = 0; k < a.n_words; k++)
			buf_addf(&words, "%s%s", k == 0 ? "" : " ", a.words[k]);
		assert_string_equal(buf_cstr(&words), rows[i].words);
		if (rows[i].option[0] != '\0') {
			assert_true(args_has(&a, rows[i].option));
			assert_string_equal(args_value(&a, rows[i].option), rows[i].value);
		}
		buf_free(&words);
	}
}

static void
test_globals_anywhere(void **state)
{
	struct cmd_globals g = {.account = "", .conf = "", .theme = "", .log = ""};
	char words[][16] = {"list", "--json", "--offline", "-a", "work", "x", "--", "--demo"};
	char *argv[8];
	int argc = 8;

	(void)state;
	for (int i = 0; i < argc; i++)
		argv[i] = words[i];
	assert_int_equal(globals_take_all(&g, &argc, argv), 0);
	assert_int_equal(argc, 5);
	assert_string_equal(argv[1], "--json");
	assert_string_equal(argv[2], "x");
	assert_string_equal(argv[4], "--demo");
	assert_string_equal(g.account, "work");
	assert_true(g.offline);
	assert_false(g.demo);
}

/* What the dialogue writes is read again as what was answered. */
static void
test_first_conf_is_read_again(void **state)
{
	static const struct first_answers rows[] = {
	    {"bounces@example.org", "bounces@example.org", "imap.example.org", "INBOX", "p:w@/ #%",
		"", "", "smtps://smtp.example.org", "O'Neil, Alice #1"},
	    {"b@example.org", "b", "imap.example.org:1993", "Bounces/\xc3\x9c", "", "pass show x",
		"xoauth2", "smtp://smtp.example.org:25", ""},
	    {"b@example.org", "b", "maildir:///tmp", "INBOX", "", "", "", "/usr/sbin/sendmail -i",
		""},
	    {"b@example.org", "b", "h.example", "INBOX", "x", "", "", "", ""},
	};
	char path[] = "/tmp/bouncebox-first-XXXXXX";

	(void)state;
	close(mkstemp(path));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf text = BUF_INIT;
		struct buf problems = BUF_INIT;
		struct conf *c;
		struct err e;
		FILE *f = fopen(path, "w");

		first_conf(&text, &rows[i]);
		fputs(buf_cstr(&text), f);
		fclose(f);
		if (conf_read(path, &c, &problems, &e) != 0)
			fail_msg("%s%s", buf_cstr(&text), buf_cstr(&problems));
		assert_string_equal(c->accounts[0].source.password, rows[i].password);
		assert_string_equal(c->accounts[0].source_cred_cmd, rows[i].command);
		if (strstr(rows[i].source_host, "://") == NULL) {
			assert_string_equal(c->accounts[0].source.user, rows[i].login);
			assert_string_equal(c->accounts[0].source.path, rows[i].mailbox);
		}
		assert_non_null(strstr(c->accounts[0].from, rows[i].address));
		if (rows[i].outgoing[0] == 's') {
			assert_string_equal(c->accounts[0].outgoing.user, rows[i].login);
			assert_string_equal(c->accounts[0].outgoing.password, rows[i].password);
		}
		conf_free(&c);
		buf_free(&text);
		buf_free(&problems);
	}
	unlink(path);
}

static void
test_providers(void **state)
{
	static const struct {
		const char *domain, *imap, *smtp;
	} rows[] = {
	    {"gmail.com", "imap.gmail.com", "smtps://smtp.gmail.com"},
	    {"GoogleMail.com", "imap.gmail.com", "smtps://smtp.gmail.com"},
	    {"mail.com", "imap.mail.com", "smtps://smtp.mail.com"},
	    {"gmx.de", "imap.gmx.net", "smtps://mail.gmx.net"},
	    {"example.org", "imap.example.org", "smtps://smtp.example.org"},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct provider p = provider_of(a, rows[i].domain);

		assert_string_equal(p.imap, rows[i].imap);
		assert_string_equal(p.smtp, rows[i].smtp);
	}
	arena_free(&a);
}

static struct row
row_of(const char *id, const char *recipient, const char *subject)
{
	struct row r = {.account = "a",
	    .recipient = recipient,
	    .domain = "x",
	    .status = "4.4.1",
	    .subject = subject,
	    .original_message_id = "",
	    .from = "",
	    .mta = "",
	    .trail = "x",
	    .last_seen = NOW - 7200,
	    .state = STATE_GAVE_UP,
	    .cause = CAUSE_CONNECT_TIMEOUT};

	snprintf(r.id.text, sizeof(r.id.text), "%s", id);
	return r;
}

static void
test_table_fits_its_width(void **state)
{
	struct row rows[] = {row_of("abcdefghij", "bob@partner.example", "Minutes"),
	    row_of("klmnopqrst",
		"\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1\xe4\xba\xac@very-long-name.partner.example",
		"\x1b[2J Escape \xe2\x80\xae and a long subject that goes on and on")};
	struct cases c = {.rows = rows, .n = 2};

	(void)state;
	for (int columns = 60; columns < 200; columns += 7) {
		struct buf out = BUF_INIT;
		struct slice rest;
		struct slice line;

		cases_print(&out, &c, columns, NOW);
		rest = buf_slice(&out);
		while (slice_line(&rest, &line)) {
			char *copy = xslicedup(line);

			if (utf8_columns(copy) > columns)
				fail_msg("%d: %s", columns, copy);
			free(copy);
		}
		assert_null(memchr(out.data, '\x1b', out.len));
		assert_non_null(strstr(out.data, "abcdefghij"));
		buf_free(&out);
	}
}

static void
test_help_names_every_command(void **state)
{
	struct buf overview = BUF_INIT;
	struct buf manual = BUF_INIT;

	(void)state;
	help_overview(&overview);
	help_manual(&manual, "commands");
	for (size_t i = 0; i < cmd_table_n; i++) {
		assert_non_null(strstr(buf_cstr(&overview), cmd_table[i].name));
		assert_non_null(strstr(buf_cstr(&manual), cmd_table[i].name));
	}
	buf_free(&overview);
	buf_free(&manual);
}

static void
test_age_words(void **state)
{
	static const struct {
		int64_t seconds;
		const char *want;
	} rows[] = {{-5, "now"}, {0, "now"}, {59, "now"}, {60, "1m"}, {7199, "1h"}, {86400, "1d"},
	    {13 * 86400, "13d"}, {14 * 86400, "2w"}};
	char buf[16];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		age_words(buf, rows[i].seconds);
		assert_string_equal(buf, rows[i].want);
	}
	age_words(buf, INT64_MAX);
	assert_true(strlen(buf) <= 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_dates_of_the_sample),
	    cmocka_unit_test(test_args),
	    cmocka_unit_test(test_globals_anywhere),
	    cmocka_unit_test(test_first_conf_is_read_again),
	    cmocka_unit_test(test_providers),
	    cmocka_unit_test(test_table_fits_its_width),
	    cmocka_unit_test(test_help_names_every_command),
	    cmocka_unit_test(test_age_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
