/* From reports to rows. */
#include "place.h"

static void
test_one_report_one_row(void **state)
{
	struct place p;
	struct recipient r = made_recipient("Bob@Partner.Example", STATE_GAVE_UP, "4.4.1");
	struct report report = made_report("<r1>", T0, "<1@example.org>", &r, 1);

	(void)state;
	place_open(&p);
	put(&p, 1, &report);
	check_rows(&p,
	    "Bob@Partner.Example partner.example 4.4.1 gave-up x 1 "
	    "1790000000-1790000000 u1 open cases new1\n");
	/* the same message again changes nothing */
	put(&p, 1, &report);
	check_rows(&p,
	    "Bob@Partner.Example partner.example 4.4.1 gave-up x 1 "
	    "1790000000-1790000000 u1 open cases new1\n");
	/* nor does a copy of it */
	put(&p, 9, &report);
	check_rows(&p,
	    "Bob@Partner.Example partner.example 4.4.1 gave-up x 1 "
	    "1790000000-1790000000 u9 open cases new1\n");
	place_close(&p);
}

static const struct {
	const char *name;
	enum state states[4];
	unsigned n;
	const char *want; /* state and trail */
} timelines[] = {
    {"delay", {STATE_TRYING}, 1, "trying o"},
    {"delays", {STATE_TRYING, STATE_TRYING}, 2, "trying o-o"},
    {"delay, failure", {STATE_TRYING, STATE_GAVE_UP}, 2, "gave-up o-x"},
    {"delays, refused", {STATE_TRYING, STATE_TRYING, STATE_REFUSED}, 3, "refused o-o-x"},
    {"delay, delivered", {STATE_TRYING, STATE_DELIVERED}, 2, "delivered o-v"},
    {"failure, delivered", {STATE_GAVE_UP, STATE_DELIVERED}, 2, "delivered x-v"},
    {"delivered, failed", {STATE_DELIVERED, STATE_REFUSED}, 2, "refused v-x"},
    {"delivered, late delay", {STATE_DELIVERED, STATE_TRYING}, 2, "delivered v-o"},
    {"resend is late", {STATE_GAVE_UP, STATE_TRYING}, 2, "trying x-o"},
    {"all", {STATE_TRYING, STATE_GAVE_UP, STATE_TRYING, STATE_DELIVERED}, 4, "delivered o-x-o-v"},
};

/* Puts the reports in the order that `code` says (a number in factorial digits). */
static void
put_permuted(struct place *p, const struct report *reports, unsigned n, unsigned code)
{
	unsigned left[4] = {0, 1, 2, 3};

	for (unsigned k = n; k > 0; k--) {
		unsigned i = code % k;

		code /= k;
		put(p, left[i] + 1, &reports[left[i]]);
		for (; i + 1 < k; i++)
			left[i] = left[i + 1];
	}
}

static char *
permuted(size_t line, unsigned code)
{
	static const char *const ids[] = {"<r1>", "<r2>", "<r3>", "<r4>"};
	struct recipient r[4];
	struct report reports[4];
	struct place p;
	char *got;

	for (unsigned i = 0; i < timelines[line].n; i++) {
		r[i] = made_recipient("bob@partner.example", timelines[line].states[i], "4.4.1");
		reports[i] = made_report(ids[i], T0 + i * HOUR, "<1@example.org>", &r[i], 1);
	}
	place_open(&p);
	/* half of the runs in one batch, half each alone */
	if (code % 2 == 0)
		assert_int_equal(cache_begin(p.c, &p.e), 0);
	put_permuted(&p, reports, timelines[line].n, code);
	assert_int_equal(cache_commit(p.c, &p.e), 0);
	got = rows(&p);
	place_close(&p);
	return got;
}

static void
test_any_order_gives_the_same(void **state)
{
	static const unsigned factorial[] = {1, 1, 2, 6, 24};

	(void)state;
	for (size_t i = 0; i < sizeof(timelines) / sizeof(*timelines); i++) {
		char *first = permuted(i, 0);
		const char *space = strchr(timelines[i].want, ' ');
		char part[64];

		snprintf(part, sizeof(part), "4.4.1 %.*s %s %u ", (int)(space - timelines[i].want),
		    timelines[i].want, space + 1, timelines[i].n);
		if (strstr(first, part) == NULL)
			fail_msg("%s: %s", timelines[i].name, first);
		for (unsigned code = 1; code < factorial[timelines[i].n]; code++) {
			char *other = permuted(i, code);

			if (strcmp(first, other) != 0)
				fail_msg("%s, order %u: %s", timelines[i].name, code, other);
			free(other);
		}
		free(first);
	}
}

