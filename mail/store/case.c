#include "store/case.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "msg/addr.h"

const char *
handling_id(enum handling h)
{
	static const char *const ids[] = {
	    [HANDLING_OPEN] = "open",
	    [HANDLING_DUE] = "due",
	    [HANDLING_RESENT] = "resent",
	    [HANDLING_DOUBT] = "doubt",
	    [HANDLING_NOTED] = "noted",
	    [HANDLING_IGNORED] = "ignored",
	    [HANDLING_DONE] = "done",
	};

	return ids[h];
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(((const case_id *)a)->text, ((const case_id *)b)->text);
}

bool
case_id_is_in(const case_id *id, const case_id *ids, size_t n)
{
	return n > 0 && bsearch(id, ids, n, sizeof(*ids), compare_ids) != NULL;
}

const char *
lane_id(enum lane l)
{
	static const char *const ids[] = {
	    [LANE_CASES] = "cases",
	    [LANE_NOT_OURS] = "not-ours",
	    [LANE_AUTO_REPLIES] = "auto-replies",
	    [LANE_COMPLAINTS] = "complaints",
	    [LANE_RECEIPTS] = "receipts",
	};

	return ids[l];
}

static void
add_folded(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_addc(b, ascii_lower(s.p[i]));
}

static void
add_part(struct buf *b, struct slice s)
{
	buf_addslice(b, s);
	buf_addc(b, '\0');
}

/* Which original, in a form that does not change with white space or brackets. */
static void
add_identity(struct buf *b, const struct report *r)
{
	const struct original *o = &r->original;
	struct slice id = slice_trim(o->message_id);

	if (id.n > 2 && id.p[0] == '<' && id.p[id.n - 1] == '>')
		id = slice_sub(id, 1, id.n - 2);
	if (id.n > 0) {
		buf_adds(b, "m:");
		add_part(b, id);
	} else if (r->envelope_id.n > 0) {
		buf_adds(b, "e:");
		add_part(b, r->envelope_id);
	} else if (o->subject.n > 0 || o->date.n > 0) {
		buf_adds(b, "s:");
		add_part(b, o->subject);
		add_part(b, o->date);
		add_part(b, o->from);
	} else {
		/* Nothing came back: two such reports may tell of two messages. */
		buf_adds(b, "r:");
		add_part(b, r->message_id);
		buf_addf(b, "%lld", (long long)r->date);
		buf_addc(b, '\0');
	}
}

static case_id
make_id(struct slice text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	uint64_t bits = 0;
	case_id id;

	if (EVP_Digest(text.p, text.n, hash, &n, EVP_sha256(), NULL) != 1 || n < 8)
		abort(); /* without SHA-256 nothing in this program works: TLS neither */
	for (int i = 0; i < 7; i++)
		bits = bits << 8 | hash[i];
	for (int i = 0; i < CASE_ID_LEN; i++)
		id.text[i] = letters[bits >> (51 - 5 * i) & 31];
	id.text[CASE_ID_LEN] = '\0';
	return id;
}

case_id
case_id_make(const struct report *r, const struct recipient *rcpt)
{
	struct buf b = BUF_INIT;
	case_id id;

	/* An automatic reply or a complaint is no news of a delivery: beside it. */
	if (r->kind != KIND_BOUNCE && r->kind != KIND_DELIVERED)
		buf_addf(&b, "k%d:", (int)r->kind);
	add_identity(&b, r);
	add_folded(&b, rcpt->original_recipient.n > 0 ? rcpt->original_recipient : rcpt->address);
	id = make_id(buf_slice(&b));
	buf_free(&b);
	return id;
}

