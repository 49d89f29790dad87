/* Cases: one original × one recipient, with all that was told and done.
 *
 * Facts are stored, words are derived. A case has a stable id made from the
 * original's identity and the recipient, the same on every machine. */
#ifndef STORE_CASE_H
#define STORE_CASE_H

#include <stdint.h>

#include "base/err.h"
#include "bounce/report.h"

#define CASE_ID_LEN 10 /* lower-case base32 letters: 50 bits of SHA-256 */
typedef struct {
	char text[CASE_ID_LEN + 1];
} case_id;
bool case_id_is_in(const case_id *id, const case_id *ids, size_t n); /* ids: as strcmp orders */

enum handling {
	HANDLING_OPEN,
	HANDLING_DUE, /* to be resent at a time */
	HANDLING_RESENT,
	HANDLING_DOUBT,
	HANDLING_NOTED,
	HANDLING_IGNORED,
	HANDLING_DONE,
};

enum lane { LANE_CASES, LANE_NOT_OURS, LANE_AUTO_REPLIES, LANE_COMPLAINTS, LANE_RECEIPTS };

#define CASE_UNTIL_NEXT_BOUNCE (-1)
#define CASE_NOT_SENT "not sent: " /* begins the reason if the last resend did not go */

/* What a list needs of a case. Strings are owned by whoever made the row (a
 * letter's arena, a model's pool), are UTF-8 as decoded but not cleaned, never NULL. */
struct row {
	case_id id;
	const char *account;
	const char *recipient;
	const char *domain; /* of the recipient, lower case */
	const char *status; /* "4.4.1", or the reply code, or "" */
	const char *subject;
	const char *original_message_id;
	const char *from; /* of the original */
	const char *mta;  /* that reported last */
	const char *
	    trail; /* the timeline as letters: o delay, x failure, R resent, N note, v delivered, ? doubt, i ignored, u open again; "o-o-x-R" */
	int64_t first_seen; /* unix time, of the first and last report */
	int64_t last_seen;
	int64_t retry_until; /* TRYING: until then; 0 = not told */
	int64_t due_at;      /* HANDLING_DUE; of HANDLING_IGNORED: its end, 0 = none,
	                 * or CASE_UNTIL_NEXT_BOUNCE */
	int64_t handled_at;  /* when resent, noted, ignored */
	uint32_t reports;
	uint32_t resends;
	uint32_t uid; /* of the last report, 0 = gone from the server */
	enum state state;
	enum cause cause;
	enum handling handling;
	enum lane lane;
	enum resend_advice advice;
	bool is_new; /* not \Seen by anyone, never opened here */
	bool is_permanent;
	bool is_due_note;   /* HANDLING_DUE: it is a note, no resend */
	bool is_being_sent; /* HANDLING_DUE: just now */
	bool is_not_sent;   /* HANDLING_OPEN: the last resend did not go */
};

enum event_kind {
	EVENT_DELAYED,
	EVENT_FAILED,
	EVENT_DELIVERED,
	EVENT_RELAYED,
	EVENT_REPORT, /* auto-reply, complaint, receipt */
	EVENT_DUE,
	EVENT_RESENT,
	EVENT_RESEND_FAILED,
	EVENT_DOUBT,
	EVENT_NOTED,
	EVENT_IGNORED,
	EVENT_REOPENED,
};

struct event {
	enum event_kind kind;
	int64_t at;
	uint32_t uid;      /* of the report, 0 = an action of ours */
	const char *words; /* diagnostic, or to whom, or the server's reply */
};

struct doubt;

/* One case in full. In one arena. */
struct detail {
	struct row row;
	struct recipient recipient; /* of the report that says most */
	struct report report;       /* head fields of that report; recipients is NULL */
	struct event *events;       /* oldest first */
	size_t n_events;
	struct explanation *explanation;
	const char *ours; /* why it is thought to be ours, or not */
	const char
	    *reason; /* why it is ignored, in doubt, was put off or not sent; "" = not said */
	struct doubt *doubt; /* HANDLING_DOUBT: of what; else NULL */
	const char *verdict; /* them or us, from the other cases; "" if nothing to say */
};

const char *handling_id(enum handling h); /* "resent" */
const char *lane_id(enum lane l);

/* Identity: the original's Message-ID, else envelope id, else subject, date and
 * sender; and the address that the user wrote to, without case. */
case_id case_id_make(const struct report *r, const struct recipient *rcpt);

/* The names that we give to what we send for a case hold its id, so that a report about
 * it joins the case on every machine: ENVID and Resent-Message-ID of a resend, and the
 * Message-ID of a message that was edited. (That of a note is none of them, nor is that of
 * one message for several cases: there the ENVID tells which.) */
#define CASE_NAME_SENT "bouncebox."
#define CASE_NAME_EDITED "bouncebox-case."
#define CASE_NAME_SEVERAL "bouncebox-cases."
/* False if no such name stands there. */
bool case_of_edited(struct slice message_id, case_id *id_r);
bool case_of_resend(struct slice envelope_or_resent_id, case_id *id_r);
/* What two tellings of such a name have in common, wherever it stood: without brackets, and
 * nothing from the @ on. Empty if the name is none that we gave. Borrowed. */
struct slice case_sent_name(struct slice name);
/* Which of CASE_PARTS a case is in: the same on every machine, of its id alone. */
#define CASE_PARTS 8
unsigned case_part(const case_id *id);

/* Where a report belongs, and whether the original is ours: `own` lists our
 * addresses and domains (lower case). Words for the reason come back. */
enum lane case_lane(struct arena *a, const struct report *r, const char *const *own, size_t n_own,
    const char **why_r);

/* notmuch-like words, all of which must hold:
 *
 *   filter = *( ["-"] ( field ":" value / value ) )   ; "-" negates
 *   field  = to from subject mta        value is found anywhere in it, without case
 *          / domain                     whole labels: domain:acme.test, domain:test
 *          / code                       whole parts from the left: code:4.4, code:45
 *          / cause                      an id or its beginning: cause:connect
 *          / state                      trying gave-up refused delivered unknown
 *          / is                         open resent due doubt ignored noted done
 *                                       ours notours auto-reply complaint receipt new
 *          / account                    its whole name, without case
 *          / age                        of the last report: <2d >1w; h d w m y
 *          / id                         beginning of the case's id
 *   value  = word / DQUOTE any DQUOTE   field:"" matches what is empty
 *
 * A bare value is looked for in recipient, from, subject, status, cause, MTA and domain. */
struct filter;
/* ERR_USAGE with the word, and what is allowed. Empty text matches everything open. */
int filter_parse(struct filter **f_r, const char *text, struct err *e);
/* Unless the filter names them itself: cases only (no other lane), and none that
 * is ignored or done. With a handling or id: named, the handling is its affair alone. */
bool filter_match(const struct filter *f, const struct row *row, int64_t now);
/* Does it name any handling or lane itself? If not, lists show what is open. */
bool filter_names_handling(const struct filter *f);
void filter_free(struct filter **f);

#endif
