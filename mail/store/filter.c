#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/clean.h"
#include "store/case.h"

/* Longer than anyone types; a filter is tried on each of 100,000 rows. */
#define MAX_TERMS 32
#define SHOWN_BYTES 80

enum is_what {
	IS_HANDLING, /* and a value of enum handling */
	IS_LANE,
	IS_OURS,
	IS_NEW,
};

struct term {
	bool (*match)(const struct term *t, const struct row *row, int64_t now);
	bool is_negated;
	char *value; /* lower case */
	size_t len;
	enum is_what what;
	int number; /* of the enum */
	bool is_younger;
	int64_t age_s;
};

struct filter {
	struct term *terms;
	size_t n;
	bool names_handling;
	bool names_lane;
	bool names_case;
};

/* ASCII without case; other letters as they are. */
static bool
contains(const char *hay, const struct term *t)
{
	const char *needle = t->value;
	char first = needle[0];

	if (first == '\0')
		return hay[0] == '\0';
	for (; *hay != '\0'; hay++) {
		size_t i = 1;

		if (ascii_lower(*hay) != first)
			continue;
		while (needle[i] != '\0' && ascii_lower(hay[i]) == needle[i])
			i++;
		if (needle[i] == '\0')
			return true;
	}
	return false;
}

static bool
match_to(const struct term *t, const struct row *row, int64_t now)
{
	(void)now;
	return contains(row->recipient, t);
}

static bool
match_from(const struct term *t, const struct row *row, int64_t now)
{
	(void)now;
	return contains(row->from, t);
}

static bool
match_subject(const struct term *t, const struct row *row, int64_t now)
{
	(void)now;
	return contains(row->subject, t);
}

static bool
match_mta(const struct term *t, const struct row *row, int64_t now)
{
	(void)now;
	return contains(row->mta, t);
}

/* A run of whole labels, so that acme.test does not match notacme.test. */
static bool
match_domain(const struct term *t, const struct row *row, int64_t now)
{
	const char *p = row->domain;

	(void)now;
	if (t->len == 0)
		return p[0] == '\0';
	for (;;) {
		size_t i = 0;

		while (i < t->len && ascii_lower(p[i]) == t->value[i])
			i++;
		if (i == t->len && (p[i] == '\0' || p[i] == '.'))
			return true;
		p = strchr(p, '.');
		if (p == NULL)
			return false;
		p++;
	}
}

/* 4.4 is found in 4.4.1 but not in 4.40.1; 45 in 451. */
static bool
match_code(const struct term *t, const struct row *row, int64_t now)
{
	const char *s = row->status;
	bool is_parted = strchr(t->value, '.') != NULL;

	(void)now;
	if (t->len == 0)
		return s[0] == '\0';
	for (size_t i = 0; i < t->len; i++) {
		if (s[i] == '\0' || (t->value[i] != s[i] && t->value[i] != 'x'))
			return false;
		if (t->value[i] == 'x' && !ascii_isdigit(s[i]))
			return false;
	}
	return !is_parted || t->value[t->len - 1] == '.' || s[t->len] == '\0' || s[t->len] == '.';
}

static bool
match_cause(const struct term *t, const struct row *row, int64_t now)
{
	(void)now;
	if (t->len == 0)
		return row->cause == CAUSE_UNKNOWN;
	return strncmp(cause_id(row->cause), t->value, t->len) == 0;
}

static bool
match_account(const struct term *t, const struct row *row, int64_t now)
{
	size_t i = 0;

	(void)now;
	while (i < t->len && ascii_lower(row->account[i]) == t->value[i])
		i++;
	return i == t->len && row->account[i] == '\0';
}

static bool
match_state(const struct term *t, const struct row *row, int64_t now)
{
	(void)now;
	return row->state == (enum state)t->number;
}

static bool
match_id(const struct term *t, const struct row *row, int64_t now)
{
	(void)now;
	return strncmp(row->id.text, t->value, t->len) == 0;
}

static bool
match_age(const struct term *t, const struct row *row, int64_t now)
{
	int64_t age = now - row->last_seen;

	return t->is_younger ? age < t->age_s : age > t->age_s;
}

static bool
match_is(const struct term *t, const struct row *row, int64_t now)
{
	(void)now;
	switch (t->what) {
	case IS_HANDLING:
		return row->handling == (enum handling)t->number;
	case IS_LANE:
		return row->lane == (enum lane)t->number;
	case IS_OURS:
		return row->lane != LANE_NOT_OURS;
	case IS_NEW:
		return row->is_new;
	}
	return false;
}

static bool
match_any(const struct term *t, const struct row *row, int64_t now)
{
	(void)now;
	return contains(row->recipient, t) || contains(row->subject, t) ||
	    contains(row->domain, t) || contains(row->status, t) || contains(row->from, t) ||
	    contains(row->mta, t) || contains(cause_id(row->cause), t) ||
	    contains(cause_info(row->cause)->title, t);
}

