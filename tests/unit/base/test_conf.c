#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/near.h"

static char dir[] = "/tmp/bouncebox-conf-XXXXXX";

static const char *
write_file(const char *text, size_t n, mode_t mode)
{
	static char path[sizeof(dir) + 16];
	FILE *f;

	snprintf(path, sizeof(path), "%s/x.conf", dir);
	unlink(path);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static void
test_url(void **state)
{
	static const struct {
		const char *text;
		enum url_scheme scheme;
		const char *user, *password, *host;
		unsigned port;
		const char *path, *shown;
	} rows[] = {
	    {"imaps://bounces%40example.org@imap.example.org/INBOX", URL_IMAPS,
		"bounces@example.org", "", "imap.example.org", 993, "INBOX",
		"imaps://bounces%40example.org@imap.example.org/INBOX"},
	    {"imap://u:p%3Aw%40x%2F@h.example:1143/a%20b/c", URL_IMAP, "u", "p:w@x/", "h.example",
		1143, "a b/c", "imap://u@h.example:1143/a%20b/c"},
	    {"IMAPS://u@[2001:db8::7]:9930", URL_IMAPS, "u", "", "2001:db8::7", 9930, "INBOX",
		"IMAPS://u@[2001:db8::7]:9930"},
	    {"imaps://u@h/%C3%9C", URL_IMAPS, "u", "", "h", 993, "\xc3\x9c", "imaps://u@h/%C3%9C"},
	    {"smtps://h", URL_SMTPS, "", "", "h", 465, "", "smtps://h"},
	    {"smtp://u:@h/", URL_SMTP, "u", "", "h", 587, "", "smtp://u@h/"},
	    {"smtp+insecure://127.0.0.1:2525", URL_SMTP_INSECURE, "", "", "127.0.0.1", 2525, "",
		"smtp+insecure://127.0.0.1:2525"},
	    {"maildir:///var/mail/%C3%A4 x", URL_MAILDIR, "", "", "", 0, "/var/mail/\xc3\xa4 x",
		"maildir:///var/mail/%C3%A4 x"},
	    {"mbox:///var/mail/a", URL_MBOX, "", "", "", 0, "/var/mail/a", "mbox:///var/mail/a"},
	    {"/usr/sbin/sendmail -i", URL_COMMAND, "", "", "", 0, "/usr/sbin/sendmail -i",
		"/usr/sbin/sendmail -i"},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = {0};
		struct url u;

		print_message("%s\n", rows[i].text);
		assert_int_equal(url_parse(a, rows[i].text, &u, &e), 0);
		assert_int_equal(u.scheme, rows[i].scheme);
		assert_string_equal(u.user, rows[i].user);
		assert_string_equal(u.password, rows[i].password);
		assert_string_equal(u.host, rows[i].host);
		assert_int_equal(u.port, rows[i].port);
		assert_string_equal(u.path, rows[i].path);
		assert_string_equal(u.text, rows[i].shown);
	}
	arena_free(&a);
}

static void
test_url_refused(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
	    {"", "no scheme"},
	    {"imap.example.org", "no scheme"},
	    {"pop3://u@h", "no scheme"},
	    {"imaps://a@b@h/", "more than one @"},
	    {"imaps://u:s3cret@x@h/", "more than one @"},
	    {"imaps://u@/INBOX", "no host"},
	    {"imaps://h/INBOX", "no user name"},
	    {"imaps://u@h:0/", "port"},
	    {"imaps://u@h:65536/", "port"},
	    {"imaps://u@h:123456/", "port"},
	    {"imaps://u@h:/", "no port"},
	    {"imaps://u@h:9a/", "port"},
	    {"imaps://u@[::1/", "IPv6"},
	    {"imaps://u@[::1]x/", "IPv6"},
	    {"imaps://u@a b/", "character"},
	    {"imaps://u@-h/", "no host name"},
	    {"imaps://u%0d%0aA@h/", "control"},
	    {"imaps://u%00@h/", "control"},
	    {"imaps://u:s3cret%0a@h/", "control"},
	    {"imaps://u@h/%c2%9b", "control"},
	    {"imaps://u@h/%ff", "broken UTF-8"},
	    {"imaps://u@h/%4", "hexadecimal"},
	    {"imaps://u:s3cret%zz@h/", "hexadecimal"},
	    {"imaps://u@h%2fx/", "character"},
	    {"smtp://u@h/path", "no path"},
	    {"maildir://home/me", "not a host"},
	    {"maildir://", "path is missing"},
	    {"mbox:///", "path is missing"},
	    {"/bin/x\x1b[2J", "control"},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = {0};
		struct url u;

		print_message("%zu %s\n", i, e.text);
		assert_int_equal(url_parse(a, rows[i].text, &u, &e), -1);
		assert_int_equal(e.code, ERR_CONF);
		if (strstr(e.text, rows[i].words) == NULL)
			fail_msg("%s: %s", rows[i].text, e.text);
		assert_null(strstr(e.text, "s3cret"));
		assert_null(strstr(e.todo, "s3cret"));
	}
	arena_free(&a);
}

