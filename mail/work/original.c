#include "work/original.h"

#include <string.h>

#include "base/clean.h"
#include "msg/addr.h"
#include "msg/field.h"
#include "msg/mime.h"

size_t
original_folders(struct arena *a, struct slice list, const char ***names_r)
{
	size_t most = 1, n = 0;

	for (size_t i = 0; i < list.n; i++)
		most += list.p[i] == ',';
	*names_r = arena_calloc(a, most, sizeof(**names_r));
	while (list.n > 0) {
		size_t comma = slice_chr(list, ',');
		struct slice name =
		    slice_trim(comma == SLICE_NONE ? list : slice_sub(list, 0, comma));

		if (name.n > 0)
			(*names_r)[n++] = arena_slicedup(a, name);
		list = comma == SLICE_NONE ? SLICE_EMPTY : slice_from(list, comma + 1);
	}
	return n;
}

bool
original_is_whole(struct arena *a, const struct report *r)
{
	struct slice header, body, boundary;

	if (r->original.part != ORIGINAL_FULL || r->is_cut || r->original.raw.n == 0)
		return false;
	field_split(r->original.raw, &header, &body);
	boundary = mime_param(a, field_get(header, "Content-Type"), "boundary");
	if (boundary.n == 0)
		return true;
	return slice_find(body, arena_printf(a, "--%.*s--", SLICE_FMT(boundary))) != SLICE_NONE;
}

static struct recipient *
find_recipient(struct report *r, const case_id *id)
{
	for (size_t i = 0; i < r->n_recipients; i++) {
		case_id one = case_id_make(r, &r->recipients[i]);

		if (strcmp(one.text, id->text) == 0)
			return &r->recipients[i];
	}
	return NULL;
}

/* A forged report could name any message of ours, and would get it shown. */
static int
check_ours(struct worker *w, const case_id *id, struct arena *a, struct err *e)
{
	struct row row;

	if (cache_row(w->cache, id, a, &row, e) != 0)
		return -1;
	if (row.lane != LANE_NOT_OURS)
		return 0;
	return err_set(
	    e, ERR_REFUSED, "not ours: nothing proves that we sent it, so no copy is looked for");
}

/* Of a message that was edited and bounced too: that is the original then. */
static struct recipient *
edited_recipient(struct report *r, const case_id *id)
{
	case_id named;

	if (r->n_recipients != 1 || !case_of_edited(r->original.message_id, &named) ||
	    strcmp(named.text, id->text) != 0)
		return NULL;
	return &r->recipients[0];
}

/* The newest report that tells by itself which case it is of: one that joined by the
 * id of a resend may not. */
static int
find_report(struct worker *w, const case_id *id, struct arena *a, struct found *f, struct err *e)
{
	struct buf raw = BUF_INIT;
	size_t i = 0;

	for (; f->recipient == NULL && raw_of_case_from(w, id, i, &raw, e) == 0; i++) {
		f->report = arena_copy(a, buf_slice(&raw));
		report_read(a, f->report, &f->facts);
		f->recipient = find_recipient(&f->facts, id);
		if (f->recipient == NULL)
			f->recipient = edited_recipient(&f->facts, id);
		buf_clear(&raw);
	}
	buf_free(&raw);
	if (f->recipient != NULL)
		return 0;
	if (i > 0 && e->code == ERR_NOT_FOUND)
		err_set(e, ERR_NOT_FOUND, "the report does not speak of this case any more");
	return -1;
}

int
original_find(struct worker *w, const case_id *id, struct arena *a, struct found *f, struct err *e)
{
	memset(f, 0, sizeof(*f));
	f->bytes = SLICE_EMPTY;
	f->where = "";
	if (find_report(w, id, a, f, e) != 0)
		return -1;
	if (original_is_whole(a, &f->facts)) {
		f->bytes = f->facts.original.raw;
		f->where = "the report brought it back whole";
		f->is_returned = true;
		return 0;
	}
	if (check_ours(w, id, a, e) != 0)
		return -1;
	if (f->facts.original.message_id.n == 0 &&
	    field_get(f->facts.original.header, "Date").n == 0) {
		err_set(e, ERR_NOT_FOUND, "the report has no whole original and no Message-ID");
		return err_todo(e, "write it as new: what came back is shown with the original");
	}
	return w->is_local ? original_search_disk(w, a, f, e) : original_search_server(w, a, f, e);
}
