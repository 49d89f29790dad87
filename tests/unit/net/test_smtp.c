/* SMTP against a server that does as it is told. */
#include "peers.h"

#include <pthread.h>

#include "net/outgoing.h"

static struct peer sink;
static struct net_options options = {.timeout_s = 5, .ca_file = ""};

static struct account
account_to(enum url_scheme scheme, const char *user)
{
	struct account a = {.name = "test"};

	a.outgoing = (struct url){.scheme = scheme,
	    .text = "smtp",
	    .user = user,
	    .password = "",
	    .host = "127.0.0.1",
	    .port = peer_port(&sink, scheme == URL_SMTPS ? "SMTPS_PORT" : "SMTP_PORT"),
	    .path = ""};
	return a;
}

static struct outgoing_mail
simple_mail(const struct slice *recipients, size_t n)
{
	return (struct outgoing_mail){.envelope_from = SLICE_LIT("bounces@example.org"),
	    .recipients = recipients,
	    .n_recipients = n,
	    .envelope_id = SLICE_EMPTY,
	    .bytes = SLICE_LIT("Subject: x\r\n\r\n.\r\n..dots\r\nend\r\n")};
}

struct sent {
	enum outgoing_outcome outcome;
	struct outgoing_result results[4];
	char reply[400];
	struct err e;
};

static struct sent
send_with(const char *plan, const struct outgoing_mail *m)
{
	struct account a = account_to(URL_SMTP_INSECURE, "");
	struct outgoing *o = NULL;
	struct sent s = {.outcome = OUT_NOT_SENT};

	sink_plan(&sink, plan);
	if (outgoing_open(&o, &a, "", &options, &s.e) == 0)
		s.outcome = outgoing_send(o, m, s.results, s.reply, &s.e);
	outgoing_close(&o);
	return s;
}

static void
test_sends_byte_for_byte(void **state)
{
	struct slice to[] = {SLICE_LIT("bob@partner.example"), SLICE_LIT("kim@partner.example")};
	struct slice orig[] = {SLICE_LIT("bob+x@partner.example"), SLICE_EMPTY};
	struct outgoing_mail m = simple_mail(to, 2);
	struct buf text = BUF_INIT;
	struct sent s;

	(void)state;
	m.original_recipients = orig;
	m.envelope_id = SLICE_LIT("case=7");
	m.has_8bit = true;
	s = send_with("{}", &m);
	assert_int_equal(s.outcome, OUT_SENT);
	assert_true(s.results[0].accepted && s.results[1].accepted);
	assert_non_null(strstr(s.reply, "250 2.0.0 queued as"));
	sink_accepted(&sink, &text);
	assert_string_equal(buf_cstr(&text),
	    "MAIL FROM:<bounces@example.org> SIZE=30 BODY=8BITMIME RET=HDRS ENVID=case+3D7\r\n"
	    "RCPT TO:<bob@partner.example> NOTIFY=FAILURE,DELAY "
	    "ORCPT=rfc822;bob+2Bx@partner.example\r\n"
	    "RCPT TO:<kim@partner.example> NOTIFY=FAILURE,DELAY\r\n"
	    "\r\n"
	    "Subject: x\r\n\r\n.\r\n..dots\r\nend\r\n");
	buf_free(&text);
}

static void
test_lone_line_ends_cannot_end_a_message(void **state)
{
	struct slice to[] = {SLICE_LIT("bob@partner.example")};
	struct outgoing_mail m = simple_mail(to, 1);
	struct buf text = BUF_INIT;
	struct sent s;

	(void)state;
	m.bytes = SLICE_LIT("a\n.\nMAIL FROM:<x>\r.\rb\r\n.\r\nc");
	s = send_with("{\"features\": []}", &m);
	assert_int_equal(s.outcome, OUT_SENT);
	sink_accepted(&sink, &text);
	assert_string_equal(buf_cstr(&text),
	    "MAIL FROM:<bounces@example.org>\r\n"
	    "RCPT TO:<bob@partner.example>\r\n\r\n"
	    "a\r\n.\r\nMAIL FROM:<x>\r\n.\r\nb\r\n.\r\nc\r\n");
	buf_free(&text);
}

