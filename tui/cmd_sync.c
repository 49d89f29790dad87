#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "tui/cmd_act.h"
#include "tui/cmd_out.h"

enum { IS_OPEN = 1, IS_NEW = 2, IS_DUE = 4, IS_DOUBT = 8 };

/* What the sum needs of a case: a hundred thousand whole rows would be 40 MB. */
struct counted {
	case_id id;
	unsigned char is;
	uint32_t order; /* in which they came */
};

struct sum {
	struct buf seen; /* struct counted each */
	uint32_t n;
};

static bool
keep_due(void *ctx, const struct row *row, bool is_gone)
{
	struct sum *sum = ctx;
	struct counted seen = {.id = row->id, .order = sum->n++};
	bool is_open = !is_gone && row->lane == LANE_CASES && row->handling == HANDLING_OPEN;

	if (is_open)
		seen.is |= row->is_new ? IS_OPEN | IS_NEW : IS_OPEN;
	if (!is_gone && row->handling == HANDLING_DUE)
		seen.is |= IS_DUE;
	if (!is_gone && row->handling == HANDLING_DOUBT)
		seen.is |= IS_DOUBT;
	buf_add(&sum->seen, &seen, sizeof(seen));
	return (seen.is & IS_DUE) != 0;
}

static int
by_id(const void *a, const void *b)
{
	const struct counted *x = a, *y = b;

	return strcmp(x->id.text, y->id.text);
}

static int
by_id_then_last(const void *a, const void *b)
{
	const struct counted *x = a, *y = b;
	int r = by_id(a, b);

	return r != 0 ? r : x->order < y->order ? 1 : -1;
}

/* Of each case what came last holds. */
static void
sum_settle(struct sum *sum)
{
	struct counted *list = (struct counted *)(void *)sum->seen.data;
	size_t n = sum->seen.len / sizeof(*list), kept = 0;

	if (n > 1)
		qsort(list, n, sizeof(*list), by_id_then_last);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || by_id(&list[kept - 1], &list[i]) != 0)
			list[kept++] = list[i];
	buf_truncate(&sum->seen, kept * sizeof(*list));
}

/* Some were due when their rows came, and are not any more. */
static void
drop_others(struct cases *c, const struct sum *sum)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct counted key = {.id = c->rows[i].id};
		const struct counted *last =
		    bsearch(&key, sum->seen.data, sum->seen.len / sizeof(key), sizeof(key), by_id);

		if (last != NULL && (last->is & IS_DUE) != 0)
			c->rows[kept++] = c->rows[i];
	}
	c->n = kept;
}

static void
print_counts(const struct sum *sum, bool as_json)
{
	static const char *const names[] = {"open", "new", "due", "doubt"};
	const struct counted *list = (const struct counted *)(const void *)sum->seen.data;
	size_t n[4] = {0, 0, 0, 0};
	struct buf out = BUF_INIT;
	struct json j;

	for (size_t i = 0; i < sum->seen.len / sizeof(*list); i++)
		for (size_t k = 0; k < 4; k++)
			n[k] += list[i].is >> k & 1;
	if (as_json) {
		json_begin(&j, &out);
		json_object(&j, NULL);
		for (size_t i = 0; i < 4; i++)
			json_int(&j, names[i], (int64_t)n[i]);
		json_end_object(&j);
		buf_addc(&out, '\n');
	} else {
		buf_addf(
		    &out, "%zu open (%zu new), %zu due, %zu in doubt\n", n[0], n[1], n[2], n[3]);
	}
	(void)out_flush(&out);
	buf_free(&out);
}

/* What came since it was put off, and keeps it from going. */
static const char *
news_words(const struct row *row)
{
	if (row->state == STATE_DELIVERED)
		return ", but it was delivered meanwhile";
	if (row->state == STATE_TRYING)
		return ", but a mail server still tries: only if that was known";
	if (row->lane != LANE_CASES)
		return ", but it is none of our failed deliveries any more";
	if (row->state == STATE_REFUSED && row->advice == RESEND_NO)
		return ", but it was refused for good: only if it was edited as new";
	return "";
}

