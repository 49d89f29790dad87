/* What the guessing of recipients shares. Private to guess.c, best.c, mention.c,
 * about.c. */
#ifndef BOUNCE_GUESS_INT_H
#define BOUNCE_GUESS_INT_H

#include "bounce/report_int.h"

/* How sure an address is the one that failed. */
enum grade {
	GRADE_NONE = 0,
	GRADE_MENTION = 10,  /* it occurs */
	GRADE_REPLY = 45,    /* a server speaks of it */
	GRADE_SENTENCE = 50, /* in a sentence that says that something failed */
	GRADE_HEAD = 60,     /* it heads a paragraph that says so */
	GRADE_TOWARD = 62,
	GRADE_LABEL = 70,
	GRADE_LIST = 80, /* it was announced */
};
#define GRADE_ENOUGH GRADE_HEAD
#define GRADE_WEAK GRADE_REPLY

/* An address and where it stands. */
struct mention {
	size_t at;
	size_t end;
	size_t line;
	struct slice address;
	bool in_brackets;
};

/* best.c: leaves those of rd->words that are meant */
void best_keep(struct reading *rd);

/* mention.c */
/* The address around the '@' at `at`, not before `from`; false if there is none. */
bool mention_read(const struct human *h, size_t from, size_t at, struct mention *m);
/* Behind "https://" in the same word. */
bool mention_is_in_url(const struct human *h, const struct mention *m);
/* "a@b <c@d>": the first is a name, the second the address. */
bool mention_is_name(const struct human *h, const struct mention *m);
/* postmaster@ and others that are written to rather than bounced. */
bool mention_is_role(struct slice address);

/* about.c */
/* Does a paragraph end at `i`? */
bool words_break(const struct human *h, size_t i);
/* "Two letters could not be handed over:", "Please write to:": a colon ends the line. */
bool words_open_list(const struct human *h, const struct phrase_hit *hit);
size_t words_paragraph_end(const struct human *h, size_t at);
/* A 4xx, 5xx, 4.y.z or 5.y.z between the two places. */
bool words_have_code(const struct human *h, size_t from, size_t to);
/* A 4.y.z or 5.y.z in it. */
bool words_have_status(struct slice text);
/* A 4xx or 5xx reply. */
bool reply_is_in(struct slice text);
/* Gives each of rd->words its own words. */
void words_take(struct reading *rd);

#endif