struct answer_row {
	const char *name;
	const char *plan;
	enum outgoing_outcome outcome;
	unsigned code; /* of the first recipient */
	const char *words;
	bool is_accepted; /* by the server, in truth */
};

static const struct answer_row answers[] = {
    {"temporary, one recipient",
	"{\"rcpt\": {\"bob@partner.example\": \"452 4.2.2 mailbox full\"}}", OUT_NOT_SENT, 452,
	"452 4.2.2 mailbox full", false},
    {"permanent, one recipient", "{\"rcpt\": {\"bob@partner.example\": \"550 5.1.1 nobody\"}}",
	OUT_REFUSED, 550, "550 5.1.1 nobody", false},
    {"sender refused", "{\"replies\": {\"mail\": \"553 5.1.8 who are you\"}}", OUT_REFUSED, 553,
	"553 5.1.8 who are you", false},
    {"sender refused, no pipelining",
	"{\"features\": [], \"replies\": {\"mail\": \"451 4.3.0 later\"}}", OUT_NOT_SENT, 451,
	"451 4.3.0 later", false},
    {"data refused", "{\"replies\": {\"data\": \"554 5.7.1 no data\"}}", OUT_REFUSED, 554,
	"554 5.7.1 no data", false},
    {"greylisted after the dot", "{\"replies\": {\"final\": \"451 4.7.1 greylisted\"}}",
	OUT_NOT_SENT, 451, "451 4.7.1 greylisted", false},
    {"spam after the dot", "{\"replies\": {\"final\": \"550 5.7.1 spam\"}}", OUT_REFUSED, 550,
	"550 5.7.1 spam", false},
    {"several lines", "{\"replies\": {\"final\": \"550-5.7.1 one\\r\\n550 5.7.1 two\"}}",
	OUT_REFUSED, 550, "550 5.7.1 one 5.7.1 two", false},
    {"greeting refuses", "{\"replies\": {\"greeting\": \"554 no service\"}}", OUT_NOT_SENT, 0,
	"554 no service", false},
    {"nonsense after the dot", "{\"replies\": {\"final\": \"hello there\"}}", OUT_DOUBT, 250,
	"sent whole, and no answer came", false},
    {"3xx after the dot", "{\"replies\": {\"final\": \"354 more\"}}", OUT_DOUBT, 250,
	"sent whole, and no answer came", false},
    {"says 250 before the dot", "{\"replies\": {\"data\": \"354 go on\\r\\n250 2.0.0 queued\"}}",
	OUT_NOT_SENT, 250, "before it has all", false},
    {"says 552 before the dot", "{\"replies\": {\"data\": \"354 go on\\r\\n552 5.3.4 too big\"}}",
	OUT_REFUSED, 250, "552 5.3.4 too big", false},
    {"throttled at the sender",
	"{\"replies\": {\"mail\": \"421 4.7.0 Try again later, closing connection.\"}}",
	OUT_NOT_SENT, 421, "421 4.7.0", false},
    {"throttled at the recipient",
	"{\"rcpt\": {\"bob@partner.example\": \"421 4.7.28 rate limit\"}}", OUT_NOT_SENT, 421,
	"421 4.7.28", false},
    {"too large", "{\"features\": [\"SIZE 10\"]}", OUT_REFUSED, 0, "10 at most", false},
    {"accepted", "{}", OUT_SENT, 250, "", true},
};

static void
test_answers(void **state)
{
	struct slice to[] = {SLICE_LIT("bob@partner.example")};
	struct outgoing_mail m = simple_mail(to, 1);

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const struct answer_row *row = &answers[i];
		unsigned before = sink_accepted(&sink, NULL);
		struct sent s = send_with(row->plan, &m);

		if (s.outcome != row->outcome || strstr(s.e.text, row->words) == NULL)
			fail_msg("%s: outcome %d, \"%s\"", row->name, (int)s.outcome, s.e.text);
		if (s.results[0].reply_code != row->code)
			fail_msg("%s: code %u", row->name, s.results[0].reply_code);
		assert_int_equal(s.results[0].accepted, row->is_accepted);
		assert_int_equal(sink_accepted(&sink, NULL) - before, row->is_accepted);
	}
}