static const char example[] =
    "[bounces]\n"
    "source          = imaps://bounces%40example.org@imap.example.org/INBOX\n"
    "source-cred-cmd = pass show mail/bounces          # first line of its output\n"
    "outgoing        = smtps://bounces%40example.org@smtp.example.org\n"
    "outgoing-cred-cmd = sh -c 'echo a # b' x#y\n"
    "from            = Pat O'Brien <alice@example.org>   # who\n"
    "copy-to         = Sent                             # defaults\n"
    "search-in       = Sent, Archive\n"
    "ca-file         =                                  # default: the system's trust store\n"
    "auth            = scram-sha-256 # plain\n"
    "timeout-seconds = 7\n"
    "[ui]\n"
    "theme = mono\n"
    "undo-seconds = 0\n"
    "mouse = no\n"
    "[keys]\n"
    "r = resend\n"
    "C-d = half-page-down\n"
    ": = command-line\n"
    "Semicolon = tag-prefix\n"
    "b =\n"
    "[second]\n"
    "source = maildir:///tmp\n";

static void
test_example(void **state)
{
	struct buf problems = BUF_INIT;
	struct conf *c;
	struct err e = {0};
	const struct account *a;

	(void)state;
	if (conf_read(write_file(example, sizeof(example) - 1, 0644), &c, &problems, &e) != 0)
		fail_msg("%s", buf_cstr(&problems));
	assert_int_equal(c->n_accounts, 2);
	assert_string_equal(c->default_account, "bounces");
	a = conf_account(c, "");
	assert_string_equal(a->name, "bounces");
	assert_string_equal(a->source.user, "bounces@example.org");
	assert_string_equal(a->source_cred_cmd, "pass show mail/bounces");
	assert_string_equal(a->outgoing_cred_cmd, "sh -c 'echo a # b' x#y");
	assert_string_equal(a->from, "Pat O'Brien <alice@example.org>");
	assert_string_equal(a->copy_to, "Sent");
	assert_string_equal(a->postpone, "");
	assert_string_equal(a->search_in, "Sent, Archive");
	assert_string_equal(a->ca_file, "");
	assert_string_equal(a->language, "en");
	assert_int_equal(a->auth, AUTH_SCRAM_SHA_256);
	assert_int_equal(a->outgoing_auth, AUTH_SCRAM_SHA_256);
	assert_int_equal(a->timeout_s, 7);
	assert_false(a->allow_cleartext);
	assert_string_equal(c->theme, "mono");
	assert_int_equal(c->undo_seconds, 0);
	assert_false(c->mouse);
	assert_int_equal(c->n_bindings, 5);
	assert_string_equal(c->bindings[2].key, ":");
	assert_string_equal(c->bindings[2].command, "command-line");
	assert_string_equal(c->bindings[3].key, ";");
	assert_int_equal(c->bindings[3].line, 20);
	assert_string_equal(c->bindings[4].command, "");
	assert_string_equal(conf_account(c, "second")->source.path, "/tmp");
	assert_null(conf_account(c, "third"));
	conf_free(&c);
	assert_null(c);
	conf_free(&c);
	buf_free(&problems);
}

