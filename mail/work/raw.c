/* The bytes of a report again, from where it lies. */
#include <stdlib.h>
#include <string.h>

#include "store/box.h"
#include "work/work.h"

static int
raw_from_server(struct worker *w, const struct cache_place *p, struct buf *out, struct err *e)
{
	if (online_select(
		w, p->mailbox, w->o.read_only || strcmp(p->mailbox, w->mailbox) != 0, e) != 0)
		return -1;
	if (imap_fetch_whole(w->imap, p->uid, WORK_MAX_MESSAGE, out, e) == 0)
		return 0;
	online_failed(w, e);
	return -1;
}

struct seek {
	const struct worker *w;
	uint32_t uid;
	struct buf *out;
	bool is_found;
};

static bool
take_if_it(void *ctx, const struct box_message *m)
{
	struct seek *s = ctx;

	if (m->error != NULL || local_uid(s->w, m) != s->uid)
		return true;
	buf_addslice(s->out, m->bytes);
	s->is_found = true;
	return false;
}

/* Where it was, else wherever another program has put it meanwhile. */
static int
raw_from_disk(struct worker *w, const struct cache_place *p, struct buf *out, struct err *e)
{
	struct seek s = {w, p->uid, out, false};
	char *bytes = NULL;
	size_t n = 0;

	if (w->o.account->source.scheme == URL_MAILDIR &&
	    box_read(p->path, 0, &bytes, &n, e) == 0) {
		buf_add(out, bytes, n);
		free(bytes);
		return 0;
	}
	if (box_walk(w->mailbox, take_if_it, &s, e) != 0)
		return -1;
	if (!s.is_found)
		return err_set(e, ERR_NOT_FOUND, "the report is no longer in the mailbox");
	return 0;
}

int
raw_of_case(struct worker *w, const case_id *id, struct buf *out, struct err *e)
{
	return raw_of_case_from(w, id, 0, out, e);
}

int
raw_of_case_from(struct worker *w, const case_id *id, size_t first, struct buf *out, struct err *e)
{
	struct cache_place *places = NULL;
	size_t n = 0;
	int r = -1;

	if (cache_places(w->cache, id, &places, &n, e) != 0)
		return -1;
	err_set(e, ERR_NOT_FOUND, "the report is no longer in the mailbox");
	for (size_t i = first; r != 0 && i < n; i++) {
		r = w->is_local ? raw_from_disk(w, &places[i], out, e)
				: raw_from_server(w, &places[i], out, e);
		if (r != 0 && e->code != ERR_NOT_FOUND)
			break;
	}
	free(places);
	return r;
}
