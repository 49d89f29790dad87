#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "tui/cmd_cases.h"

enum column { COL_ID, COL_AGE, COL_TO, COL_CODE, COL_CAUSE, COL_STATE, COL_SUBJECT, N_COLUMNS };

static const struct {
	const char *title;
	int least;
	int most;
} columns[N_COLUMNS] = {
    [COL_ID] = {"CASE", CASE_ID_LEN, CASE_ID_LEN},
    [COL_AGE] = {"AGE", 3, 4},
    [COL_TO] = {"RECIPIENT", 12, 60},
    [COL_CODE] = {"CODE", 5, 9},
    [COL_CAUSE] = {"WHY", 8, 60},
    [COL_STATE] = {"STATE", 7, 18},
    [COL_SUBJECT] = {"SUBJECT", 0, 99},
};

void
age_words(char buf[16], int64_t seconds)
{
	static const struct {
		int64_t unit;
		char letter;
	} units[] = {{7 * 86400, 'w'}, {86400, 'd'}, {3600, 'h'}, {60, 'm'}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		/* Weeks only from the second on: "9d" says more than "1w". */
		if (seconds >= units[i].unit * (i == 0 ? 2 : 1)) {
			snprintf(buf, 16, "%lld%c", (long long)(seconds / units[i].unit % 10000),
			    units[i].letter);
			return;
		}
	}
	snprintf(buf, 16, "now");
}

const char *
state_label(const struct row *row)
{
	if (row->lane != LANE_CASES)
		return lane_id(row->lane);
	switch (row->state) {
	case STATE_TRYING:
		return "TRYING";
	case STATE_GAVE_UP:
		return "GAVE UP";
	case STATE_REFUSED:
		return "REFUSED";
	case STATE_DELIVERED:
		return "DELIVERED";
	default:
		return "UNKNOWN";
	}
}

const char *
not_sent_words(struct arena *a, const struct row *row)
{
	return arena_printf(a, "not sent, %s", state_label(row));
}

static const char *
state_words(struct arena *a, const struct row *row)
{
	switch (row->handling) {
	case HANDLING_OPEN:
		return row->is_not_sent ? not_sent_words(a, row) : state_label(row);
	case HANDLING_DUE:
		return row->is_being_sent ? "sending"
		    : row->is_due_note    ? "note due"
					  : "resend due";
	default:
		return handling_id(row->handling);
	}
}

static const char *
cell(struct arena *a, const struct row *row, enum column c, int64_t now)
{
	char age[16];

	switch (c) {
	case COL_ID:
		return row->id.text;
	case COL_AGE:
		age_words(age, now - row->last_seen);
		return arena_strdup(a, age);
	case COL_TO:
		return clean(a, slice_of(row->recipient)).s;
	case COL_CODE:
		return clean(a, slice_of(row->status)).s;
	case COL_CAUSE:
		return row->cause == CAUSE_UNKNOWN ? "" : cause_info(row->cause)->title;
	case COL_STATE:
		return state_words(a, row);
	default:
		return clean(a, slice_of(row->subject)).s;
	}
}

static void
add_cell(struct buf *out, const char *text, int width, bool is_last, bool is_right)
{
	int used = 0;
	size_t n = width > 0 ? utf8_fit(text, width, &used) : strlen(text);
	bool is_cut = text[n] != '\0';
	int pad;

	if (is_cut && width > 1)
		n = utf8_fit(text, width - 1, &used);
	pad = width - used - (is_cut ? 1 : 0);
	if (is_right && pad > 0)
		buf_addf(out, "%*s", pad, "");
	buf_add(out, text, n);
	if (is_cut)
		buf_adds(out, width > 1 ? "…" : "");
	if (!is_last && !is_right && pad > 0)
		buf_addf(out, "%*s", pad, "");
	buf_adds(out, is_last ? "\n" : "  ");
}

