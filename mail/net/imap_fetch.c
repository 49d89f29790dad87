/* Reading messages: in batches, each row handed on as it comes. */
#include <stdlib.h>

#include "base/calendar.h"
#include "net/imap_session.h"

#define BATCH 500       /* libetpan keeps the raw text of a whole answer */
#define MAX_KEYWORDS 64 /* of one message */

struct rows {
	struct imap *s;
	imap_message_fn fn;
	void *ctx;
	bool is_stopped;
	const char *keywords[MAX_KEYWORDS];
};

static void
add_flag(struct rows *rows, struct imap_message *m, const struct mailimap_flag *flag)
{
	switch (flag->fl_type) {
	case MAILIMAP_FLAG_SEEN:
		m->seen = true;
		break;
	case MAILIMAP_FLAG_DELETED:
		m->deleted = true;
		break;
	case MAILIMAP_FLAG_DRAFT:
		m->draft = true;
		break;
	case MAILIMAP_FLAG_KEYWORD:
		if (m->n_keywords < MAX_KEYWORDS && flag->fl_data.fl_keyword != NULL)
			rows->keywords[m->n_keywords++] = flag->fl_data.fl_keyword;
		break;
	default:
		break;
	}
}

static void
add_flags(struct rows *rows, struct imap_message *m, const struct mailimap_msg_att_dynamic *dyn)
{
	clistiter *i;

	if (dyn == NULL || dyn->att_list == NULL)
		return;
	for (i = clist_begin(dyn->att_list); i != NULL; i = clist_next(i)) {
		const struct mailimap_flag_fetch *flag = clist_content(i);

		if (flag->fl_type == MAILIMAP_FLAG_FETCH_OTHER && flag->fl_flag != NULL)
			add_flag(rows, m, flag->fl_flag);
	}
}

/* dt_zone is +hhmm as a number. */
static int64_t
unix_time(const struct mailimap_date_time *t)
{
	struct calendar c = {.year = t->dt_year,
	    .month = t->dt_month,
	    .day = t->dt_day,
	    .hour = t->dt_hour,
	    .minute = t->dt_min,
	    .second = t->dt_sec};
	int64_t zone_s = (int64_t)(t->dt_zone / 100 * 60 + t->dt_zone % 100) * 60;

	if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31 || c.year < 1970 ||
	    c.year > 9999 || c.hour < 0 || c.hour > 23 || c.minute < 0 || c.minute > 59 ||
	    c.second < 0 || c.second > 60 || zone_s < -86400 || zone_s > 86400)
		return 0;
	return calendar_to_unix(&c) - zone_s;
}

static void
add_static(struct imap_message *m, const struct mailimap_msg_att_static *st)
{
	const struct mailimap_msg_att_body_section *body;

	if (st == NULL)
		return;
	switch (st->att_type) {
	case MAILIMAP_MSG_ATT_UID:
		m->uid = st->att_data.att_uid;
		break;
	case MAILIMAP_MSG_ATT_RFC822_SIZE:
		m->size = st->att_data.att_rfc822_size;
		break;
	case MAILIMAP_MSG_ATT_INTERNALDATE:
		if (st->att_data.att_internal_date != NULL)
			m->internal_date = unix_time(st->att_data.att_internal_date);
		break;
	case MAILIMAP_MSG_ATT_BODY_SECTION:
		body = st->att_data.att_body_section;
		if (body != NULL && body->sec_body_part != NULL)
			m->bytes = (struct slice){body->sec_body_part, body->sec_length};
		break;
	default:
		break;
	}
}

static void
add_modseq(struct imap_message *m, const struct mailimap_extension_data *d)
{
	const struct mailimap_condstore_fetch_mod_resp *modseq;

	if (d == NULL || d->ext_extension != &mailimap_extension_condstore ||
	    d->ext_type != MAILIMAP_CONDSTORE_TYPE_FETCH_DATA || d->ext_data == NULL)
		return;
	modseq = d->ext_data;
	m->modseq = modseq->cs_modseq_value;
}

static void
on_row(struct mailimap_msg_att *att, void *ctx)
{
	struct rows *rows = ctx;
	struct imap_message m = {.keywords = rows->keywords, .bytes = SLICE_EMPTY};
	struct err why;

	for (clistiter *i = clist_begin(att->att_list); i != NULL; i = clist_next(i)) {
		const struct mailimap_msg_att_item *item = clist_content(i);

		if (item->att_type == MAILIMAP_MSG_ATT_ITEM_DYNAMIC)
			add_flags(rows, &m, item->att_data.att_dyn);
		else if (item->att_type == MAILIMAP_MSG_ATT_ITEM_STATIC)
			add_static(&m, item->att_data.att_static);
		else if (item->att_type == MAILIMAP_MSG_ATT_ITEM_EXTENSION)
			add_modseq(&m, item->att_data.att_extension_data);
	}
	/* A row without a UID is news that nobody asked for. */
	if (m.uid == 0 || rows->is_stopped)
		return;
	if (!rows->fn(rows->ctx, &m)) {
		rows->is_stopped = true;
		err_set(&why, ERR_CANCELLED, "stopped reading in the middle");
		stream_fail(rows->s->st, &why);
	}
}

/* The handler is called only where a progress function is set as well. */
static void
on_progress(size_t current, size_t maximum, void *ctx)
{
	(void)current;
	(void)maximum;
	(void)ctx;
}

