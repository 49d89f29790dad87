/* Drafts a note: whom it goes to, which cases it speaks of, in which words. */
#include "work/notes.h"

#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/log.h"
#include "msg/addr.h"
#include "msg/date.h"
#include "msg/mime.h"
#include "store/box.h"
#include "work/original.h"
#include "work/own.h"

#define LANGUAGE_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
#define MAX_TEMPLATE (256 * 1024)

static struct slice
read_file(struct arena *a, const char *path)
{
	char *bytes = NULL;
	size_t n = 0;
	struct slice s = SLICE_EMPTY;
	struct err e;

	if (box_read(path, 0, &bytes, &n, &e) != 0)
		return s;
	if (n <= MAX_TEMPLATE)
		s = arena_copy(a, (struct slice){bytes, n});
	free(bytes);
	return s;
}

struct slice
note_known_contact(struct arena *a, const struct account *account, struct slice domain)
{
	struct slice contact = SLICE_EMPTY;

	if (account->contacts[0] != '\0')
		contact = note_contact(read_file(a, path_expand(a, account->contacts)), domain);
	return addr_is_wire_safe(contact) ? contact : SLICE_EMPTY;
}

struct slice
note_address(struct worker *w, struct arena *a, const struct row *row, enum note_to to)
{
	struct slice contact, other;
	int64_t at;

	if (to == NOTE_RECIPIENT) {
		other = note_other(w, a, row, &at);
		return other.n > 0 ? other : slice_of(row->recipient);
	}
	contact = note_known_contact(a, w->o.account, slice_of(row->domain));
	if (contact.n > 0)
		return contact;
	return slice_of(arena_printf(a, "postmaster@%s", row->domain));
}

struct slice
note_report(struct worker *w, struct arena *a, const case_id *id, uint64_t *size_r)
{
	struct slice found = SLICE_EMPTY;
	struct buf raw = BUF_INIT;
	struct report facts;
	struct slice bytes;
	struct mime m;
	struct err e;

	if (size_r != NULL)
		*size_r = 0;
	if ((w->is_local || w->imap != NULL) && raw_of_case(w, id, &raw, &e) == 0) {
		bytes = arena_copy(a, buf_slice(&raw));
		mime_read(a, bytes, &m);
		for (size_t i = 0; i < m.n_parts && found.n == 0; i++) {
			if (m.parts[i].kind == MIME_DELIVERY_STATUS)
				found = mime_decoded(a, &m.parts[i]);
		}
		report_read(a, bytes, &facts);
		if (size_r != NULL && original_is_whole(a, &facts))
			*size_r = facts.original.raw.n;
	}
	buf_free(&raw);
	return found;
}

/* The user's own comes before the one that was shipped. */
static struct slice
template_file(struct worker *w, struct arena *a, const char *name)
{
	const char *conf = path_conf(a);
	size_t at = strlen(conf);
	struct slice text;

	while (at > 0 && conf[at - 1] != '/')
		at--;
	text = read_file(a, arena_printf(a, "%.*stemplates/%s", (int)at, conf, name));
	if (text.n == 0 && w->o.template_dir != NULL)
		text = read_file(a, arena_printf(a, "%s/%s", w->o.template_dir, name));
	return text;
}

/* The wanted language before English; the words for the cause in the same. */
static struct slice
find_template(struct worker *w, struct arena *a, const struct row *row, enum note_to to,
    const char **name_r, struct slice *cause_r)
{
	const struct account *account = w->o.account;
	const char *languages[3] = {
	    arena_slicedup(a, note_language(slice_of(account->languages), slice_of(row->domain))),
	    account->language, "en"};

	for (size_t i = 0; i < 3; i++) {
		struct slice text;

		/* It becomes a file's name. */
		if (languages[i][0] == '\0' ||
		    strspn(languages[i], LANGUAGE_LETTERS) != strlen(languages[i]))
			continue;
		*name_r = arena_printf(a, "%s.%s.txt", NOTE_TO_WORDS(to), languages[i]);
		text = template_file(w, a, *name_r);
		if (text.n == 0)
			continue;
		*cause_r =
		    note_cause(template_file(w, a, arena_printf(a, "causes.%s.txt", languages[i])),
			row->cause);
		return text;
	}
	return SLICE_EMPTY;
}

struct gathering {
	const struct row *first;
	struct id_set *seen;
	case_id ids[NOTE_MAX_CASES];
	size_t n;
};

