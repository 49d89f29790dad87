#include "work/claim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "work/elsewhere.h"
#include "work/keywords.h"

#define MAX_TRIES 4 /* others read mail too, and \Seen is a change */

#define MAX_REPORTS 24
#define CLAIMED_AGAIN "again " /* and how often: as it is remembered */

/* The reports of a case, newest first, and how their flags are. Another machine may
 * not know the newest of them yet: the claim stands on each. */
struct look {
	const char *own, *mailbox;
	char part[KEYWORD_PART_BYTES];
	uint32_t uids[MAX_REPORTS];
	uint64_t modseqs[MAX_REPORTS];
	bool are_there[MAX_REPORTS], are_ours[MAX_REPORTS];
	struct told told[MAX_REPORTS]; /* names point into the next */
	char names[MAX_REPORTS][HANDLED_NAME_BYTES];
	size_t n;
	bool is_others;
	const struct claim_known *known;
	bool is_known; /* that it was sent before */
	unsigned n_again;
	char others[CLAIM_BYTES]; /* one of their claims */
	enum sent_before before;
};

/* Of this journal: two programs that share it are kept apart by it already. */
/* A journal that was copied to another machine makes no second one of this name. */
static uint32_t
machine_bits(void)
{
	char id[256] = "";
	FILE *f = fopen("/etc/machine-id", "re");
	uint32_t bits = 2166136261u;

	if (f == NULL || fgets(id, sizeof(id), f) == NULL)
		(void)gethostname(id, sizeof(id) - 1);
	if (f != NULL)
		fclose(f);
	for (const char *p = id; *p != '\0'; p++)
		bits = (bits ^ (unsigned char)*p) * 16777619u;
	return bits;
}

static int
make_name(struct worker *w, struct err *e)
{
	struct arena *a = arena_new();
	const char *name = "";
	uint32_t bits = 0;
	int r = journal_recall(w->journal, "machine", a, &name, e);

	if (r == 0 && name[0] == '\0') {
		if (getentropy(&bits, sizeof(bits)) != 0)
			bits = (uint32_t)getpid();
		name = arena_printf(a, "%08x", bits);
		if (!w->o.read_only)
			r = journal_remember(w->journal, "machine", name, e);
	}
	bits = (uint32_t)strtoul(name, NULL, 16) ^ machine_bits();
	if (r == 0)
		snprintf(w->own_claim, sizeof(w->own_claim), KEYWORD_SENDING "%08" PRIx32, bits);
	arena_free(&a);
	return r;
}

int
claim_name(struct worker *w, char out[CLAIM_BYTES], struct err *e)
{
	out[0] = '\0';
	if (w->own_claim[0] == '\0' && make_name(w, e) != 0)
		return -1;
	snprintf(out, CLAIM_BYTES, "%.*s", (int)CLAIM_BYTES - 1, w->own_claim);
	return 0;
}

static size_t
find(const struct look *l, uint32_t uid)
{
	size_t at = 0;

	while (at < l->n && l->uids[at] != uid)
		at++;
	return at;
}

static void
note_others(struct look *l, struct slice keyword)
{
	l->is_others = true;
	snprintf(l->others, sizeof(l->others), "%.*s", SLICE_FMT(keyword));
}

static bool
see(void *ctx, const struct imap_message *m)
{
	struct look *l = ctx;
	size_t at = find(l, m->uid);

	if (at == l->n)
		return true;
	l->are_there[at] = true;
	l->modseqs[at] = m->modseq;
	for (size_t i = 0; i < m->n_keywords; i++) {
		struct slice keyword = slice_of(m->keywords[i]);

		if (slice_iis(keyword, l->own))
			l->are_ours[at] = true;
		else if (slice_istarts(keyword, KEYWORD_SENDING))
			note_others(l, keyword);
		else if (keywords_again(m->keywords[i]) > l->n_again)
			l->n_again = keywords_again(m->keywords[i]);
		l->told[at].is_sent |= slice_iis(keyword, keyword_of(HANDLING_RESENT));
		l->told[at].is_part |= slice_iis(keyword, l->part);
		l->told[at].is_perhaps |= slice_iis(keyword, KEYWORD_PERHAPS);
	}
	return true;
}

