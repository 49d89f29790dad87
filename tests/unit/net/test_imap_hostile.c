/* IMAP servers that are broken or evil: each ends in clear words, bounded memory and no
 * crash. */
#include "base/slept.h"
#include "fake_imap.h"

struct hostile_row {
	const char *name;
	enum url_scheme scheme;
	struct fake_row rows[8];
	enum err_code code;
	const char *words;
	unsigned n_rows;
};

static const struct hostile_row hostile[] = {
    {"bye instead of a greeting", URL_IMAP_INSECURE, {{NULL, "* BYE too busy\r\n", 0}, END},
	ERR_CLOSED, "too busy", 0},
    {"no greeting", URL_IMAP_INSECURE, {END}, ERR_CLOSED, "closed the connection", 0},
    {"another protocol", URL_IMAP_INSECURE, {{NULL, "220 mail ESMTP\r\n", 0}, END}, ERR_PROTOCOL,
	"cannot be understood", 0},
    {"logged in before STARTTLS", URL_IMAP,
	{{NULL, "* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", 0}, END}, ERR_TLS,
	"somebody may be in between", 0},
    {"STARTTLS stripped", URL_IMAP, {HELLO, END}, ERR_TLS, "does not offer STARTTLS", 0},
    {"words slipped in behind STARTTLS", URL_IMAP,
	{{NULL, "* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", 0},
	    {"STARTTLS", "$ OK go\r\n* CAPABILITY IMAP4rev1\r\n", 0}, END},
	ERR_TLS, "somebody is in between", 0},
    {"half a line slipped in behind STARTTLS", URL_IMAP,
	{{NULL, "* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", 0},
	    {"STARTTLS", "$ OK go\r\n* O", 0}, END},
	ERR_TLS, "somebody is in between", 0},
    {"login disabled", URL_IMAP_INSECURE,
	{{NULL, "* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hi\r\n", 0}, END}, ERR_LOGIN,
	"does not let anybody log in", 0},
    {"app password wanted", URL_IMAP_INSECURE,
	{HELLO,
	    {"AUTHENTICATE", "$ NO [ALERT] Application-specific password required: see x\r\n", 0},
	    END},
	ERR_LOGIN, "Application-specific password", 0},
    {"not now", URL_IMAP_INSECURE,
	{HELLO, {"AUTHENTICATE", "$ NO [UNAVAILABLE] Temporary authentication failure.\r\n", 0},
	    END},
	ERR_BUSY, "in for now", 0},
    {"too many sessions", URL_IMAP_INSECURE,
	{HELLO,
	    {"AUTHENTICATE", "$ NO [ALERT] Too many simultaneous connections. (Failure)\r\n", 0},
	    END},
	ERR_BUSY, "Too many simultaneous", 0},
    {"login answered with BAD", URL_IMAP_INSECURE,
	{HELLO, {"AUTHENTICATE", "$ BAD what\r\n", 0}, END}, ERR_PROTOCOL, "what", 0},
    {"login that asks for ever", URL_IMAP_INSECURE,
	{HELLO, {"AUTHENTICATE", "+ \r\n+ \r\n+ \r\n+ \r\n+ \r\n+ \r\n+ \r\n", 0}, END}, ERR_LOGIN,
	"asks and asks", 0},
    {"a literal of 4 GB", URL_IMAP_INSECURE,
	{HELLO, LOGIN, SELECT, FOUND,
	    {"UID FETCH", "* 1 FETCH (UID 1 BODY[]<0> {4294967290}\r\n", 0}, END},
	ERR_LIMIT, "4294967290 bytes", 0},
    {"a literal larger than asked for", URL_IMAP_INSECURE,
	{HELLO, LOGIN, SELECT, FOUND, {"UID FETCH", "* 1 FETCH (UID 1 BODY[]<0> {70000}\r\n", 0},
	    END},
	ERR_LIMIT, "70000 bytes", 0},
    {"a line without end", URL_IMAP_INSECURE,
	{HELLO, LOGIN, SELECT, FOUND, {"UID FETCH", "* 1 FETCH (UID ", 0},
	    {NULL, "1111111111111111111111111111111111111111111111111111111111111111", 300000},
	    END},
	ERR_PROTOCOL, "a line without end", 0},
    {"a status line without end", URL_IMAP_INSECURE,
	{HELLO, LOGIN, {"SELECT", "* OK ", 0}, {NULL, "hello hello hello hello ", 2000}, END},
	ERR_PROTOCOL, "status line without end", 0},
    {"deep nesting", URL_IMAP_INSECURE,
	{HELLO, LOGIN, SELECT, FOUND, {"UID FETCH", "* 1 FETCH (BODYSTRUCTURE ", 0},
	    {NULL, "((((((((((", 2000}, END},
	ERR_PROTOCOL, "nests its answer too deeply", 0},
    {"more found than there is", URL_IMAP_INSECURE,
	{{NULL, "* OK [CAPABILITY " CAPS " ESEARCH] hello\r\n", 0},
	    {"AUTHENTICATE", "$ OK [CAPABILITY " CAPS " ESEARCH] in\r\n", 0}, SELECT,
	    {"UID SEARCH", "* ESEARCH (TAG \"$\") UID ALL 1:4294967295\r\n$ OK x\r\n", 0}, END},
	ERR_PROTOCOL, "finds more messages", 0},
    {"closed inside of a literal", URL_IMAP_INSECURE,
	{HELLO, LOGIN, SELECT, FOUND, {"UID FETCH", "* 1 FETCH (UID 1 BODY[]<0> {50}\r\nabc", 0},
	    END},
	ERR_CLOSED, "closed the connection", 0},
    {"bye in the middle", URL_IMAP_INSECURE,
	{HELLO, LOGIN, SELECT, FOUND,
	    {"UID FETCH", "* 1 FETCH (UID 1 FLAGS ())\r\n* BYE Session expired\r\n", 0}, END},
	ERR_CLOSED, "Session expired", 1},
    {"numbered anew", URL_IMAP_INSECURE,
	{HELLO, LOGIN, SELECT, FOUND,
	    {"UID FETCH",
		"* OK [UIDVALIDITY 8] surprise\r\n* 1 FETCH (UID 1 FLAGS ())\r\n$ OK x\r\n", 0},
	    END},
	ERR_CLOSED, "numbered the mailbox anew", 0},
    {"a UID of 33 bits", URL_IMAP_INSECURE,
	{HELLO, LOGIN, SELECT, FOUND,
	    {"UID FETCH", "* 1 FETCH (UID 4294967296 FLAGS ())\r\n$ OK x\r\n", 0}, END},
	ERR_PROTOCOL, "cannot be understood", 0},
    {"a literal shorter than it says", URL_IMAP_INSECURE,
	{HELLO, LOGIN, SELECT, FOUND,
	    {"UID FETCH",
		"* 1 FETCH (UID 1 BODY[]<0> {20}\r\nabc)\r\n$ OK x\r\n* 2 FETCH (UID 2)\r\n", 0},
	    END},
	ERR_PROTOCOL, "cannot be understood", 0},
    {"a tag in the middle of a row", URL_IMAP_INSECURE,
	{HELLO, LOGIN, SELECT, FOUND, {"UID FETCH", "* 1 FETCH (UID 1 FLAGS (\r\n$ OK x\r\n", 0},
	    END},
	ERR_PROTOCOL, "cannot be understood", 0},
    {"many literals in one response", URL_IMAP_INSECURE,
	{HELLO, LOGIN, SELECT, FOUND, {"UID FETCH", "* 1 FETCH (UID 1 ENVELOPE (", 0},
	    {NULL, "{16}\r\n0123456789abcdef ", 2000}, END},
	ERR_LIMIT, "too much in one response", 0},
    {"bye while we were quiet", URL_IMAP_INSECURE,
	{HELLO, {"AUTHENTICATE", "$ OK [CAPABILITY " CAPS "] in\r\n* BYE Autologout\r\n", 0}, END},
	ERR_CLOSED, "Autologout", 0},
    {"BAD for a fetch", URL_IMAP_INSECURE,
	{HELLO, LOGIN, SELECT, FOUND, {"UID FETCH", "$ BAD no such thing\r\n", 0}, END},
	ERR_PROTOCOL, "no such thing", 0},
    {"another's tag", URL_IMAP_INSECURE,
	{HELLO, LOGIN, SELECT, FOUND, {"UID FETCH", "zz9 OK done\r\n", 0}, END}, ERR_PROTOCOL, "",
	0},
    {"NO after half of the rows", URL_IMAP_INSECURE,
	{HELLO, LOGIN, SELECT, FOUND,
	    {"UID FETCH", "* 1 FETCH (UID 1 FLAGS ())\r\n$ NO [SERVERBUG] disk is gone\r\n", 0},
	    {"CREATE", "$ OK x\r\n", 0}, END},
	ERR_REFUSED, "disk is gone", 1},
    {"control characters in its words", URL_IMAP_INSECURE,
	{HELLO, LOGIN, {"SELECT", "$ NO \033[2Jgone\033]0;x\007\r\n", 0},
	    {"CREATE", "$ OK x\r\n", 0}, END},
	ERR_REFUSED, "gone", 0},
};

