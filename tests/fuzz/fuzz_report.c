/* Any bytes are a message. Every slice of the report can be read (writing the JSON
 * touches them all), limits hold, the same bytes give the same report, and half of
 * a message harms nobody. */
#include "fuzz.h"

#include "base/json.h"
#include "bounce/report.h"

/* Lines, hits and copies of the human part, which is bounded. */
#define MEMORY_FIX (4u * 1024 * 1024)
#define MEMORY_PER_BYTE 64u

static void
check_recipient(const struct recipient *r)
{
	struct status s;

	MUST(r->n_causes <= REPORT_MAX_CAUSES);
	MUST(r->reply_code.n == 0 || r->reply_code.n == 3);
	for (size_t i = 0; i < r->reply_code.n; i++)
		MUST(ascii_isdigit(r->reply_code.p[i]));
	MUST(r->status.n == 0 || status_read(r->status, &s));
	for (size_t i = 0; i < r->n_causes; i++) {
		MUST(r->causes[i].weight >= 0 && r->causes[i].weight <= 1);
		MUST(r->causes[i].evidence.n <= REPORT_MAX_EVIDENCE);
	}
}

static void
read_and_print(struct slice message, struct buf *out)
{
	struct arena *a = arena_new();
	struct report r;
	struct json j;

	report_read(a, message, &r);
	MUST(r.n_recipients <= REPORT_MAX_RECIPIENTS);
	MUST(arena_used(a) <= MEMORY_FIX + MEMORY_PER_BYTE * message.n);
	for (size_t i = 0; i < r.n_recipients; i++)
		check_recipient(&r.recipients[i]);
	MUST(r.original.part != ORIGINAL_FULL || r.original.raw.n > 0);
	json_begin(&j, out);
	report_json(&j, SLICE_LIT("x"), &r);
	arena_free(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice message = input_of(data, size);
	struct buf first = BUF_INIT;
	struct buf again = BUF_INIT;
	struct buf half = BUF_INIT;

	read_and_print(message, &first);
	read_and_print(message, &again);
	MUST(slice_eq(buf_slice(&first), buf_slice(&again)));
	read_and_print(slice_sub(message, 0, size / 2), &half);
	buf_free(&first);
	buf_free(&again);
	buf_free(&half);
	return 0;
}
