/* What can be found out about a doubt, a line each. */
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "msg/field.h"
#include "work/doubt.h"
#include "work/original.h"

#define MAX_COPIES 5 /* that are looked at, in one folder */

struct search {
	struct worker *w;
	struct arena *arena;
	const struct doubt *d;
	bool is_found;
};

/* Without the brackets: some servers hand it on so. */
static struct slice
bare(const char *name)
{
	struct slice s = slice_trim(slice_of(name));

	if (s.n > 2 && s.p[0] == '<' && s.p[s.n - 1] == '>')
		s = slice_sub(s, 1, s.n - 2);
	return s;
}

/* A server may answer with what was not asked for. */
static bool
is_copy(const struct search *s, struct slice bytes)
{
	struct slice header, body;

	field_split(bytes, &header, &body);
	return bare(s->d->name).n > 0 &&
	    slice_find(field_get(header, doubt_field(s->d->kind)),
		arena_slicedup(s->arena, bare(s->d->name))) != SLICE_NONE;
}

static int
look_in_folder(struct search *s, const char *folder, struct err *e)
{
	struct imap *imap = s->w->imap;
	uint32_t *uids = NULL;
	size_t n = 0;
	int r;

	if (online_select(s->w, folder, true, e) != 0)
		return -1;
	r = imap_search_header(imap, doubt_field(s->d->kind), slice_of(s->d->name), &uids, &n, e);
	for (size_t i = 0; r == 0 && !s->is_found && i < n && i < MAX_COPIES; i++) {
		struct buf whole = BUF_INIT;

		r = imap_fetch_whole(imap, uids[n - 1 - i], WORK_MAX_MESSAGE, &whole, e);
		s->is_found = r == 0 && is_copy(s, buf_slice(&whole));
		buf_free(&whole);
	}
	free(uids);
	return r;
}

static bool
on_file(void *ctx, const struct box_message *m)
{
	struct search *s = ctx;

	if (m->error == NULL)
		s->is_found = is_copy(s, m->bytes);
	return !s->is_found;
}

/* Of a message to several this program keeps a copy as soon as it went to one of them. */
static const char *
copy_words(const struct search *s, const char *folder)
{
	if (doubt_is_of_several(s->d))
		return arena_printf(s->arena,
		    "a copy is in %s, but the message goes to several: that proves nothing for %s",
		    clean(s->arena, slice_of(folder)).s,
		    clean(s->arena, slice_of(s->d->recipient)).s);
	return arena_printf(s->arena, "a copy is in %s: it was taken, so it went",
	    clean(s->arena, slice_of(folder)).s);
}

static const char *
none_words(const struct search *s, const struct folders *seen)
{
	if (seen->n == 0)
		return "not looked: no folder is marked as Sent, set copy-to or search-in";
	return arena_printf(s->arena,
	    "none is in %s: that proves nothing, unless your server puts copies there itself",
	    original_folder_words(s->arena, seen));
}

/* A folder that cannot be read says nothing, and is not named. */
static const char *
look_on_server(struct search *s)
{
	struct folders all, seen = {.n = 0};
	struct err e;

	if (s->w->imap == NULL)
		return "not looked: there is no connection";
	if (original_folders_server(s->w, s->arena, &all, &e) != 0)
		return arena_printf(s->arena, "not looked: %s", e.text);
	for (size_t i = 0; i < all.n && s->w->imap != NULL; i++) {
		if (look_in_folder(s, all.names[i], &e) == 0)
			seen.names[seen.n++] = all.names[i];
		else if (e.code != ERR_NOT_FOUND && e.code != ERR_REFUSED)
			online_failed(s->w, &e);
		if (s->is_found)
			return copy_words(s, all.names[i]);
	}
	if (s->w->imap == NULL)
		return arena_printf(s->arena, "not looked to the end: %s", e.text);
	return none_words(s, &seen);
}

static const char *
look_on_disk(struct search *s)
{
	struct folders all;

	original_folders_disk(s->w, s->arena, &all);
	for (size_t i = 0; i < all.n; i++) {
		original_walk(s->w, s->arena, all.names[i], 0, on_file, s, &s->is_found);
		if (s->is_found)
			return copy_words(s, all.names[i]);
	}
	return none_words(s, &all);
}

static const char *
look_for_copies(struct search *s)
{
	const char *account = s->d->account;

	if (strcmp(account, s->w->o.account->name) != 0)
		return arena_printf(s->arena, "not looked: it was sent from the account %s",
		    clean(s->arena, slice_of(account)).s);
	return s->w->is_local ? look_on_disk(s) : look_on_server(s);
}

int
doubt_look(struct worker *w, const case_id *id, bool *is_doubt_r, doubt_line_fn fn, void *ctx,
    struct err *e)
{
	struct arena *a = arena_new();
	struct search s = {.w = w, .arena = a};
	struct detail d;
	int r = detail_fill(w->cache, w->o.account, id, a, &d, e);

	*is_doubt_r = r == 0 && d.doubt != NULL;
	if (*is_doubt_r) {
		s.d = d.doubt;
		fn(ctx, "in doubt", arena_printf(a, "%s: %s", s.d->what, s.d->words));
		fn(ctx, "named", s.d->names);
		fn(ctx, "reports", s.d->proof);
		fn(ctx, "copies", look_for_copies(&s));
		fn(ctx, "mail log", doubt_log_words(a, w->o.account, s.d));
	}
	arena_free(&a);
	return r;
}
