#include "msg/mime.h"

#include "base/scan.h"
#include "msg/coding.h"
#include "msg/field.h"

/* How far a boundary that was not announced is looked for. */
#define GUESS_BYTES 8192

/* A multipart that is being read. */
struct level {
	struct slice boundary;
	int part;
};

struct reader {
	struct arena *arena;
	struct mime *m;
	size_t room; /* in m->parts */
	struct level levels[MIME_MAX_DEPTH];
	size_t n_levels;
	mime_field_fn on_field; /* NULL if nobody asks */
	void *ctx;
	int open; /* the part whose body the reader is in; -1 between parts */
	const char *end;
};

#define KIND(type, kind)                     \
	{                                    \
		type, sizeof(type) - 1, kind \
	}
static const struct kind_row {
	const char *type;
	size_t len;
	enum mime_kind kind;
} kinds[] = {
    KIND("text/plain", MIME_TEXT_PLAIN),
    KIND("text", MIME_TEXT_PLAIN), /* RFC 1049, RFC 2045 5.2 */
    KIND("plain/text", MIME_TEXT_PLAIN),
    KIND("text/html", MIME_TEXT_HTML),
    KIND("message/delivery-status", MIME_DELIVERY_STATUS),
    KIND("message/global-delivery-status", MIME_DELIVERY_STATUS),
    KIND("message/xdelivery-status", MIME_DELIVERY_STATUS),
    KIND("message/rfc822", MIME_MESSAGE),
    KIND("message/global", MIME_MESSAGE),
    KIND("message/rfc2822", MIME_MESSAGE),
    KIND("rfc/822", MIME_MESSAGE),
    KIND("text/rfc822-headers", MIME_HEADERS),
    KIND("text/rfc822-header", MIME_HEADERS),
    KIND("message/rfc822-headers", MIME_HEADERS),
    KIND("message/global-headers", MIME_HEADERS),
    KIND("message/disposition-notification", MIME_DISPOSITION),
    KIND("message/global-disposition-notification", MIME_DISPOSITION),
    KIND("message/feedback-report", MIME_FEEDBACK),
};

#undef KIND

static enum mime_kind
kind_of(struct slice type)
{
	if (slice_istarts(type, "multipart/"))
		return MIME_MULTIPART;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].len == type.n && slice_iis(type, kinds[i].type))
			return kinds[i].kind;
	}
	return MIME_OTHER;
}

static enum mime_encoding
encoding_of(struct slice value)
{
	if (slice_istarts(value, "base64"))
		return MIME_BASE64;
	if (slice_istarts(value, "quoted-printable"))
		return MIME_QUOTED_PRINTABLE;
	return MIME_IDENTITY;
}

/* The new part, empty; NULL when there are too many. */
static struct mime_part *
part_new(struct reader *r, int parent)
{
	struct mime *m = r->m;
	struct mime_part *part;

	if (m->n_parts == MIME_MAX_PARTS) {
		m->is_cut = true;
		return NULL;
	}
	if (m->n_parts == r->room) {
		struct mime_part *old = m->parts;

		r->room = r->room == 0 ? 8 : r->room * 2;
		m->parts = arena_alloc(r->arena, r->room * sizeof(*m->parts));
		if (m->n_parts > 0)
			memcpy(m->parts, old, m->n_parts * sizeof(*old));
	}
	part = &m->parts[m->n_parts++];
	*part = (struct mime_part){.kind = MIME_TEXT_PLAIN,
	    .type = SLICE_EMPTY,
	    .charset = SLICE_EMPTY,
	    .report_type = SLICE_EMPTY,
	    .description = SLICE_EMPTY,
	    .header = SLICE_EMPTY,
	    .body = SLICE_EMPTY,
	    .parent = parent,
	    .depth = parent < 0 ? 0 : m->parts[parent].depth + 1};
	return part;
}

/* Which open multipart does the line at p delimit? Its level, or -1. `next` is
 * set behind the line, `is_close` for "--boundary--".
 *
 *   delimiter = "--" boundary ["--"] *(SP / HT) line-end      RFC 2046 5.1.1 */
