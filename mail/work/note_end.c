/* What comes of a draft: sent and copied to Sent, kept in Drafts, or dropped. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/log.h"
#include "msg/addr.h"
#include "msg/field.h"
#include "store/box.h"
#include "work/notes.h"
#include "work/own.h"

#define MAX_UNDO_S 86400

struct ending {
	struct worker *w;
	const struct letter *l;
	struct arena *arena;
	struct row first;
	struct slice bytes; /* ready for the wire */
	struct slice *recipients;
	size_t n_recipients;
	const char *message_id;
};

static int
get_ready(struct ending *n, struct err *e)
{
	struct slice report = SLICE_EMPTY;
	struct slice header, body;

	if (cache_row(n->w->cache, &n->l->cases[0], n->arena, &n->first, e) != 0)
		return -1;
	if (n->l->note_to == NOTE_POSTMASTER)
		report = note_report(n->w, n->arena, &n->l->cases[0], NULL);
	if (note_finish(
		n->arena, n->l->text, report, &n->bytes, &n->recipients, &n->n_recipients, e) != 0)
		return -1;
	field_split(n->bytes, &header, &body);
	n->message_id = arena_slicedup(n->arena, slice_trim(field_get(header, "Message-ID")));
	return 0;
}

/* Into the folder that is marked so, or the configured one. */
static int
append(struct worker *w, struct arena *a, struct slice bytes, bool is_draft, const char **folder_r,
    uint32_t *uid_r, struct err *e)
{
	struct imap_folders marked;
	const char *folder = is_draft ? w->o.account->postpone : w->o.account->copy_to;

	if (w->imap == NULL)
		return online_select(w, w->mailbox, w->o.read_only, e);
	if (folder[0] == '\0') {
		if (imap_folders(w->imap, &marked, e) != 0)
			return -1;
		folder = is_draft ? marked.drafts : marked.sent;
	}
	if (folder[0] == '\0')
		return err_set(e, ERR_NOT_FOUND, "the server marks no folder as %s",
		    is_draft ? "Drafts" : "Sent");
	*folder_r = arena_strdup(a, folder);
	return imap_append(
	    w->imap, folder, is_draft ? "\\Draft \\Seen" : "\\Seen", bytes, uid_r, e);
}

static int
keep_in_file(struct ending *n, struct note_place *p, struct err *e)
{
	char *path = NULL;

	p->folder = arena_printf(n->arena, "%s/drafts", n->w->o.state_dir);
	if (box_deliver(p->folder, n->bytes, "DS", &path, e) != 0)
		return -1;
	p->file = arena_strdup(n->arena, path);
	free(path);
	return 0;
}

static void
save_draft(struct ending *n)
{
	struct note_place p = {.file = "", .folder = "", .message_id = n->message_id};
	struct worker *w = n->w;
	struct err e, why;
	bool is_on_server = false;

	err_clear(&why);
	if (note_check_draft(w, n->l, n->arena, &e) != 0) {
		tell_failed(w, n->l->request, &e);
		return;
	}
	if (!w->is_local) {
		is_on_server = append(w, n->arena, n->bytes, true, &p.folder, &p.uid, &why) == 0;
		if (!is_on_server)
			online_failed(w, &why);
	}
	if (!is_on_server && keep_in_file(n, &p, &e) != 0) {
		tell_failed(w, n->l->request, &e);
		return;
	}
	note_remember_draft(w, &n->l->cases[0], n->l->note_to, &p, n->bytes);
	if (n->l->note_to == NOTE_RECIPIENT)
		note_remember_other(w, &n->l->cases[0], n->recipients[0]);
	tell_result(w, n->l->request, &n->l->cases[0], NULL, "the draft is in %s%s%s%s",
	    is_on_server ? "" : "the Maildir ", clean(n->arena, slice_of(p.folder)).s,
	    why.text[0] != '\0' ? ", because " : "", why.text);
	tell_done(w, n->l->request);
}

/* All items of a note have its Message-ID, and its bytes are kept with them. */
static int
journal_notes(struct ending *n, struct journal_item *items, int64_t due_at, struct err *e)
{
	const struct account *account = n->w->o.account;
	struct buf recipients = BUF_INIT;
	int r;

	for (size_t i = 0; i < n->n_recipients; i++) {
		buf_adds(&recipients, i > 0 ? "\n" : "");
		buf_addslice(&recipients, n->recipients[i]);
	}
	for (size_t i = 0; i < n->l->n_cases; i++) {
		items[i] = (struct journal_item){
		    .kind = JOURNAL_NOTE,
		    .state = JOURNAL_DUE,
		    .case_id = n->l->cases[i],
		    .account = account->name,
		    .recipient = buf_cstr(&recipients),
		    .envelope_from = arena_slicedup(n->arena, own_address(n->arena, account)),
		    .message_id = n->message_id,
		    .envelope_id = "",
		    .resent_id = "",
		    .words = NOTE_TO_WORDS(n->l->note_to),
		    .created_at = clock_now(),
		    .due_at = due_at,
		};
	}
	r = journal_add_edited(n->w->journal, items, n->l->n_cases, n->bytes, e);
	buf_free(&recipients);
	return r;
}

