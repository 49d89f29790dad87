/* IMAP servers that are broken, odd or evil: each ends in clear words, bounded
 * memory and no crash; what is odd but legal is understood. */
#include "fake_imap.h"

#include "net/imap.h"
#include "net/imap_row.h"

static struct net_options options = {.timeout_s = 5, .ca_file = ""};

#define CAPS "IMAP4rev1 SASL-IR AUTH=PLAIN"
#define HELLO                                                   \
	{                                                       \
		NULL, "* OK [CAPABILITY " CAPS "] hello\r\n", 0 \
	}
#define LOGIN                                                          \
	{                                                              \
		"AUTHENTICATE", "$ OK [CAPABILITY " CAPS "] in\r\n", 0 \
	}
#define SELECT                                                                             \
	{                                                                                  \
		"SELECT",                                                                  \
		    "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 10] x\r\n$ OK " \
		    "[READ-WRITE] x\r\n",                                                  \
		    0                                                                      \
	}
#define FOUND                                                   \
	{                                                       \
		"UID SEARCH", "* SEARCH 1 2 3\r\n$ OK x\r\n", 0 \
	}
#define END                   \
	{                     \
		NULL, NULL, 0 \
	}

static struct account
account_at(unsigned port, enum url_scheme scheme)
{
	struct account a = {.name = "test"};

	a.source = (struct url){.scheme = scheme,
	    .text = "",
	    .user = "ann",
	    .password = "",
	    .host = "127.0.0.1",
	    .port = port,
	    .path = "INBOX"};
	return a;
}

struct seen {
	unsigned rows;
	size_t bytes;
	uint32_t last_uid;
};

static bool
count_row(void *ctx, const struct imap_message *m)
{
	struct seen *seen = ctx;

	seen->rows++;
	seen->bytes += m->bytes.n;
	seen->last_uid = m->uid;
	return true;
}

/* Opens, selects, lists, fetches everything: how far that comes. */
static int
go_through(unsigned port, enum url_scheme scheme, struct seen *seen, struct imap_box *box,
    struct err *e, bool *is_alive)
{
	struct account a = account_at(port, scheme);
	struct imap_range all = {1, UINT32_MAX};
	struct imap *s = NULL;
	uint32_t *uids = NULL;
	size_t n;
	int r;

	err_clear(e);
	r = imap_open(&s, &a, "secret", &options, e);
	if (r == 0)
		r = imap_select(s, "INBOX", false, box, e);
	if (r == 0)
		r = imap_uids(s, &uids, &n, e);
	free(uids);
	if (r == 0)
		r = imap_fetch(
		    s, &(struct imap_ranges){&all, 1, NULL}, NULL, 0, count_row, seen, e);
	if (is_alive != NULL && s != NULL) {
		struct err second;
		bool conflict;

		/* A dead session says so before it sends anything. */
		*is_alive = imap_store(s, NULL, 0, true, "x", 0, &conflict, &second) == 0 &&
		    imap_create(s, "y", &second) == 0;
		assert_int_equal(*is_alive, !imap_is_dead(s));
	}
	imap_close(&s);
	return r;
}

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
		struct fake fake;
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

struct odd_row {
	const char *name;
	struct fake_row rows[8];
	unsigned n_rows;
	uint32_t last_uid;
	bool keywords;
};