/* What is due now, looked at by the guards of a resend. */
static void
say_due(const struct cases *c, bool as_json)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < c->n; i++) {
		const struct row *row = &c->rows[i];
		struct json j;

		if (row->handling != HANDLING_DUE || row->is_being_sent ||
		    row->due_at > clock_now())
			continue;
		if (as_json) {
			json_begin(&j, &out);
			cases_json(&j, row, &row->uid, row->uid != 0 ? 1 : 0);
			json_end_object(&j);
			buf_addc(&out, '\n');
			continue;
		}
		buf_addf(&out, "%s ", row->id.text);
		clean_append(&out, slice_of(row->recipient), 320);
		buf_addf(&out, ": would be sent%s\n", news_words(row));
	}
	(void)out_flush(&out);
	buf_free(&out);
}

struct sync_tally {
	struct act_tally act;
	size_t n_held; /* back by the pace */
	int64_t held_until;
	struct buf held_words; /* of the first of them */
};

/* A thousand that wait are one line for people. */
static void
on_result(void *ctx, const struct letter *l)
{
	struct sync_tally *t = ctx;

	if (l->type == LETTER_RESULT && l->at != 0 && l->err.code == ERR_NONE) {
		if (t->n_held++ == 0 || l->at < t->held_until) {
			t->held_until = l->at;
			buf_clear(&t->held_words);
			clean_append(&t->held_words, l->text, 200);
		}
		if (!t->act.as_json)
			return;
	}
	act_result(&t->act, l);
}

static void
say_held(struct sync_tally *t)
{
	if (t->n_held > 0)
		fprintf(stderr, "%zu more: %s (send-per-minute, send-per-domain)\n", t->n_held,
		    buf_cstr(&t->held_words));
	buf_free(&t->held_words);
}

/* The sync brings the rows; what is due goes in a second step, so that nothing
 * is sent whose outcome has been told meanwhile. */
static int
sync_and_send(struct session *s, const struct cmd_args *a)
{
	struct sync_tally tally = {.act = {.as_json = args_has(a, "--json")}};
	bool is_dry = args_has(a, "--dry-run");
	struct sum sum = {.seen = BUF_INIT};
	struct cases c;
	struct err e;
	int status = EXIT_DONE;

	if (cases_fetch_some(s, &c, keep_due, &sum, &e) != 0) {
		cases_free(&c);
		buf_free(&sum.seen);
		return cmd_fail(&e);
	}
	sum_settle(&sum);
	drop_others(&c, &sum);
	print_counts(&sum, tally.act.as_json);
	buf_free(&sum.seen);
	tally.act.cases = &c;
	if (args_has(a, "--send-due") && is_dry)
		say_due(&c, tally.act.as_json);
	if (args_has(a, "--send-due") && !is_dry) {
		struct letter *l = session_letter(s, LETTER_SYNC);

		l->flag = true;
		if (session_ask(s, l, on_result, &tally, &e) != 0)
			status = cmd_fail(&e);
		say_held(&tally);
	}
	cases_free(&c);
	return status == EXIT_DONE && tally.act.n_bad > 0 ? EXIT_FAILED : status;
}

int
cmd_sync(const struct cmd_globals *g, int argc, char **argv)
{
	struct session s;
	struct cmd_args a;
	int status;

	if (args_read(&a, "sync", argc, argv) != 0)
		return EXIT_MISUSE;
	if (a.n_words > 0)
		return cmd_misuse("sync takes no further words: %s", a.words[0]);
	if (args_has(&a, "--send-due") && !args_has(&a, "--dry-run") &&
	    act_is_read_only(g, "sync --send-due"))
		return EXIT_FAILED;
	status = session_open(&s, g);
	if (status != 0)
		return status;
	status = sync_and_send(&s, &a);
	session_close(&s);
	return status;
}
