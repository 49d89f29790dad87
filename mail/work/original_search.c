/* The original by its Message-ID: in Sent and wherever the configuration says. */
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "msg/date.h"
#include "msg/field.h"
#include "store/box.h"
#include "work/original.h"

#define MAX_COPIES 5 /* of one message in one folder */

static void
add_folder(struct folders *f, const char *name)
{
	if (name == NULL || name[0] == '\0' || f->n == ORIGINAL_MAX_FOLDERS)
		return;
	for (size_t i = 0; i < f->n; i++) {
		if (strcmp(f->names[i], name) == 0)
			return;
	}
	f->names[f->n++] = name;
}

static void
add_list(struct folders *f, struct arena *a, const char *list)
{
	const char **names;
	size_t n = original_folders(a, slice_of(list), &names);

	for (size_t i = 0; i < n; i++)
		add_folder(f, names[i]);
}

const char *
original_folder_words(struct arena *a, const struct folders *f)
{
	struct buf b = BUF_INIT;
	const char *s;

	for (size_t i = 0; i < f->n; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", clean(a, slice_of(f->names[i])).s);
	s = arena_strdup(a, buf_cstr(&b));
	buf_free(&b);
	return s;
}

static int
not_found(struct arena *a, const struct found *f, const struct folders *folders, struct err *e)
{
	err_set(e, ERR_NOT_FOUND,
	    "the report has only a part of the original, and no copy of %.120s "
	    "is in %.200s",
	    f->facts.original.message_id.n > 0 ? clean(a, f->facts.original.message_id).s : "it",
	    folders->n > 0 ? original_folder_words(a, folders)
			   : "any folder (none is marked as Sent)");
	return err_todo(e, "name the folder where sent mail is kept in search-in");
}

static struct slice
recipient_of(const struct found *f)
{
	return f->recipient->original_recipient.n > 0 ? f->recipient->original_recipient
						      : f->recipient->address;
}

/* Is it the message that came back? Its words say why. */
static bool
take(struct arena *a, struct found *f, struct slice bytes, const char *folder)
{
	struct slice header, body, why = SLICE_EMPTY;

	field_split(bytes, &header, &body);
	if (f->is_guess
		? !resend_is_alike(a, f->facts.original.header, header, recipient_of(f), &why)
		: !resend_is_same(a, f->facts.original.header, header, &why))
		return false;
	f->bytes = arena_copy(a, bytes);
	f->where = arena_printf(a, "found in %s%s: %s", clean(a, slice_of(folder)).s,
	    f->is_guess ? ", not by its Message-ID" : "", clean(a, why).s);
	return true;
}

static int
try_uid(struct worker *w, struct arena *a, struct found *f, const char *folder, uint32_t uid,
    bool *is_found, struct err *e)
{
	struct buf whole = BUF_INIT;
	int r = imap_fetch_whole(w->imap, uid, WORK_MAX_MESSAGE, &whole, e);

	if (r == 0)
		*is_found = take(a, f, buf_slice(&whole), folder);
	buf_free(&whole);
	return r;
}

static int64_t
date_of(struct arena *a, const struct found *f)
{
	int64_t at = 0;

	date_read(field_unfold(a, field_get(f->facts.original.header, "Date")), &at, NULL);
	return at;
}

static int
search(struct worker *w, struct arena *a, const struct found *f, uint32_t **uids, size_t *n,
    struct err *e)
{
	if (!f->is_guess)
		return imap_search_message_id(w->imap, f->facts.original.message_id, uids, n, e);
	return imap_search_alike(
	    w->imap, date_of(a, f), recipient_of(f), f->facts.original.subject, uids, n, e);
}

static int
search_folder(struct worker *w, struct arena *a, struct found *f, const char *folder,
    bool *is_found, struct err *e)
{
	uint32_t *uids = NULL;
	size_t n = 0;
	int r;

	if (online_select(w, folder, true, e) != 0)
		return e->code == ERR_NOT_FOUND || e->code == ERR_REFUSED ? 0 : -1;
	r = search(w, a, f, &uids, &n, e);
	for (size_t i = 0; r == 0 && !*is_found && i < n && i < MAX_COPIES; i++)
		r = try_uid(w, a, f, folder, uids[n - 1 - i], is_found, e);
	free(uids);
	if (r != 0 && e->code == ERR_REFUSED)
		r = 0;
	return r;
}

static int
search_folders(struct worker *w, struct arena *a, struct found *f, const struct folders *folders,
    bool *is_found, struct err *e)
{
	for (size_t i = 0; i < folders->n && !*is_found; i++) {
		if (search_folder(w, a, f, folders->names[i], is_found, e) != 0) {
			online_failed(w, e);
			return -1;
		}
	}
	return 0;
}

int
original_folders_server(struct worker *w, struct arena *a, struct folders *folders, struct err *e)
{
	struct imap_folders marked;

	folders->n = 0;
	if (w->imap == NULL || imap_folders(w->imap, &marked, e) != 0) {
		if (w->imap != NULL)
			online_failed(w, e);
		return w->imap != NULL ? -1 : online_select(w, w->mailbox, true, e);
	}
	add_list(folders, a, w->o.account->search_in);
	add_folder(folders, w->o.account->copy_to);
	add_folder(folders, arena_strdup(a, marked.sent));
	add_folder(folders, arena_strdup(a, marked.all));
	add_folder(folders, arena_strdup(a, marked.archive));
	return 0;
}

int
original_search_server(struct worker *w, struct arena *a, struct found *f, struct err *e)
{
	struct folders folders;
	bool is_found = false;

	if (original_folders_server(w, a, &folders, e) != 0)
		return -1;
	if (f->facts.original.message_id.n > 0 &&
	    search_folders(w, a, f, &folders, &is_found, e) != 0)
		return -1;
	f->is_guess = !is_found && date_of(a, f) != 0;
	if (f->is_guess && search_folders(w, a, f, &folders, &is_found, e) != 0)
		return -1;
	return is_found ? 0 : not_found(a, f, &folders, e);
}

struct disk_search {
	struct arena *a;
	struct found *f;
	const char *folder;
	bool is_found;
};

static bool
on_copy(void *ctx, const struct box_message *m)
{
	struct disk_search *s = ctx;
	struct slice header, body;

	if (m->error != NULL)
		return true;
	field_split(m->bytes, &header, &body);
	if (s->f->is_guess ||
	    slice_eq(slice_trim(field_get(header, "Message-ID")),
		slice_trim(s->f->facts.original.message_id)))
		s->is_found = take(s->a, s->f, m->bytes, s->folder);
	return !s->is_found;
}

static void
walk(const char *path, size_t max_bytes, box_fn fn, void *ctx)
{
	struct err e;

	/* Most of them do not exist. */
	if (max_bytes == 0)
		(void)box_walk(path, fn, ctx, &e);
	else
		(void)box_walk_begins(path, max_bytes, fn, ctx, &e);
}

/* "Sent" of a Maildir: .Sent in it, Sent in it, or Sent beside it. */
void
original_walk(struct worker *w, struct arena *a, const char *folder, size_t max_bytes, box_fn fn,
    void *ctx, const bool *is_over)
{
	struct slice root = slice_of(w->mailbox);
	size_t at = root.n;
	const char *places[3];

	if (folder[0] == '/') {
		walk(path_expand(a, folder), max_bytes, fn, ctx);
		return;
	}
	while (at > 1 && root.p[at - 1] == '/')
		at--;
	root.n = at;
	while (at > 0 && root.p[at - 1] != '/')
		at--;
	places[0] = arena_printf(a, "%.*s/.%s", SLICE_FMT(root), folder);
	places[1] = arena_printf(a, "%.*s/%s", SLICE_FMT(root), folder);
	places[2] = arena_printf(a, "%.*s%s", (int)at, root.p, folder);
	for (size_t i = 0; i < 3 && !*is_over; i++)
		walk(places[i], max_bytes, fn, ctx);
}

static void
search_places(struct worker *w, struct disk_search *s, const struct folders *folders)
{
	for (size_t i = 0; i < folders->n && !s->is_found; i++) {
		s->folder = folders->names[i];
		original_walk(w, s->a, s->folder, 0, on_copy, s, &s->is_found);
	}
}

void
original_folders_disk(struct worker *w, struct arena *a, struct folders *folders)
{
	folders->n = 0;
	add_list(folders, a, w->o.account->search_in);
	add_folder(folders, w->o.account->copy_to);
	if (folders->n == 0)
		add_folder(folders, "Sent");
}

int
original_search_disk(struct worker *w, struct arena *a, struct found *f, struct err *e)
{
	struct folders folders;
	struct disk_search s = {.a = a, .f = f};

	original_folders_disk(w, a, &folders);
	if (f->facts.original.message_id.n > 0)
		search_places(w, &s, &folders);
	f->is_guess = !s.is_found && date_of(a, f) != 0;
	if (f->is_guess)
		search_places(w, &s, &folders);
	return s.is_found ? 0 : not_found(a, f, &folders, e);
}