/* Of the reports that are there. */
static enum sent_before
sent_before(struct look *l)
{
	struct elsewhere x = {.marked = BUF_INIT, .ends = BUF_INIT};
	bool has_last = false;

	for (size_t i = 0; i < l->n; i++) {
		l->told[i].is_last = l->are_there[i] && !has_last;
		has_last = has_last || l->are_there[i];
		l->told[i].n_again = l->n_again;
		if (l->are_there[i])
			elsewhere_add(&x, &l->told[i]);
	}
	return elsewhere_end(&x);
}

static void
take_name(void *ctx, const struct cache_sent *sent)
{
	struct look *l = ctx;
	size_t at = strcmp(sent->mailbox, l->mailbox) == 0 ? find(l, sent->uid) : l->n;

	if (at == l->n)
		return;
	snprintf(l->names[at], sizeof(l->names[at]), "%.*s", SLICE_FMT(sent->name));
	l->told[at].is_shared = sent->is_shared;
	l->told[at].is_final = sent->state != STATE_TRYING;
	l->told[at].has_others = sent->has_others;
}

/* Those in the mailbox; of very many the newest ones and the oldest. */
static int
find_reports(struct worker *w, const case_id *id, struct look *l, struct err *e)
{
	struct cache_place *places = NULL;
	size_t n = 0;

	l->n = 0;
	if (cache_places(w->cache, id, &places, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(places[i].mailbox, w->mailbox) == 0)
			l->uids[l->n == MAX_REPORTS ? MAX_REPORTS - 1 : l->n++] = places[i].uid;
	}
	free(places);
	l->mailbox = w->mailbox;
	(void)keyword_part(l->part, id);
	return cache_sent(w->cache, id, take_name, l, e);
}

static bool
is_possible(const struct worker *w)
{
	return !w->is_local && w->imap != NULL && !online_is_alone(w);
}

/* What this machine has sent itself since the newest report is no news: that keyword
 * is its own. What it sent before that report says nothing of it. */
static bool
has_sent(struct worker *w, const case_id *id)
{
	struct handled h = {.n_items = 0};
	struct arena *a = arena_new();
	struct sent_told told;
	struct row row;
	struct err e;
	bool has = handled_of_case(w, id, &h, &e) == 0 &&
	    cache_row(w->cache, id, a, &row, &e) == 0 &&
	    elsewhere_look(w->cache, id, &h, "", &told, &e) == 0 &&
	    handled_is_last(&h, &row, told.end);

	arena_free(&a);
	return has;
}

/* As it is now: a session may show flags as they were at its last command. */
static int
look_anew(struct worker *w, struct look *l, struct err *e)
{
	struct imap_range ranges[MAX_REPORTS];
	struct imap_box box;

	memset(l->modseqs, 0, sizeof(l->modseqs));
	memset(l->are_there, 0, sizeof(l->are_there));
	memset(l->are_ours, 0, sizeof(l->are_ours));
	l->is_others = false;
	l->n_again = 0;
	for (size_t i = 0; i < l->n; i++) {
		ranges[i] = (struct imap_range){l->uids[i], l->uids[i]};
		l->told[i].name = slice_of(l->names[i]);
		l->told[i].is_sent = l->told[i].is_part = l->told[i].is_perhaps = false;
	}
	if (imap_select(w->imap, w->mailbox, false, &box, e) != 0)
		return -1;
	online_note_box(w, &box);
	if (imap_fetch(w->imap, &(struct imap_ranges){ranges, l->n, NULL, 0}, NULL, 0, see, l, e) !=
	    0)
		return -1;
	l->before = sent_before(l);
	log_line("work", "claim: UID %u of %zu, modseq %llu, ours %d, others %d, resent %d",
	    l->uids[0], l->n, (unsigned long long)l->modseqs[0], l->are_ours[0], l->is_others,
	    (int)l->before);
	return 0;
}