static bool
case_of_name(struct slice name, const char *prefix, case_id *id_r)
{
	size_t n = strlen(prefix);

	name = slice_trim(name);
	if (name.n > 0 && name.p[0] == '<')
		name = slice_from(name, 1);
	if (!slice_starts(name, prefix) || name.n <= n + CASE_ID_LEN ||
	    name.p[n + CASE_ID_LEN] != '.')
		return false;
	for (size_t i = 0; i < CASE_ID_LEN; i++) {
		char c = name.p[n + i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '2' && c <= '7'))
			return false;
		id_r->text[i] = c;
	}
	id_r->text[CASE_ID_LEN] = '\0';
	return true;
}

bool
case_of_edited(struct slice message_id, case_id *id_r)
{
	return case_of_name(message_id, CASE_NAME_EDITED, id_r);
}

bool
case_of_resend(struct slice envelope_or_resent_id, case_id *id_r)
{
	return case_of_name(envelope_or_resent_id, CASE_NAME_SENT, id_r);
}

struct slice
case_sent_name(struct slice name)
{
	static const char *const prefixes[] = {CASE_NAME_SENT, CASE_NAME_EDITED, CASE_NAME_SEVERAL};
	size_t end;

	name = slice_trim(name);
	if (name.n > 0 && name.p[0] == '<')
		name = slice_from(name, 1);
	for (end = 0; end < name.n && name.p[end] != '@' && name.p[end] != '>';)
		end++;
	name.n = end;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (slice_starts(name, prefixes[i]))
			return name;
	}
	return SLICE_EMPTY;
}

unsigned
case_part(const case_id *id)
{
	char last = id->text[CASE_ID_LEN - 1];

	return (unsigned)(last >= 'a' ? last - 'a' : last - '2' + 26) % CASE_PARTS;
}

/* host is domain, or below it */
static bool
is_host_of(struct slice host, struct slice domain)
{
	if (domain.n == 0 || host.n < domain.n ||
	    !slice_ieq(slice_from(host, host.n - domain.n), domain))
		return false;
	return host.n == domain.n || host.p[host.n - domain.n - 1] == '.';
}

struct ours {
	const char *const *own;
	size_t n;
};

/* The own domain that `host` belongs to, or "". Of an own address its domain counts. */
static struct slice
own_domain_of(const struct ours *o, struct slice host)
{
	for (size_t i = 0; i < o->n && host.n > 0; i++) {
		struct slice entry = slice_of(o->own[i]);
		size_t at = slice_chr(entry, '@');
		struct slice domain = at == SLICE_NONE ? entry : slice_from(entry, at + 1);

		if (is_host_of(host, domain))
			return domain;
	}
	return SLICE_EMPTY;
}

static bool
is_own_address(const struct ours *o, struct slice address)
{
	for (size_t i = 0; i < o->n && address.n > 0; i++) {
		struct slice entry = slice_of(o->own[i]);

		if (slice_chr(entry, '@') != SLICE_NONE ? addr_same(entry, address)
							: is_host_of(addr_domain(address), entry))
			return true;
	}
	return false;
}

static bool
is_host_char(char c)
{
	return ascii_isalpha(c) || ascii_isdigit(c) || c == '.' || c == '-' || c == '_';
}

/* The own domain that a host named in a Received field belongs to, or "". */
static struct slice
own_domain_in(const struct ours *o, struct slice text)
{
	size_t i = 0;

	while (i < text.n) {
		size_t begin = i;
		struct slice domain;

		while (i < text.n && is_host_char(text.p[i]))
			i++;
		/* An address (for <a@b>) says to whom, not through whom. */
		domain = begin > 0 && text.p[begin - 1] == '@'
		    ? SLICE_EMPTY
		    : own_domain_of(o, slice_sub(text, begin, i - begin));
		if (domain.n > 0)
			return domain;
		if (i < text.n)
			i++;
	}
	return SLICE_EMPTY;
}

/* VERP and BATV: a return path that carries a token of ours is hard to guess. */
static bool
has_token(struct slice return_path)
{
	struct slice local = addr_local(return_path);

	return slice_istarts(local, "prvs=") || slice_istarts(local, "btv1==") ||
	    slice_chr(local, '=') != SLICE_NONE;
}