static void
test_hostile(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		const struct hostile_row *row = &hostile[i];
		struct seen seen = {0};
		struct imap_box box;
		struct fake fake = {.chunk = 0};
		struct err e;
		bool alive = false;
		int r;

		fake_start(&fake, row->rows, row->code != ERR_CLOSED);
		r = go_through(fake.port, row->scheme, &seen, &box, &e, &alive);
		fake_end(&fake);
		if (r == 0 || e.code != row->code || strstr(e.text, row->words) == NULL)
			fail_msg("%s: %d %s \"%s\"", row->name, r, err_code_name(e.code), e.text);
		if (seen.rows != row->n_rows || alive != (row->code == ERR_REFUSED))
			fail_msg("%s: %u rows, alive %d", row->name, seen.rows, alive);
		for (const char *p = e.text; *p != '\0'; p++)
			assert_false((unsigned char)*p < ' ' || *p == 127);
	}
}

static const struct fake_row stalls_at_greeting[] = {END};
static const struct fake_row stalls_at_login[] = {HELLO, END};
static const struct fake_row stalls_in_fetch[] = {
    HELLO, LOGIN, SELECT, FOUND, {"UID FETCH", "* 1 FETCH (UID 1 FLAGS ())\r\n* 2 FE", 0}, END};
static const struct fake_row *const stalls[] = {
    stalls_at_greeting, stalls_at_login, stalls_in_fetch};