static int
refuse(const struct look *look, struct err *e)
{
	bool is_asked = look->known->is_asked;

	if (look->is_others && !look->known->is_typed) {
		err_set(e, ERR_REFUSED,
		    "another machine sends it, or began to and has not said "
		    "how it ended");
		return err_todo(e, "look there first; a doubt is settled where it arose");
	}
	if (look->before != SENT_BEFORE_NOT && look->n_again >= KEYWORD_MAX_AGAIN)
		return err_set(e, ERR_REFUSED,
		    "it was sent again too often for the marks of it: rather write a note");
	if (look->before == SENT_BEFORE_NOT ||
	    (look->is_known && (!is_asked || look->n_again <= look->known->n_again)))
		return 0;
	err_set(e, ERR_REFUSED, "%s",
	    is_asked                              ? "it was resent once more meanwhile"
		: look->before == SENT_BEFORE_YES ? "it was resent from another machine meanwhile"
		: look->before == SENT_BEFORE_SHARED
		? "one of the recipients of its report was resent meanwhile, perhaps this one"
		: "it was resent from another machine, and the newest report does not say that it "
		  "is about that");
	return err_todo(e, "look at it, and resend it alone if it has to go again");
}

/* Somebody typed the word although another machine had begun: its claim is overruled,
 * and must not stand in the way for ever. */
static int
overrule(struct worker *w, struct look *look, struct err *e)
{
	bool has_conflict = false;

	if (!look->is_others)
		return 0;
	log_line("work", "claim: %s is overruled", look->others);
	return imap_store(w->imap, look->uids, look->n, false, look->others, 0, &has_conflict, e);
}

static void
remember(struct worker *w, const case_id *id, const char *what)
{
	char key[CASE_ID_LEN + 16];
	struct err e;

	snprintf(key, sizeof(key), "claim:%s", id->text);
	if (journal_remember(w->journal, key, what, &e) != 0)
		log_line("work", "claim: %s", e.text);
}

/* What was sent before goes again: others that were asked about it see that. */
static int
count_again(struct worker *w, const case_id *id, struct look *look, struct err *e)
{
	char keyword[KEYWORD_AGAIN_BYTES], what[16];
	bool has_conflict = false;

	if (look->before == SENT_BEFORE_NOT || look->n_again >= KEYWORD_MAX_AGAIN)
		return 0;
	snprintf(what, sizeof(what), CLAIMED_AGAIN "%u", look->n_again + 1);
	remember(w, id, what); /* taken back, if it does not go */
	return imap_store(w->imap, look->uids, look->n, true,
	    keyword_again(keyword, look->n_again + 1), 0, &has_conflict, e);
}

/* Writes the claim, then looks whether it stands alone: of two that wrote at the
 * same time at least one sees the other, whatever the server makes of its
 * condition. Both may see each other; then neither sends. */
static int
try_once(struct worker *w, const case_id *id, struct look *look, bool *is_done, struct err *e)
{
	bool has_conflict = false;

	*is_done = true;
	if (look_anew(w, look, e) != 0 || refuse(look, e) != 0 || overrule(w, look, e) != 0)
		return -1;
	for (size_t i = 0; i < look->n && !has_conflict; i++) {
		if (look->are_there[i] && !look->are_ours[i] &&
		    imap_store(w->imap, &look->uids[i], 1, true, look->own, look->modseqs[i],
			&has_conflict, e) != 0)
			return -1;
	}
	*is_done = !has_conflict;
	if (has_conflict || look_anew(w, look, e) != 0)
		return has_conflict ? 0 : -1;
	if (refuse(look, e) != 0)
		return -1;
	return count_again(w, id, look, e);
}

/* Where nothing may be written it is still seen what others have. */
static int
look_only(struct worker *w, struct look *look, struct err *e)
{
	look->own = "";
	if (look_anew(w, look, e) == 0 && refuse(look, e) == 0)
		return 0;
	online_failed(w, e);
	return -1;
}

/* Nothing is sent: whoever tries next need not wait for the next pass. */
static void
step_back(struct worker *w, const struct look *look)
{
	bool has_conflict;
	struct err e;

	if (w->imap != NULL &&
	    imap_store(w->imap, look->uids, look->n, false, look->own, 0, &has_conflict, &e) != 0)
		log_line("work", "claim: %s", e.text);
}

