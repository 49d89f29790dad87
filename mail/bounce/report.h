/* Reads any bounce: an RFC 3464 report, its broken relatives, or free text.
 *
 * Pure: bytes in, facts out. The message is borrowed; everything in the report
 * points into it, into the arena or into constant tables, and lives as long as
 * they do. Never fails: mail that is no report has kind KIND_OTHER, facts that
 * are not there are empty. Linear in the bytes; bounds below; over one `is_cut`.
 * No code is ever invented: status and reply_code stand literally in the message. */
#ifndef BOUNCE_REPORT_H
#define BOUNCE_REPORT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "bounce/codes.h"

#define REPORT_MAX_RECIPIENTS 1000
#define REPORT_MAX_CAUSES 4
#define REPORT_MAX_EVIDENCE 160 /* bytes of a quotation */

enum report_kind {
	KIND_OTHER, /* not a report at all */
	KIND_BOUNCE,
	KIND_DELIVERED,
	KIND_AUTO_REPLY,
	KIND_COMPLAINT, /* RFC 5965 */
	KIND_RECEIPT,   /* RFC 8098 */
};

/* RFC 3464 2.3.3 */
enum action {
	ACTION_NONE,
	ACTION_FAILED,
	ACTION_DELAYED,
	ACTION_DELIVERED,
	ACTION_RELAYED,
	ACTION_EXPANDED,
};
enum action_from { ACTION_INFERRED, ACTION_FROM_FIELD, ACTION_FROM_TEXT };
enum status_from { STATUS_FROM_NONE, STATUS_FROM_FIELD, STATUS_FROM_DIAGNOSTIC, STATUS_FROM_TEXT };

enum state { STATE_UNKNOWN, STATE_TRYING, STATE_GAVE_UP, STATE_REFUSED, STATE_DELIVERED };

enum original_part { ORIGINAL_NONE, ORIGINAL_FRAGMENT, ORIGINAL_HEADERS, ORIGINAL_FULL };

struct cause_hit {
	enum cause cause;
	double weight;                     /* 0 to 1: how sure */
	struct slice evidence;             /* the literal words */
	const struct diagnostic_info *row; /* what matched; NULL if it was the code */
};

struct recipient {
	struct slice address;            /* Final-Recipient, as far as is known */
	struct slice original_recipient; /* to whom the user wrote; "" if not said */
	enum state state;
	enum action action;
	enum action_from action_from;
	struct slice status; /* the code that says most */
	enum status_from status_from;
	struct slice status_field; /* of the Status field, where it differs */
	struct slice reply_code;
	struct slice diagnostic; /* joined and unfolded UTF-8 */
	struct slice remote_mta;
	struct slice final_log_id;
	int64_t last_attempt; /* unix time, 0 = not said */
	int64_t will_retry_until;
	bool permanent;
	enum resend_advice resend;
	struct cause_hit causes[REPORT_MAX_CAUSES];
	size_t n_causes;
};

struct original {
	struct slice message_id; /* with <> */
	struct slice from;       /* decoded text */
	struct slice to;
	struct slice subject;
	struct slice date;   /* RFC 3339 or "" */
	struct slice header; /* raw, "" if none came back */
	/* the message with its transfer encoding undone: whole if part is FULL, the beginning
	 * if it is HEADERS and whoever returned it left its end out, else "" */
	struct slice raw;
	enum original_part part;
	/* evidence for "is it ours?" (facts; the decision needs Sent) */
	struct slice dkim_domain; /* first d= */
	struct slice return_path;
	struct slice first_received; /* the oldest Received field */
	bool is_null_sender;         /* Return-Path: <> */
	bool is_automatic;           /* Auto-Submitted other than no, Precedence bulk/junk */
	bool is_list_mail;           /* List-Id, Precedence list */
};

struct report {
	enum report_kind kind;
	struct slice message_id;
	struct slice from;    /* address */
	struct slice to;      /* address that the report was sent to: our return path */
	struct slice subject; /* decoded */
	int64_t date;
	struct slice reporting_mta; /* without "dns;" */
	int64_t arrival_date;
	struct slice envelope_id;
	struct slice queue_id; /* of the reporting MTA, "" if not said */
	struct slice mta; /* "postfix", "exim", "exchange", "gmail", … "" if not recognised */
	struct original original;
	struct recipient *recipients;
	size_t n_recipients;
	bool is_cut;
};

void report_read(struct arena *a, struct slice message, struct report *r);

/* The JSON of `parse` (one object, no line end). `file` is shown as given. */
void report_json(struct json *j, struct slice file, const struct report *r);

const char *report_kind_id(enum report_kind k);
const char *action_id(enum action x);
const char *state_id(enum state s); /* "gave-up" */

#endif