static void
test_stalled_server_times_out(void **state)
{
	(void)state;
	options.timeout_s = 1;
	for (size_t i = 0; i < 3; i++) {
		struct seen seen = {0};
		struct imap_box box;
		struct fake fake = {.chunk = 0};
		struct err e;

		fake_start(&fake, stalls[i], true);
		assert_int_not_equal(
		    go_through(fake.port, URL_IMAP_INSECURE, &seen, &box, &e, NULL), 0);
		assert_int_equal(e.code, ERR_TIMEOUT);
		fake_end(&fake);
	}
	/* The TLS handshake waits no longer either. */
	{
		struct account a;
		struct imap *s = NULL;
		struct fake fake = {.chunk = 0};
		struct err e;

		fake_start(&fake, stalls_at_greeting, true);
		a = account_at(fake.port, URL_IMAPS);
		assert_int_not_equal(imap_open(&s, &a, "secret", &options, &e), 0);
		assert_int_equal(e.code, ERR_TIMEOUT);
		fake_end(&fake);
	}
	options.timeout_s = 5;
}

static void *
fire(void *ctx)
{
	usleep(50000);
	cancel_fire(ctx);
	return NULL;
}

/* However early or late the cancel comes: it ends the call long before the time-out. */
static void
test_cancel_is_heard_everywhere(void **state)
{
	(void)state;
	options.cancel = cancel_new();
	options.timeout_s = 600;
	for (size_t i = 0; i < 4; i++) {
		struct seen seen = {0};
		struct imap_box box;
		struct fake fake = {.chunk = 0};
		pthread_t thread;
		struct err e;
		int r;

		cancel_reset(options.cancel);
		fake_start(&fake, stalls[i % 3], true);
		assert_int_equal(pthread_create(&thread, NULL, fire, options.cancel), 0);
		r = go_through(
		    fake.port, i < 3 ? URL_IMAP_INSECURE : URL_IMAPS, &seen, &box, &e, NULL);
		pthread_join(thread, NULL);
		assert_int_not_equal(r, 0);
		assert_int_equal(e.code, ERR_CANCELLED);
		fake_end(&fake);
	}
	cancel_free(&options.cancel);
	options.timeout_s = 5;
}

