/* IMAP servers that are odd, but legal, are understood: whatever they say in between, and
 * wherever their answers are cut into packets. */
#include "fake_imap.h"

#include "net/guard.h"
#include "net/imap_row.h"

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
    {"literals anywhere",
	{HELLO, LOGIN,
	    {"SELECT",
		"* FLAGS (\\Seen)\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x {5}\r\n$ OK done {3}\r\n",
		0},
	    FOUND,
	    {"UID FETCH",
		"* 1 FETCH (ENVELOPE (NIL {3}\r\na)( NIL NIL NIL NIL NIL NIL NIL {0}\r\n) "
		"BODY[HEADER.FIELDS ({2}\r\nX] \"]\")] {4}\r\nX: 1 UID 1)\r\n"
		"* LIST () {1}\r\n/ {4}\r\na\r\nb\r\n"
		"* 2 FETCH (UID 2 X-NEW ~{3}\r\n\1)( INTERNALDATE NIL ENVELOPE NIL FLAGS ())\r\n"
		"$ OK x {99999999999}\r\n",
		0},
	    END},
	2, 2, false},
    {"a message twice in one answer",
	{HELLO, LOGIN, SELECT, FOUND,
	    {"UID FETCH", "* 2 FETCH (UID 2 FLAGS ())\r\n* 2 FETCH (UID 2 FLAGS (a))\r\n$ OK x\r\n",
		0},
	    END},
	2, 2, false},
    {"the end of the UIDs",
	{HELLO, LOGIN, SELECT, FOUND,
	    {"UID FETCH", "* 4294967295 FETCH (UID 4294967295 FLAGS ())\r\n$ OK x\r\n", 0}, END},
	1, 4294967295u, false},
    {"the same numbering told again, and another mailbox closed",
	{HELLO, LOGIN,
	    {"SELECT",
		"* 9 EXISTS\r\n* OK [UIDVALIDITY 1] old\r\n* OK [CLOSED] x\r\n* 3 EXISTS\r\n"
		"* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 99999999999999999999999] x\r\n"
		"* OK [UIDNEXT] x\r\n* OK [UNSEEN 2] x\r\n* NO half of it is gone\r\n"
		"* BAD you said\r\n$ OK x\r\n",
		0},
	    FOUND,
	    {"UID FETCH", "* OK [UIDVALIDITY 7] still\r\n* 2 FETCH (UID 2 FLAGS ())\r\n$ OK x\r\n",
		0},
	    END},
	1, 2, false},
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
		struct fake fake = {.chunk = 0};
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
	struct fake fake = {.chunk = 0};
	unsigned n = 0;
	struct err e;

	(void)state;
	fake_start(&fake, rows, false);
	a = account_at(fake.port, URL_IMAP_INSECURE);
	assert_int_equal(imap_open(&s, &a, "secret", &options, &e), 0);
	assert_int_equal(imap_select(s, "INBOX", false, &box, &e), 0);
	assert_int_equal(
	    imap_fetch(s, &(struct imap_ranges){&all, 1, NULL, 0}, NULL, 0, stop_at_once, &n, &e),
	    -1);
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
		struct imap_ranges now = {&last, 1, NULL, 0}, next = {&others, 1, NULL, 0};
		struct buf uids = BUF_INIT;
		struct account a;
		struct imap_box box;
		struct imap *s;
		struct fake fake = {.chunk = 0};
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
	    {"1 FETCH (FLAGS (a\tb \001 c\177 d) UID 3)", true, 3, 0, 0, "d ", ""},
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

/* All that can be asked for, answered oddly: folders, a delta, rows. */
static const struct fake_row everything[] = {
    {NULL, "* OK [CAPABILITY " CAPS " ENABLE QRESYNC SPECIAL-USE] hello {3}\r\n", 0},
    {"AUTHENTICATE",
	"* 5 FETCH (FLAGS ())\r\n* CAPABILITY " CAPS " ENABLE QRESYNC SPECIAL-USE\r\n$ OK in\r\n",
	0},
    {"LIST",
	"* 4 EXISTS\r\n* LIST (\\HasNoChildren \\Sent) \"/\" {15}\r\nGel&APY-scht/\"x\r\n"
	"* VANISHED 7\r\n* LIST (\\Drafts) NIL \"Entw&APw-rfe \\\"alt\\\"\"\r\n* 1 EXPUNGE\r\n"
	"* XLIST {5}\r\n)(\"\r\n (\r\n* LIST (\\X-Y \\Trash) \"\\\\\" Trash\r\n"
	"* 2 FETCH (FLAGS (\\Seen) UID 2)\r\n* OK still here {9}\r\n$ OK x\r\n",
	0},
    {"SELECT",
	"* ENABLED QRESYNC\r\n* OK noise\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n"
	"* OK [HIGHESTMODSEQ 90060115194045002] x\r\n* OK [UIDNEXT 60] x\r\n"
	"* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n"
	"* VANISHED (EARLIER) 41,43:45,9:7,4000000000\r\n"
	"* 1 FETCH (UID 46 FLAGS (bb-a b-b) MODSEQ (90060115194045001))\r\n"
	"* 2 FETCH (FLAGS (x))\r\n* 3 FETCH (MODSEQ (5) FLAGS (\\Seen) UID 47)\r\n"
	"b3 OK x\r\n$ OK [READ-WRITE] x\r\n",
	0},
    {"UID SEARCH", "* SEARCH 46\r\n* SEARCH 47 50 (MODSEQ 917162500)\r\n$ OK x\r\n", 0},
    {"UID FETCH",
	"* 1 FETCH (UID 46 BODY[]<0> {4}\r\na)\r\n FLAGS ())\r\n* 1 EXPUNGE\r\n"
	"* 3 FETCH (BODY[]<0> \"b\\\"\" INTERNALDATE NIL UID 50)\r\n$ OK x\r\n",
	0},
    END};