static const struct odd_row odd[] = {
    {"malformed PERMANENTFLAGS",
	{HELLO, LOGIN,
	    {"SELECT",
		"* 3 EXISTS\r\n* OK [PERMANENTFLAGS (\r\n* OK [UIDVALIDITY 7] x\r\n$ OK x\r\n", 0},
	    FOUND, {"UID FETCH", "* 2 FETCH (UID 2 FLAGS ())\r\n$ OK x\r\n", 0}, END},
	1, 2, false},
    {"good PERMANENTFLAGS",
	{HELLO, LOGIN,
	    {"SELECT",
		"* 3 EXISTS\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n* OK [UIDVALIDITY 7] x\r\n"
		"$ OK [READ-WRITE] x\r\n",
		0},
	    FOUND, {"UID FETCH", "* 2 FETCH (UID 2 FLAGS ())\r\n$ OK x\r\n", 0}, END},
	1, 2, true},
    {"responses that nobody knows",
	{HELLO, LOGIN,
	    {"SELECT",
		"* XNEWS {5}\r\na\r\nbc\r\n* 3 EXISTS\r\n* 7 XTHING\r\n* OK [UIDVALIDITY 7] x\r\n$ "
		"OK x\r\n",
		0},
	    FOUND,
	    {"UID FETCH",
		"* XLATER (a b)\r\n* 2 FETCH (UID 2 FLAGS ())\r\n* VANISHED 1\r\n$ OK x\r\n", 0},
	    END},
	1, 2, false},
    {"unsolicited rows and expunges",
	{HELLO, LOGIN, SELECT, FOUND,
	    {"UID FETCH",
		"* 1 FETCH (FLAGS (\\Seen))\r\n* 3 EXPUNGE\r\n* 9 EXISTS\r\n* 1 RECENT\r\n"
		"* 2 FETCH (UID 2 FLAGS (\\Seen $Junk x-y))\r\n$ OK x\r\n",
		0},
	    END},
	1, 2, false},
    {"UID 0 and a body as a quoted string",
	{HELLO, LOGIN, SELECT, FOUND,
	    {"UID FETCH",
		"* 1 FETCH (UID 0 FLAGS ())\r\n* 2 FETCH (UID 2 BODY[]<0> \"abc\" FLAGS ())\r\n"
		"* 3 FETCH (UID 3 BODY[]<0> NIL FLAGS ())\r\n* 4 FETCH (UID 4 BODY[]<0> {0}\r\n "
		"FLAGS "
		"())\r\n$ OK x\r\n",
		0},
	    END},
	3, 4, false},
    {"lines that end in LF alone",
	{{NULL, "* OK [CAPABILITY " CAPS "] hello\n", 0}, {"AUTHENTICATE", "$ OK in\n", 0},
	    {"CAPABILITY", "* CAPABILITY " CAPS "\n$ OK x\n", 0},
	    {"SELECT", "* 3 EXISTS\n* OK [UIDVALIDITY 7] x\n$ OK x\n", 0},
	    {"UID SEARCH", "* SEARCH 2\n$ OK x\n", 0},
	    {"UID FETCH", "* 2 FETCH (UID 2 FLAGS ())\n$ OK x\n", 0}, END},
	1, 2, false},
};

