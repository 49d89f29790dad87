#include "work/note_facts.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/clean.h"
#include "msg/addr.h"
#include "msg/date.h"
#include "work/ladder.h"

#define MAX_LISTED 10 /* a postmaster reads one screen */

const char *
note_time(char buf[NOTE_TIME_BYTES], int64_t unix_time)
{
	int zone = date_local_zone(unix_time);
	struct calendar c;

	buf[0] = '\0';
	if (unix_time <= 0)
		return buf;
	calendar_from_unix(unix_time + 60 * (int64_t)zone, &c);
	snprintf(buf, NOTE_TIME_BYTES, "%04u-%02u-%02u %02u:%02u %c%02u%02u",
	    (unsigned)c.year % 10000, (unsigned)c.month % 100, (unsigned)c.day % 100,
	    (unsigned)c.hour % 100, (unsigned)c.minute % 100, zone < 0 ? '-' : '+',
	    (unsigned)(zone < 0 ? -zone : zone) / 60 % 100,
	    (unsigned)(zone < 0 ? -zone : zone) % 60);
	return buf;
}

/* Is it that domain, or one in it? */
static bool
lies_in(struct slice domain, struct slice outer)
{
	size_t at = domain.n - outer.n;

	if (outer.n == 0 || domain.n < outer.n || !slice_ieq(slice_from(domain, at), outer))
		return false;
	return at == 0 || domain.p[at - 1] == '.';
}

struct slice
note_contact(struct slice contacts, struct slice domain)
{
	struct slice found = SLICE_EMPTY;
	struct slice line;
	size_t best = 0;

	while (slice_line(&contacts, &line)) {
		size_t end = 0;

		line = slice_trim(line);
		while (end < line.n && !ascii_isspace(line.p[end]))
			end++;
		if (end == line.n || line.p[0] == '#' || end <= best ||
		    !lies_in(domain, slice_sub(line, 0, end)))
			continue;
		best = end;
		found = slice_trim(slice_from(line, end));
	}
	return found;
}

struct slice
note_cause(struct slice causes, enum cause c)
{
	struct slice line;

	while (slice_line(&causes, &line)) {
		size_t end = 0;

		while (end < line.n && !ascii_isspace(line.p[end]))
			end++;
		if (slice_is(slice_sub(line, 0, end), cause_id(c)))
			return slice_trim(slice_from(line, end));
	}
	return SLICE_EMPTY;
}

struct slice
note_language(struct slice languages, struct slice domain)
{
	struct slice found = SLICE_EMPTY;
	size_t best = 0;

	while (languages.n > 0) {
		size_t comma = slice_chr(languages, ',');
		struct slice one =
		    slice_trim(slice_sub(languages, 0, comma == SLICE_NONE ? languages.n : comma));
		size_t equals = slice_chr(one, '=');

		languages = slice_from(languages, comma == SLICE_NONE ? languages.n : comma + 1);
		if (equals == SLICE_NONE || equals <= best ||
		    !lies_in(domain, slice_trim(slice_sub(one, 0, equals))))
			continue;
		best = equals;
		found = slice_trim(slice_from(one, equals + 1));
	}
	return found;
}

const char *
note_warning(struct arena *a, const struct detail *d, struct slice to)
{
	if (addr_same(to, slice_of(d->row.recipient)))
		return arena_printf(a,
		    "%s is the address that failed: better put another one of theirs into To",
		    clean(a, to).s);
	if (ladder_is_unreachable(d->row.cause) && slice_iis(addr_domain(to), d->row.domain))
		return arena_printf(a,
		    "%s lives on the very server that cannot be reached: the note may fail too; "
		    "use its text for a web form, the phone, or another address",
		    clean(a, to).s);
	return "";
}

struct list {
	struct buf text;
	size_t n;
	size_t left_out;
};

/* Each line once, and not more than a reader bears. */
static void
list_add(struct list *l, struct arena *a, struct slice line)
{
	struct slice rest = buf_slice(&l->text);
	struct slice known;
	struct clean_text c = clean(a, line);

	if (c.s[0] == '\0')
		return;
	while (slice_line(&rest, &known)) {
		if (slice_is(known, c.s))
			return;
	}
	if (l->n >= MAX_LISTED) {
		l->left_out++;
		return;
	}
	buf_addf(&l->text, "%s%s", l->n > 0 ? "\n" : "", c.s);
	l->n++;
}

static struct slice
list_end(struct list *l, struct arena *a)
{
	struct slice s;

	if (l->left_out > 0)
		buf_addf(&l->text, "\n(+ %zu)", l->left_out);
	s = arena_copy(a, buf_slice(&l->text));
	buf_free(&l->text);
	return s;
}