/* Lines of a reply, and bytes of a line, that never end: not sent before the dot, in doubt
 * behind it, and no memory is filled. */
static void
test_replies_without_end(void **state)
{
	static const char *const names[] = {"greeting", "ehlo", "mail", "data", "final"};
	struct slice to[] = {SLICE_LIT("bob@partner.example")};
	struct outgoing_mail m = simple_mail(to, 1);

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(names) / sizeof(names[0]); i++) {
		const char *name = names[i / 2];
		bool is_final = strcmp(name, "final") == 0;
		struct buf plan = BUF_INIT;
		struct sent s;

		buf_addf(&plan, "{\"replies\": {\"%s\": \"250-", name);
		for (unsigned n = 0; n < 20000; n++)
			buf_adds(&plan, i % 2 == 0 ? "more\\r\\n250-" : "more and more");
		buf_adds(&plan, "\"}}");
		s = send_with(buf_cstr(&plan), &m);
		if (s.outcome != (is_final ? OUT_DOUBT : OUT_NOT_SENT) ||
		    strstr(s.e.text, i % 2 == 0 ? "as a mail server does" : "without end") == NULL)
			fail_msg("%s, %s: %d \"%s\"", name, i % 2 == 0 ? "lines" : "bytes",
			    (int)s.outcome, s.e.text);
		buf_free(&plan);
	}
	sink_plan(&sink, "{}");
}

static void
test_each_recipient_has_an_answer(void **state)
{
	struct slice to[] = {SLICE_LIT("bob@partner.example"), SLICE_LIT("kim@partner.example"),
	    SLICE_LIT("ann@partner.example")};
	struct outgoing_mail m = simple_mail(to, 3);
	static const char *const plans[] = {
	    "{\"rcpt\": {\"kim@partner.example\": \"550 5.1.1 gone\"}}",
	    "{\"features\": [], \"rcpt\": {\"kim@partner.example\": \"550 5.1.1 gone\"}}"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sent s = send_with(plans[i], &m);

		assert_int_equal(s.outcome, OUT_PARTLY);
		assert_true(
		    s.results[0].accepted && !s.results[1].accepted && s.results[2].accepted);
		assert_string_equal(s.results[1].reply, "550 5.1.1 gone");
	}
}

static void
test_one_connection_carries_many(void **state)
{
	struct slice bad[] = {SLICE_LIT("kim@partner.example")};
	struct slice good[] = {SLICE_LIT("bob@partner.example")};
	struct outgoing_mail m = simple_mail(good, 1), refused = simple_mail(bad, 1);
	struct account a = account_to(URL_SMTP_INSECURE, "");
	struct outgoing_result result;
	unsigned before = sink_accepted(&sink, NULL);
	struct outgoing *o;
	struct err e;

	(void)state;
	sink_plan(&sink, "{\"rcpt\": {\"kim@partner.example\": \"550 5.1.1 gone\"}}");
	assert_int_equal(outgoing_open(&o, &a, "", &options, &e), 0);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(outgoing_send(o, &refused, &result, NULL, &e), OUT_REFUSED);
		assert_int_equal(outgoing_send(o, &m, &result, NULL, &e), OUT_SENT);
	}
	outgoing_close(&o);
	assert_int_equal(sink_accepted(&sink, NULL) - before, 5);
}

static void
test_bad_addresses_never_reach_the_wire(void **state)
{
	static const char *const bad[] = {"a@b\r\nRCPT TO:<evil@x.example>", "a b@c.example",
	    "a@b> SIZE=1", "", "<a@b.example>", "-oQ/tmp@x.example", "a\tb@c.example"};
	unsigned before = sink_accepted(&sink, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct slice to[] = {slice_of(bad[i])};
		struct outgoing_mail m = simple_mail(to, 1);
		struct sent s = send_with("{}", &m);

		if (s.outcome != OUT_REFUSED)
			fail_msg("\"%s\" was not refused", bad[i]);
	}
	assert_int_equal(sink_accepted(&sink, NULL), before);
}