static void
test_server_goes_away_in_idle(void **state)
{
	static const struct fake_row rows[] = {
	    {NULL, "* OK [CAPABILITY " CAPS " IDLE] hello\r\n", 0},
	    {"AUTHENTICATE", "$ OK [CAPABILITY " CAPS " IDLE] in\r\n", 0}, SELECT,
	    {"IDLE", "+ idling\r\n* BYE Server shutting down.\r\n", 0}, END};
	struct account a;
	struct imap_box box;
	struct imap *s;
	struct fake fake = {.chunk = 0};
	bool news;
	struct err e;

	(void)state;
	fake_start(&fake, rows, false);
	a = account_at(fake.port, URL_IMAP_INSECURE);
	assert_int_equal(imap_open(&s, &a, "secret", &options, &e), 0);
	assert_int_equal(imap_select(s, "INBOX", false, &box, &e), 0);
	assert_int_equal(imap_wait(s, -1, 600, &news, &e), -1);
	assert_int_equal(e.code, ERR_CLOSED);
	assert_non_null(strstr(e.text, "Server shutting down."));
	imap_close(&s);
	fake_end(&fake);
}

/* The wait would be over in an hour. What a server has to say then comes with its answer. */
static void
test_waking_from_sleep_asks_the_server(void **state)
{
	static const struct fake_row idles[] = {
	    {NULL, "* OK [CAPABILITY " CAPS " IDLE] hello\r\n", 0},
	    {"AUTHENTICATE", "$ OK [CAPABILITY " CAPS " IDLE] in\r\n", 0}, SELECT,
	    {"IDLE", "+ idling\r\n", 0}, {"DONE", "* 4 EXISTS\r\nb3 OK x\r\n", 0}, END};
	static const struct fake_row polls[] = {
	    HELLO, LOGIN, SELECT, {"NOOP", "* 4 EXISTS\r\n$ OK x\r\n", 0}, END};
	static const struct fake_row dead[] = {HELLO, LOGIN, SELECT, {"NOOP", "", 0}, END};
	static const struct fake_row *const all[] = {idles, polls, dead};
	int woken[2];

	(void)state;
	assert_int_equal(pipe(woken), 0);
	assert_int_equal(write(woken[1], "x", 1), 1);
	options.keepalive_s = 3600;
	options.timeout_s = 1;
	for (size_t i = 0; i < 3; i++) {
		struct fake fake = {.chunk = 0};
		struct account a;
		struct imap_box box;
		struct imap *s;
		bool news = false;
		struct err e;

		fake_start(&fake, all[i], true);
		a = account_at(fake.port, URL_IMAP_INSECURE);
		assert_int_equal(imap_open(&s, &a, "secret", &options, &e), 0);
		assert_int_equal(imap_select(s, "INBOX", false, &box, &e), 0);
		slept_pretend(woken[0]);
		if (all[i] == dead) {
			assert_int_equal(imap_wait(s, -1, 3600, &news, &e), -1);
			assert_int_equal(e.code, ERR_TIMEOUT);
		} else {
			assert_int_equal(imap_wait(s, -1, 3600, &news, &e), 0);
			assert_true(news);
		}
		slept_pretend(-1);
		imap_close(&s);
		fake_end(&fake);
	}
	options.keepalive_s = 0;
	options.timeout_s = 5;
	close(woken[0]);
	close(woken[1]);
}

static int
setup(void **state)
{
	(void)state;
	net_init();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_stalled_server_times_out),
	    cmocka_unit_test(test_cancel_is_heard_everywhere),
	    cmocka_unit_test(test_server_goes_away_in_idle),
	    cmocka_unit_test(test_waking_from_sleep_asks_the_server),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