enum listed { LIST_RECIPIENTS, LIST_REPLIES, LIST_MESSAGE_IDS, LIST_QUEUE_IDS, LIST_MTAS };

static struct slice
one_of(struct arena *a, const struct detail *d, enum listed what, bool is_redacted)
{
	struct slice recipient = slice_of(d->row.recipient);

	switch (what) {
	case LIST_RECIPIENTS:
		return is_redacted ? addr_redact(a, recipient) : recipient;
	case LIST_REPLIES:
		return d->recipient.diagnostic;
	case LIST_MESSAGE_IDS:
		return slice_of(d->row.original_message_id);
	case LIST_QUEUE_IDS:
		return d->report.queue_id;
	case LIST_MTAS:
		return d->recipient.remote_mta;
	}
	return SLICE_EMPTY;
}

/* A reply may name the recipient: it is redacted there too. */
static struct slice
redact_in(struct arena *a, struct slice text, struct slice address)
{
	struct buf b = BUF_INIT;
	struct slice out;
	size_t at;

	if (address.n == 0 || slice_ifind(text, arena_slicedup(a, address)) == SLICE_NONE)
		return text;
	while ((at = slice_ifind(text, arena_slicedup(a, address))) != SLICE_NONE) {
		buf_addslice(&b, slice_sub(text, 0, at));
		buf_addslice(&b, addr_redact(a, address));
		text = slice_from(text, at + address.n);
	}
	buf_addslice(&b, text);
	out = arena_copy(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

static struct slice
listed(struct arena *a, const struct note_facts *f, enum listed what, bool is_redacted)
{
	struct list l = {BUF_INIT, 0, 0};

	for (size_t i = 0; i < f->n_cases; i++) {
		const struct detail *d = &f->cases[i];
		struct slice line = one_of(a, d, what, is_redacted);

		if (is_redacted && what == LIST_REPLIES) {
			line = redact_in(a, line, d->recipient.address);
			line = redact_in(a, line, slice_of(d->row.recipient));
		}
		list_add(&l, a, line);
	}
	return list_end(&l, a);
}

struct span {
	int64_t first, last;
	uint64_t reports;
	uint64_t messages;
};

static struct span
measure(const struct note_facts *f)
{
	struct span s = {0, 0, 0, 0};

	for (size_t i = 0; i < f->n_cases; i++) {
		const struct row *r = &f->cases[i].row;
		bool is_new_message = true;

		if (s.first == 0 || (r->first_seen != 0 && r->first_seen < s.first))
			s.first = r->first_seen;
		if (r->last_seen > s.last)
			s.last = r->last_seen;
		s.reports += r->reports;
		for (size_t k = 0; k < i; k++)
			is_new_message = is_new_message &&
			    strcmp(f->cases[k].row.original_message_id, r->original_message_id) !=
				0;
		s.messages += is_new_message;
	}
	return s;
}

struct values {
	struct arena *arena;
	struct note_value *list;
	size_t n;
};

static void
put(struct values *v, const char *name, struct slice value)
{
	if (v->n < NOTE_MAX_VALUES)
		v->list[v->n++] = (struct note_value){name, value};
}

static void
put_time(struct values *v, const char *name, int64_t at)
{
	char buf[NOTE_TIME_BYTES];

	put(v, name, slice_of(arena_strdup(v->arena, note_time(buf, at))));
}

static void
put_number(struct values *v, const char *name, uint64_t n)
{
	put(v, name,
	    n == 0 ? SLICE_EMPTY : slice_of(arena_printf(v->arena, "%llu", (unsigned long long)n)));
}

/* What a note asks for depends on the kind of cause. */
enum asks {
	ASKS_OTHER,
	ASKS_FULL,     /* a mailbox */
	ASKS_GONE,     /* the address */
	ASKS_NODOMAIN, /* all of its domain */
	ASKS_DOWN,     /* their server */
	ASKS_BUSY,
	ASKS_BIG,
	ASKS_REFUSED, /* what we are, or what we sent */
	ASKS_OURS,    /* nothing: the trouble is here */
};

static enum asks
asks_of(enum cause c)
{
	switch (c) {
	case CAUSE_MAILBOX_FULL:
		return ASKS_FULL;
	case CAUSE_USER_UNKNOWN:
	case CAUSE_USER_DISABLED:
	case CAUSE_USER_MOVED:
		return ASKS_GONE;
	case CAUSE_NO_DOMAIN:
	case CAUSE_NULL_MX:
		return ASKS_NODOMAIN;
	case CAUSE_CONNECT_TIMEOUT:
	case CAUSE_CONNECT_REFUSED:
	case CAUSE_NO_ROUTE:
	case CAUSE_CONN_DROP:
	case CAUSE_DNS_TEMP:
		return ASKS_DOWN;
	case CAUSE_HOST_FULL:
	case CAUSE_RESOURCE:
		return ASKS_BUSY;
	case CAUSE_TOO_BIG:
		return ASKS_BIG;
	case CAUSE_CONTENT_SPAM:
	case CAUSE_CONTENT_POLICY:
	case CAUSE_CONTENT_VIRUS:
	case CAUSE_REPUTATION:
	case CAUSE_POLICY:
	case CAUSE_GREYLIST:
	case CAUSE_RATE:
	case CAUSE_AUTH:
	case CAUSE_PTR:
	case CAUSE_SENDER_CONFIG:
		return ASKS_REFUSED;
	case CAUSE_LOCAL_NET:
	case CAUSE_OWN_LIMIT:
		return ASKS_OURS;
	default:
		return ASKS_OTHER;
	}
}

/* Lines of a template that hold only for a kind of cause, or with a report. */
static void
put_conditions(struct values *v, const struct detail *d, bool has_report)
{
	static const char *const names[] = {
	    [ASKS_OTHER] = "if_other",
	    [ASKS_FULL] = "if_full",
	    [ASKS_GONE] = "if_gone",
	    [ASKS_NODOMAIN] = "if_nodomain",
	    [ASKS_DOWN] = "if_down",
	    [ASKS_BUSY] = "if_busy",
	    [ASKS_BIG] = "if_big",
	    [ASKS_REFUSED] = "if_refused",
	    [ASKS_OURS] = "if_ours",
	};
	enum asks asks = asks_of(d->row.cause);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		put(v, names[i], i == asks ? SLICE_LIT("*") : SLICE_EMPTY);
	put(v, "if_report", has_report ? SLICE_LIT("*") : SLICE_EMPTY);
}

static struct slice
sender_name(struct arena *a, struct slice from)
{
	size_t at = slice_chr(from, '<');
	struct slice name = slice_trim(at == SLICE_NONE ? SLICE_EMPTY : slice_sub(from, 0, at));

	if (name.n > 2 && name.p[0] == '"' && name.p[name.n - 1] == '"')
		name = slice_sub(name, 1, name.n - 2);
	return name.n > 0 ? name : addr_read(a, from);
}

static void
put_first_case(struct values *v, const struct detail *d, bool is_redacted)
{
	struct slice recipient = slice_of(d->row.recipient);
	int64_t sent = 0;

	put(v, "domain", slice_of(d->row.domain));
	put(v, "recipient", is_redacted ? addr_redact(v->arena, recipient) : recipient);
	put(v, "subject", slice_of(d->row.subject));
	put(v, "status", slice_of(d->row.status));
	put(v, "reporting_mta", d->report.reporting_mta);
	(void)date_read(d->report.original.date, &sent, NULL);
	put_time(v, "sent", sent != 0 ? sent : d->report.arrival_date);
	put_time(v, "last_attempt",
	    d->recipient.last_attempt != 0 ? d->recipient.last_attempt : d->row.last_seen);
}

size_t
note_values(struct arena *a, const struct note_facts *f, bool is_redacted,
    struct note_value values[NOTE_MAX_VALUES])
{
	struct values v = {a, values, 0};
	struct span s = measure(f);

	put_first_case(&v, &f->cases[0], is_redacted);
	put(&v, "cause",
	    f->cause_words.n > 0 ? f->cause_words
				 : slice_of(cause_info(f->cases[0].row.cause)->title));
	put_conditions(&v, &f->cases[0], f->has_report);
	put(&v, "recipients", listed(a, f, LIST_RECIPIENTS, is_redacted));
	put(&v, "replies", listed(a, f, LIST_REPLIES, is_redacted));
	put(&v, "message_ids", listed(a, f, LIST_MESSAGE_IDS, is_redacted));
	put(&v, "queue_ids", listed(a, f, LIST_QUEUE_IDS, is_redacted));
	put(&v, "remote_mtas", listed(a, f, LIST_MTAS, is_redacted));
	put_time(&v, "first", s.first);
	put_time(&v, "last", s.last);
	put_number(&v, "size", f->size);
	put_number(&v, "n_reports", s.reports);
	put_number(&v, "n_messages", s.messages);
	put_number(&v, "n_recipients", f->n_cases);
	put(&v, "envelope_from", f->envelope_from);
	put(&v, "from", f->from);
	put(&v, "name", sender_name(a, f->from));
	put_time(&v, "now", f->now);
	return v.n;
}