static void
test_utf8_needs_a_server_that_takes_it(void **state)
{
	struct slice to[] = {SLICE_LIT("j\xc3\xb6rg@partner.example")};
	struct outgoing_mail m = simple_mail(to, 1);
	struct buf text = BUF_INIT;

	(void)state;
	assert_int_equal(send_with("{\"features\": []}", &m).outcome, OUT_REFUSED);
	assert_int_equal(send_with("{}", &m).outcome, OUT_SENT);
	sink_accepted(&sink, &text);
	assert_non_null(strstr(buf_cstr(&text), " SMTPUTF8"));
	buf_free(&text);
}

/* RFC 6531 3.1: raw letters in the header need it as well; a body does not, and what is
 * no UTF-8 could not be declared. */
static void
test_utf8_header_needs_a_server_that_takes_it(void **state)
{
	static const struct {
		const char *bytes;
		bool needs;
	} rows[] = {
	    {"Subject: gr\xc3\xbc\xc3\x9f\r\n\r\nx\r\n", true},
	    {"To: bob@partner.example\r\nX: \xe2\x82\xac\r\n\r\n\xfc\r\n", true},
	    {"Subject: x\r\n\r\ngr\xc3\xbc\xc3\x9f\r\n", false},
	    {"Subject: gr\xfc\xdf\r\n\r\nx\r\n", false},
	};
	struct slice to[] = {SLICE_LIT("bob@partner.example")};
	struct outgoing_mail m = simple_mail(to, 1);

	(void)state;
	m.has_8bit = true;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned before = sink_accepted(&sink, NULL);
		struct buf text = BUF_INIT;
		struct sent s;

		m.bytes = slice_of(rows[i].bytes);
		s = send_with("{\"features\": [\"8BITMIME\"]}", &m);
		assert_int_equal(s.outcome, rows[i].needs ? OUT_REFUSED : OUT_SENT);
		assert_int_equal(sink_accepted(&sink, NULL) == before, rows[i].needs);
		if (rows[i].needs) {
			assert_int_equal(s.e.code, ERR_REFUSED);
			assert_non_null(strstr(s.e.text, "header has raw letters beyond ASCII"));
			assert_non_null(strstr(s.e.todo, "edit it as new"));
		}
		assert_int_equal(send_with("{}", &m).outcome, OUT_SENT);
		sink_accepted(&sink, &text);
		assert_int_equal(
		    strstr(buf_cstr(&text), " BODY=8BITMIME SMTPUTF8") != NULL, rows[i].needs);
		assert_int_equal(strstr(buf_cstr(&text), "SMTPUTF8") != NULL, rows[i].needs);
		buf_free(&text);
	}
}

struct firing {
	struct cancel *cancel;
	unsigned accepted_before;
};

/* Fires once the sink has the message: that is the state to wait for. */
static void *
fire_when_accepted(void *ctx)
{
	struct firing *f = ctx;

	while (sink_accepted(&sink, NULL) == f->accepted_before)
		usleep(1000);
	cancel_fire(f->cancel);
	return NULL;
}

static void
test_cancel_while_waiting_for_the_verdict(void **state)
{
	struct slice to[] = {SLICE_LIT("bob@partner.example")};
	struct outgoing_mail m = simple_mail(to, 1);
	struct account a = account_to(URL_SMTP_INSECURE, "");
	struct net_options o = options;
	struct firing firing;
	struct outgoing_result result;
	struct outgoing *out;
	pthread_t thread;
	struct err e;

	(void)state;
	o.cancel = cancel_new();
	firing = (struct firing){o.cancel, sink_accepted(&sink, NULL)};
	sink_plan(&sink, "{\"stall\": \"final\"}");
	assert_int_equal(outgoing_open(&out, &a, "", &o, &e), 0);
	assert_int_equal(pthread_create(&thread, NULL, fire_when_accepted, &firing), 0);
	assert_int_equal(outgoing_send(out, &m, &result, NULL, &e), OUT_DOUBT);
	assert_int_equal(e.code, ERR_DOUBT);
	pthread_join(thread, NULL);
	/* After a doubt the session is dead: nothing more goes out on it. */
	assert_int_equal(outgoing_send(out, &m, &result, NULL, &e), OUT_NOT_SENT);
	outgoing_close(&out);
	cancel_free(&o.cancel);
}

