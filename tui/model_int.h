/* Inside of the model. Private to model*.c. */
#ifndef TUI_MODEL_INT_H
#define TUI_MODEL_INT_H

#include "base/buf.h"
#include "tui/model.h"

/* A row, packed: texts are places in `texts`. */
struct entry {
	uint32_t recipient, domain, status, subject, from, mta, trail;
	uint32_t first_seen, last_seen, retry_until, due_at, handled_at; /* unix time */
	uint32_t reports, resends, uid;
	uint16_t account;
	char id[CASE_ID_LEN];
	uint8_t state, cause, handling, lane, advice;
	bool is_new : 1;
	bool is_permanent : 1;
	bool is_tagged : 1;
	bool is_gone : 1;
	bool is_due_note : 1, is_being_sent : 1;
	bool is_till_next : 1; /* ignored until it bounces again: due_at is no time */
	bool is_not_sent : 1;
	bool is_changed : 1; /* since the order was worked out: its number is in `changed` */
};

/* Texts without end; each once. A place is a chunk's number and an offset in it;
 * chunks never move. */
#define TEXTS_SHIFT 16
#define TEXTS_CHUNK ((size_t)1 << TEXTS_SHIFT)
struct texts {
	char **chunks;
	size_t n_chunks;
	size_t used;     /* of the last chunk */
	uint32_t *index; /* open addressing; 0 = free, which is also the empty text */
	size_t n, cap;
};
void texts_init(struct texts *t);
void texts_free(struct texts *t);
uint32_t texts_put(struct texts *t, const char *s); /* NULL counts as "" */
const char *texts_at(const struct texts *t, uint32_t at);

/* Rows that were unpacked for who asks. */
struct shown {
	struct row rows[MODEL_ROWS];
	unsigned next;
};

#define CHUNK 1024 /* entries; they never move, so that growing copies nothing */

struct made_line {
	uint32_t entry;   /* of the case; of a group's newest */
	uint32_t n_cases; /* 0 = a case */
	uint32_t first;   /* of a group: where its cases begin in `order` */
	bool is_folded;
	const char *title;
};

struct tally {
	struct model_counts counts; /* all but `shown` */
	size_t n_tagged;
};

struct model {
	const char **accounts;
	size_t n_accounts;
	struct entry **chunks;
	size_t n, n_chunks;
	uint32_t *index; /* open addressing; place of the row + 1, 0 = free */
	size_t cap_index;
	struct texts texts;
	struct shown *shown;
	struct tally *tallies; /* by account, kept as rows come and go */
	unsigned account;      /* that is shown */

	struct filter *filter;
	char *filter_text;
	enum sort_by sort;
	bool is_reverse;
	enum group_by group;
	char **folded; /* titles */
	size_t n_folded;

	bool is_dirty;     /* the order is to be worked out from nothing */
	bool needs_lines;  /* and the lines of the groups */
	uint32_t *changed; /* entries to be put where they belong now */
	size_t n_changed, cap_changed;
	uint32_t *order; /* entries that are shown, in order, folded ones too */
	size_t n_shown, cap_order;
	size_t n_ordered;        /* entries that were there when the order was worked out */
	struct made_line *lines; /* of groups only: without them a line is its place in `order` */
	size_t n_lines;
};

static inline struct entry *
entry_at(const struct model *m, size_t i)
{
	return &m->chunks[i / CHUNK][i % CHUNK];
}

static inline bool
entry_is_in(const struct model *m, const struct entry *e)
{
	return m->account == MODEL_ALL || e->account == m->account;
}

void entry_pack(struct model *m, struct entry *e, const struct row *row);
void entry_unpack(const struct model *m, const struct entry *e, struct row *row);
const struct row *model_show(const struct model *m, const struct entry *e);
struct entry *model_entry(const struct model *m, const struct case_key *key);
struct case_key entry_key(const struct entry *e);
void model_work(struct model *m);
/* Its line, groups or not. */
struct made_line model_made_line(const struct model *m, size_t pos);

#endif