int
claim_take(struct worker *w, const case_id *id, const struct claim_known *known, struct err *e)
{
	char own[CLAIM_BYTES];
	struct look look = {.own = own, .known = known};
	bool is_done = false;

	if (w->is_local || w->imap == NULL)
		return 0;
	if (find_reports(w, id, &look, e) != 0)
		return -1;
	if (look.n == 0)
		return 0;
	look.is_known = known->is_asked || has_sent(w, id);
	if (!is_possible(w))
		return look_only(w, &look, e);
	if (claim_name(w, own, e) != 0 || online_select(w, w->mailbox, false, e) != 0)
		return -1;
	remember(w, id, "yes"); /* before the server: else it could be left for ever */
	for (int i = 0; i < MAX_TRIES && !is_done; i++) {
		if (try_once(w, id, &look, &is_done, e) != 0) {
			if (e->code == ERR_REFUSED)
				step_back(w, &look);
			online_failed(w, e);
			return -1;
		}
	}
	if (is_done)
		return 0;
	step_back(w, &look);
	return err_set(e, ERR_REFUSED, "the report changes all the time on the server");
}

static void
recall(struct worker *w, const case_id *id, struct arena *a, const char **what_r)
{
	struct err e;

	*what_r = "";
	if (journal_recall(w->journal, arena_printf(a, "claim:%s", id->text), a, what_r, &e) != 0)
		log_line("work", "claim: %s", e.text);
}

/* Also what count_again put there, unless it went. */
static int
take_away(struct worker *w, const case_id *id, const struct look *look, bool is_sent, struct err *e)
{
	struct arena *a = arena_new();
	const char *claimed;
	bool has_conflict;
	int r;

	recall(w, id, a, &claimed);
	r = imap_store(w->imap, look->uids, look->n, false, look->own, 0, &has_conflict, e);
	if (r == 0 && !is_sent && slice_starts(slice_of(claimed), CLAIMED_AGAIN)) {
		char keyword[KEYWORD_AGAIN_BYTES];
		unsigned n = (unsigned)(claimed[sizeof(CLAIMED_AGAIN) - 1] - '0');

		r = imap_store(w->imap, look->uids, look->n, false, keyword_again(keyword, n), 0,
		    &has_conflict, e);
	}
	arena_free(&a);
	return r;
}

void
claim_release(struct worker *w, const case_id *id, bool is_sent)
{
	char own[CLAIM_BYTES];
	struct look look = {.own = own};
	struct err e;

	if (!is_possible(w))
		return;
	err_clear(&e);
	if (find_reports(w, id, &look, &e) == 0 && look.n > 0 &&
	    (claim_name(w, own, &e) != 0 || online_select(w, w->mailbox, false, &e) != 0 ||
		take_away(w, id, &look, is_sent, &e) != 0)) {
		log_line("work", "claim: %s", e.text);
		online_failed(w, &e);
		return;
	}
	remember(w, id, "");
}

void
claim_renew(struct worker *w, const case_id *id)
{
	char own[CLAIM_BYTES];
	struct look look = {.own = own};
	bool has_conflict;
	struct err e;

	if (!is_possible(w))
		return;
	if (claim_name(w, own, &e) != 0 || find_reports(w, id, &look, &e) != 0 ||
	    (look.n > 0 &&
		(online_select(w, w->mailbox, false, &e) != 0 ||
		    imap_store(w->imap, look.uids, look.n, true, own, 0, &has_conflict, &e) !=
			0))) {
		log_line("work", "claim: %s", e.text);
		online_failed(w, &e);
	}
}

void
claim_tidy(struct worker *w, const case_id *id, enum handling handling)
{
	struct arena *a = arena_new();
	const char *claimed;

	recall(w, id, a, &claimed);
	if (handling != HANDLING_DOUBT && handling != HANDLING_DUE && claimed[0] != '\0')
		claim_release(w, id, handling == HANDLING_RESENT || handling == HANDLING_DONE);
	arena_free(&a);
}
