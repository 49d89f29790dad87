/* Mail comes into the cache, changes, and goes. */
#include <stdlib.h>

#include "msg/field.h"
#include "store/cache_sql.h"

/* Facts are a line or two; what is longer is an attack or a disk image. */
#define MAX_TEXT_BYTES ((size_t)16 * 1024)

static struct slice
cut(struct slice s)
{
	return slice_sub(s, 0, MAX_TEXT_BYTES);
}

#define ARRIVAL_SLACK_S 3600

/* When it was told: the report's own date, unless it lies in the future of its arrival,
 * where it would stand on top of the list for ever. A server knows the arrival by one
 * clock for all: shortly after the date, that of the sender may be slow. */
static int64_t
told_at(const struct report *r, const struct cache_message *m)
{
	bool is_of_server = m->path == NULL || m->path[0] == '\0';

	if (r->date <= 0)
		return m->internal_date;
	if (m->internal_date > 0 &&
	    (r->date > m->internal_date ||
		(is_of_server && m->internal_date - r->date <= ARRIVAL_SLACK_S)))
		return m->internal_date;
	return r->date;
}

static void
join_keywords(struct buf *out, const struct cache_message *m)
{
	for (size_t i = 0; i < m->n_keywords; i++)
		buf_addf(out, "%s%s", i > 0 ? " " : "", m->keywords[i]);
}

static int
write_message(struct cache *c, enum sql which, const struct cache_box *box,
    const struct cache_message *m, enum report_kind kind, struct err *e)
{
	struct buf keywords = BUF_INIT;
	int result;

	join_keywords(&keywords, m);
	result = cache_run(c, which, e, "iiiiiist", box->id, (int64_t)m->uid, (int64_t)m->size,
	    m->internal_date, (int64_t)kind, (int64_t)m->seen, buf_slice(&keywords),
	    m->path != NULL ? m->path : "");
	buf_free(&keywords);
	return result;
}

static int
forget_facts(struct cache *c, int64_t box, int64_t uid, struct buf *touched, struct err *e)
{
	if (cache_touch_message(c, box, uid, touched, e) < 0 ||
	    cache_run(c, SQL_DELIVERY_DELETE, e, "ii", box, uid) < 0)
		return -1;
	return cache_run(c, SQL_REPORT_DELETE, e, "ii", box, uid);
}

/* New messages are by far the most, and cost one statement here. *id_r: its id. */
static int
put_message(struct cache *c, const struct cache_box *box, const struct cache_message *m,
    enum report_kind kind, int64_t *id_r, struct buf *touched, struct err *e)
{
	if (write_message(c, SQL_MESSAGE_ADD, box, m, kind, e) < 0)
		return -1;
	if (sqlite3_changes(c->db) == 0 &&
	    (forget_facts(c, box->id, m->uid, touched, e) < 0 ||
		write_message(c, SQL_MESSAGE_REPLACE, box, m, kind, e) < 0))
		return -1;
	*id_r = sqlite3_last_insert_rowid(c->db);
	return 0;
}

/* Which of the messages that we sent again it tells of, if it says so. */
static struct slice
sent_name(struct cache *c, const struct report *r)
{
	struct slice name = case_sent_name(r->envelope_id);

	if (name.n == 0)
		name = case_sent_name(
		    field_unfold(c->arena, field_get(r->original.header, "Resent-Message-ID")));
	return name.n > 0 ? name : case_sent_name(r->original.message_id);
}

static int
put_report(struct cache *c, const struct report *r, int64_t id, const struct fact *f, struct err *e)
{
	const struct original *o = &r->original;
	int64_t marks = (o->is_null_sender ? MARK_NULL_SENDER : 0) |
	    (o->is_automatic ? MARK_AUTOMATIC : 0) | (o->is_list_mail ? MARK_LIST : 0);

	return cache_run(c, SQL_REPORT_ADD, e, "iiiisssssisisssssssssisssii", id, f->at,
	    (int64_t)r->kind, (int64_t)f->lane, f->ours, cut(r->message_id), cut(r->from),
	    cut(r->to), cut(r->subject), r->date, cut(r->reporting_mta), r->arrival_date,
	    cut(r->envelope_id), cut(r->queue_id), cut(r->mta), f->resend, cut(o->message_id),
	    cut(o->from), cut(o->to), cut(o->subject), cut(o->date), (int64_t)o->part,
	    cut(o->dkim_domain), cut(o->return_path), cut(o->first_received), marks,
	    (int64_t)r->is_cut);
}