static void
gather(struct gathering *g, const case_id *id)
{
	if (g->n == NOTE_MAX_CASES || id_set_has(g->seen, id))
		return;
	id_set_add(g->seen, id);
	g->ids[g->n++] = *id;
}

static bool
gather_same(void *ctx, const struct row *row)
{
	struct gathering *g = ctx;

	if (row->lane == LANE_CASES && row->handling == HANDLING_OPEN &&
	    row->cause == g->first->cause && strcmp(row->domain, g->first->domain) == 0)
		gather(g, &row->id);
	return g->n < NOTE_MAX_CASES;
}

/* All open cases of the same domain and cause go into one note to its
 * administrators; a recipient hears of the own ones only. */
static int
gather_cases(struct worker *w, const struct letter *l, const struct row *first, struct gathering *g,
    struct err *e)
{
	struct id_set seen = {NULL, 0, 0};
	int r = 0;

	g->first = first;
	/* cppcheck-suppress autoVariables */
	g->seen = &seen; /* taken back below */
	g->n = 0;
	gather(g, &l->cases[0]);
	for (size_t i = 1; i < l->n_cases; i++)
		gather(g, &l->cases[i]);
	if (l->note_to == NOTE_POSTMASTER)
		r = cache_rows(w->cache, w->o.account->name, gather_same, g, e);
	g->seen = NULL;
	id_set_free(&seen);
	return r;
}

static int
read_cases(struct worker *w, struct arena *a, const struct gathering *g, struct note_facts *f,
    struct err *e)
{
	struct detail *details = arena_calloc(a, g->n, sizeof(*details));

	for (size_t i = 0; i < g->n; i++) {
		if (cache_detail(w->cache, &g->ids[i], a, &details[i], e) != 0)
			return -1;
	}
	*f = (struct note_facts){
	    .cases = details,
	    .n_cases = g->n,
	    .from = slice_of(w->o.account->from),
	    .envelope_from = own_address(a, w->o.account),
	    .now = clock_now(),
	};
	return 0;
}

static int
check_lane(const struct row *row, struct err *e)
{
	if (row->lane == LANE_CASES)
		return 0;
	err_set(e, ERR_REFUSED, "no note about this one: it is no failed delivery of ours");
	return err_todo(e, "ignore it");
}

/* What one is told of another is no affair of theirs, and would count as told to that one. */
static int
check_alike(const struct letter *l, const struct note_facts *f, struct err *e)
{
	const struct row *first = &f->cases[0].row;
	bool is_postmaster = l->note_to == NOTE_POSTMASTER;

	for (size_t i = 1; i < f->n_cases; i++) {
		const struct row *row = &f->cases[i].row;

		if (check_lane(row, e) != 0)
			return -1;
		if (row->cause == first->cause &&
		    (is_postmaster
			    ? strcmp(row->domain, first->domain) == 0
			    : addr_same(slice_of(row->recipient), slice_of(first->recipient))))
			continue;
		err_set(e, ERR_REFUSED,
		    "these %zu cases are not all of one %s and cause: no note was made", l->n_cases,
		    is_postmaster ? "domain" : "recipient");
		return err_todo(e, "%s",
		    is_postmaster
			? "write about one of them: all open ones of its domain and cause "
			  "go into its note"
			: "write about one case at a time");
	}
	return 0;
}

static void
warn(struct worker *w, struct arena *a, const struct detail *d, struct slice to,
    enum note_to note_to, struct err *e)
{
	int64_t lately = note_sent_lately(w, a, &d->row, note_to);
	int64_t elsewhere = lately != 0 ? 0 : note_sent_elsewhere(w, &d->row, note_to);
	const char *words = note_warning(a, d, to);
	char when[WHEN_BYTES];

	err_clear(e);
	if (lately != 0)
		err_set(e, ERR_NONE, "a note about this went there already, at %s",
		    when_words(when, lately));
	else if (elsewhere != 0)
		err_set(e, ERR_NONE, NOTE_ELSEWHERE, when_words(when, elsewhere));
	else if (words[0] != '\0')
		err_set(e, ERR_NONE, "%s", words);
}

/* Whom else to write to; an MX operator's own page is named at once. */
static void
add_rungs(struct worker *w, struct letter *answer, const struct detail *d)
{
	struct slice domain = slice_of(d->row.domain);
	struct arena *a = answer->arena;

	answer->rungs = arena_calloc(a, LADDER_MAX, sizeof(*answer->rungs));
	answer->n_rungs =
	    ladder_make(a, d, note_known_contact(a, w->o.account, domain), answer->rungs);
	for (size_t i = 0; i < answer->n_rungs && answer->err.text[0] == '\0'; i++) {
		if (answer->rungs[i].page[0] != '\0' &&
		    strcmp(answer->title, answer->rungs[i].address) != 0)
			err_set(&answer->err, ERR_NONE, "%s: rather use %s", answer->rungs[i].why,
			    answer->rungs[i].page);
	}
}

