/* SELECT and EXAMINE, with what changed since a mailbox was known (QRESYNC, RFC 7162). */
#include <stdlib.h>

#include "base/clean.h"
#include "net/imap_row.h"
#include "net/imap_session.h"

#define MAX_GONE 200000             /* ranges */
#define MAX_FLAGS ((size_t)8 << 20) /* bytes */
#define MAX_KNOWN 1500              /* bytes of the known UIDs in the command */

struct selecting {
	struct imap_box box;
	struct imap_delta *delta; /* NULL: not wanted */
	struct imap_row row;
};

static int
not_found(struct imap *s, const char *mailbox, struct err *e)
{
	/* How servers without RESP-CODES (RFC 5530) say it. */
	static const char *const words[] = {"[NONEXISTENT]", "doesn't exist", "does not exist",
	    "not found", "no such mailbox", "unknown mailbox", "invalid mailbox"};
	struct slice said = buf_slice(&s->last_text);
	struct buf name = BUF_INIT;

	if (e->code != ERR_REFUSED)
		return -1;
	clean_append(&name, slice_of(mailbox), 100);
	err_add(e, "mailbox %s", buf_cstr(&name));
	buf_free(&name);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (slice_ifind(said, words[i]) == SLICE_NONE)
			continue;
		e->code = ERR_NOT_FOUND;
		return err_todo(e,
		    "check the mailbox in the configuration: capitals and the separator "
		    "(often / or .) count");
	}
	return -1;
}

void
imap_delta_free(struct imap_delta *d)
{
	free(d->gone.ranges);
	buf_free(&d->flags);
	*d = (struct imap_delta){.is_whole = false};
}

/* Too much of it, or what makes no sense: all is to be compared then. */
static void
spoil(struct imap_delta *d)
{
	imap_delta_free(d);
	d->is_spoilt = true;
}

/* A number up to `max` at the beginning of s; anything larger is `max`. */
static bool
take_number(struct slice *s, uint64_t max, uint64_t *n_r)
{
	uint64_t n = 0;
	size_t i = 0;

	for (; i < s->n && ascii_isdigit(s->p[i]); i++)
		n = n > (max - (uint64_t)(s->p[i] - '0')) / 10 ? max
							       : n * 10 + (uint64_t)(s->p[i] - '0');
	*s = slice_from(*s, i);
	*n_r = n;
	return i > 0;
}

static void
add_gone(struct imap_delta *d, uint64_t first, uint64_t last)
{
	struct imap_ranges *gone = &d->gone;

	if (first > last) {
		uint64_t swap = first;

		first = last;
		last = swap;
	}
	if (gone->n == MAX_GONE || last > UINT32_MAX) {
		spoil(d);
		return;
	}
	if (gone->n == d->cap) {
		d->cap = d->cap == 0 ? 32 : 2 * d->cap;
		gone->ranges = xrealloc(gone->ranges, d->cap, sizeof(gone->ranges[0]));
	}
	gone->ranges[gone->n++] = (struct imap_range){(uint32_t)first, (uint32_t)last};
}

/* "(EARLIER) 41,43:116" */
static void
take_vanished(struct imap_delta *d, struct slice set)
{
	const uint64_t max = (uint64_t)UINT32_MAX + 1;
	uint64_t first, last;

	if (slice_istarts(set, "(EARLIER) "))
		set = slice_from(set, strlen("(EARLIER) "));
	while (!d->is_spoilt && take_number(&set, max, &first)) {
		last = first;
		if (set.n > 0 && set.p[0] == ':') {
			set = slice_from(set, 1);
			if (!take_number(&set, max, &last))
				break;
		}
		add_gone(d, first, last);
		if (set.n == 0)
			return;
		if (set.p[0] != ',')
			break;
		set = slice_from(set, 1);
	}
	spoil(d);
}

/* One changed message: fixed numbers, then its keywords. */
struct packed {
	uint32_t uid;
	uint32_t n_words;
	uint64_t modseq;
	bool seen, deleted, draft;
};

