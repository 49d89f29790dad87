/* Finds every row of diagnostics.tsv and every token of vendors.tsv in one pass
 * over a text. Private to the room; the tables are made by tables.py.
 *
 * The text is matched as people read it: lower case, white space folded, the
 * prefixes of continued replies ("550-5.7.1 ") left out after the first, a mail
 * address standing as "@". Nothing is copied or allocated. */
#ifndef BOUNCE_MATCH_H
#define BOUNCE_MATCH_H

#include <stdint.h>

#include "bounce/codes.h"

#define MATCH_MAX 24         /* rows kept: the first ones in matching order */
#define MATCH_MAX_SLOTS 512  /* rows with '*' */
#define MATCH_MAX_TEXT 65536 /* bytes read of one text */

/* Rows from diagnostic_table_n on are vendor tokens. */
struct match {
	uint16_t row;
	uint32_t begin, end; /* in the text as it came */
	uint32_t last;       /* where the last part of the pattern begins */
};

struct match_set {
	size_t n;
	struct match at[MATCH_MAX]; /* by row: the best first */
	const struct vendor_info *vendor;
};

void match_text(struct slice text, struct match_set *set);

/* What tables.py writes. */
struct match_state {
	uint16_t base; /* of its edges in match_cells; 0 = none but the first */
	uint16_t fail, out;
	uint8_t first; /* class that leads to the next state; no class if there is none */
};

struct match_cell {
	uint16_t owner, to;
};

struct match_use {
	uint16_t row, slot;
	uint8_t length, index; /* of this fragment, in bytes; its place in the pattern */
	bool is_last;          /* the pattern ends with it */
	bool ends_list;
};

/* Row of X.subject.detail in code_table, plus one; 0 = not registered. */
#define CODE_SUBJECTS 8
#define CODE_DETAILS 32
extern const unsigned char code_index[CODE_SUBJECTS][CODE_DETAILS];

extern const struct cause_info cause_table[];
extern const size_t cause_table_n;
extern const unsigned match_n_classes, match_n_dense, match_n_states, match_n_slots;
extern const unsigned char match_blank, match_quote, match_at;
extern const unsigned char match_class[];
extern const unsigned char match_token_vendor[];
extern const uint16_t match_dense[];
extern const struct match_state match_states[];
extern const struct match_cell match_cells[];
extern const struct match_use match_uses[];

#endif