struct broken {
	const char *name;
	const char *text;
	const char *words; /* parted by '|': each must be there */
};

#define GOOD "[a]\nsource = maildir:///tmp\n"

static const struct broken broken_rows[] = {
    {"empty file", "", "no account"},
    {"unknown key near", "[a]\nsource = maildir:///x\nsource-cred-comand = x\n",
	":3: unknown key \"source-cred-comand\" in [a]: did you mean source-cred-cmd?"},
    {"unknown key far", GOOD "zzzzzzzzzzzz = x\n",
	":3: unknown key|allowed is source, source-cred-cmd"},
    {"unknown ui key", GOOD "[ui]\nthem = x\n",
	":4: unknown key \"them\" in [ui]: did you mean theme?"},
    {"account key in ui", GOOD "[ui]\nsource = x\n", ":4: unknown key \"source\" in [ui]"},
    {"key twice", GOOD "source = maildir:///b\n", ":3: source stands on line 2 already"},
    {"account twice", GOOD "[a]\n", ":3: there is an account of this name on line 1"},
    {"no source", "[a]\nfrom = a@b\n", ":1: [a] has no source"},
    {"empty source", "[a]\nsource =\n", ":2: [a] has no source"},
    {"empty section", "[a]\n", ":1: [a] has no source"},
    {"outgoing of the wrong kind", GOOD "outgoing = imaps://u@h/\nfrom = a@b\n",
	":3: outgoing cannot be of this kind: allowed is smtps://"},
    {"source of the wrong kind", "[a]\nsource = smtps://u@h\n",
	":2: source cannot be of this kind"},
    {"source is a command", "[a]\nsource = /bin/true\n", ":2: source cannot be of this kind"},
    {"no from", GOOD "outgoing = smtps://h\n", ":1: [a] has an outgoing but no from"},
    {"two passwords", "[a]\nsource = imaps://u:s3cret@h/\nsource-cred-cmd = x\n",
	":2: source holds a password, and source-cred-cmd is given too"},
    {"clear text", "[a]\nsource = imap+insecure://u@h.example/\n",
	":2: source would send all, the password too, in clear text to h.example: use imaps://"},
    {"clear text out", GOOD "outgoing = smtp+insecure://h\nfrom = a@b\n",
	":3: outgoing would send"},
    {"bad choice", GOOD "auth = ntlm\n", ":3: auth = ntlm: allowed is auto, plain"},
    {"bad bool", GOOD "allow-cleartext = maybe\n",
	":3: allow-cleartext = maybe: allowed is yes, no"},
    {"bad number", GOOD "[ui]\nundo-seconds = -1\n", ":4: undo-seconds = -1: allowed is 0 to 3600"},
    {"number too large", GOOD "timeout-seconds = 99999999999999999999\n", "allowed is 1 to 3600"},
    {"number with more", GOOD "timeout-seconds = 5s\n", "allowed is 1 to 3600"},
    {"bad language", GOOD "language = tlh\n", ":3: language = tlh: allowed is en, de, fr, es, ja"},
    {"bad theme", GOOD "[ui]\ntheme = ../../etc/passwd\n",
	":4: theme = ../../etc/passwd: allowed is"},
    {"ca-file missing", GOOD "ca-file = /nonexistent/ca.pem\n", "not there or cannot be read"},
    {"ca-file relative", GOOD "ca-file = ca.pem\n", "begins with / or ~/"},
    {"bad from", GOOD "from = Alice\n", ":3: from = Alice: allowed is Name <user@domain>"},
    {"two addresses in from", GOOD "from = a@b, c@d\n", ":3: from = "},
    {"no such account", GOOD "[ui]\naccount = b\n", ":4: account = b: there is no account"},
    {"no equals sign", GOOD "hello\n", ":3: this line is no \"name = value\""},
    {"no name", GOOD "= x\n", ":3: there is no name before the ="},
    {"no section", "source = maildir:///a\n[a]\nsource = maildir:///tmp\n",
	":1: this stands in no"},
    {"section not closed", "[a\nsource = maildir:///a\n", ":1: the ] of the section's name"},
    {"section with more", "[a] x\n", ":1: there is more behind"},
    {"section without name", "[ ]\n", ":1: a section's name has 1 to 48"},
    {"section too long", "[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\n",
	":1: a section's name"},
    {"control character", GOOD "from = a\x1b[2J@b\n", ":3: this line holds a control character"},
    {"broken url tells no password", "[a]\nsource = imaps://u:s3cret%@h/\n",
	":2: source: the password has a %"},
    {"all at once", "[a]\nsource = foo://x\nauth = x\n[ui]\nbell = 3\n",
	":2: source: this begins with no scheme|:3: auth = x|:5: bell = 3"},
};

