/* What the readers of a report share. Private to this room.
 *
 * A report is read in four steps, each in its own file:
 *   head.c      the fields of the message itself
 *   dsn.c       groups of RFC 3464 fields, from their part or out of plain text
 *   original.c  where the returned original begins, and what it says
 *   human.c     the words for people, made comparable; phrases in them
 *   guess.c     who is meant by them
 * Each adds findings; settle.c makes recipients of them, kind.c the kind. */
#ifndef BOUNCE_REPORT_INT_H
#define BOUNCE_REPORT_INT_H

#include "bounce/phrase.h"
#include "bounce/report.h"
#include "msg/field.h"
#include "msg/mime.h"

/* Words for people are read so far: no notice is longer. */
#define GUESS_MAX_BYTES (64 * 1024)
#define GUESS_MAX_LINES 2000
/* One diagnostic: the longest real ones are about 2 kB. */
#define DIAGNOSTIC_MAX_BYTES 4096

/* What is known of one recipient before all sources are put together. */
struct finding {
	struct slice address;
	struct slice original_recipient;
	struct slice actual; /* X-Actual-Recipient, Sendmail's */
	enum action action;
	bool has_action_field;
	enum action own;         /* by the words about it alone, in a notice of several */
	bool is_refused;         /* and by a server's reply */
	struct slice status;     /* of the Status field */
	struct slice diagnostic; /* unfolded, type taken off */
	struct slice words;      /* of the human part, about this recipient */
	struct slice reply;      /* what a server said, found by its address in a transcript */
	struct slice remote_mta;
	struct slice final_log_id;
	int64_t last_attempt;
	int64_t will_retry_until;
	unsigned sure; /* 0 to 100: how sure is it that this address is meant */
	size_t at;     /* in the words: where the address stands */
	size_t end;
	bool is_addressee; /* the report was sent to it */
};

struct findings {
	struct finding *f;
	size_t n;
	size_t cap;
	bool is_cut;
};

/* The fields of the message that say what it is. Raw values. */
struct head {
	struct slice message_id;
	struct slice from;
	struct slice to;
	struct slice subject;
	struct slice date;
	struct slice sender;
	struct slice return_path;
	struct slice auto_submitted;
	struct slice precedence;
	struct slice content_type;
	struct slice failed_recipients;
	struct slice original_to;
	struct slice original_message_id; /* X-Original-Message-ID, References, In-Reply-To */
	struct slice mailer;
	struct slice received; /* the newest */
	struct slice list_id;
	bool has_return_path;
	bool is_auto_reply; /* X-Autoreply and relatives */
	bool is_feedback;   /* X-… marks of complaint loops */
};

/* A line of the human part, white space folded. */
struct line {
	uint32_t begin; /* offsets in text */
	uint32_t end;
	uint32_t indent;     /* columns of white space before it */
	const char *raw;     /* where it came from */
	const char *raw_end; /* of the part that it came from */
};

/* The words for people, made comparable. `low` has the same length as `text`:
 * lower case, every white space a blank. */
struct human {
	char *text;
	char *low;
	size_t n;
	size_t cap;
	struct line *lines;
	size_t n_lines;
	size_t cap_lines;
	struct phrase_hit *hits;
	size_t n_hits;
	struct slice tail;   /* raw: the original that stood behind the words */
	bool is_tail_header; /* only its header */
	bool is_shortened;   /* the words say that the end of the tail is left out */
};

struct reading {
	struct arena *a;
	struct report *r;
	struct mime m;
	struct head head;
	struct findings fields; /* from RFC 3464 fields */
	struct findings words;  /* from words for people */
	struct human human;
	struct slice header; /* of the message */
	unsigned marks;      /* enum mark: what the words said */
	bool has_status_part;
	bool has_original_part;
	bool has_human;
	bool is_away_first; /* "Automatic reply: Undeliverable: …", not the other way round */
	bool is_forwarded;  /* a person sends a bounce on */
	bool has_skipped_header;
	bool is_notice_complaint;
	struct slice preface; /* the words before the first recipient */
	bool is_mixed;        /* one recipient failed, another is late, by the words about each */
};