static void
test_timeout_before_the_dot_is_not_sent(void **state)
{
	static const char *const steps[] = {"greeting", "mail", "data"};
	struct slice to[] = {SLICE_LIT("bob@partner.example")};
	struct outgoing_mail m = simple_mail(to, 1);

	(void)state;
	options.timeout_s = 1;
	for (size_t i = 0; i < 3; i++) {
		char plan[64];
		struct sent s;

		snprintf(plan, sizeof(plan), "{\"stall\": \"%s\"}", steps[i]);
		s = send_with(plan, &m);
		assert_int_equal(s.outcome, OUT_NOT_SENT);
		assert_int_equal(s.e.code, ERR_TIMEOUT);
	}
	options.timeout_s = 5;
}

struct login_row {
	const char *name;
	const char *features;
	enum conf_auth auth;
	const char *secret;
	bool ok;
	const char *words;
};

static const struct login_row logins[] = {
    {"plain", "AUTH PLAIN", AUTH_AUTO, "s3cret", true, ""},
    {"login", "AUTH LOGIN", AUTH_AUTO, "s3cret", true, ""},
    {"cram-md5", "AUTH CRAM-MD5", AUTH_AUTO, "s3cret", true, ""},
    {"scram-sha-1", "AUTH SCRAM-SHA-1", AUTH_AUTO, "s3cret", true, ""},
    {"scram-sha-256", "AUTH PLAIN SCRAM-SHA-256", AUTH_AUTO, "s3cret", true, ""},
    {"xoauth2", "AUTH XOAUTH2", AUTH_XOAUTH2, "s3cret", true, ""},
    {"oauthbearer", "AUTH OAUTHBEARER", AUTH_OAUTHBEARER, "s3cret", true, ""},
    {"wrong password", "AUTH PLAIN", AUTH_AUTO, "other", false, "535 5.7.8"},
    {"wrong password, scram", "AUTH SCRAM-SHA-256", AUTH_AUTO, "other", false, "535 5.7.8"},
    {"stale token", "AUTH XOAUTH2", AUTH_XOAUTH2, "other", false, "invalid_token"},
    {"stale bearer token", "AUTH OAUTHBEARER", AUTH_OAUTHBEARER, "other", false, "invalid_token"},
    {"only tokens", "AUTH XOAUTH2", AUTH_AUTO, "s3cret", false, "only: XOAUTH2"},
    {"not what is set", "AUTH PLAIN", AUTH_CRAM_MD5, "s3cret", false, "CRAM-MD5"},
    {"no login at all", "DSN", AUTH_AUTO, "s3cret", false, "offers no login"},
    {"server without the password", "AUTH SCRAM-SHA-256\"], \"false_server\": 1, \"x\": [\"",
	AUTH_AUTO, "s3cret", false, "signature is wrong"},
    {"server without a proof", "AUTH SCRAM-SHA-256\"], \"unproved_server\": 1, \"x\": [\"",
	AUTH_AUTO, "s3cret", false, "did not prove"},
};

static void
test_logins(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++) {
		const struct login_row *row = &logins[i];
		struct account a = account_to(URL_SMTP_INSECURE, "ann,=@example.org");
		struct outgoing *o = NULL;
		char plan[400];
		struct err e;
		int r;

		a.outgoing_auth = row->auth;
		snprintf(plan, sizeof(plan),
		    "{\"features\": [\"%s\"], \"user\": \"ann,=@example.org\", \"password\": "
		    "\"s3cret\"}",
		    row->features);
		sink_plan(&sink, plan);
		err_clear(&e);
		r = outgoing_open(&o, &a, row->secret, &options, &e);
		if ((r == 0) != row->ok || strstr(e.text, row->words) == NULL)
			fail_msg("%s: %d \"%s\"", row->name, r, e.text);
		if (r != 0)
			assert_int_equal(e.code, ERR_LOGIN);
		assert_null(strstr(e.text, "s3cret"));
		outgoing_close(&o);
	}
}

struct tls_row {
	const char *name;
	enum url_scheme scheme;
	const char *plan;
	bool ok;
	enum err_code code;
	const char *words;
};