static void
test_odd_but_legal(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		const struct odd_row *row = &odd[i];
		struct seen seen = {0};
		struct imap_box box;
		struct fake fake;
		struct err e;
		int r;

		fake_start(&fake, row->rows, false);
		r = go_through(fake.port, URL_IMAP_INSECURE, &seen, &box, &e, NULL);
		fake_end(&fake);
		if (r != 0)
			fail_msg("%s: %s \"%s\"", row->name, err_code_name(e.code), e.text);
		if (seen.rows != row->n_rows || seen.last_uid != row->last_uid ||
		    box.keywords != row->keywords || box.uidvalidity != 7 || box.exists != 3)
			fail_msg("%s: %u rows, last %u, %u exist", row->name, seen.rows,
			    seen.last_uid, box.exists);
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
		struct fake fake;
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
		struct fake fake;
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
		struct fake fake;
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
	struct fake fake;
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

static bool
stop_at_once(void *ctx, const struct imap_message *m)
{
	(void)m;
	(*(unsigned *)ctx)++;
	return false;
}

static void
test_reader_can_stop(void **state)
{
	static const struct fake_row rows[] = {HELLO, LOGIN, SELECT,
	    {"UID FETCH", "* 1 FETCH (UID 1 FLAGS ())\r\n* 2 FETCH (UID 2 FLAGS ())\r\n$ OK x\r\n",
		0},
	    END};
	struct imap_range all = {1, UINT32_MAX};
	struct account a;
	struct imap_box box;
	struct imap *s;
	struct fake fake;
	unsigned n = 0;
	struct err e;

	(void)state;
	fake_start(&fake, rows, false);
	a = account_at(fake.port, URL_IMAP_INSECURE);
	assert_int_equal(imap_open(&s, &a, "secret", &options, &e), 0);
	assert_int_equal(imap_select(s, "INBOX", false, &box, &e), 0);
	assert_int_equal(
	    imap_fetch(s, &(struct imap_ranges){&all, 1, NULL}, NULL, 0, stop_at_once, &n, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_int_equal(n, 1);
	imap_close(&s);
	fake_end(&fake);
}

/* Which UIDs came, in their order, as "3 1 2 ". */
static bool
write_uid(void *ctx, const struct imap_message *m)
{
	buf_addf(ctx, "%u ", m->uid);
	return true;
}

#define ROW(n) "* " #n " FETCH (UID " #n " BODY[]<0> {2}\r\nx" #n ")\r\n"

/* A FETCH that was sent ahead is answered after, among, or before the one under way. */
static const struct fake_row answers_in_turn[] = {HELLO, LOGIN, SELECT,
    {"UID FETCH 3 ", ROW(3) "$ OK x\r\n", 0}, {"UID FETCH 1:2 ", ROW(1) ROW(2) "$ OK x\r\n", 0},
    END};
static const struct fake_row answers_mixed[] = {HELLO, LOGIN, SELECT,
    {"UID FETCH 3 ", ROW(1) ROW(3) "$ OK x\r\n", 0},
    {"UID FETCH 1:2 ", ROW(2) "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n$ OK x\r\n", 0}, END};
static const struct fake_row answers_first[] = {HELLO, LOGIN, SELECT, {"UID FETCH 3 ", "", 0},
    {"UID FETCH 1:2 ", ROW(1) ROW(2) "$ OK x\r\n" ROW(3) "b3 OK x\r\n", 0}, END};
static const struct fake_row refuses_ahead[] = {HELLO, LOGIN, SELECT, {"UID FETCH 3 ", "", 0},
    {"UID FETCH 1:2 ", "$ NO not these\r\n" ROW(3) "b3 OK x\r\n", 0}, END};
/* Another command in between: what came of it is asked for again. */
static const struct fake_row is_interrupted[] = {HELLO, LOGIN, SELECT,
    {"UID FETCH 3 ", ROW(3) "$ OK x\r\n", 0}, {"UID FETCH 1:2 ", ROW(1), 0}, {NULL, ROW(2), 0},
    {NULL, "b4 OK x\r\n", 0}, {"CREATE", "$ OK x\r\n", 0},
    {"UID FETCH 1:2 ", ROW(1) ROW(2) "$ OK x\r\n", 0}, END};

static void
test_sent_ahead(void **state)
{
	static const struct {
		const char *name;
		const struct fake_row *rows;
		bool is_interrupted;
		enum err_code code; /* of the second fetch */
		const char *uids;
	} cases[] = {{"in turn", answers_in_turn, false, ERR_NONE, "3 1 2 "},
	    {"mixed", answers_mixed, false, ERR_NONE, "1 3 2 "},
	    {"first", answers_first, false, ERR_NONE, "1 2 3 "},
	    {"refused", refuses_ahead, false, ERR_REFUSED, "3 "},
	    {"interrupted", is_interrupted, true, ERR_NONE, "3 1 2 "}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct imap_range last = {3, 3}, others = {1, 2};
		struct imap_ranges now = {&last, 1, NULL}, next = {&others, 1, NULL};
		struct buf uids = BUF_INIT;
		struct account a;
		struct imap_box box;
		struct imap *s;
		struct fake fake;
		struct err e;
		int r;

		fake_start(&fake, cases[i].rows, false);
		a = account_at(fake.port, URL_IMAP_INSECURE);
		assert_int_equal(imap_open(&s, &a, "secret", &options, &e), 0);
		assert_int_equal(imap_select(s, "INBOX", false, &box, &e), 0);
		if (imap_fetch(s, &now, &next, 100, write_uid, &uids, &e) != 0)
			fail_msg("%s: %s", cases[i].name, e.text);
		if (cases[i].is_interrupted)
			assert_int_equal(imap_create(s, "y", &e), 0);
		err_clear(&e);
		r = imap_fetch(s, &next, NULL, 100, write_uid, &uids, &e);
		if (e.code != cases[i].code || (r == 0) != (e.code == ERR_NONE) ||
		    strcmp(buf_cstr(&uids), cases[i].uids) != 0)
			fail_msg("%s: \"%s\" %s", cases[i].name, buf_cstr(&uids), e.text);
		buf_free(&uids);
		imap_close(&s);
		fake_end(&fake);
	}
}

/* What one FETCH response says, as net/imap_row.h reads it. */
static void
test_rows(void **state)
{
	static const struct {
		const char *line;
		bool is_good;
		uint32_t uid, size;
		int64_t date;
		const char *keywords, *bytes;
	} cases[] = {
	    {"1 FETCH (UID 4294967295 RFC822.SIZE 12)", true, 4294967295u, 12, 0, "", ""},
	    {"1 FETCH (UID 4294967296)", false, 0, 0, 0, "", ""},
	    {"1 FETCH (UID 0)", true, 0, 0, 0, "", ""},
	    {"1 FETCH (RFC822.SIZE 99999999999999999999999 UID 3)", true, 3, UINT32_MAX, 0, "", ""},
	    {"1 FETCH (UID 3 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\")", true, 3, 0, 837596665,
		"", ""},
	    {"1 FETCH (UID 3 INTERNALDATE \" 7-Jul-1996 02:44:25 +0000\")", true, 3, 0, 836707465,
		"", ""},
	    {"1 FETCH (UID 3 INTERNALDATE NIL)", true, 3, 0, 0, "", ""},
	    {"1 FETCH (UID 3 INTERNALDATE \"99-Foo-1996 02:44:25 +0000\")", true, 3, 0, 0, "", ""},
	    {"1 FETCH (FLAGS (\\Seen $x bb-y) UID 3)", true, 3, 0, 0, "$x bb-y ", ""},
	    {"1 FETCH (FLAGS (a) FLAGS (b) UID 3)", true, 3, 0, 0, "b ", ""},
	    {"1 FETCH (FLAGS NIL UID 3)", false, 0, 0, 0, "", ""},
	    {"1 FETCH (UID 3 BODY[]<0> \"a\\\"b)\")", true, 3, 0, 0, "", "a\"b)"},
	    {"1 FETCH (BODY[]<0> {4}) UI UID 3)", true, 3, 0, 0, "", ") UI"},
	    {"1 FETCH (BODY[] ~{2}ab UID 3)", true, 3, 0, 0, "", "ab"},
	    {"1 FETCH (BODY[HEADER.FIELDS (TO)] NIL UID 3)", true, 3, 0, 0, "", ""},
	    {"1 FETCH (BODY[] {9}short UID 3)", false, 0, 0, 0, "", ""},
	    {"1 FETCH (BODY[ {3}abc)", false, 0, 0, 0, "", ""},
	    {"1 FETCH (ENVELOPE (\"(\" NIL {1}) ((NIL))) UID 3)", true, 3, 0, 0, "", ""},
	    {"1 FETCH (X (( UID 3)", false, 0, 0, 0, "", ""},
	    {"1 FETCH (UID 3", false, 0, 0, 0, "", ""},
	    {"1 FETCH (UID )", false, 0, 0, 0, "", ""},
	    {"1 FETCH NIL", false, 0, 0, 0, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct imap_row row = {.has_bytes = false};
		struct buf keywords = BUF_INIT;
		bool is_good = imap_row_read(&row, slice_of(cases[i].line));

		for (size_t k = 0; is_good && k < row.m.n_keywords; k++)
			buf_addf(&keywords, "%s ", row.m.keywords[k]);
		if (is_good != cases[i].is_good ||
		    (is_good &&
			(row.m.uid != cases[i].uid || row.m.size != cases[i].size ||
			    row.m.internal_date != cases[i].date ||
			    strcmp(buf_cstr(&keywords), cases[i].keywords) != 0 ||
			    !slice_is(row.m.bytes, cases[i].bytes))))
			fail_msg("%s", cases[i].line);
		imap_row_free(&row);
		buf_free(&keywords);
	}
	assert_false(imap_row_is(SLICE_LIT("1 EXISTS")));
	assert_true(imap_row_is(SLICE_LIT("12 Fetch ()")));
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
	    cmocka_unit_test(test_odd_but_legal),
	    cmocka_unit_test(test_stalled_server_times_out),
	    cmocka_unit_test(test_cancel_is_heard_everywhere),
	    cmocka_unit_test(test_server_goes_away_in_idle),
	    cmocka_unit_test(test_reader_can_stop),
	    cmocka_unit_test(test_sent_ahead),
	    cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