/* Nobody who reads "To" may think that it is the address that failed, or was typed now. */
static void
say_remembered(struct worker *w, struct arena *a, const struct row *row, struct err *e)
{
	int64_t at;
	struct slice other = note_other(w, a, row, &at);
	const char *before = arena_strdup(a, e->text);
	char when[WHEN_BYTES];

	if (other.n == 0)
		return;
	err_set(e, ERR_NONE, "%s%sthe address %s is remembered from %s%s", before,
	    before[0] != '\0' ? "; " : "", clean(a, other).s,
	    at > 0 ? "the note of " : "an earlier note", when_words(when, at));
}

static int
draft(struct worker *w, const struct letter *l, struct letter *answer, struct err *e)
{
	struct arena *a = answer->arena;
	struct note_value values[NOTE_MAX_VALUES];
	struct buf out = BUF_INIT;
	struct gathering g;
	struct note_facts f;
	struct note_options o;
	struct row first;
	struct slice given = l->title != NULL ? slice_trim(slice_of(l->title)) : SLICE_EMPTY;
	int r;

	if (given.n > 0 && !addr_is_wire_safe(given))
		return err_set(e, ERR_REFUSED, "“%.100s” is no mail address", clean(a, given).s);
	if (cache_row(w->cache, &l->cases[0], a, &first, e) != 0 || check_lane(&first, e) != 0 ||
	    gather_cases(w, l, &first, &g, e) != 0 || read_cases(w, a, &g, &f, e) != 0 ||
	    check_alike(l, &f, e) != 0)
		return -1;
	if (l->note_to == NOTE_POSTMASTER)
		f.has_report = note_report(w, a, &l->cases[0], &f.size).n > 0 ||
		    (!w->is_local && w->imap == NULL &&
			f.cases[0].recipient.action_from == ACTION_FROM_FIELD);
	o.template_text = find_template(w, a, &first, l->note_to, &o.template_name, &f.cause_words);
	if (o.template_text.n == 0) {
		err_set(e, ERR_NOT_FOUND, "there is no template %s", o.template_name);
		return err_todo(e, "put one into the folder templates beside the configuration");
	}
	o = (struct note_options){
	    .template_text = o.template_text,
	    .template_name = o.template_name,
	    .values = values,
	    .n_values = note_values(a, &f, l->note_to == NOTE_POSTMASTER, values),
	    .from = f.from,
	    .to = given.n > 0 ? given : note_address(w, a, &first, l->note_to),
	    .message_id = slice_of(resend_make_id(a, w, "bouncebox-note.", &l->cases[0])),
	    .in_reply_to = slice_of(first.original_message_id),
	    .report = SLICE_EMPTY,
	    .now = f.now,
	    .zone_minutes = date_local_zone(f.now),
	};
	r = note_draft(&out, &o, e);
	answer->text = arena_copy(a, buf_slice(&out));
	buf_free(&out);
	answer->title = clean(a, o.to).s;
	answer->note_to = l->note_to;
	answer->cases = arena_alloc(a, g.n * sizeof(case_id));
	memcpy(answer->cases, g.ids, g.n * sizeof(case_id));
	answer->n_cases = g.n;
	answer->flag = l->note_to == NOTE_RECIPIENT && addr_same(o.to, slice_of(first.recipient));
	if (r == 0)
		warn(w, a, &f.cases[0], o.to, l->note_to, &answer->err);
	if (r == 0 && l->note_to == NOTE_RECIPIENT && given.n == 0)
		say_remembered(w, a, &first, &answer->err);
	if (r == 0 && l->note_to == NOTE_POSTMASTER)
		add_rungs(w, answer, &f.cases[0]);
	return r;
}

void
note_request(struct worker *w, struct letter *l)
{
	struct letter *answer = letter_new(LETTER_DRAFTED, l->request);
	struct err e;

	if (draft(w, l, answer, &e) != 0) {
		letter_free(answer);
		err_add(&e, "drafting a note");
		tell_failed(w, l->request, &e);
		return;
	}
	tell(w, answer);
	tell_done(w, l->request);
}