static int
put_delivery(struct cache *c, int64_t number, const struct recipient *r, struct fact *f,
    struct buf *touched, struct err *e)
{
	struct buf causes = BUF_INIT;
	int result;

	causes_write(&causes, r);
	result = cache_run(c, SQL_DELIVERY_ADD, e, "iiissiiisisssssiiiis", f->id, c->box_account,
	    number, cut(r->address), cut(r->original_recipient), (int64_t)r->state,
	    (int64_t)r->action, (int64_t)r->action_from, cut(r->status), (int64_t)r->status_from,
	    cut(r->status_field), cut(r->reply_code), cut(r->diagnostic), cut(r->remote_mta),
	    cut(r->final_log_id), r->last_attempt, r->will_retry_until, (int64_t)r->permanent,
	    (int64_t)r->resend, buf_slice(&causes));
	f->address = cut(r->address);
	f->original_recipient = cut(r->original_recipient);
	f->status = cut(r->status);
	f->reply_code = cut(r->reply_code);
	f->causes = buf_slice(&causes);
	f->state = r->state;
	f->action = r->action;
	f->will_retry_until = r->will_retry_until;
	f->is_permanent = r->permanent;
	f->advice = r->resend;
	if (result == 0)
		cache_touch_fact(c, c->box_account, number, f, touched);
	buf_free(&causes);
	return result;
}

/* A report about a message that we sent again joins the case it was sent for. */
static int
number_of(struct cache *c, const struct report *r, const struct recipient *rcpt, int64_t *number_r,
    struct err *e)
{
	case_id id = case_id_make(r, rcpt);

	*number_r = case_number(&id);
	if (r->kind != KIND_BOUNCE && r->kind != KIND_DELIVERED)
		return 0;
	if (case_of_resend(r->envelope_id, &id) ||
	    case_of_resend(
		field_unfold(c->arena, field_get(r->original.header, "Resent-Message-ID")), &id) ||
	    case_of_edited(r->original.message_id, &id)) {
		*number_r = case_number(&id);
		return 0;
	}
	if (cache_know(c, SQL_ALIAS_ANY, &c->aliases, e) < 0)
		return -1;
	return c->aliases == KNOWN_NONE ? 0 : alias_resolve(c, r, rcpt, number_r, e);
}

/* Reports that name nobody are shown all the same. */
static const struct recipient nobody = {
    .address = {"", 0},
    .original_recipient = {"", 0},
    .status = {"", 0},
    .status_field = {"", 0},
    .reply_code = {"", 0},
    .diagnostic = {"", 0},
    .remote_mta = {"", 0},
    .final_log_id = {"", 0},
};

static int
put_deliveries(struct cache *c, const struct report *r, int64_t message, struct fact *f,
    struct buf *touched, struct err *e)
{
	struct recipient sender = nobody;
	const struct recipient *list = r->n_recipients > 0 ? r->recipients : &sender;
	size_t n = r->n_recipients > 0 ? r->n_recipients : 1;
	int64_t number;

	if (r->kind != KIND_BOUNCE && r->kind != KIND_DELIVERED) {
		sender.address = r->from;
		sender.resend = RESEND_NO;
	}
	for (size_t i = 0; i < n; i++) {
		f->id = message << CACHE_DELIVERY_BITS | (int64_t)i;
		if (number_of(c, r, &list[i], &number, e) < 0 ||
		    put_delivery(c, number, &list[i], f, touched, e) < 0)
			return -1;
	}
	return 0;
}

static int
find_account(struct cache *c, const struct cache_box *box, struct err *e)
{
	if (c->box == box->id)
		return 0;
	if (cache_ask(c, SQL_BOX_ACCOUNT, 0, &c->box_account, e, "i", box->id) < 0)
		return -1;
	c->box = box->id;
	return 0;
}

