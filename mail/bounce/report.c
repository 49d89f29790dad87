#include "bounce/report.h"

#include "base/scan.h"
#include "bounce/report_int.h"
#include "msg/addr.h"
#include "msg/date.h"
#include "msg/field.h"

const char *
report_kind_id(enum report_kind k)
{
	static const char *const ids[] = {
	    "other", "bounce", "delivered", "auto-reply", "complaint", "receipt"};

	return ids[k];
}

const char *
action_id(enum action x)
{
	static const char *const ids[] = {
	    "", "failed", "delayed", "delivered", "relayed", "expanded"};

	return ids[x];
}

const char *
state_id(enum state s)
{
	static const char *const ids[] = {"unknown", "trying", "gave-up", "refused", "delivered"};

	return ids[s];
}

static void
clear(struct report *r)
{
	memset(r, 0, sizeof(*r));
	r->message_id = r->from = r->to = r->subject = SLICE_EMPTY;
	r->reporting_mta = r->envelope_id = r->queue_id = r->mta = SLICE_EMPTY;
	r->original.message_id = r->original.from = r->original.to = SLICE_EMPTY;
	r->original.subject = r->original.date = r->original.header = SLICE_EMPTY;
	r->original.raw = r->original.dkim_domain = SLICE_EMPTY;
	r->original.return_path = r->original.first_received = SLICE_EMPTY;
}

static void
take_field(void *head, const struct field *f)
{
	head_take(head, f);
}

static void
read_head(struct reading *rd)
{
	struct report *r = rd->r;
	struct slice from;

	rd->header = rd->m.header;
	r->message_id = field_unfold(rd->a, rd->head.message_id);
	from = field_unfold(rd->a, rd->head.from);
	r->from = addr_read(rd->a, from);
	if (r->from.n == 0)
		r->from = from;
	r->to = addr_read(rd->a, field_unfold(rd->a, rd->head.to));
	r->subject = field_text(rd->a, rd->head.subject);
	if (rd->head.date.n > 0)
		date_read(field_unfold(rd->a, rd->head.date), &r->date, NULL);
	human_subject(rd);
}

/* A text part; or all there is, whatever it is called. */
static bool
is_text(const struct reading *rd, const struct mime_part *part)
{
	return part->kind == MIME_TEXT_PLAIN || part->kind == MIME_TEXT_HTML ||
	    (rd->m.n_parts == 1 && (part->kind == MIME_OTHER || part->kind == MIME_MULTIPART));
}

static bool
has_plain_text(const struct reading *rd)
{
	for (size_t i = 0; i < rd->m.n_parts; i++) {
		const struct mime_part *part = &rd->m.parts[i];

		if (part->kind == MIME_TEXT_PLAIN && slice_trim(part->body).n > 20)
			return true;
	}
	return false;
}

/* Some gateways attach the status as "details.txt" of no particular type. */
static void
read_attached_status(struct reading *rd)
{
	for (size_t i = 0; i < rd->m.n_parts && rd->fields.n == 0; i++) {
		const struct mime_part *part = &rd->m.parts[i];
		struct slice text;

		if (part->kind != MIME_OTHER || part->depth == 0 || part->body.n > GUESS_MAX_BYTES)
			continue;
		text = slice_trim(mime_decoded(rd->a, part));
		if (slice_istarts(text, "reporting-mta") && dsn_is_field(text))
			dsn_read(rd, text);
	}
}

static void
read_structure(struct reading *rd)
{
	for (size_t i = 0; i < rd->m.n_parts; i++) {
		const struct mime_part *part = &rd->m.parts[i];

		if (part->kind == MIME_DELIVERY_STATUS) {
			rd->has_status_part = true;
			dsn_read(rd, mime_decoded(rd->a, part));
		} else if (part->kind == MIME_MESSAGE || part->kind == MIME_HEADERS)
			original_from_part(rd, part);
	}
	if (!rd->has_status_part)
		read_attached_status(rd);
}

/* Do the fields of this recipient leave anything for the words to tell? */
static bool
is_silent(const struct finding *f)
{
	struct said said;

	if (!f->has_action_field || slice_chr(f->address, '@') == SLICE_NONE)
		return true;
	if (f->action != ACTION_FAILED && f->action != ACTION_DELAYED)
		return false;
	if (f->diagnostic.n == 0)
		return true;
	if (reply_telling(f->status) == REPLY_TELLING)
		return false;
	reply_read(f->diagnostic, &said);
	return said.reply.n == 0 && reply_telling(said.status) < REPLY_TELLING;
}

static bool
has_alias_words(struct slice s)
{
	const char *end = s.p + s.n;

	for (const char *p = s.p; (p = scan_pair(p, end, 'e', 'd')) < end; p++) {
		struct slice behind = slice_range(p + 2, end);
		struct slice before = slice_range(s.p, p);

		if (slice_starts(behind, " from") &&
		    (slice_iends(before, "xpand") || slice_iends(before, "generat")))
			return true;
	}
	return false;
}