static void
take_flags(struct selecting *x, struct slice line)
{
	struct imap_delta *d = x->delta;
	const struct imap_message *m = &x->row.m;
	struct packed p;

	if (!imap_row_read(&x->row, line) || d->flags.len > MAX_FLAGS) {
		spoil(d);
		return;
	}
	if (m->uid == 0)
		return;
	memset(&p, 0, sizeof(p));
	p.uid = m->uid;
	p.n_words = (uint32_t)m->n_keywords;
	p.modseq = m->modseq;
	p.seen = m->seen;
	p.deleted = m->deleted;
	p.draft = m->draft;
	buf_add(&d->flags, &p, sizeof(p));
	for (size_t i = 0; i < m->n_keywords; i++)
		buf_add(&d->flags, m->keywords[i], strlen(m->keywords[i]) + 1);
}

bool
imap_delta_flags(const struct imap_delta *d, imap_message_fn fn, void *ctx)
{
	const char *keywords[IMAP_ROW_KEYWORDS];
	struct slice rest = buf_slice(&d->flags);

	while (rest.n >= sizeof(struct packed)) {
		struct imap_message m = {.keywords = keywords, .bytes = SLICE_EMPTY};
		struct packed p;

		memcpy(&p, rest.p, sizeof(p));
		rest = slice_from(rest, sizeof(p));
		m.uid = p.uid;
		m.modseq = p.modseq;
		m.seen = p.seen;
		m.deleted = p.deleted;
		m.draft = p.draft;
		m.n_keywords = p.n_words;
		for (size_t i = 0; i < p.n_words; i++) {
			keywords[i] = rest.p;
			rest = slice_from(rest, strlen(rest.p) + 1);
		}
		if (!fn(ctx, &m))
			return false;
	}
	return true;
}

/* "[UIDNEXT 4392] Predicted next UID": what is behind the name, or false. */
static bool
is_code(struct slice text, const char *name, struct slice *rest)
{
	size_t n = strlen(name);

	if (text.n <= n + 1 || text.p[0] != '[' || !slice_istarts(slice_from(text, 1), name))
		return false;
	*rest = slice_from(text, n + 1);
	if (rest->p[0] != ' ' && rest->p[0] != ']')
		return false;
	*rest = slice_from(*rest, 1);
	return true;
}

static bool
takes_any_keyword(struct slice flags)
{
	size_t end = slice_chr(flags, ']');

	return flags.n > 0 && flags.p[0] == '(' && end != SLICE_NONE &&
	    slice_find(slice_sub(flags, 0, end), "\\*") != SLICE_NONE;
}

static void
take_code(struct selecting *x, struct slice text)
{
	struct imap_box *box = &x->box;
	struct slice rest;
	uint64_t n = 0;

	if (is_code(text, "UIDVALIDITY", &rest) && take_number(&rest, UINT32_MAX, &n)) {
		box->uidvalidity = (uint32_t)n;
	} else if (is_code(text, "UIDNEXT", &rest) && take_number(&rest, UINT32_MAX, &n)) {
		box->uidnext = (uint32_t)n;
	} else if (is_code(text, "HIGHESTMODSEQ", &rest) && take_number(&rest, INT64_MAX, &n)) {
		box->modseq = n;
	} else if (is_code(text, "NOMODSEQ", &rest)) {
		box->modseq = 0;
	} else if (is_code(text, "PERMANENTFLAGS", &rest)) {
		box->keywords = takes_any_keyword(rest);
	} else if (is_code(text, "CLOSED", &rest)) {
		/* What came before it was told of the mailbox that was open until now. */
		*box = (struct imap_box){.uidvalidity = 0};
		if (x->delta != NULL)
			imap_delta_free(x->delta);
	}
}