static bool
write_flags(void *ctx, const struct imap_message *m)
{
	buf_addf(ctx, "%u%s", m->uid, m->seen ? "S" : "");
	for (size_t i = 0; i < m->n_keywords; i++)
		buf_addf(ctx, " %s", m->keywords[i]);
	buf_addc(ctx, ';');
	return true;
}

static bool
write_row(void *ctx, const struct imap_message *m)
{
	buf_addf(ctx, "%u=%.*s|", m->uid, SLICE_FMT(m->bytes));
	return true;
}

/* In words what was understood of it. */
static void
ask_everything(unsigned port, struct buf *said)
{
	static const uint32_t uids[] = {41, 42, 46, 47};
	struct imap_known known = {.uidvalidity = 7, .modseq = 5, .uids = uids, .n = 4};
	struct account a = account_at(port, URL_IMAP_INSECURE);
	struct imap_range all = {1, UINT32_MAX};
	struct imap_delta delta = {.is_whole = false};
	struct imap_folders f;
	struct imap_box box;
	struct imap *s = NULL;
	uint32_t *found = NULL;
	size_t n = 0;
	struct err e;

	if (imap_open(&s, &a, "secret", &options, &e) != 0 || imap_folders(s, &f, &e) != 0 ||
	    imap_resync(s, "INBOX", false, &known, &box, &delta, &e) != 0 ||
	    imap_uids(s, &found, &n, &e) != 0) {
		buf_adds(said, e.text);
	} else {
		buf_addf(said, "%s, %s, %s; ", f.sent, f.drafts, f.trash);
		buf_addf(said, "%u %u %u %llu %d %d; ", box.uidvalidity, box.uidnext, box.exists,
		    (unsigned long long)box.modseq, box.keywords, delta.is_whole);
		for (size_t i = 0; i < delta.gone.n; i++)
			buf_addf(
			    said, "%u:%u ", delta.gone.ranges[i].first, delta.gone.ranges[i].last);
		imap_delta_flags(&delta, write_flags, said);
		for (size_t i = 0; i < n; i++)
			buf_addf(said, " %u", found[i]);
		buf_adds(said, "; ");
		if (imap_fetch(s, &(struct imap_ranges){&all, 1, NULL, 0}, NULL, 9, write_row, said,
			&e) != 0)
			buf_adds(said, e.text);
	}
	free(found);
	imap_delta_free(&delta);
	imap_close(&s);
}

#define UNDERSTOOD                                                                \
	"Gelöscht/\"x, Entwürfe \"alt\", Trash; 7 60 3 90060115194045002 1 1; " \
	"41:41 43:45 7:9 4000000000:4000000000 46 bb-a b-b;47S; 46 47 50; 46=a)\r\n|50=b\"|"

/* Where packets end is nobody's business: behind each byte, and after any one. */
static void
test_split_anywhere(void **state)
{
	struct fake whole = {.chunk = 0}, bytes = {.chunk = 1};
	struct buf said = BUF_INIT;

	(void)state;
	fake_start(&whole, everything, false);
	ask_everything(whole.port, &said);
	fake_end(&whole);
	assert_string_equal(buf_cstr(&said), UNDERSTOOD);
	buf_clear(&said);
	fake_start(&bytes, everything, false);
	ask_everything(bytes.port, &said);
	fake_end(&bytes);
	assert_string_equal(buf_cstr(&said), UNDERSTOOD);
	assert_int_equal(bytes.n_said, whole.n_said);
	for (size_t at = 1; at < whole.n_said; at++) {
		struct fake split = {.split_at = at};

		buf_clear(&said);
		fake_start(&split, everything, false);
		ask_everything(split.port, &said);
		fake_end(&split);
		if (strcmp(buf_cstr(&said), UNDERSTOOD) != 0)
			fail_msg("split behind byte %zu: %s", at, buf_cstr(&said));
	}
	buf_free(&said);
}