/* "(expanded from <a@b>)": to whom the user wrote stands in the words only. */
static bool
names_alias(const struct reading *rd)
{
	for (size_t i = 0; i < rd->m.n_parts; i++) {
		const struct mime_part *part = &rd->m.parts[i];

		if (part->kind == MIME_TEXT_PLAIN && part->encoding == MIME_IDENTITY &&
		    has_alias_words(part->body))
			return true;
	}
	return false;
}

/* Is there anything that only the words can tell? */
static bool
needs_words(const struct reading *rd)
{
	bool has_alias = false;

	if (rd->fields.n == 0 || rd->r->original.part == ORIGINAL_NONE)
		return true;
	for (size_t i = 0; i < rd->fields.n; i++) {
		if (is_silent(&rd->fields.f[i]))
			return true;
		has_alias |= rd->fields.f[i].original_recipient.n == 0;
	}
	return has_alias && names_alias(rd);
}

static void
read_words(struct reading *rd)
{
	bool plain = has_plain_text(rd);
	struct slice text;
	size_t bytes = 0;

	for (size_t i = 0; i < rd->m.n_parts; i++) {
		const struct mime_part *part = &rd->m.parts[i];

		if (is_text(rd, part))
			bytes += part->body.n + 64;
	}
	human_begin(rd, bytes * 2);
	for (size_t i = 0; i < rd->m.n_parts; i++) {
		const struct mime_part *part = &rd->m.parts[i];

		if (!is_text(rd, part))
			continue;
		if (part->kind == MIME_TEXT_HTML && plain)
			continue;
		text = mime_text(rd->a, part);
		if (!notice_read(rd, text))
			human_add(rd, text);
	}
	human_scan(rd);
}

static void
read_original_in_text(struct reading *rd)
{
	if (rd->human.tail.n > 0)
		original_from_text(
		    rd, rd->human.tail, rd->human.is_tail_header, rd->human.is_shortened);
}

/* The one message that a person sends on as an attachment; NULL if there is none,
 * or more: that is a digest. */
static const struct mime_part *
attached_message(const struct reading *rd)
{
	const struct mime_part *found = NULL;

	for (size_t i = 0; i < rd->m.n_parts; i++) {
		if (rd->m.parts[i].kind != MIME_MESSAGE)
			continue;
		if (found != NULL)
			return NULL;
		found = &rd->m.parts[i];
	}
	return found;
}

static void read_message(struct arena *a, struct slice message, struct report *r, bool is_inner);

/* "Fwd: Undeliverable", and the bounce attached: what it says, in this message. */
static void
read_attached(struct reading *rd)
{
	const struct mime_part *part = attached_message(rd);
	struct report *r = rd->r;
	struct report inner;

	if (part == NULL)
		return;
	read_message(rd->a, mime_decoded(rd->a, part), &inner, true);
	if (inner.kind != KIND_BOUNCE)
		return;
	inner.message_id = r->message_id;
	inner.from = r->from;
	inner.to = r->to;
	inner.subject = r->subject;
	inner.date = r->date;
	inner.is_cut |= r->is_cut;
	*r = inner;
}

/* A byte order mark and empty lines that some gateway put in front of the header. */
static struct slice
from_header(struct slice message)
{
	struct slice rest = message;
	struct slice header;
	struct field f;

	if (slice_starts(rest, "\xef\xbb\xbf"))
		rest = slice_from(rest, 3);
	while (rest.n > 0 && (rest.p[0] == '\n' || rest.p[0] == '\r'))
		rest = slice_from(rest, 1);
	header = rest;
	return field_next(&header, &f) ? rest : message;
}

static void
read_message(struct arena *a, struct slice message, struct report *r, bool is_inner)
{
	struct reading rd = {.a = a, .r = r};

	clear(r);
	head_begin(&rd.head);
	mime_read_fields(a, from_header(message), &rd.m, take_field, &rd.head);
	r->is_cut = rd.m.is_cut;
	read_head(&rd);
	read_structure(&rd);
	if (needs_words(&rd)) {
		read_words(&rd);
		read_original_in_text(&rd);
		guess_recipients(&rd);
	}
	r->kind = kind_of(&rd);
	if (r->kind == KIND_BOUNCE || r->kind == KIND_DELIVERED)
		settle(&rd);
	r->mta = mta_of(&rd);
	if (r->kind == KIND_OTHER && rd.is_forwarded && !is_inner)
		read_attached(&rd);
}

void
report_read(struct arena *a, struct slice message, struct report *r)
{
	read_message(a, message, r, false);
}
