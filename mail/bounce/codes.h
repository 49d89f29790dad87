/* The registered codes and the diagnostic texts: tables made from codes.tsv,
 * causes.tsv, diagnostics.tsv and vendors.tsv in this folder at build time. */
#ifndef BOUNCE_CODES_H
#define BOUNCE_CODES_H

#include "bounce/status.h"

/* Why, from a fixed list. The ids are part of the interface (cause_id). */
enum cause {
	CAUSE_UNKNOWN,
	CAUSE_CONNECT_TIMEOUT,
	CAUSE_CONNECT_REFUSED,
	CAUSE_NO_ROUTE,
	CAUSE_LOCAL_NET,
	CAUSE_CONN_DROP,
	CAUSE_DNS_TEMP,
	CAUSE_NO_DOMAIN,
	CAUSE_NULL_MX,
	CAUSE_TLS,
	CAUSE_GREYLIST,
	CAUSE_RATE,
	CAUSE_REPUTATION,
	CAUSE_CONTENT_SPAM,
	CAUSE_CONTENT_VIRUS,
	CAUSE_CONTENT_POLICY,
	CAUSE_TOO_BIG,
	CAUSE_MAILBOX_FULL,
	CAUSE_HOST_FULL,
	CAUSE_RESOURCE,
	CAUSE_EXPIRED,
	CAUSE_AUTH,
	CAUSE_PTR,
	CAUSE_POLICY,
	CAUSE_USER_UNKNOWN,
	CAUSE_USER_DISABLED,
	CAUSE_USER_MOVED,
	CAUSE_RELAY,
	CAUSE_LOOP,
	CAUSE_SENDER_CONFIG,
	CAUSE_OWN_LIMIT,
	CAUSE_CONFIG,
	CAUSE_TOO_MANY_RCPT,
	CAUSE_PROTOCOL,
	CAUSE_I18N,
	CAUSE_COUNT
};

/* What resending can do, before the state is looked at. */
enum resend_advice { RESEND_ASK, RESEND_YES, RESEND_WAIT, RESEND_AFTER_FIX, RESEND_NO };

enum verdict { VERDICT_AMBIGUOUS, VERDICT_SOFT, VERDICT_HARD };

enum owner { /* who can mend it */
	OWNER_NOBODY,
	OWNER_SENDER,       /* who wrote the message */
	OWNER_SENDER_ADMIN, /* who runs our mail server, network or DNS */
	OWNER_RECIPIENT,
	OWNER_RECIPIENT_ADMIN,
	OWNER_TIME, /* waiting mends it */
};

/* A row a cause (causes.tsv). Texts are ours, plain words, never NULL. */
struct cause_info {
	enum cause cause;
	const char *id;      /* "connect-timeout" */
	const char *title;   /* for the list: "no answer from host: timed out" */
	const char *meaning; /* two plain sentences */
	enum owner owner;
	enum resend_advice resend;
	bool is_permanent;
	unsigned wait_s; /* before a first try again; 0 = waiting does not help */
	unsigned wait_max_s;
	const char *wait_text; /* "An hour for a time-out, a day at most." */
	const char *steps;     /* lines "COMMAND<TAB>text", '\n' between; COMMAND may be "" */
	const char *prevention;
};

/* A row a registered code (codes.tsv), also classes "4.*.*" and subjects "X.4.*". */
struct code_info {
	const char *pattern; /* "X.4.1" */
	const char *title;
	const char *meaning;
	const char *reply_codes;
	const char *reference; /* "RFC 3463" */
	const char *classes;   /* "4", "4,5" */
	enum cause cause;      /* first guess when nothing else is known */
	enum owner owner;
	const char *note;
	const char *wait_text;
	const char *steps;      /* as in cause_info; "" = the cause's */
	const char *prevention; /* "" = the cause's */
};

/* A row a diagnostic text (diagnostics.tsv). */
struct diagnostic_info {
	const char *pattern;
	const char *vendor;
	enum cause cause;
	const char *remedy;
	const char *source;
	const char *codes;
	enum verdict verdict;
	enum resend_advice resend;
	unsigned char tier; /* 0 specific, 1 generic, 2 wrapper */
};

/* A vendor that uses codes in its own way (vendors.tsv). */
struct vendor_info {
	const char *id;   /* "microsoft" */
	const char *name; /* "Microsoft 365" */
};

/* How long a mail system tries (mtas.tsv). */
struct mta_info {
	const char *id;   /* as in struct report */
	const char *name; /* "Postfix" */
	const char *interval;
	unsigned warning_s; /* until the first warning, 0 = none by default */
	unsigned lifetime_s;
};

enum reading_side { SIDE_ANY, SIDE_RECEIVER, SIDE_SENDER };

/* What a vendor means by a code, or by a range of them. */
struct reading_info {
	const struct vendor_info *vendor;
	uint8_t class; /* 0 = any */
	uint16_t subject, low, high;
	enum reading_side side;
	enum cause cause;
	const char *title;
	const char *meaning;
	const char *source;
};

extern const struct diagnostic_info diagnostic_table[];
extern const size_t diagnostic_table_n;
extern const struct code_info code_table[];
extern const size_t code_table_n;

extern const struct mta_info mta_table[];
extern const size_t mta_table_n;
extern const struct vendor_info vendor_table[];
extern const size_t vendor_table_n;
extern const struct reading_info reading_table[];
extern const size_t reading_table_n;

const struct cause_info *cause_info(enum cause c);
const char *cause_id(enum cause c);
/* CAUSE_COUNT if there is no such id. */
enum cause cause_by_id(struct slice id);
/* The most exact row: X.Y.Z, else the subject, else the class. NULL if the class is none. */
const struct code_info *code_find(struct status s);
/* The row of a reply code (RFC 5321 4.2), else of its class; NULL if it is
 * neither 4xx nor 5xx. */
const struct code_info *code_find_reply(unsigned reply);
/* NULL if that system is not known. */
const struct mta_info *mta_find(struct slice id);
/* What that vendor means by the code; NULL if what the registry says. */
const struct reading_info *reading_find(const struct vendor_info *v, struct status s);
/* Is X.Y.Z itself registered? */
bool code_is_registered(struct status s);
const char *owner_words(enum owner o);
const char *advice_id(enum resend_advice a); /* "after-fix" */

#endif