static const struct {
	const char *word;
	enum is_what what;
	int number;
} is_words[] = {
    {"open", IS_HANDLING, HANDLING_OPEN},
    {"resent", IS_HANDLING, HANDLING_RESENT},
    {"due", IS_HANDLING, HANDLING_DUE},
    {"doubt", IS_HANDLING, HANDLING_DOUBT},
    {"ignored", IS_HANDLING, HANDLING_IGNORED},
    {"noted", IS_HANDLING, HANDLING_NOTED},
    {"done", IS_HANDLING, HANDLING_DONE},
    {"ours", IS_OURS, 0},
    {"notours", IS_LANE, LANE_NOT_OURS},
    {"auto-reply", IS_LANE, LANE_AUTO_REPLIES},
    {"complaint", IS_LANE, LANE_COMPLAINTS},
    {"receipt", IS_LANE, LANE_RECEIPTS},
    {"new", IS_NEW, 0},
};

static int
read_is(struct filter *f, struct term *t, struct err *e)
{
	struct buf all = BUF_INIT;

	for (size_t i = 0; i < sizeof(is_words) / sizeof(*is_words); i++) {
		buf_addf(&all, " %s", is_words[i].word);
		if (strcmp(t->value, is_words[i].word) != 0)
			continue;
		t->what = is_words[i].what;
		t->number = is_words[i].number;
		if (t->what == IS_HANDLING)
			f->names_handling = true;
		else if (t->what != IS_NEW)
			f->names_lane = true;
		buf_free(&all);
		return 0;
	}
	err_set(e, ERR_USAGE, "is: knows no such word; allowed are:%s", buf_cstr(&all));
	buf_free(&all);
	return -1;
}

static int
read_state(struct filter *f, struct term *t, struct err *e)
{
	(void)f;
	for (int s = STATE_UNKNOWN; s <= STATE_DELIVERED; s++) {
		t->number = s;
		if (strcmp(t->value, state_id((enum state)s)) == 0)
			return 0;
	}
	return err_set(e, ERR_USAGE,
	    "state: knows no such word; allowed are: trying gave-up refused delivered unknown");
}

static int
read_cause(struct filter *f, struct term *t, struct err *e)
{
	struct buf all = BUF_INIT;

	(void)f;
	for (int c = 0; c < CAUSE_COUNT; c++) {
		buf_addf(&all, " %s", cause_id((enum cause)c));
		if (strncmp(cause_id((enum cause)c), t->value, t->len) == 0) {
			buf_free(&all);
			return 0;
		}
	}
	err_set(e, ERR_USAGE, "no cause begins so; there are:%s", buf_cstr(&all));
	buf_free(&all);
	return -1;
}

static int64_t
unit_seconds(const char *unit)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = {
	    {'h', 3600}, {'d', 86400}, {'w', 7 * 86400}, {'m', 30 * 86400}, {'y', 365 * 86400}};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (unit[0] == units[i].letter && unit[1] == '\0')
			return units[i].seconds;
	return 0;
}

static int
read_age(struct filter *f, struct term *t, struct err *e)
{
	const char *p = t->value;
	char *end = t->value;
	int64_t unit = 0;
	long n = 0;

	(void)f;
	if (*p == '<' || *p == '>') {
		t->is_younger = *p++ == '<';
		if (ascii_isdigit(*p)) {
			n = strtol(p, &end, 10);
			unit = unit_seconds(end);
		}
	}
	if (unit == 0 || n < 0 || n > 100000)
		return err_set(
		    e, ERR_USAGE, "age: takes < or > and a time: age:<2d, age:>1w (h, d, w, m, y)");
	t->age_s = n * unit;
	return 0;
}

static int
read_id(struct filter *f, struct term *t, struct err *e)
{
	if (t->len == 0)
		return err_set(e, ERR_USAGE, "id: takes the beginning of a case's id");
	f->names_case = true;
	return 0;
}

static const struct field {
	const char *name;
	bool (*match)(const struct term *t, const struct row *row, int64_t now);
	int (*read)(struct filter *f, struct term *t, struct err *e); /* NULL: any value */
} fields[] = {
    {"to", match_to, NULL},
    {"domain", match_domain, NULL},
    {"from", match_from, NULL},
    {"subject", match_subject, NULL},
    {"code", match_code, NULL},
    {"cause", match_cause, read_cause},
    {"state", match_state, read_state},
    {"is", match_is, read_is},
    {"mta", match_mta, NULL},
    {"age", match_age, read_age},
    {"id", match_id, read_id},
    {"account", match_account, NULL},
};