/* What all recipients of a report have in common. */
static struct fact
fact_of(struct cache *c, const struct cache_box *box, const struct cache_message *m,
    const struct report *r)
{
	const struct original *o = &r->original;

	return (struct fact){.at = told_at(r, m),
	    .box = box->id,
	    .uid = m->uid,
	    .kind = r->kind,
	    .is_seen = m->seen,
	    .message_id = cut(r->message_id),
	    .o_subject = cut(o->subject),
	    .o_message_id = cut(o->message_id),
	    .o_sender = cut(o->from),
	    .mta = cut(r->mta),
	    .subject = cut(r->subject),
	    .reporting_mta = cut(r->reporting_mta),
	    .resend = cut(sent_name(c, r))};
}

static int
put(struct cache *c, const struct cache_box *box, const struct cache_message *m,
    const struct report *r, const char *const *own, size_t n_own, struct buf *touched,
    struct err *e)
{
	const char *ours;
	struct fact f;
	int64_t id;

	if (find_account(c, box, e) < 0 || put_message(c, box, m, r->kind, &id, touched, e) < 0)
		return -1;
	if (r->kind == KIND_OTHER)
		return 0;
	f = fact_of(c, box, m, r);
	f.lane = case_lane(c->arena, r, own, n_own, &ours);
	f.ours = slice_of(ours);
	if (put_report(c, r, id, &f, e) < 0)
		return -1;
	return put_deliveries(c, r, id, &f, touched, e);
}

int
cache_put(struct cache *c, const struct cache_box *box, const struct cache_message *m,
    const struct report *r, const char *const *own, size_t n_own, struct buf *touched,
    struct err *e)
{
	bool mine;

	if (cache_enter(c, &mine, e) < 0)
		return -1;
	return cache_leave(c, mine, put(c, box, m, r, own, n_own, touched, e), e);
}

static int
set_flags(struct cache *c, const struct cache_box *box, const struct cache_message *m,
    struct buf *touched, struct err *e)
{
	struct buf keywords = BUF_INIT;
	int result;

	join_keywords(&keywords, m);
	result = cache_run(c, SQL_MESSAGE_FLAGS, e, "iiis", box->id, (int64_t)m->uid,
	    (int64_t)m->seen, buf_slice(&keywords));
	buf_free(&keywords);
	if (result == 0 && sqlite3_changes(c->db) > 0)
		result = cache_touch_message(c, box->id, m->uid, touched, e);
	return result;
}

int
cache_flags(struct cache *c, const struct cache_box *box, const struct cache_message *m,
    struct buf *touched, struct err *e)
{
	bool mine;

	if (cache_enter(c, &mine, e) < 0)
		return -1;
	return cache_leave(c, mine, set_flags(c, box, m, touched, e), e);
}

int
cache_message_has(struct cache *c, const struct cache_box *box, uint32_t uid, const char *keyword,
    bool *has_r, struct err *e)
{
	int64_t has = 0;
	int result =
	    cache_ask(c, SQL_MESSAGE_HAS, 0, &has, e, "iit", box->id, (int64_t)uid, keyword);

	*has_r = has != 0;
	return result < 0 ? -1 : 0;
}

int
cache_keyword(struct cache *c, const char *account, const char *mailbox, const uint32_t *uids,
    size_t n, const char *keyword, bool add, struct err *e)
{
	int64_t id = 0;
	int result = cache_account(c, account, false, &id, e);
	bool mine;

	if (result < 0 || cache_enter(c, &mine, e) < 0)
		return -1;
	for (size_t i = 0; i < n && result == 0; i++)
		result = cache_run(c, add ? SQL_KEYWORD_ADD : SQL_KEYWORD_DROP, e, "itit", id,
		    mailbox, (int64_t)uids[i], keyword);
	return cache_leave(c, mine, result, e);
}

int
cache_remove(struct cache *c, const struct cache_box *box, const uint32_t *uids, size_t n,
    struct buf *touched, struct err *e)
{
	bool mine;
	int result = 0;

	if (cache_enter(c, &mine, e) < 0)
		return -1;
	for (size_t i = 0; i < n && result == 0; i++) {
		result = forget_facts(c, box->id, uids[i], touched, e);
		if (result == 0)
			result =
			    cache_run(c, SQL_MESSAGE_DELETE, e, "ii", box->id, (int64_t)uids[i]);
	}
	return cache_leave(c, mine, result, e);
}
