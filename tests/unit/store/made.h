/* Reports made by hand. */
#ifndef TEST_MADE_H
#define TEST_MADE_H

#include "bounce/report.h"

static inline struct recipient
made_recipient(const char *address, enum state state, const char *status)
{
	static const enum action actions[] = {[STATE_UNKNOWN] = ACTION_FAILED,
	    [STATE_TRYING] = ACTION_DELAYED,
	    [STATE_GAVE_UP] = ACTION_FAILED,
	    [STATE_REFUSED] = ACTION_FAILED,
	    [STATE_DELIVERED] = ACTION_DELIVERED};

	return (struct recipient){.address = slice_of(address),
	    .original_recipient = SLICE_EMPTY,
	    .state = state,
	    .action = actions[state],
	    .action_from = ACTION_FROM_FIELD,
	    .status = slice_of(status),
	    .status_from = STATUS_FROM_FIELD,
	    .status_field = SLICE_EMPTY,
	    .reply_code = SLICE_EMPTY,
	    .diagnostic = SLICE_EMPTY,
	    .remote_mta = SLICE_EMPTY,
	    .final_log_id = SLICE_EMPTY,
	    .permanent = state == STATE_REFUSED,
	    .resend = RESEND_ASK};
}

static inline struct report
made_report(
    const char *message_id, int64_t date, const char *original_id, struct recipient *r, size_t n)
{
	struct report report = {.kind = KIND_BOUNCE,
	    .message_id = slice_of(message_id),
	    .from = SLICE_LIT("MAILER-DAEMON@mx.test"),
	    .to = SLICE_LIT("bounces@example.org"),
	    .subject = SLICE_LIT("Undelivered Mail"),
	    .date = date,
	    .reporting_mta = SLICE_LIT("mx.example.org"),
	    .envelope_id = SLICE_EMPTY,
	    .queue_id = SLICE_EMPTY,
	    .mta = SLICE_LIT("postfix"),
	    .recipients = r,
	    .n_recipients = n};

	report.original = (struct original){.message_id = slice_of(original_id),
	    .from = SLICE_LIT("Alice <alice@example.org>"),
	    .to = SLICE_LIT("Bob <bob@partner.example>"),
	    .subject = SLICE_LIT("Hello"),
	    .date = SLICE_LIT("2026-11-20T09:14:00Z"),
	    .header = SLICE_EMPTY,
	    .raw = SLICE_EMPTY,
	    .dkim_domain = SLICE_EMPTY,
	    .return_path = SLICE_EMPTY,
	    .first_received = SLICE_EMPTY};
	return report;
}

#endif