/* Once, after the server took it. That it failed is no reason to send again. */
void
sent_copy(struct worker *w, struct arena *a, struct slice bytes, const char *what)
{
	const char *folder;
	uint32_t uid;
	struct err e;

	if (w->is_local)
		return; /* what a Maildir sends lies in a Maildir */
	if (append(w, a, bytes, false, &folder, &uid, &e) == 0)
		return;
	online_failed(w, &e);
	err_add(&e, "%s was sent, but not copied to Sent", what);
	tell_flaw(w, &e);
}

/* One a domain, cause and day, whichever process of this user asks first. */
static int
check_send(struct ending *n, struct err *e)
{
	struct worker *w = n->w;
	const char *key = note_key(n->arena, w, &n->first, n->l->note_to);
	int64_t now = clock_now(), lately, elsewhere;
	bool is_won = true;
	char when[WHEN_BYTES];

	if (w->journal == NULL) {
		*e = w->journal_err;
		return -1;
	}
	elsewhere = n->l->confirmed ? 0 : note_sent_elsewhere(w, &n->first, n->l->note_to);
	lately = note_sent_lately(w, n->arena, &n->first, n->l->note_to);
	if (elsewhere != 0 && lately == 0) {
		err_set(e, ERR_REFUSED, NOTE_ELSEWHERE, when_words(when, elsewhere));
		return err_todo(e, NOTE_CONFIRM);
	}
	if (journal_remember_time(
		w->journal, key, now, n->l->confirmed ? now : now - NOTE_DAY_S, &is_won, e) != 0)
		return -1;
	if (is_won || n->l->confirmed)
		return 0;
	lately = note_sent_lately(w, n->arena, &n->first, n->l->note_to);
	err_set(e, ERR_REFUSED, "a note about this went there already, at %s",
	    when_words(when, lately));
	return err_todo(e, NOTE_CONFIRM);
}

/* Into the journal; the outbox sends it, at once or after the time to take it back. */
static void
send_note(struct ending *n)
{
	struct worker *w = n->w;
	struct journal_item *items = arena_calloc(n->arena, n->l->n_cases, sizeof(*items));
	int64_t due_at =
	    clock_now() + (int64_t)(n->l->number > MAX_UNDO_S ? MAX_UNDO_S : n->l->number);
	bool has_line = w->is_local || w->imap != NULL;
	struct buf touched = BUF_INIT;
	char when[WHEN_BYTES];
	struct err e;

	if (check_send(n, &e) != 0) {
		tell_failed(w, n->l->request, &e);
		return;
	}
	if (journal_notes(n, items, due_at, &e) != 0) {
		note_forget(w, &n->l->cases[0], NOTE_TO_WORDS(n->l->note_to));
		tell_failed(w, n->l->request, &e);
		return;
	}
	for (size_t i = 0; i < n->l->n_cases; i++) {
		id_set_add(&w->handled, &n->l->cases[i]);
		buf_add(&touched, &n->l->cases[i], sizeof(case_id));
	}
	if (has_line && n->l->number > 0)
		tell_result(w, n->l->request, &n->l->cases[0], NULL, "the note to %s is due at %s",
		    clean(n->arena, n->recipients[0]).s, when_words(when, due_at));
	if (!has_line)
		tell_result(w, n->l->request, &n->l->cases[0], NULL,
		    "the note to %s is due: it goes as soon as there is a connection",
		    clean(n->arena, n->recipients[0]).s);
	rows_touched(w, n->l->request, &touched);
	buf_free(&touched);
	if (has_line && n->l->number == 0)
		outbox_run_items(w, n->l->request, &items[0].id, 1);
	keywords_mark(w);
	tell_done(w, n->l->request);
}

void
note_ended(struct worker *w, struct letter *l)
{
	struct ending n = {.w = w, .l = l};
	struct err e;

	if (l->note_end == NOTE_DISCARD) {
		tell_done(w, l->request);
		return;
	}
	if (w->o.read_only) {
		err_set(&e, ERR_REFUSED, "no mail and no draft is written with --read-only");
		tell_failed(w, l->request, &e);
		return;
	}
	n.arena = arena_new();
	if (get_ready(&n, &e) != 0)
		tell_failed(w, l->request, &e);
	else if (l->note_end == NOTE_SEND)
		send_note(&n);
	else
		save_draft(&n);
	arena_free(&n.arena);
}