static const struct field *
find_field(struct slice name, struct err *e)
{
	struct buf all = BUF_INIT;
	struct buf shown = BUF_INIT;

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (slice_is(name, fields[i].name))
			return &fields[i];
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		buf_addf(&all, " %s:", fields[i].name);
	clean_append(&shown, name, SHOWN_BYTES);
	err_set(e, ERR_USAGE, "filter: there is no field \"%s:\"; allowed are:%s", buf_cstr(&shown),
	    buf_cstr(&all));
	err_todo(e, "to look for a word with a colon in it, put it in quotes");
	buf_free(&all);
	buf_free(&shown);
	return NULL;
}

/* One word of the filter, split; value without its quotes. */
struct word {
	bool is_negated;
	bool is_quoted;
	struct slice field; /* "" = a bare word */
	struct slice value;
	struct slice whole;
};

/* The letters before a colon. */
static size_t
field_length(const char *p)
{
	size_t n = 0;

	while (ascii_isalpha(p[n]))
		n++;
	return n > 0 && p[n] == ':' ? n : 0;
}

/* False at the end, and with e->code set if a quote is not closed. */
static bool
next_word(const char **rest, struct word *w, struct err *e)
{
	const char *p = *rest;
	const char *begin;
	size_t n;

	while (ascii_isspace(*p))
		p++;
	if (*p == '\0')
		return false;
	begin = p;
	*w = (struct word){.is_negated = *p == '-', .field = SLICE_EMPTY};
	p += w->is_negated;
	n = field_length(p);
	if (n > 0) {
		w->field = (struct slice){p, n};
		p += n + 1;
	}
	w->is_quoted = *p == '"';
	if (w->is_quoted)
		p++;
	for (n = 0; p[n] != '\0'; n++) {
		if (w->is_quoted ? p[n] == '"' : ascii_isspace(p[n]))
			break;
	}
	w->value = (struct slice){p, n};
	p += n;
	if (w->is_quoted && *p != '"') {
		err_set(e, ERR_USAGE, "filter: a quote is not closed");
		return false;
	}
	p += w->is_quoted;
	w->whole = slice_range(begin, p);
	*rest = p;
	return true;
}

static int
add_word(struct filter *f, const struct word *w, struct err *e)
{
	struct term *t = &f->terms[f->n];
	const struct field *field = NULL;
	struct buf shown = BUF_INIT;

	if (f->n == MAX_TERMS)
		return err_set(e, ERR_USAGE, "filter: more than %d words", MAX_TERMS);
	if (w->field.n > 0 && (field = find_field(w->field, e)) == NULL)
		return -1;
	*t = (struct term){.match = field == NULL ? match_any : field->match,
	    .is_negated = w->is_negated,
	    .value = xslicedup(w->value),
	    .len = w->value.n};
	f->n++;
	for (char *p = t->value; *p != '\0'; p++)
		*p = ascii_lower(*p);
	clean_append(&shown, w->whole, SHOWN_BYTES);
	if (t->len == 0 && (field == NULL || !w->is_quoted)) {
		err_set(e, ERR_USAGE, "filter: \"%s\" says nothing: a word is missing",
		    buf_cstr(&shown));
		buf_free(&shown);
		return -1;
	}
	if (field != NULL && field->read != NULL && field->read(f, t, e) < 0)
		err_add(e, "filter: \"%s\"", buf_cstr(&shown));
	else
		err_clear(e);
	buf_free(&shown);
	return e->code == ERR_NONE ? 0 : -1;
}

int
filter_parse(struct filter **f_r, const char *text, struct err *e)
{
	struct filter *f = xcalloc(1, sizeof(*f));
	struct err fault = {0};
	struct word w;

	f->terms = xcalloc(MAX_TERMS + 1, sizeof(*f->terms));
	while (next_word(&text, &w, &fault))
		if (add_word(f, &w, &fault) < 0)
			break;
	if (fault.code != ERR_NONE) {
		*e = fault;
		filter_free(&f);
		return -1;
	}
	*f_r = f;
	return 0;
}

static bool
passes_unasked(const struct filter *f, const struct row *row)
{
	if (f->names_case)
		return true;
	/* What was ignored is found again, whatever it is. */
	if (!f->names_lane && row->lane != LANE_CASES && row->handling != HANDLING_IGNORED)
		return false;
	return f->names_handling ||
	    (row->handling != HANDLING_IGNORED && row->handling != HANDLING_DONE);
}

bool
filter_match(const struct filter *f, const struct row *row, int64_t now)
{
	if (!passes_unasked(f, row))
		return false;
	for (size_t i = 0; i < f->n; i++)
		if (f->terms[i].match(&f->terms[i], row, now) == f->terms[i].is_negated)
			return false;
	return true;
}

bool
filter_names_handling(const struct filter *f)
{
	return f->names_handling || f->names_lane || f->names_case;
}

void
filter_free(struct filter **f)
{
	if (f == NULL || *f == NULL)
		return;
	for (size_t i = 0; i < (*f)->n; i++)
		free((*f)->terms[i].value);
	free((*f)->terms);
	free(*f);
	*f = NULL;
}