static int
fetch(struct imap *s, struct slice command, uint64_t max_literal, imap_message_fn fn, void *ctx,
    struct err *e)
{
	struct rows rows = {.s = s, .fn = fn, .ctx = ctx};
	int r;

	s->guard.max_literal = max_literal > IMAP_SMALL_LITERAL ? max_literal : IMAP_SMALL_LITERAL;
	mailimap_set_msg_att_handler(s->m, on_row, &rows);
	mailimap_set_progress_callback(s->m, on_progress, on_progress, NULL);
	r = imap_call(s, command, e);
	if (r == 0) /* who stopped reading may have had the rest in the buffer */
		r = imap_check(s, e);
	mailimap_set_msg_att_handler(s->m, NULL, NULL);
	mailimap_set_progress_callback(s->m, NULL, NULL, NULL);
	s->guard.max_literal = IMAP_SMALL_LITERAL;
	return r;
}

static int
fetch_set(struct imap *s, const uint32_t *uids, size_t n, uint32_t peek, imap_message_fn fn,
    void *ctx, struct err *e)
{
	size_t i = 0;
	int r = 0;

	while (i < n && r == 0) {
		struct buf command = BUF_INIT;

		buf_adds(&command, "UID FETCH ");
		imap_add_set(&command, uids, n, &i);
		buf_addf(&command, " (UID FLAGS INTERNALDATE RFC822.SIZE%s",
		    s->condstore ? " MODSEQ" : "");
		if (peek > 0)
			buf_addf(&command, " BODY.PEEK[]<0.%u>", peek);
		buf_addc(&command, ')');
		r = fetch(s, buf_slice(&command), peek, fn, ctx, e);
		buf_free(&command);
	}
	return r;
}

static int
ranges_uids(struct imap *s, const struct imap_range *ranges, size_t n_ranges, uint32_t **uids_r,
    size_t *n_r, struct err *e)
{
	struct buf set = BUF_INIT;
	int r;

	buf_adds(&set, "UID ");
	for (size_t i = 0; i < n_ranges; i++) {
		buf_addf(&set, "%s%u:", i > 0 ? "," : "", ranges[i].first);
		if (ranges[i].last == UINT32_MAX)
			buf_addc(&set, '*');
		else
			buf_addf(&set, "%u", ranges[i].last);
	}
	r = imap_search(s, buf_cstr(&set), uids_r, n_r, e);
	buf_free(&set);
	return r;
}

static bool
is_wanted(uint32_t uid, const struct imap_range *ranges, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (uid >= ranges[i].first && uid <= ranges[i].last)
			return true;
	return false;
}

int
imap_fetch(struct imap *s, const struct imap_range *ranges, size_t n_ranges, uint32_t peek,
    imap_message_fn fn, void *ctx, struct err *e)
{
	uint32_t *uids = NULL;
	size_t n = 0, kept = 0;
	int r = 0;

	if (imap_check(s, e) != 0)
		return -1;
	if (n_ranges == 0)
		return 0;
	if (ranges_uids(s, ranges, n_ranges, &uids, &n, e) != 0)
		return -1;
	/* "5:*" names the last message even if its UID is under 5. */
	for (size_t i = 0; i < n; i++)
		if (is_wanted(uids[i], ranges, n_ranges))
			uids[kept++] = uids[i];
	for (size_t i = 0; i < kept && r == 0; i += BATCH)
		r = fetch_set(s, uids + i, kept - i < BATCH ? kept - i : BATCH, peek, fn, ctx, e);
	free(uids);
	return r;
}

int
imap_fetch_flags(struct imap *s, uint64_t since, imap_message_fn fn, void *ctx, struct err *e)
{
	struct buf command = BUF_INIT;
	int r;

	buf_addf(&command, "UID FETCH 1:* (UID FLAGS%s)", s->condstore ? " MODSEQ" : "");
	if (since > 0 && s->condstore)
		buf_addf(&command, " (CHANGEDSINCE %llu)", (unsigned long long)since);
	r = fetch(s, buf_slice(&command), 0, fn, ctx, e);
	buf_free(&command);
	return r;
}

struct whole {
	uint32_t uid;
	struct buf *out;
	bool found;
};

static bool
on_whole(void *ctx, const struct imap_message *m)
{
	struct whole *w = ctx;

	if (m->uid != w->uid || m->bytes.n == 0)
		return true;
	w->found = true;
	buf_addslice(w->out, m->bytes);
	return true;
}

int
imap_fetch_whole(struct imap *s, uint32_t uid, size_t max_bytes, struct buf *out, struct err *e)
{
	struct whole w = {.uid = uid, .out = out};
	struct buf command = BUF_INIT;
	size_t start = out->len;
	int r;

	/* One byte more than allowed tells that there is more. */
	if (max_bytes > 1u << 30)
		max_bytes = 1u << 30;
	buf_addf(&command, "UID FETCH %u (UID BODY.PEEK[]<0.%zu>)", uid, max_bytes + 1);
	r = fetch(s, buf_slice(&command), max_bytes + 1, on_whole, &w, e);
	buf_free(&command);
	if (r != 0)
		return -1;
	if (!w.found)
		return err_set(e, ERR_NOT_FOUND, "message %u is not in the mailbox any more", uid);
	if (out->len - start > max_bytes) {
		buf_truncate(out, start);
		return err_set(e, ERR_LIMIT, "message %u is larger than %zu bytes", uid, max_bytes);
	}
	return 0;
}