static int
level_of_line(const struct reader *r, const char *p, const char **next, bool *is_close)
{
	struct slice rest = slice_range(p, r->end);
	struct slice line;

	slice_line(&rest, &line);
	line = slice_from(line, 2);
	while (line.n > 0 && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t'))
		line.n--;
	*next = rest.p;
	for (size_t i = r->n_levels; i-- > 0;) {
		struct slice boundary = r->levels[i].boundary;

		if (line.n < boundary.n || memcmp(line.p, boundary.p, boundary.n) != 0)
			continue;
		*is_close =
		    line.n == boundary.n + 2 && slice_is(slice_from(line, boundary.n), "--");
		if (line.n == boundary.n || *is_close)
			return (int)i;
	}
	return -1;
}

static inline int
level_at(const struct reader *r, const char *p, const char **next, bool *is_close)
{
	if (r->end - p < 2 || p[0] != '-' || p[1] != '-' || r->n_levels == 0)
		return -1;
	return level_of_line(r, p, next, is_close);
}

struct delimiter {
	const char *at;   /* begin of its line; r->end if there is none */
	const char *next; /* behind its line */
	int level;
	bool is_close;
};

/* The next delimiter at or behind p, which stands at the begin of a line. */
static struct delimiter
delimiter_find(const struct reader *r, const char *p)
{
	struct delimiter d = {r->end, r->end, -1, false};
	const char *q = p;

	while (r->n_levels > 0 && (q = scan_pair(q, r->end, '-', '-')) < r->end) {
		if (q == p || q[-1] == '\n' || q[-1] == '\r') {
			d.level = level_at(r, q, &d.next, &d.is_close);
			if (d.level >= 0) {
				d.at = q;
				return d;
			}
		}
		while (q < r->end && *q == '-')
			q++;
	}
	d.next = r->end;
	return d;
}

/* "text/plain" of "text/plain; charset=utf-8". */
static struct slice
type_of(struct slice value)
{
	size_t n = 0;

	while (n < value.n && value.p[n] != ';' && !ascii_isspace(value.p[n]))
		n++;
	return slice_sub(value, 0, n);
}

static void
read_type(struct reader *r, struct mime_part *part, struct slice value)
{
	part->type = type_of(value);
	if (part->type.n > 0)
		part->kind = kind_of(part->type);
	if (part->type.n == value.n)
		return;
	if (part->kind == MIME_MULTIPART)
		part->report_type = mime_param(r->arena, value, "report-type");
	else
		part->charset = mime_param(r->arena, value, "charset");
}

static void
take_field(struct mime_part *part, const struct field *f, struct slice *type)
{
	if (type->n == 0 && slice_iis(f->name, "content-type"))
		*type = f->value;
	else if (slice_iis(f->name, "content-transfer-encoding"))
		part->encoding = encoding_of(f->value);
	else if (slice_iis(f->name, "content-description"))
		part->description = f->value;
}

/* Reads the header of `part` at p; returns where its body begins. A delimiter
 * ends it too: a part may have a header that never ends. */
static const char *
read_header(struct reader *r, struct mime_part *part, const char *p, struct slice *content_type)
{
	struct slice rest = slice_range(p, r->end);
	struct slice type = SLICE_EMPTY;
	const char *ignored;
	bool is_close;
	struct field f;
	const char *header_end = p;

	for (unsigned n = 0; level_at(r, rest.p, &ignored, &is_close) < 0; n++) {
		if (n == FIELD_MAX_COUNT || rest.p - p > FIELD_MAX_BYTES) {
			r->m->is_cut = true;
			break;
		}
		if (!field_next(&rest, &f))
			break;
		header_end = rest.p;
		if (part->parent < 0 && r->on_field != NULL)
			r->on_field(r->ctx, &f);
		if (f.name.n >= 12 && ascii_lower(f.name.p[0]) == 'c')
			take_field(part, &f, &type);
	}
	part->header = slice_range(p, header_end);
	read_type(r, part, type);
	*content_type = type;
	if (part->kind == MIME_MULTIPART)
		part->encoding = MIME_IDENTITY; /* RFC 2045 6.4 */
	return rest.p;
}

/* A boundary that nobody announced: "--x" in a line, then a Content- field. */
static struct slice
guess_boundary(struct reader *r, const char *body)
{
	struct slice rest = slice_sub(slice_range(body, r->end), 0, GUESS_BYTES);
	struct slice line;

	while (slice_line(&rest, &line)) {
		if (line.n > 2 && slice_starts(line, "--") && slice_istarts(rest, "content-"))
			return slice_trim(slice_from(line, 2));
	}
	return SLICE_EMPTY;
}

static void
open_level(struct reader *r, int part, struct slice boundary)
{
	if (r->n_levels == MIME_MAX_DEPTH) {
		r->m->is_cut = true;
		return;
	}
	r->levels[r->n_levels++] = (struct level){boundary, part};
}

/* The next part begins at p. Returns where the search goes on. */
static const char *
open_part(struct reader *r, int parent, const char *p)
{
	struct mime_part *part = part_new(r, parent);
	struct slice boundary;
	struct slice type;
	int index = (int)r->m->n_parts - 1;

	if (part == NULL)
		return r->end;
	if (parent >= 0 && slice_iis(r->m->parts[parent].type, "multipart/digest"))
		part->kind = MIME_MESSAGE; /* RFC 2046 5.1.5 */
	p = read_header(r, part, p, &type);
	part->body = slice_range(p, r->end);
	r->open = index;
	if (part->kind != MIME_MULTIPART)
		return p;
	boundary = mime_param(r->arena, type, "boundary");
	boundary = slice_trim(boundary);
	if (boundary.n == 0)
		boundary = guess_boundary(r, p);
	if (boundary.n > 0)
		open_level(r, index, boundary);
	return p;
}

static void
end_body(struct mime_part *part, const char *at)
{
	const char *end = at;

	/* The line end before a delimiter belongs to the delimiter, even when it is
	 * the one that ended a header: then the body is empty and stands before it. */
	if (end[-1] == '\n')
		end--;
	if (end[-1] == '\r' && (end == at || *end == '\n'))
		end--;
	if (part->body.p > end)
		part->body.p = end;
	part->body = slice_range(part->body.p, end);
}

/* Ends everything that is open inside of level `level`, at a delimiter. A part
 * that has children is open as long as its level is. */
static void
close_inside(struct reader *r, int level, const char *at)
{
	int container = r->levels[level].part;

	while (r->n_levels > (size_t)level + 1) {
		int part = r->levels[--r->n_levels].part;

		end_body(&r->m->parts[part], at);
		if (part == r->open)
			r->open = -1;
	}
	if (r->open >= 0 && r->open != container)
		end_body(&r->m->parts[r->open], at);
	r->open = -1;
}

static void
read_parts(struct reader *r, const char *p)
{
	struct delimiter d;

	while ((d = delimiter_find(r, p)).level >= 0) {
		close_inside(r, d.level, d.at);
		p = d.next;
		if (!d.is_close)
			p = open_part(r, r->levels[d.level].part, p);
	}
}

/* The message announced a boundary that never came: perhaps another did. */
static void
try_guess(struct reader *r)
{
	struct slice body = r->m->parts[0].body;
	struct slice guess = guess_boundary(r, body.p);

	if (guess.n == 0)
		return;
	r->n_levels = 0;
	open_level(r, 0, guess);
	read_parts(r, body.p);
}

/* A multipart in which no part was found is read as one text. */
static void
call_childless_text(struct mime *m)
{
	for (size_t i = 0; i < m->n_parts; i++) {
		bool has_child = i + 1 < m->n_parts && m->parts[i + 1].parent == (int)i;

		if (m->parts[i].kind == MIME_MULTIPART && !has_child)
			m->parts[i].kind = MIME_TEXT_PLAIN;
	}
}

void
mime_read(struct arena *a, struct slice message, struct mime *m)
{
	mime_read_fields(a, message, m, NULL, NULL);
}

void
mime_read_fields(struct arena *a, struct slice message, struct mime *m, mime_field_fn fn, void *ctx)
{
	struct reader r;

	r.arena = a;
	r.m = m;
	r.room = 0;
	r.n_levels = 0;
	r.on_field = fn;
	r.ctx = ctx;
	r.open = -1;
	r.end = message.p + message.n;
	*m = (struct mime){0};
	read_parts(&r, open_part(&r, -1, message.p));
	if (m->n_parts == 1 && m->parts[0].kind == MIME_MULTIPART)
		try_guess(&r);
	call_childless_text(m);
	m->header = m->parts[0].header;
}

struct slice
mime_decoded(struct arena *a, const struct mime_part *part)
{
	switch (part->encoding) {
	case MIME_BASE64:
		return coding_base64(a, part->body);
	case MIME_QUOTED_PRINTABLE:
		return coding_quoted_printable(a, part->body);
	case MIME_IDENTITY:
		break;
	}
	return part->body;
}

struct slice
mime_text(struct arena *a, const struct mime_part *part)
{
	struct slice text = coding_to_utf8(a, mime_decoded(a, part), part->charset);

	return part->kind == MIME_TEXT_HTML ? coding_html_text(a, text) : text;
}
