#include "work/claim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "work/keywords.h"

#define PREFIX "bouncebox-sending-"
#define KEYWORD_BYTES (sizeof(PREFIX) + 8)
#define MAX_TRIES 4 /* others read mail too, and \Seen is a change */

struct look {
	const char *own;
	uint64_t modseq;
	bool is_there, is_ours, is_others, is_sent;
};

/* Of this journal: two programs that share it are kept apart by it already. */
static int
own_keyword(struct worker *w, char out[KEYWORD_BYTES], struct err *e)
{
	struct arena *a = arena_new();
	const char *name = "";
	uint32_t bits = 0;
	int r = journal_recall(w->journal, "machine", a, &name, e);

	if (r == 0 && name[0] == '\0') {
		if (getentropy(&bits, sizeof(bits)) != 0)
			bits = (uint32_t)getpid();
		name = arena_printf(a, "%08x", bits);
		r = journal_remember(w->journal, "machine", name, e);
	}
	snprintf(out, KEYWORD_BYTES, PREFIX "%.8s", name);
	arena_free(&a);
	return r;
}

static bool
see(void *ctx, const struct imap_message *m)
{
	struct look *l = ctx;
	enum handling h;

	l->is_there = true;
	l->modseq = m->modseq;
	for (size_t i = 0; i < m->n_keywords; i++) {
		struct slice keyword = slice_of(m->keywords[i]);

		if (slice_iis(keyword, l->own))
			l->is_ours = true;
		else if (slice_istarts(keyword, PREFIX))
			l->is_others = true;
	}
	l->is_sent = keywords_read(m->keywords, m->n_keywords, &h) && h == HANDLING_RESENT;
	return true;
}

/* UID of the newest report in the mailbox; 0 if none is there. */
static uint32_t
newest_uid(struct worker *w, const case_id *id, struct err *e)
{
	struct cache_place *places = NULL;
	uint32_t uid = 0;
	size_t n = 0;

	if (cache_places(w->cache, id, &places, &n, e) != 0)
		return 0;
	for (size_t i = 0; i < n && uid == 0; i++) {
		if (strcmp(places[i].mailbox, w->mailbox) == 0)
			uid = places[i].uid;
	}
	free(places);
	return uid;
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
	struct row row;
	struct err e;
	bool has = handled_of_case(w, id, &h, &e) == 0 &&
	    cache_row(w->cache, id, a, &row, &e) == 0 && h.resends > 0 &&
	    h.sent_at >= row.last_seen;

	arena_free(&a);
	return has;
}

/* As it is now: a session may show flags as they were at its last command. */
static int
look_anew(struct worker *w, uint32_t uid, struct look *look, struct err *e)
{
	struct imap_range range = {uid, uid};
	const char *own = look->own;
	struct imap_box box;

	*look = (struct look){.own = own};
	if (imap_select(w->imap, w->mailbox, false, &box, e) != 0)
		return -1;
	online_note_box(w, &box);
	if (imap_fetch(w->imap, &(struct imap_ranges){&range, 1, NULL, 0}, NULL, 0, see, look, e) !=
	    0)
		return -1;
	log_line("work", "claim: UID %u, modseq %llu, ours %d, others %d, resent %d", uid,
	    (unsigned long long)look->modseq, look->is_ours, look->is_others, look->is_sent);
	return 0;
}

static int
refuse(const struct look *look, bool is_known, struct err *e)
{
	if (look->is_others) {
		err_set(e, ERR_REFUSED,
		    "another machine sends it, or began to and has not said "
		    "how it ended");
		return err_todo(e, "look there first; a doubt is settled where it arose");
	}
	if (look->is_sent && !is_known)
		return err_set(e, ERR_REFUSED, "it was resent from another machine meanwhile");
	return 0;
}

/* Writes the claim, then looks whether it stands alone: of two that wrote at the
 * same time at least one sees the other, whatever the server makes of its
 * condition. Both may see each other; then neither sends. */
static int
try_once(
    struct worker *w, uint32_t uid, const char *own, bool is_known, bool *is_done, struct err *e)
{
	struct look look = {.own = own};
	bool has_conflict = false;

	*is_done = true;
	if (look_anew(w, uid, &look, e) != 0)
		return -1;
	if (!look.is_there)
		return 0;
	if (refuse(&look, is_known, e) != 0)
		return -1;
	if (!look.is_ours &&
	    imap_store(w->imap, &uid, 1, true, own, look.modseq, &has_conflict, e) != 0)
		return -1;
	*is_done = !has_conflict;
	if (has_conflict || look_anew(w, uid, &look, e) != 0)
		return has_conflict ? 0 : -1;
	if (refuse(&look, is_known, e) == 0)
		return 0;
	(void)imap_store(w->imap, &uid, 1, false, own, 0, &has_conflict, &(struct err){0});
	return -1;
}

/* Where nothing may be written it is still seen what others have. */
static int
look_only(struct worker *w, uint32_t uid, bool is_known, struct err *e)
{
	struct look look = {.own = ""};

	if (look_anew(w, uid, &look, e) == 0 && refuse(&look, is_known, e) == 0)
		return 0;
	online_failed(w, e);
	return -1;
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

int
claim_take(struct worker *w, const case_id *id, bool is_asked, struct err *e)
{
	char own[KEYWORD_BYTES];
	bool is_done = false;
	bool is_known;
	uint32_t uid;

	if (w->is_local || w->imap == NULL)
		return 0;
	uid = newest_uid(w, id, e);
	if (uid == 0)
		return 0;
	is_known = is_asked || has_sent(w, id);
	if (!is_possible(w))
		return look_only(w, uid, is_known, e);
	if (own_keyword(w, own, e) != 0 || online_select(w, w->mailbox, false, e) != 0)
		return -1;
	remember(w, id, "yes"); /* before the server: else it could be left for ever */
	for (int i = 0; i < MAX_TRIES && !is_done; i++) {
		if (try_once(w, uid, own, is_known, &is_done, e) != 0) {
			online_failed(w, e);
			return -1;
		}
	}
	if (!is_done)
		return err_set(e, ERR_REFUSED, "the report changes all the time on the server");
	return 0;
}

void
claim_release(struct worker *w, const case_id *id)
{
	char own[KEYWORD_BYTES];
	bool has_conflict;
	struct err e;
	uint32_t uid;

	if (!is_possible(w))
		return;
	err_clear(&e);
	uid = newest_uid(w, id, &e);
	if (uid != 0 &&
	    (own_keyword(w, own, &e) != 0 || online_select(w, w->mailbox, false, &e) != 0 ||
		imap_store(w->imap, &uid, 1, false, own, 0, &has_conflict, &e) != 0)) {
		log_line("work", "claim: %s", e.text);
		online_failed(w, &e);
		return;
	}
	remember(w, id, "");
}

void
claim_tidy(struct worker *w, const case_id *id, enum handling handling)
{
	char key[CASE_ID_LEN + 16];
	struct arena *a = arena_new();
	const char *claimed = "";
	struct err e;

	snprintf(key, sizeof(key), "claim:%s", id->text);
	if (handling != HANDLING_DOUBT && handling != HANDLING_DUE &&
	    journal_recall(w->journal, key, a, &claimed, &e) == 0 && claimed[0] != '\0')
		claim_release(w, id);
	arena_free(&a);
}