static const struct tls_row tls_rows[] = {
    {"implicit", URL_SMTPS, "{}", true, ERR_NONE, ""},
    {"starttls", URL_SMTP, "{\"features\": [\"STARTTLS\"], \"tls_features\": [\"DSN\"]}", true,
	ERR_NONE, ""},
    {"starttls stripped", URL_SMTP, "{\"features\": [\"AUTH PLAIN\"]}", false, ERR_TLS,
	"does not offer STARTTLS"},
    {"starttls refused", URL_SMTP,
	"{\"features\": [\"STARTTLS\"], \"replies\": {\"starttls\": \"454 not now\"}}", false,
	ERR_REFUSED, "454 not now"},
    {"words slipped in behind starttls", URL_SMTP,
	"{\"features\": [\"STARTTLS\"], \"inject\": {\"starttls\": \"250 evil\\r\\n\"}}", false,
	ERR_TLS, "somebody is in between"},
    {"not tls at all", URL_SMTPS, "plain", false, ERR_TLS, "does not speak TLS"},
};

static void
test_tls(void **state)
{
	char ca[128];

	(void)state;
	snprintf(ca, sizeof(ca), "%s/cert.pem", sink.dir);
	options.ca_file = ca;
	for (size_t i = 0; i < sizeof(tls_rows) / sizeof(tls_rows[0]); i++) {
		const struct tls_row *row = &tls_rows[i];
		struct account a = account_to(row->scheme, "");
		struct outgoing *o = NULL;
		struct err e;
		int r;

		sink_plan(&sink, row->plan[0] == '{' ? row->plan : "{}");
		if (row->plan[0] != '{')
			a.outgoing.port = peer_port(&sink, "SMTP_PORT");
		err_clear(&e);
		r = outgoing_open(&o, &a, "", &options, &e);
		if ((r == 0) != row->ok || e.code != row->code ||
		    strstr(e.text, row->words) == NULL)
			fail_msg("%s: %d %s \"%s\"", row->name, r, err_code_name(e.code), e.text);
		if (r == 0)
			assert_non_null(strstr(outgoing_words(o), "TLSv1."));
		if (r == 0 && row->scheme == URL_SMTP)
			assert_true(outgoing_caps(o)->dsn);
		outgoing_close(&o);
	}
	options.ca_file = "";
	sink_plan(&sink, "{}");
}

static void
make_certificate(void)
{
	char *argv[] = {xstrdup("/usr/bin/env"), xstrdup("openssl"), xstrdup("req"),
	    xstrdup("-x509"), xstrdup("-newkey"), xstrdup("ec"), xstrdup("-pkeyopt"),
	    xstrdup("ec_paramgen_curve:P-256"), xstrdup("-nodes"), xstrdup("-days"), xstrdup("30"),
	    xstrdup("-subj"), xstrdup("/CN=127.0.0.1"), xstrdup("-addext"),
	    xstrdup("subjectAltName=IP:127.0.0.1"), xstrdup("-keyout"), xstrdup("key.pem"),
	    xstrdup("-out"), xstrdup("cert.pem"), NULL};
	int in, out;
	pid_t pid = peer_spawn(argv, &in, &out);

	close(in);
	close(out);
	assert_int_equal(peer_wait(pid), 0);
	for (int i = 0; argv[i] != NULL; i++)
		free(argv[i]);
}

static int
setup(void **state)
{
	(void)state;
	net_init();
	peer_make_dir(&sink);
	make_certificate();
	sink_start(&sink, "cert.pem", "key.pem");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sink_stop(&sink);
	peer_remove(&sink);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sends_byte_for_byte),
	    cmocka_unit_test(test_lone_line_ends_cannot_end_a_message),
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_each_recipient_has_an_answer),
	    cmocka_unit_test(test_replies_without_end),
	    cmocka_unit_test(test_one_connection_carries_many),
	    cmocka_unit_test(test_bad_addresses_never_reach_the_wire),
	    cmocka_unit_test(test_utf8_needs_a_server_that_takes_it),
	    cmocka_unit_test(test_utf8_header_needs_a_server_that_takes_it),
	    cmocka_unit_test(test_cancel_while_waiting_for_the_verdict),
	    cmocka_unit_test(test_timeout_before_the_dot_is_not_sent),
	    cmocka_unit_test(test_logins),
	    cmocka_unit_test(test_tls),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
