/* What a note says: facts of cases as values of a template. */
#ifndef WORK_NOTE_FACTS_H
#define WORK_NOTE_FACTS_H

#include "msg/note.h"
#include "work/letters.h"

#define NOTE_MAX_CASES 50
#define NOTE_MAX_VALUES 40

struct note_facts {
	const struct detail *cases; /* the first is the one that was asked for */
	size_t n_cases;
	struct slice from; /* "Alice <alice@example.org>" */
	struct slice envelope_from;
	struct slice cause_words; /* in the language of the template; "" = English */
	bool has_report;          /* one will be attached */
	uint64_t size;            /* of the first original, 0 = not known */
	int64_t now;
};

/* Fills `values`; returns how many. Pure. Local parts of recipients are redacted
 * when `is_redacted`. */
size_t note_values(struct arena *a, const struct note_facts *f, bool is_redacted,
    struct note_value values[NOTE_MAX_VALUES]);

/* "2026-08-21 09:12 +0200"; "" for 0. */
#define NOTE_TIME_BYTES 32
const char *note_time(char buf[NOTE_TIME_BYTES], int64_t unix_time);

/* The address of a domain's administrators in a contacts file: lines of domain,
 * blank, address; "#" begins a comment. A line of example.org also holds for
 * mx.example.org, if that has none itself. "" if it is not there. */
struct slice note_contact(struct slice contacts, struct slice domain);

/* The words for a cause in a file of lines of id, blank, words; "" if it has none. */
struct slice note_cause(struct slice causes, enum cause c);

/* The language of a domain in such a list as "jp=ja, acme.test=fr": that of the
 * longest domain that it is or lies in, "" if there is none. */
struct slice note_language(struct slice languages, struct slice domain);

/* Would a note to `to` go to the server that cannot be reached? "" or words. */
const char *note_warning(struct arena *a, const struct detail *d, struct slice to);

#endif
