/* Sentences that bounces have in common: a table made from phrases.tsv.
 *
 * A phrase begins at the beginning of a word and matches lower-case text whose
 * white space is blanks. One pass: a filter over four bytes says at each word
 * whether any phrase can begin there. */
#ifndef BOUNCE_PHRASE_H
#define BOUNCE_PHRASE_H

#include <stdint.h>

#include "base/slice.h"

#define PHRASE_MAX_HITS 400

enum phrase_kind {
	PHRASE_INTRO,       /* the addresses that failed follow */
	PHRASE_INTRO_DELAY, /* the addresses that are late follow */
	PHRASE_INTRO_OK,    /* the addresses that were reached follow */
	PHRASE_TOWARD,      /* the address right behind it is meant if something failed */
	PHRASE_FAIL_TO,     /* both of the kinds beside it */
	PHRASE_FAIL,        /* a delivery failed; an address in the same sentence is meant */
	PHRASE_PERMANENT,   /* final, and permanent */
	PHRASE_DELAY,       /* it will be tried again */
	PHRASE_EXPIRED,     /* final, because it was tried for so long */
	PHRASE_OK,          /* it arrived or was handed on */
	PHRASE_ORIGINAL,    /* the original follows */
	PHRASE_HEADER,      /* its header follows */
	PHRASE_SHORTENED,   /* its end is left out */
	PHRASE_STOP,        /* no more addresses follow */
	PHRASE_LABEL,       /* the address right behind it is meant */
	PHRASE_NOT,         /* the address right behind it is not meant */
	PHRASE_FROM,        /* right behind it: the address the user wrote to */
	PHRASE_AWAY,        /* a person is away */
	PHRASE_DIGEST,      /* of mail to the reader that waits or was kept from him */
	PHRASE_COMPLAINT,
	PHRASE_LIST, /* a list manager refuses a post */
	PHRASE_MTA,  /* who wrote it: `arg` */
	PHRASE_SUBJECT_FAIL,
	PHRASE_SUBJECT_DELAY,
	PHRASE_SUBJECT_OK,
	PHRASE_SUBJECT_AWAY,
	PHRASE_SUBJECT_COMPLAINT,
	PHRASE_SUBJECT_FORWARD,
	PHRASE_COUNT
};

struct phrase {
	const char *text;
	uint64_t tail; /* its last eight bytes, or four: the first is the lowest */
	uint8_t len;
	uint8_t kind;
	const char *arg;
};

struct phrase_hit {
	uint32_t at;
	uint32_t end;
	const struct phrase *phrase;
};

extern const struct phrase phrase_table[];
extern const size_t phrase_table_n;
/* The filter: can a phrase begin with these four bytes, and which rows with them, or
 * with these eight (rows from 4096 on)? The same hash stands together. */
extern const uint8_t phrase_begins[4096];
extern const uint16_t phrase_first[8192];
extern const uint16_t phrase_count[8192];

/* Hits in the order of the text; none within a longer one. The subject has
 * phrases of its own: PHRASE_SUBJECT_… and none else. */
size_t phrase_scan(const char *low, size_t n, bool in_subject, struct phrase_hit *hits, size_t max);

#endif