/* What a new case is worked out from is still in memory; whatever happens to its
 * reports before the commit must count all the same. */
static void
test_batch_that_changes_its_mind(void **state)
{
	struct recipient r = made_recipient("a@x.test", STATE_GAVE_UP, "4.4.1");
	struct report first = made_report("<r1>", T0, "<1@example.org>", &r, 1);
	struct report other = made_report("<r2>", T0, "<2@example.org>", &r, 1);
	struct report third = made_report("<r3>", T0 + 5, "<3@example.org>", &r, 1);
	struct cache_message seen = {.uid = 1, .seen = true, .path = ""};
	struct cache_handled done = {
	    .handling = HANDLING_IGNORED, .handled_at = T0, .trail = "i@9"};
	struct place p;
	case_id id = id_of("<3@example.org>", "a@x.test");
	uint32_t two = 2;

	(void)state;
	place_open(&p);
	assert_int_equal(cache_begin(p.c, &p.e), 0);
	put(&p, 1, &first);
	put(&p, 1, &other); /* its UID tells of another message now */
	assert_int_equal(cache_flags(p.c, &p.box, &seen, NULL, &p.e), 0);
	put(&p, 2, &first);
	assert_int_equal(cache_remove(p.c, &p.box, &two, 1, NULL, &p.e), 0);
	put(&p, 3, &third);
	assert_int_equal(cache_handled(p.c, &id, &done, &p.e), 0);
	assert_int_equal(cache_commit(p.c, &p.e), 0);
	check_rows(&p,
	    "a@x.test x.test 4.4.1 gave-up i-x 1 1790000005-1790000005 u3 ignored cases new1\n"
	    "a@x.test x.test 4.4.1 gave-up x 1 1790000000-1790000000 u1 open cases new0\n");
	place_close(&p);
}

static void
test_newest_first(void **state)
{
	struct place p;
	char *got;

	(void)state;
	place_open(&p);
	for (int i = 0; i < 3; i++) {
		const char *names[] = {"a@x.test", "b@x.test", "c@x.test"};
		const int64_t at[] = {T0 + 10, T0 + 20, T0};
		const char *ids[] = {"<r1>", "<r2>", "<r3>"};
		struct recipient r = made_recipient(names[i], STATE_GAVE_UP, "4.4.1");
		struct report report = made_report(ids[i], at[i], "<1@example.org>", &r, 1);

		put(&p, (uint32_t)i + 1, &report);
	}
	got = rows(&p);
	assert_true(strstr(got, "b@x.test") < strstr(got, "a@x.test"));
	assert_true(strstr(got, "a@x.test") < strstr(got, "c@x.test"));
	free(got);
	place_close(&p);
}

/* A date in the future of its arrival does not stand on top for ever. */
static void
test_lying_date(void **state)
{
	struct place p;
	struct recipient r = made_recipient("a@x.test", STATE_GAVE_UP, "4.4.1");
	struct report report = made_report("<r1>", T0 + 400 * 86400LL, "<1@example.org>", &r, 1);
	struct cache_message m = {.uid = 1, .internal_date = T0, .path = "", .seen = true};
	char *got;

	(void)state;
	place_open(&p);
	assert_int_equal(cache_put(p.c, &p.box, &m, &report, own, 1, NULL, &p.e), 0);
	report.message_id = SLICE_LIT("<r2>");
	report.date = 0;
	m.uid = 2;
	m.internal_date = T0 + 5;
	assert_int_equal(cache_put(p.c, &p.box, &m, &report, own, 1, NULL, &p.e), 0);
	got = rows(&p);
	assert_non_null(strstr(got, "1790000000-1790000005"));
	free(got);
	place_close(&p);
}