static void
check_words(const char *name, const char *got, const char *words)
{
	char one[256];

	while (*words != '\0') {
		size_t n = strcspn(words, "|");

		snprintf(one, sizeof(one), "%.*s", (int)n, words);
		if (strstr(got, one) == NULL)
			fail_msg("%s: no \"%s\" in\n%s", name, one, got);
		words += n + (words[n] == '|');
	}
}

static void
test_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(broken_rows) / sizeof(broken_rows[0]); i++) {
		const struct broken *row = &broken_rows[i];
		struct buf problems = BUF_INIT;
		struct conf *c;
		struct err e = {0};

		if (conf_read(write_file(row->text, strlen(row->text), 0600), &c, &problems, &e) !=
		    -1)
			fail_msg("%s: was taken", row->name);
		assert_null(c);
		assert_int_equal(e.code, ERR_CONF);
		check_words(row->name, buf_cstr(&problems), row->words);
		assert_null(strstr(buf_cstr(&problems), "s3cret"));
		assert_memory_equal(e.text, problems.data, 12);
		buf_free(&problems);
	}
}

static void
test_mode_of_a_file_with_a_password(void **state)
{
	static const char text[] = "[a]\nsource = imaps://u:s3cret@h/\n";
	static const struct {
		mode_t mode;
		const char *words; /* "" = fine */
	} rows[] = {{0600, ""}, {0400, ""}, {0640, "chmod 600"}, {0604, "chmod 600"}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf *c;
		struct err e = {0};
		const char *path = write_file(text, sizeof(text) - 1, rows[i].mode);
		int rc = conf_read(path, &c, NULL, &e);

		assert_int_equal(rc, rows[i].words[0] == '\0' ? 0 : -1);
		assert_non_null(strstr(e.text, rows[i].words));
		conf_free(&c);
	}
}