static void
on_line(void *ctx, struct slice line)
{
	struct selecting *x = ctx;
	struct slice rest = line;
	uint64_t n;

	if (slice_istarts(line, "OK ")) {
		take_code(x, slice_from(line, 3));
	} else if (slice_istarts(line, "VANISHED ")) {
		if (x->delta != NULL && !x->delta->is_spoilt)
			take_vanished(x->delta, slice_from(line, strlen("VANISHED ")));
	} else if (take_number(&rest, UINT32_MAX, &n)) {
		if (slice_iis(slice_trim(rest), "EXISTS"))
			x->box.exists = (uint32_t)n;
		else if (x->delta != NULL && !x->delta->is_spoilt && imap_row_is(line))
			take_flags(x, line);
	}
}

/* "1:40,42" if it is short: without it the server assumes all that it ever had. */
static void
add_known(struct buf *out, const struct imap_known *known)
{
	size_t start = out->len, i = 0;

	buf_addc(out, ' ');
	imap_add_set(out, known->uids, known->n, &i);
	if (i < known->n || out->len - start > MAX_KNOWN)
		buf_truncate(out, start);
}

static void
make_command(struct imap *s, const char *name, bool read_only, const struct imap_known *known,
    struct buf *out)
{
	buf_addf(out, "%s %s", read_only ? "EXAMINE" : "SELECT", name);
	if (known != NULL) {
		buf_addf(out, " (QRESYNC (%u %llu", known->uidvalidity,
		    (unsigned long long)known->modseq);
		if (known->n > 0)
			add_known(out, known);
		buf_adds(out, "))");
	} else if (s->caps.condstore) {
		buf_adds(out, " (CONDSTORE)");
	}
}

/* Until the answer to `tag`, which goes to *answer. */
static int
read_until(struct imap *s, const char *tag, imap_line_fn fn, void *ctx, struct slice *answer,
    struct err *e)
{
	while (imap_read(s, answer, e) == 0) {
		if (imap_is_answer(tag, *answer))
			return 0;
		if (!slice_starts(*answer, "* "))
			return imap_kill(
			    s, ERR_PROTOCOL, "the server answers what nobody asked", e);
		if (fn != NULL)
			fn(ctx, slice_from(*answer, 2));
	}
	return -1;
}

static bool
is_bad(const struct imap *s, struct slice answer)
{
	return slice_istarts(slice_from(answer, strlen(s->tag) + 1), "BAD");
}

/* Of servers that take a command before the login is over, by their greeting. All others
 * are asked one by one. */
static const char *const takes_early[] = {"Dovecot"};

void
imap_early_plan(struct imap *s, const struct imap_wanted *wanted)
{
	struct imap_early *early = &s->early;
	struct buf name = BUF_INIT;

	for (size_t i = 0; i < sizeof(takes_early) / sizeof(takes_early[0]); i++)
		early->is_taken |= slice_ifind(slice_of(s->greeting), takes_early[i]) != SLICE_NONE;
	early->is_taken &= stream_has_tls(s->st) || stream_is_loopback(s->st);
	/* Before the login a server does not tell all that it can: what it does not know it
	 * passes over in ENABLE (RFC 5161 3.1), but in SELECT only what it told may be used. */
	early->enables = imap_offers(s, "ENABLE");
	if (early->is_taken && (wanted->known == NULL || wanted->known->modseq == 0) &&
	    imap_add_mailbox(&name, wanted->mailbox))
		make_command(s, buf_cstr(&name), wanted->read_only, NULL, &early->command);
	buf_free(&name);
}

int
imap_early_send(struct imap *s, struct err *e)
{
	struct imap_early *early = &s->early;
	char tag[sizeof(s->tag)];
	int r = 0;

	memcpy(tag, s->tag, sizeof(tag));
	early->is_sent = early->was_sent = true;
	s->uidvalidity = 0;
	s->guard.passes_vanished = true;
	if (early->enables) {
		r = imap_put(s, e, "ENABLE QRESYNC");
		memcpy(early->enable_tag, s->tag, sizeof(tag));
	}
	if (r == 0)
		r = imap_send(s, e, "%s", buf_cstr(&early->command));
	memcpy(early->tag, s->tag, sizeof(tag));
	memcpy(s->tag, tag, sizeof(tag));
	return r;
}