/* A name that means something only at home: "laptop", "mail.localdomain". */
static bool
is_private_host(struct slice host)
{
	static const char *const ends[] = {
	    ".local", ".localdomain", ".lan", ".internal", ".home", ".generated"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (slice_iends(host, ends[i]))
			return true;
	return slice_chr(host, '.') == SLICE_NONE;
}

static struct slice
message_id_host(struct slice id)
{
	size_t at = slice_chr(id, '@');
	struct slice host = at == SLICE_NONE ? SLICE_EMPTY : slice_from(slice_trim(id), at + 1);

	if (host.n > 0 && host.p[host.n - 1] == '>')
		host.n--;
	return host;
}

/* The strongest first; "" if there is no proof. */
static const char *
proof(struct arena *a, const struct report *r, const struct ours *o)
{
	const struct original *orig = &r->original;
	struct slice d;

	if ((d = own_domain_of(o, orig->dkim_domain)).n > 0)
		return arena_printf(a, "signed for %.*s (DKIM)", SLICE_FMT(d));
	if ((d = own_domain_of(o, message_id_host(orig->message_id))).n > 0)
		return arena_printf(a, "its Message-ID is of %.*s", SLICE_FMT(d));
	if (is_own_address(o, r->to) && has_token(r->to))
		return "the report came to a return path that only our mail carries";
	if ((d = own_domain_in(o, orig->first_received)).n > 0)
		return arena_printf(
		    a, "it was first received from or by a host of %.*s", SLICE_FMT(d));
	return "";
}

/* No proof; is there anything against it? A forger writes our address into From
 * and return path, but not our hosts. "" if nothing speaks against it. */
static const char *
doubt(struct arena *a, const struct report *r, const struct ours *o)
{
	const struct original *orig = &r->original;
	struct slice host = message_id_host(orig->message_id);
	struct slice from = addr_read(a, orig->from);

	if (orig->dkim_domain.n > 0)
		return arena_printf(
		    a, "signed for %s, which is not ours", clean(a, orig->dkim_domain).s);
	if (orig->from.n > 0 && !is_own_address(o, from) && !is_own_address(o, orig->return_path))
		return arena_printf(a, "its sender %s is not ours", clean(a, from).s);
	if (host.n > 0 && !is_private_host(host) && orig->first_received.n > 0)
		return arena_printf(a,
		    "only the sender address is ours; its Message-ID is of %s, and no host of "
		    "ours sent it",
		    clean(a, host).s);
	return "";
}

static enum lane
lane_of_kind(enum report_kind kind)
{
	switch (kind) {
	case KIND_AUTO_REPLY:
		return LANE_AUTO_REPLIES;
	case KIND_COMPLAINT:
		return LANE_COMPLAINTS;
	case KIND_RECEIPT:
		return LANE_RECEIPTS;
	case KIND_OTHER:
	case KIND_BOUNCE:
	case KIND_DELIVERED:
		break;
	}
	return LANE_CASES;
}

enum lane
case_lane(struct arena *a, const struct report *r, const char *const *own, size_t n_own,
    const char **why_r)
{
	struct ours o = {own, n_own};
	enum lane lane = lane_of_kind(r->kind);

	*why_r = "";
	if (lane != LANE_CASES)
		return lane;
	if (n_own == 0) {
		*why_r = "no address of ours is configured, so that every report counts";
		return LANE_CASES;
	}
	*why_r = proof(a, r, &o);
	if ((*why_r)[0] != '\0')
		return LANE_CASES;
	*why_r = doubt(a, r, &o);
	if ((*why_r)[0] != '\0')
		return LANE_NOT_OURS;
	*why_r = r->original.from.n > 0
	    ? "its sender is ours, and nothing speaks against it"
	    : "nothing of the original came back; the report came to us";
	return LANE_CASES;
}