/* What the message as a whole says, besides its recipients. */
enum mark {
	MARK_FAIL = 1,    /* a delivery failed */
	MARK_DELAY = 2,   /* it will be tried again */
	MARK_EXPIRED = 4, /* it was tried for long enough */
	MARK_OK = 8,      /* it was delivered or relayed */
	MARK_INTRO = 16,  /* "the following addresses failed" */
	MARK_AWAY = 32,   /* out of office */
	MARK_COMPLAINT = 64,
	MARK_ORIGINAL = 128, /* "below is a copy of the message" */
	MARK_LIST = 256,     /* a list manager refuses */
	MARK_SUBJECT = 512,  /* the subject is that of a bounce */
	MARK_PERMANENT = 1024,
	MARK_SUBJECT_DELAY = 2048,
	MARK_SUBJECT_OK = 4096,
	MARK_SUBJECT_AWAY = 8192,
	MARK_DIGEST = 16384, /* what waits for the reader, or was kept from him */
};

/* head.c */
void head_begin(struct head *h);
void head_take(struct head *h, const struct field *f);
void head_read(struct slice header, struct head *h); /* both, for all fields */
bool head_is_daemon(const struct head *h);           /* From is a mail system, or nobody */
bool head_is_null_sender(const struct head *h);

/* dsn.c */
struct finding *finding_add(struct reading *rd, struct findings *fs);
/* The groups of `text`; adds to rd->fields and fills the report's own fields. */
void dsn_read(struct reading *rd, struct slice text);
/* Is `line` a field of RFC 3464? */
bool dsn_is_field(struct slice line);
/* Length of the run of fields that `text` begins with, 0 if they name no recipient. */
size_t dsn_run(struct slice text);
/* "rfc822; <a@b>" and relatives to an address; UTF-8 forms undone. */
struct slice dsn_address(struct arena *a, struct slice value);

/* "smtp; 550 no" without the type. */
struct slice dsn_without_type(struct slice value);

/* notice.c: a notice in JSON; false if `text` is none. */
bool notice_read(struct reading *rd, struct slice text);

/* original.c */
void original_from_part(struct reading *rd, const struct mime_part *part);
/* `text` begins with the original, out of a text part. */
void original_from_text(struct reading *rd, struct slice text, bool only_header, bool is_shortened);
/* Does a message header begin here? So many fields, 0 if none. */
unsigned original_begins(struct slice text);

/* human.c */
void human_begin(struct reading *rd, size_t bytes);
/* Adds a part as UTF-8, up to where the original or RFC 3464 fields begin. */
void human_add(struct reading *rd, struct slice text);
/* Looks for phrases; sets rd->marks, cuts at the words that announce the original. */
void human_scan(struct reading *rd);
void human_subject(struct reading *rd);

/* about.c */
/* The line that holds the place. */
size_t words_line(const struct human *h, size_t at);
bool phrase_says_failure(enum phrase_kind kind);

/* guess.c */
void guess_recipients(struct reading *rd);

/* reply.c: what a server said */
struct said {
	struct slice text;   /* joined, prefixes stripped */
	struct slice status; /* most telling enhanced code, "" */
	struct slice reply;  /* three digits, "" */
};
struct slice reply_join(struct arena *a, struct slice raw);
void reply_read(struct slice text, struct said *s);
/* How much a code says: 0 none, 1 success, 2 X.0.0, … REPLY_TELLING. */
#define REPLY_TELLING 6
unsigned reply_telling(struct slice code);
/* A 4xx or 5xx reply, or an enhanced code of these classes. */
bool reply_has_code(struct slice text);

/* settle.c, kind.c */
void settle(struct reading *rd);
enum report_kind kind_of(const struct reading *rd);
struct slice mta_of(const struct reading *rd);

#endif