/* 1: the server does not take the command after all; the session lives on. */
static int
hear(struct imap *s, const char *enable_tag, bool has_known, struct selecting *x, struct err *e)
{
	struct slice answer;

	if (enable_tag != NULL && read_until(s, enable_tag, on_line, x, &answer, e) != 0)
		return -1;
	if (read_until(s, s->tag, on_line, x, &answer, e) != 0)
		return -1;
	if (has_known && is_bad(s, answer)) {
		s->caps.qresync = false;
		return 1;
	}
	s->is_qresync_on |= s->caps.qresync && enable_tag != NULL;
	return imap_judge(s, answer, e);
}

static int
hear_early(struct imap *s, struct selecting *x, struct err *e)
{
	struct imap_early *early = &s->early;
	int r;

	memcpy(s->tag, early->tag, sizeof(s->tag));
	r = hear(s, early->enables ? early->enable_tag : NULL, false, x, e);
	early->is_sent = false;
	return r;
}

static int
ask(struct imap *s, const char *command, bool has_known, struct selecting *x, struct err *e)
{
	bool enables = s->caps.qresync && !s->is_qresync_on;
	char enable_tag[sizeof(s->tag)];
	int r = 0;

	/* Both at once: no round trip is lost. */
	if (enables) {
		r = imap_put(s, e, "ENABLE QRESYNC");
		memcpy(enable_tag, s->tag, sizeof(enable_tag));
	}
	if (r == 0)
		r = imap_send(s, e, "%s", command);
	return r == 0 ? hear(s, enables ? enable_tag : NULL, has_known, x, e) : -1;
}

static int
select_by_name(struct imap *s, const char *name, bool read_only, const struct imap_known *known,
    struct selecting *x, struct err *e)
{
	struct buf command = BUF_INIT;
	int r;

	if (s->early.is_sent) {
		r = hear_early(s, x, e);
	} else {
		make_command(s, name, read_only, known, &command);
		s->uidvalidity = 0;
		s->guard.passes_vanished = true;
		r = ask(s, buf_cstr(&command), known != NULL, x, e);
	}
	s->guard.passes_vanished = false;
	buf_free(&command);
	return r;
}

int
imap_resync(struct imap *s, const char *mailbox, bool read_only, const struct imap_known *known,
    struct imap_box *box, struct imap_delta *delta, struct err *e)
{
	bool knows = known != NULL && known->modseq != 0 && s->caps.qresync;
	struct selecting x = {.delta = knows ? delta : NULL};
	struct buf name = BUF_INIT;
	int r;

	if (imap_notice(s, e) != 0)
		return -1;
	if (!imap_add_mailbox(&name, mailbox)) {
		buf_free(&name);
		return err_set(e, ERR_USAGE, "this cannot be the name of a mailbox");
	}
	r = select_by_name(s, buf_cstr(&name), read_only, knows ? known : NULL, &x, e);
	if (r == 1) {
		knows = false;
		imap_delta_free(delta);
		x.box = (struct imap_box){.uidvalidity = 0};
		x.delta = NULL;
		r = select_by_name(s, buf_cstr(&name), read_only, NULL, &x, e);
	}
	buf_free(&name);
	imap_row_free(&x.row);
	if (r != 0)
		return not_found(s, mailbox, e);
	*box = x.box;
	if (!s->caps.condstore) /* told all the same, and not to be relied on */
		box->modseq = 0;
	box->read_only = read_only || slice_istarts(buf_slice(&s->last_text), "[READ-ONLY]");
	box->keywords = box->keywords && !box->read_only;
	if (knows) {
		delta->since = known->modseq;
		delta->is_whole = !delta->is_spoilt && box->uidvalidity == known->uidvalidity &&
		    box->modseq >= known->modseq;
	}
	s->uidvalidity = box->uidvalidity;
	s->condstore = box->modseq > 0;
	s->read_only = box->read_only;
	s->seen_changes = s->guard.n_changes;
	return 0;
}

int
imap_select(
    struct imap *s, const char *mailbox, bool read_only, struct imap_box *box, struct err *e)
{
	return imap_resync(s, mailbox, read_only, NULL, box, NULL, e);
}