static void
test_odd_files(void **state)
{
	static char big[2 * 1024 * 1024];
	static const char nul[] = "[a]\nsource = maildir:///tmp\0x\n";
	struct conf *c;
	struct err e = {0};

	(void)state;
	assert_int_equal(conf_read("/nonexistent/x.conf", &c, NULL, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(conf_read(dir, &c, NULL, &e), -1);
	assert_int_equal(e.code, ERR_CONF);
	memset(big, '#', sizeof(big));
	assert_int_equal(conf_read(write_file(big, sizeof(big), 0600), &c, NULL, &e), -1);
	assert_non_null(strstr(e.text, "longer"));
	memcpy(big, "[a]\nfrom = ", 11);
	memset(big + 11, 'x', 5000);
	assert_int_equal(conf_read(write_file(big, 5000, 0600), &c, NULL, &e), -1);
	assert_non_null(strstr(e.text, "4000 bytes"));
	assert_int_equal(conf_read(write_file(nul, sizeof(nul) - 1, 0600), &c, NULL, &e), -1);
	assert_non_null(strstr(e.text, "control character"));
}

static void
test_long_value_and_odd_line_ends(void **state)
{
	struct buf text = BUF_INIT;
	struct conf *c;
	struct err e = {0};

	(void)state;
	buf_adds(&text, "\xef\xbb\xbf[a]\r\n  source = maildir:///tmp\r\nsource-cred-cmd = ");
	for (int i = 0; i < 300; i++)
		buf_adds(&text, "0123456789");
	buf_adds(&text, "\r\n\tfrom = a@b");
	if (conf_read(write_file(text.data, text.len, 0600), &c, NULL, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(strlen(conf_account(c, "a")->source_cred_cmd), 3000);
	assert_string_equal(conf_account(c, "a")->from, "a@b");
	conf_free(&c);
	buf_free(&text);
}

static void
test_from_is_the_login_name(void **state)
{
	static const char text[] = "[a]\nsource = imaps://b%40c.example@h/\noutgoing = smtps://h\n";
	struct conf *c;
	struct err e = {0};

	(void)state;
	assert_int_equal(conf_read(write_file(text, sizeof(text) - 1, 0600), &c, NULL, &e), 0);
	assert_string_equal(conf_account(c, "")->from, "b@c.example");
	conf_free(&c);
}

static void
test_paths(void **state)
{
	struct arena *a = arena_new();
	struct err e = {0};
	char path[64];

	(void)state;
	setenv("HOME", "/home/x", 1);
	unsetenv("XDG_CONFIG_HOME");
	setenv("XDG_STATE_HOME", "relative/is/ignored", 1);
	setenv("XDG_CACHE_HOME", "/cache", 1);
	assert_string_equal(path_conf(a), "/home/x/.config/bouncebox/bouncebox.conf");
	assert_string_equal(path_state(a), "/home/x/.local/state/bouncebox");
	assert_string_equal(path_cache(a), "/cache/bouncebox");
	assert_string_equal(path_expand(a, "~/y"), "/home/x/y");
	assert_string_equal(path_expand(a, "~y"), "~y");
	snprintf(path, sizeof(path), "%s/a/b/c", dir);
	assert_int_equal(path_make_dir(path, &e), 0);
	assert_int_equal(path_make_dir(path, &e), 0);
	assert_int_equal(path_make_dir("/dev/null/x", &e), -1);
	assert_int_equal(e.code, ERR_IO);
	arena_free(&a);
}

static void
test_near(void **state)
{
	static const char *const names[] = {"list", "show", "resend", "ignore"};
	static const struct {
		const char *word, *want;
	} rows[] = {{"lst", "list"}, {"ilst", "list"}, {"RESEND", "resend"}, {"resned", "resend"},
	    {"frobnicate", ""}, {"", ""}, {"x", ""}, {"ignroe", "ignore"}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
		    near_name(rows[i].word, names, 4, sizeof(names[0]), 0), rows[i].want);
}

static int
make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
remove_dir(void **state)
{
	char path[64];
	static const char *const left[] = {"/x.conf", "/a/b/c", "/a/b", "/a", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", dir, left[i]);
		remove(path);
	}
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_url),
	    cmocka_unit_test(test_url_refused),
	    cmocka_unit_test(test_example),
	    cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_mode_of_a_file_with_a_password),
	    cmocka_unit_test(test_odd_files),
	    cmocka_unit_test(test_long_value_and_odd_line_ends),
	    cmocka_unit_test(test_from_is_the_login_name),
	    cmocka_unit_test(test_paths),
	    cmocka_unit_test(test_near),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
