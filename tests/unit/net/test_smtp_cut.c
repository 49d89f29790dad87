/* The connection is cut after each byte of the dialogue, both ways. Whatever is
 * said of the message must be true of what the server really has. */
#include "peers.h"

#include "net/outgoing.h"

static struct peer sink;
static const struct net_options options = {.timeout_s = 10, .ca_file = ""};

struct tally {
	unsigned runs, sent, not_sent, doubt;
	unsigned doubt_but_accepted;
};

static enum outgoing_outcome
send_once(const struct slice *to, size_t n, struct err *e)
{
	struct account a = {.name = "test"};
	struct outgoing_mail m = {.envelope_from = SLICE_LIT("bounces@example.org"),
	    .recipients = to,
	    .n_recipients = n,
	    .envelope_id = SLICE_LIT("case-1"),
	    .bytes = SLICE_LIT("Subject: x\r\n\r\n.one\r\nend\r\n")};
	struct outgoing_result results[2];
	enum outgoing_outcome outcome = OUT_NOT_SENT;
	struct outgoing *o = NULL;

	a.outgoing = (struct url){.scheme = URL_SMTP_INSECURE,
	    .text = "",
	    .user = "",
	    .password = "",
	    .host = "127.0.0.1",
	    .port = peer_port(&sink, "SMTP_PORT"),
	    .path = ""};
	if (outgoing_open(&o, &a, "", &options, e) == 0)
		outcome = outgoing_send(o, &m, results, NULL, e);
	outgoing_close(&o);
	return outcome;
}

/* Raises the number of bytes until a run goes through undisturbed. */
static struct tally
sweep(const char *features, const char *side)
{
	struct slice to[] = {SLICE_LIT("bob@partner.example"), SLICE_LIT("kim@partner.example")};
	struct tally t = {0};

	for (unsigned bytes = 0; bytes < 2000; bytes++) {
		unsigned before = sink_accepted(&sink, NULL), accepted;
		enum outgoing_outcome outcome;
		struct err e;
		char plan[100];

		snprintf(plan, sizeof(plan), "{%s\"%s\": %u}", features, side, bytes);
		sink_plan(&sink, plan);
		outcome = send_once(to, 2, &e);
		accepted = sink_accepted(&sink, NULL) - before;
		t.runs++;
		assert_true(accepted <= 1);
		switch (outcome) {
		case OUT_SENT:
			if (accepted != 1)
				fail_msg("%s: said sent, was not", plan);
			t.sent++;
			/* Cuts in the good-bye do no harm; further on nothing changes. */
			if (t.sent == 20)
				return t;
			break;
		case OUT_NOT_SENT:
			if (accepted != 0)
				fail_msg("%s: said not sent, was sent", plan);
			t.not_sent++;
			break;
		case OUT_DOUBT:
			t.doubt++;
			t.doubt_but_accepted += accepted;
			break;
		default:
			fail_msg("%s: outcome %d \"%s\"", plan, (int)outcome, e.text);
		}
	}
	fail_msg("%s never went through", side);
	return t;
}

static void
report(const char *what, struct tally t)
{
	print_message(
	    "           %s: %u cuts, %u not sent, %u in doubt (%u of them arrived), %u sent\n",
	    what, t.runs, t.not_sent, t.doubt, t.doubt_but_accepted, t.sent);
}

static void
test_cut_after_each_byte_to_the_server(void **state)
{
	struct tally t = sweep("", "cut_in");

	(void)state;
	report("to the server", t);
	/* In doubt only while the last bytes were on their way: the text and the dot. */
	assert_true(t.doubt <= 40 && t.not_sent > 150);
}

static void
test_cut_after_each_byte_from_the_server(void **state)
{
	struct tally t = sweep("", "cut_out");

	(void)state;
	report("from the server", t);
	/* In doubt while the reply to the final dot is incomplete; and if the server
	 * drops the line right behind its 354, while the dot is on its way. */
	assert_true(t.doubt - t.doubt_but_accepted <= 1);
	assert_true(t.doubt >= 20 && t.doubt <= 40 && t.not_sent > 100);
}

static void
test_cut_without_pipelining(void **state)
{
	struct tally in = sweep("\"features\": [], ", "cut_in");
	struct tally out = sweep("\"features\": [], ", "cut_out");

	(void)state;
	report("to the server, step by step", in);
	report("from the server, step by step", out);
	assert_true(out.doubt - out.doubt_but_accepted <= 1);
}

static int
setup(void **state)
{
	(void)state;
	net_init();
	peer_make_dir(&sink);
	sink_start(&sink, NULL, NULL);
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
	    cmocka_unit_test(test_cut_after_each_byte_to_the_server),
	    cmocka_unit_test(test_cut_after_each_byte_from_the_server),
	    cmocka_unit_test(test_cut_without_pipelining),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