/* What may be said to a resync, and what then counts. */
static void
test_what_a_delta_is_worth(void **state)
{
#define GREETING                                                               \
	{NULL, "* OK [CAPABILITY " CAPS " QRESYNC] hello\r\n", 0},             \
	{                                                                      \
		"AUTHENTICATE", "$ OK [CAPABILITY " CAPS " QRESYNC] in\r\n", 0 \
	}
	static const struct {
		const char *name;
		struct fake_row rows[6];
		bool is_whole;
		uint64_t modseq;
	} cases[] = {
	    {"nothing changed",
		{GREETING,
		    {"SELECT",
			"b2 OK x\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 9] "
			"x\r\n$ OK x\r\n",
			0},
		    END},
		true, 9},
	    {"numbered anew",
		{GREETING,
		    {"SELECT",
			"b2 OK x\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\n* OK [HIGHESTMODSEQ 9] "
			"x\r\n$ OK x\r\n",
			0},
		    END},
		false, 9},
	    {"set back",
		{GREETING,
		    {"SELECT",
			"b2 OK x\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 4] "
			"x\r\n$ OK x\r\n",
			0},
		    END},
		false, 4},
	    {"no modseq",
		{GREETING,
		    {"SELECT",
			"b2 OK x\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [NOMODSEQ] x\r\n$ "
			"OK "
			"x\r\n",
			0},
		    END},
		false, 0},
	    {"a set that is none",
		{GREETING,
		    {"SELECT",
			"b2 OK x\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 9] "
			"x\r\n* VANISHED (EARLIER) 5,x\r\n$ OK x\r\n",
			0},
		    END},
		false, 9},
	    {"a row that is none",
		{GREETING,
		    {"SELECT",
			"b2 OK x\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 9] "
			"x\r\n* 1 FETCH (UID 4294967296)\r\n$ OK x\r\n",
			0},
		    END},
		false, 9},
	    {"not enabled after all",
		{GREETING, {"SELECT", "b2 BAD what\r\n$ BAD what\r\n", 0},
		    {"SELECT",
			"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 9] x\r\n$ OK "
			"x\r\n",
			0},
		    END},
		false, 9}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct imap_known known = {.uidvalidity = 7, .modseq = 5};
		struct imap_delta delta = {.is_whole = false};
		struct fake fake = {.chunk = 0};
		struct imap_box box;
		struct account a;
		struct imap *s;
		struct err e;

		fake_start(&fake, cases[i].rows, false);
		a = account_at(fake.port, URL_IMAP_INSECURE);
		assert_int_equal(imap_open(&s, &a, "secret", &options, &e), 0);
		if (imap_resync(s, "INBOX", false, &known, &box, &delta, &e) != 0)
			fail_msg("%s: %s", cases[i].name, e.text);
		if (delta.is_whole != cases[i].is_whole || box.modseq != cases[i].modseq ||
		    box.exists != 3 || imap_is_dead(s))
			fail_msg("%s: whole %d, modseq %llu, %u exist", cases[i].name,
			    delta.is_whole, (unsigned long long)box.modseq, box.exists);
		imap_delta_free(&delta);
		imap_close(&s);
		fake_end(&fake);
	}
}

/* A first word that has no end: where its packets end decided whether it passed. */
static void
test_long_words_in_pieces(void **state)
{
	static const char line[] = "* 3333333333333333333333333333333333333333 EXISTS\r\nb1 OK\r\n";
	struct buf whole = BUF_INIT;

	(void)state;
	for (size_t piece = sizeof(line); piece > 0; piece--) {
		struct slice in = slice_of(line);
		struct buf out = BUF_INIT;
		struct guard g;
		struct err e;

		guard_init(&g, 100);
		for (; in.n > 0; in = slice_from(in, piece))
			assert_int_equal(guard_feed(&g, slice_sub(in, 0, piece), &out, &e), 0);
		if (piece == sizeof(line))
			buf_addslice(&whole, buf_slice(&out));
		assert_string_equal(buf_cstr(&out), buf_cstr(&whole));
		assert_int_equal(g.exists, UINT32_MAX);
		guard_free(&g);
		buf_free(&out);
	}
	buf_free(&whole);
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
	    cmocka_unit_test(test_odd_but_legal),
	    cmocka_unit_test(test_reader_can_stop),
	    cmocka_unit_test(test_sent_ahead),
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_split_anywhere),
	    cmocka_unit_test(test_long_words_in_pieces),
	    cmocka_unit_test(test_what_a_delta_is_worth),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