static void
test_touched_and_removed(void **state)
{
	struct place p;
	struct recipient r[2] = {made_recipient("a@x.test", STATE_GAVE_UP, "4.4.1"),
	    made_recipient("b@x.test", STATE_REFUSED, "5.1.1")};
	struct report report = made_report("<r1>", T0, "<1@example.org>", r, 2);
	struct cache_message m = {.uid = 5, .path = "", .internal_date = T0};
	struct cache_handled h = {
	    .handling = HANDLING_RESENT, .resends = 1, .trail = "R@1790000100"};
	struct buf touched = BUF_INIT;
	case_id a = id_of("<1@example.org>", "a@x.test");
	uint32_t *uids;
	size_t n;
	uint32_t gone[] = {5, 6};

	(void)state;
	place_open(&p);
	assert_int_equal(cache_put(p.c, &p.box, &m, &report, own, 1, &touched, &p.e), 0);
	assert_int_equal(touched.len, 2 * sizeof(case_id));
	assert_string_equal(((case_id *)(void *)touched.data)->text, a.text);
	m.seen = true;
	buf_clear(&touched);
	assert_int_equal(cache_flags(p.c, &p.box, &m, &touched, &p.e), 0);
	assert_int_equal(touched.len, 2 * sizeof(case_id));
	buf_clear(&touched);
	assert_int_equal(cache_flags(p.c, &p.box, &m, &touched, &p.e), 0);
	assert_int_equal(touched.len, 0);
	assert_int_equal(cache_handled(p.c, &a, &h, &p.e), 0);
	check_rows(&p,
	    "b@x.test x.test 5.1.1 refused x 1 1790000000-1790000000 u5 open cases new0\n"
	    "a@x.test x.test 4.4.1 gave-up x-R 1 1790000000-1790000000 u5 resent cases "
	    "new0\n");
	assert_int_equal(cache_uids(p.c, &p.box, &uids, &n, &p.e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(uids[0], 5);
	free(uids);
	assert_int_equal(cache_remove(p.c, &p.box, gone, 2, &touched, &p.e), 0);
	assert_int_equal(touched.len, 2 * sizeof(case_id));
	/* what we acted on stays */
	check_rows(&p,
	    "a@x.test x.test 4.4.1 gave-up x-R 0 1790000000-1790000000 u0 resent cases "
	    "new0\n");
	buf_free(&touched);
	place_close(&p);
}

static void
test_uidvalidity(void **state)
{
	struct place p;
	struct recipient r = made_recipient("a@x.test", STATE_GAVE_UP, "4.4.1");
	struct report report = made_report("<r1>", T0, "<1@example.org>", &r, 1);
	bool fresh;

	(void)state;
	place_open(&p);
	put(&p, 1, &report);
	p.box.uidnext = 2;
	p.box.modseq = 99;
	assert_int_equal(cache_box_synced(p.c, &p.box, &p.e), 0);
	assert_int_equal(cache_box(p.c, "acc", "INBOX", 0, &p.box, &fresh, &p.e), 0);
	assert_int_equal(p.box.uidvalidity, 7);
	assert_int_equal(p.box.modseq, 99);
	assert_false(fresh);
	assert_int_equal(cache_box(p.c, "acc", "INBOX", 7, &p.box, &fresh, &p.e), 0);
	assert_false(fresh);
	assert_int_equal(p.box.uidnext, 2);
	assert_int_equal(cache_box(p.c, "acc", "INBOX", 8, &p.box, &fresh, &p.e), 0);
	assert_true(fresh);
	assert_int_equal(p.box.uidnext, 0);
	check_rows(&p, "");
	/* a box that was never seen, only looked for */
	assert_int_equal(cache_box(p.c, "acc", "Other", 0, &p.box, &fresh, &p.e), 0);
	assert_int_equal(p.box.id, 0);
	place_close(&p);
}

static void
test_other_is_remembered_by_uid(void **state)
{
	struct place p;
	struct report report = made_report("<r1>", T0, "", NULL, 0);
	uint32_t *uids;
	size_t n;

	(void)state;
	place_open(&p);
	report.kind = KIND_OTHER;
	put(&p, 3, &report);
	check_rows(&p, "");
	assert_int_equal(cache_uids(p.c, &p.box, &uids, &n, &p.e), 0);
	assert_int_equal(n, 1);
	free(uids);
	place_close(&p);
}

static void
test_lanes_stay_beside(void **state)
{
	struct place p;
	struct report report = made_report("<r1>", T0, "<1@example.org>", NULL, 0);
	struct recipient r = made_recipient("a@x.test", STATE_GAVE_UP, "");
	char *got;

	(void)state;
	place_open(&p);
	report.kind = KIND_AUTO_REPLY;
	report.from = SLICE_LIT("a@x.test");
	put(&p, 1, &report);
	report = made_report("<r2>", T0, "<1@spam.test>", &r, 1);
	report.original.from = SLICE_LIT("eve@spam.test");
	put(&p, 2, &report);
	got = rows(&p);
	assert_non_null(strstr(got, "auto-replies"));
	assert_non_null(strstr(got, "not-ours"));
	free(got);
	place_close(&p);
}

static bool
keep_id(void *ctx, const struct row *row)
{
	*(case_id *)ctx = row->id;
	return false;
}

static void
test_detail(void **state)
{
	struct place p;
	struct arena *a = arena_new();
	struct recipient r = made_recipient("a@x.test", STATE_TRYING, "4.4.1");
	struct report report = made_report("<r1>", T0, "<1@example.org>", &r, 1);
	struct cache_handled h = {.handling = HANDLING_DUE,
	    .due_at = T0 + 9000,
	    .handled_at = T0 + 4000,
	    .resends = 1,
	    .trail = "N@1790000500 R@1790004000"};
	struct cache_place *places;
	struct detail d;
	case_id id = id_of("<1@example.org>", "a@x.test");
	case_id ids[2];
	case_id none = {"aaaaaaaaaa"};
	size_t n;
	struct buf shown = BUF_INIT;

	(void)state;
	place_open(&p);
	r.diagnostic = SLICE_LIT("connect to mx.x.test[192.0.2.7]:25: Connection timed out");
	r.n_causes = 1;
	r.causes[0] = (struct cause_hit){.cause = CAUSE_CONNECT_TIMEOUT,
	    .weight = 0.93,
	    .evidence = SLICE_LIT("Connection timed out")};
	r.will_retry_until = T0 + 86400;
	put(&p, 1, &report);
	report.message_id = SLICE_LIT("<r2>");
	report.date = T0 + HOUR;
	report.original.is_list_mail = true;
	r.state = STATE_GAVE_UP;
	r.action = ACTION_FAILED;
	put(&p, 2, &report);
	assert_int_equal(cache_handled(p.c, &id, &h, &p.e), 0);
	assert_int_equal(cache_detail(p.c, &id, a, &d, &p.e), 0);
	assert_string_equal(d.row.trail, "o-N-x-R");
	assert_int_equal(d.row.cause, CAUSE_CONNECT_TIMEOUT);
	assert_int_equal(d.row.due_at, T0 + 9000);
	assert_true(slice_is(d.recipient.diagnostic, r.diagnostic.p));
	assert_int_equal(d.recipient.n_causes, 1);
	assert_true(d.recipient.causes[0].weight > 0.92 && d.recipient.causes[0].weight < 0.94);
	assert_true(slice_is(d.recipient.causes[0].evidence, "Connection timed out"));
	assert_non_null(d.recipient.causes[0].row);
	assert_true(slice_is(d.report.message_id, "<r2>"));
	assert_true(slice_is(d.report.original.subject, "Hello"));
	assert_true(d.report.original.is_list_mail);
	assert_false(d.report.original.is_automatic);
	assert_string_equal(d.ours, "its Message-ID is of example.org");
	for (size_t i = 0; i < d.n_events; i++)
		buf_addf(&shown, "%d ", (int)d.events[i].kind);
	assert_string_equal(buf_cstr(&shown), "0 9 1 6 5 ");
	assert_string_equal(d.events[0].words, r.diagnostic.p);
	assert_int_equal(cache_places(p.c, &id, &places, &n, &p.e), 0);
	assert_int_equal(n, 2);
	assert_int_equal(places[0].uid, 2);
	assert_string_equal(places[1].mailbox, "INBOX");
	free(places);
	assert_int_equal(cache_find(p.c, "acc", "", ids, 2, &n, &p.e), 0);
	assert_int_equal(n, 1);
	assert_string_equal(ids[0].text, id.text);
	id.text[4] = '\0';
	assert_int_equal(cache_find(p.c, "acc", id.text, ids, 2, &n, &p.e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(cache_find(p.c, "acc", "!", ids, 2, &n, &p.e), 0);
	assert_int_equal(n, 0);
	assert_int_equal(
	    cache_find(p.c, "acc", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ids, 2, &n, &p.e), 0);
	assert_int_equal(n, 0);
	assert_int_equal(cache_detail(p.c, &none, a, &d, &p.e), -1);
	assert_int_equal(p.e.code, ERR_NOT_FOUND);
	buf_free(&shown);
	arena_free(&a);
	place_close(&p);
}

static void
test_resend_joins_by_its_names(void **state)
{
	struct place p;
	struct recipient r = made_recipient("a@x.test", STATE_GAVE_UP, "4.4.1");
	struct recipient back = made_recipient("a@forwarded.test", STATE_REFUSED, "5.1.1");
	struct report report = made_report("<r1>", T0, "<1@example.org>", &r, 1);
	struct report later = made_report("<r2>", T0 + HOUR, "", &back, 1);
	case_id id = id_of("<1@example.org>", "a@x.test");
	case_id got;
	struct arena *a = arena_new();
	struct detail d;

	(void)state;
	for (int order = 0; order < 3; order++) {
		later.envelope_id = SLICE_LIT("bb-1");
		place_open(&p);
		if (order == 0)
			assert_int_equal(cache_alias(p.c, "bb-1", &id, &p.e), 0);
		put(&p, 1, &report);
		if (order == 1)
			assert_int_equal(cache_alias(p.c, "bb-1", &id, &p.e), 0);
		put(&p, 2, &later);
		if (order == 2)
			assert_int_equal(cache_alias(p.c, "bb-1", &id, &p.e), 0);
		check_rows(&p,
		    "a@x.test x.test 5.1.1 refused x-x 2 "
		    "1790000000-1790003600 u2 open cases new1\n");
		assert_int_equal(cache_rows(p.c, "acc", keep_id, &got, &p.e), 0);
		assert_string_equal(got.text, id.text);
		assert_int_equal(cache_detail(p.c, &id, a, &d, &p.e), 0);
		assert_true(slice_is(d.recipient.address, "a@forwarded.test"));
		assert_true(slice_is(d.recipient.original_recipient, "a@x.test"));
		place_close(&p);
	}
	/* by the Resent-Message-ID of the returned header */
	place_open(&p);
	put(&p, 1, &report);
	later.envelope_id = SLICE_EMPTY;
	later.original.header = SLICE_LIT("Resent-Message-ID: <re1@example.org>\nSubject: x\n");
	assert_int_equal(cache_alias(p.c, "<re1@example.org>", &id, &p.e), 0);
	put(&p, 2, &later);
	assert_int_equal(cache_rows(p.c, "acc", keep_id, &got, &p.e), 0);
	assert_string_equal(got.text, id.text);
	arena_free(&a);
	place_close(&p);
}

static void
test_outage(void **state)
{
	struct place p;
	static const char *const to[] = {"a@x.test", "b@x.test", "c@y.test", "d@z.test"};
	static const char *const ids[] = {"<r1>", "<r2>", "<r3>", "<r4>"};
	struct cache_outage o;

	(void)state;
	place_open(&p);
	for (unsigned i = 0; i < 4; i++) {
		struct recipient r = made_recipient(to[i], STATE_GAVE_UP, "4.4.1");
		struct report report = made_report(ids[i], T0 + i, "<1@example.org>", &r, 1);

		r.n_causes = 1;
		r.causes[0] = (struct cause_hit){
		    i == 3 ? CAUSE_MAILBOX_FULL : CAUSE_CONNECT_TIMEOUT, 1, SLICE_EMPTY, NULL};
		put(&p, i + 1, &report);
	}
	assert_int_equal(cache_outage(p.c, "acc", "x.test", T0, &o, &p.e), 0);
	assert_int_equal(o.cases, 3);
	assert_int_equal(o.domains, 2);
	assert_int_equal(o.this_domain, 2);
	assert_int_equal(o.since, T0);
	assert_int_equal(cache_outage(p.c, "acc", "x.test", T0 + 100, &o, &p.e), 0);
	assert_int_equal(o.cases, 0);
	place_close(&p);
}

/* The date of a report, unless its arrival tells better. */
static void
test_when_it_was_told(void **state)
{
	static const struct {
		const char *name, *path;
		int64_t date, arrival, want;
	} told[] = {
	    {"no arrival known", "", T0, 0, T0},
	    {"no date", "", 0, T0, T0},
	    {"a slow clock", "", T0 - 120, T0, T0},
	    {"filed long after", "", T0 - 7200, T0, T0 - 7200},
	    {"dated ahead", "", T0 + 60, T0, T0},
	    {"a file, whose time is of its copy", "cur/1", T0 - 120, T0, T0 - 120},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		struct recipient r = made_recipient("bob@partner.example", STATE_GAVE_UP, "");
		struct report report = made_report("<r1>", told[i].date, "<1@example.org>", &r, 1);
		struct cache_message m = {
		    .uid = 1, .internal_date = told[i].arrival, .path = told[i].path};
		struct arena *a = arena_new();
		struct place p;
		struct row row;
		case_id id = id_of("<1@example.org>", "bob@partner.example");

		print_message("  %s\n", told[i].name);
		place_open(&p);
		assert_int_equal(cache_put(p.c, &p.box, &m, &report, own, 1, NULL, &p.e), 0);
		assert_int_equal(cache_row(p.c, &id, a, &row, &p.e), 0);
		assert_int_equal(row.last_seen, told[i].want);
		place_close(&p);
		arena_free(&a);
	}
}

/* Behind jane@ stand two mailboxes: a success of one does not mend the failure of the
 * other, whatever came first. */
static void
test_behind_an_alias(void **state)
{
	static const struct {
		const char *first, *second; /* final address, and "v", "x" or "r" */
		const char *want;
	} turns[] = {
	    {"a@y.test v", "b@y.test x", "refused v-x"},
	    {"b@y.test x", "a@y.test v", "refused x-v"},
	    {"b@y.test x", "b@y.test v", "delivered x-v"},
	    {"b@y.test x", "jane@x.test v", "refused x-v"},
	    {"jane@x.test x", "a@y.test v", "delivered x-v"},
	    /* Passed on, and refused at the next server, whose clock is slow. */
	    {"jane@x.test x", "jane@x.test r", "refused x-v"},
	    {"jane@x.test r", "jane@x.test x", "refused v-x"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
		const char *const told[] = {turns[i].first, turns[i].second};
		struct place p;
		char *got;

		place_open(&p);
		for (uint32_t k = 0; k < 2; k++) {
			char end = told[k][strlen(told[k]) - 1];
			bool is_success = end != 'x';
			struct recipient r =
			    made_recipient("", is_success ? STATE_DELIVERED : STATE_REFUSED, "");
			struct report report =
			    made_report(k == 0 ? "<r1>" : "<r2>", T0 + k, "<1@example.org>", &r, 1);

			r.address = slice_sub(slice_of(told[k]), 0, strlen(told[k]) - 2);
			r.original_recipient = SLICE_LIT("jane@x.test");
			if (end == 'r')
				r.action = ACTION_RELAYED;
			put(&p, k + 1, &report);
		}
		got = rows(&p);
		assert_non_null(strstr(got, turns[i].want));
		free(got);
		place_close(&p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_when_it_was_told),
	    cmocka_unit_test(test_behind_an_alias),
	    cmocka_unit_test(test_one_report_one_row),
	    cmocka_unit_test(test_any_order_gives_the_same),
	    cmocka_unit_test(test_batch_that_changes_its_mind),
	    cmocka_unit_test(test_newest_first),
	    cmocka_unit_test(test_lying_date),
	    cmocka_unit_test(test_touched_and_removed),
	    cmocka_unit_test(test_uidvalidity),
	    cmocka_unit_test(test_other_is_remembered_by_uid),
	    cmocka_unit_test(test_lanes_stay_beside),
	    cmocka_unit_test(test_detail),
	    cmocka_unit_test(test_resend_joins_by_its_names),
	    cmocka_unit_test(test_outage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