/* What each column wants, from what is in it. */
static void
measure(struct arena *a, const struct cases *c, int64_t now, int want[N_COLUMNS], bool is_bounded)
{
	for (int k = 0; k < N_COLUMNS; k++) {
		want[k] = utf8_columns(columns[k].title);
		for (size_t i = 0; i < c->n; i++) {
			int n = utf8_columns(cell(a, &c->rows[i], (enum column)k, now));

			if (n > want[k])
				want[k] = n;
			arena_reset(a);
		}
		if (is_bounded && want[k] > columns[k].most)
			want[k] = columns[k].most;
	}
}

/* Each column gets its least; what is left goes round in these steps, so that a
 * long address does not take all of it. */
static void
share(int width[N_COLUMNS], const int want[N_COLUMNS], int total)
{
	static const struct {
		enum column column;
		int up_to;
	} steps[] = {{COL_ID, 99}, {COL_AGE, 99}, {COL_CODE, 99}, {COL_STATE, 99}, {COL_TO, 26},
	    {COL_CAUSE, 36}, {COL_TO, 40}, {COL_SUBJECT, 40}, {COL_TO, 60}, {COL_SUBJECT, 99}};
	int left = total - 2 * (N_COLUMNS - 1);

	for (int k = 0; k < N_COLUMNS; k++) {
		width[k] = want[k] < columns[k].least ? want[k] : columns[k].least;
		left -= width[k];
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && left > 0; i++) {
		enum column k = steps[i].column;
		int more = (want[k] < steps[i].up_to ? want[k] : steps[i].up_to) - width[k];

		if (more > left)
			more = left;
		if (more > 0) {
			width[k] += more;
			left -= more;
		}
	}
}

void
cases_print(struct buf *out, const struct cases *c, int total, int64_t now)
{
	struct arena *a = arena_new();
	int want[N_COLUMNS];
	int width[N_COLUMNS];
	int last = N_COLUMNS - 1;

	measure(a, c, now, want, total > 0);
	memcpy(width, want, sizeof(width));
	if (total > 0)
		share(width, want, total);
	if (width[COL_SUBJECT] < 10 && width[COL_SUBJECT] < want[COL_SUBJECT])
		last = COL_STATE;
	for (int k = 0; total > 0 && k <= last; k++)
		add_cell(out, columns[k].title, width[k], k == last, k == COL_AGE);
	for (size_t i = 0; i < c->n; i++) {
		for (int k = 0; k <= last; k++)
			add_cell(out, cell(a, &c->rows[i], (enum column)k, now), width[k],
			    k == last, k == COL_AGE);
		arena_reset(a);
	}
	arena_free(&a);
}

void
cases_json(struct json *j, const struct row *row, const uint32_t *uids, size_t n_uids)
{
	json_object(j, NULL);
	json_cstr(j, "id", row->id.text);
	json_cstr(j, "account", row->account);
	json_cstr(j, "recipient", row->recipient);
	json_cstr(j, "domain", row->domain);
	json_cstr(j, "state", state_id(row->state));
	json_cstr(j, "status", row->status);
	json_cstr(j, "cause", row->cause == CAUSE_UNKNOWN ? "" : cause_id(row->cause));
	json_cstr(j, "subject", row->subject);
	json_cstr(j, "original_message_id", row->original_message_id);
	json_time(j, "first_seen", row->first_seen);
	json_time(j, "last_seen", row->last_seen);
	json_int(j, "reports", row->reports);
	json_cstr(j, "handling", handling_id(row->handling));
	json_int(j, "resends", row->resends);
	json_bool(j, "not_sent", row->is_not_sent);
	json_list(j, "uids");
	for (size_t i = 0; i < n_uids; i++)
		json_int(j, NULL, uids[i]);
	json_end_list(j);
	json_cstr(j, "lane", lane_id(row->lane));
	json_cstr(j, "resend", advice_id(row->advice));
	json_cstr(j, "timeline", row->trail);
	json_time(j, "due_at", row->handling == HANDLING_DUE ? row->due_at : 0);
	if (row->handling == HANDLING_IGNORED && row->due_at == CASE_UNTIL_NEXT_BOUNCE)
		json_cstr(j, "ignored_until", "next-bounce");
	else
		json_time(j, "ignored_until", row->handling == HANDLING_IGNORED ? row->due_at : 0);
}
