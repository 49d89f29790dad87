/* Whoever forges a report can put an original of ours into it that we never wrote. Where
 * copies of what is sent are kept, they can say so. */
#include <stdlib.h>

#include "base/clean.h"
#include "msg/addr.h"
#include "msg/date.h"
#include "msg/field.h"
#include "work/original.h"

#define PEEK_BYTES 16384 /* as much of a copy as its header needs */
#define MAX_COPIES 5     /* of one message in one folder */
/* Our own notes are filed wherever they are, and say nothing of other mail. */
#define OF_PROGRAM "<bouncebox"
#define DAY_S ((int64_t)86400)
#define LONG_S (14 * DAY_S) /* no report comes so late: its dates say nothing */

struct look {
	struct arena *a;
	const struct found *f;
	struct slice sender;
	int64_t since, until; /* when others that were sent at that time were sent */
	const char *folder;   /* that is looked at */
	bool is_same;
	const char *differs; /* a copy is there, but; "" = none is */
	bool has_others;     /* copies of what this sender sent then are kept */
};

static bool
begin(struct look *l, struct arena *a, const struct found *f)
{
	int64_t told = f->facts.date, written = 0;

	date_read(field_unfold(a, field_get(f->facts.original.header, "Date")), &written, NULL);
	if (written == 0 || (told != 0 && (written > told || told - written > LONG_S)))
		written = told - 7 * DAY_S;
	*l = (struct look){
	    .a = a,
	    .f = f,
	    .sender = addr_read(a, f->facts.original.from),
	    .since = written - 3 * DAY_S,
	    .until = (told > written ? told : written) + DAY_S,
	    .differs = "",
	};
	return f->facts.original.message_id.n > 0 && l->sender.n > 0 && l->since > 0;
}

static void
compare(struct look *l, struct slice message)
{
	struct slice header, body, why = SLICE_EMPTY;

	field_split(message, &header, &body);
	l->is_same = resend_is_same(l->a, l->f->facts.original.header, header, &why);
	if (!l->is_same)
		l->differs = arena_printf(l->a, "the copy of it in %s is another message: %s",
		    clean(l->a, slice_of(l->folder)).s, clean(l->a, why).s);
}

static bool
on_fetched(void *ctx, const struct imap_message *m)
{
	struct look *l = ctx;

	if (!l->is_same && m->bytes.n > 0)
		compare(l, m->bytes);
	return true;
}

static int
look_in(struct worker *w, struct look *l, struct err *e)
{
	uint32_t *uids = NULL;
	size_t n = 0;
	int r;

	if (online_select(w, l->folder, true, e) != 0)
		return -1;
	r = imap_search_message_id(w->imap, l->f->facts.original.message_id, &uids, &n, e);
	for (size_t i = 0; r == 0 && i < n && i < MAX_COPIES && !l->is_same; i++) {
		struct imap_range one = {uids[n - 1 - i], uids[n - 1 - i]};

		r = imap_fetch(w->imap, &(struct imap_ranges){&one, 1, NULL, 0}, NULL, PEEK_BYTES,
		    on_fetched, l, e);
	}
	free(uids);
	uids = NULL;
	if (r != 0 || n > 0 || l->has_others)
		return r;
	r = imap_search_sender(w->imap, l->sender, l->since, l->until, OF_PROGRAM, &uids, &n, e);
	l->has_others = r == 0 && n > 0;
	free(uids);
	return r;
}

/* False: it cannot be known. */
static bool
look_at_server(struct worker *w, struct look *l, struct folders *folders)
{
	struct err e;

	if (original_folders_server(w, l->a, folders, &e) != 0)
		return false;
	for (size_t i = 0; i < folders->n && !l->is_same; i++) {
		l->folder = folders->names[i];
		if (look_in(w, l, &e) != 0 && e.code != ERR_NOT_FOUND && e.code != ERR_REFUSED) {
			online_failed(w, &e);
			return false;
		}
	}
	return true;
}

static bool
on_copy(void *ctx, const struct box_message *m)
{
	struct look *l = ctx;
	struct slice header, body, id;
	int64_t at = 0;

	if (m->error != NULL)
		return true;
	field_split(m->bytes, &header, &body);
	id = slice_trim(field_get(header, "Message-ID"));
	if (slice_eq(id, slice_trim(l->f->facts.original.message_id)))
		compare(l, m->bytes);
	else if (!l->has_others && !slice_starts(id, OF_PROGRAM) &&
	    addr_same(addr_read(l->a, field_get(header, "From")), l->sender) &&
	    date_read(field_unfold(l->a, field_get(header, "Date")), &at, NULL))
		l->has_others = at >= l->since && at <= l->until;
	return !l->is_same;
}

static void
look_at_disk(struct worker *w, struct look *l, struct folders *folders)
{
	original_folders_disk(w, l->a, folders);
	for (size_t i = 0; i < folders->n && !l->is_same; i++) {
		l->folder = folders->names[i];
		original_walk(w, l->a, l->folder, PEEK_BYTES, on_copy, l, &l->is_same);
	}
}

const char *
original_contradicted(struct worker *w, struct arena *a, struct found *f)
{
	struct folders folders = {.n = 0};
	struct look l;

	if (!begin(&l, a, f))
		return "";
	if (w->is_local)
		look_at_disk(w, &l, &folders);
	else if (!look_at_server(w, &l, &folders))
		return "";
	if (l.is_same)
		f->where = arena_printf(
		    a, "%s, and a copy is in %s", f->where, clean(a, slice_of(l.folder)).s);
	if (l.is_same || l.differs[0] != '\0' || !l.has_others)
		return l.is_same ? "" : l.differs;
	return arena_printf(a,
	    "no copy of it is in %s, where others of its sender are: the report alone says that "
	    "it was ours",
	    original_folder_words(a, &folders));
}
