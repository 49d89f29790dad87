/* Whom a domain names itself, for those who have trouble with its mail. */
#include <arpa/nameser.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "msg/addr.h"
#include "net/dns.h"

#define MAX_TXT 4096
#define MAX_ADDRESSES 3 /* of one record */

struct publishing {
	const struct probe_options *o;
	probe_line_fn say;
	void *ctx;
};

static void
say_address(struct publishing *p, const char *what, struct slice address)
{
	char *text = xslicedup(address);

	if (addr_is_wire_safe(address))
		p->say(p->ctx, what, text, true);
	free(text);
}

/* The first dot that is not escaped is the @ (RFC 1035 8). */
static void
say_rname(struct publishing *p, const char *rname)
{
	struct buf address = BUF_INIT;
	bool has_at = false;

	for (const char *s = rname; *s != '\0'; s++) {
		if (*s == '\\' && s[1] != '\0') {
			buf_addc(&address, *++s);
		} else if (*s == '.' && !has_at) {
			buf_addc(&address, '@');
			has_at = true;
		} else {
			buf_addc(&address, *s);
		}
	}
	if (has_at)
		say_address(p, "SOA", buf_slice(&address));
	buf_free(&address);
}

/* Of the domain itself, or of the zone that it lies in: that one comes along with the
 * answer that there is none. */
static bool
read_soa(struct publishing *p, const struct dns_answer *answer, ns_sect section)
{
	char rname[DNS_NAME_BYTES * 4];
	ns_msg msg;
	ns_rr rr;

	if (ns_initparse(answer->bytes, (int)answer->n, &msg) != 0)
		return false;
	for (int i = 0; i < ns_msg_count(msg, section); i++) {
		int n;

		if (ns_parserr(&msg, section, i, &rr) != 0 || ns_rr_type(rr) != ns_t_soa)
			continue;
		n = dn_skipname(ns_rr_rdata(rr), ns_rr_rdata(rr) + ns_rr_rdlen(rr));
		if (n < 0 || n >= ns_rr_rdlen(rr) ||
		    dn_expand(ns_msg_base(msg), ns_msg_end(msg), ns_rr_rdata(rr) + n, rname,
			sizeof(rname)) < 0)
			continue;
		say_rname(p, rname);
		return true;
	}
	return false;
}

/* "rua=mailto:a@example.org!10m,https://…" of a record's tags. */
static void
say_rua(struct publishing *p, const char *what, struct slice txt)
{
	unsigned n_said = 0;

	while (txt.n > 0) {
		size_t end = slice_chr(txt, ';');
		struct slice tag = slice_trim(slice_sub(txt, 0, end == SLICE_NONE ? txt.n : end));

		txt = slice_from(txt, end == SLICE_NONE ? txt.n : end + 1);
		if (!slice_istarts(tag, "rua="))
			continue;
		tag = slice_from(tag, 4);
		while (tag.n > 0 && n_said < MAX_ADDRESSES) {
			size_t comma = slice_chr(tag, ',');
			struct slice uri =
			    slice_trim(slice_sub(tag, 0, comma == SLICE_NONE ? tag.n : comma));
			size_t mark = slice_chr(uri, '!');

			tag = slice_from(tag, comma == SLICE_NONE ? tag.n : comma + 1);
			if (!slice_istarts(uri, "mailto:"))
				continue;
			say_address(p, what,
			    slice_from(slice_sub(uri, 0, mark == SLICE_NONE ? uri.n : mark), 7));
			n_said++;
		}
	}
}

/* Its strings are one (RFC 7208 3.3). */
static void
read_txt(
    struct publishing *p, const struct dns_answer *answer, const char *what, const char *version)
{
	ns_msg msg;
	ns_rr rr;

	if (ns_initparse(answer->bytes, (int)answer->n, &msg) != 0)
		return;
	for (int i = 0; i < ns_msg_count(msg, ns_s_an); i++) {
		struct buf text = BUF_INIT;
		const unsigned char *at, *end;

		if (ns_parserr(&msg, ns_s_an, i, &rr) != 0 || ns_rr_type(rr) != ns_t_txt)
			continue;
		at = ns_rr_rdata(rr);
		end = at + ns_rr_rdlen(rr);
		while (at < end && *at < end - at && text.len < MAX_TXT) {
			buf_add(&text, at + 1, *at);
			at += *at + 1;
		}
		if (slice_istarts(buf_slice(&text), version))
			say_rua(p, what, buf_slice(&text));
		buf_free(&text);
	}
}

static int
ask_txt(struct publishing *p, const char *prefix, const char *domain, const char *what,
    const char *version, struct err *e)
{
	struct dns_answer answer;
	char name[DNS_NAME_BYTES + 16];

	snprintf(name, sizeof(name), "%s.%s", prefix, domain);
	if (dns_ask(name, ns_t_txt, p->o, &answer, e) != 0)
		return -1;
	read_txt(p, &answer, what, version);
	return 0;
}

int
probe_published(
    struct slice domain, const struct probe_options *o, probe_line_fn say, void *ctx, struct err *e)
{
	struct publishing p = {.o = o, .say = say, .ctx = ctx};
	char *name = dns_name(domain, e);
	struct dns_answer answer;
	int r = -1;

	if (name == NULL)
		return -1;
	if (dns_ask(name, ns_t_soa, o, &answer, e) == 0) {
		if (!read_soa(&p, &answer, ns_s_an))
			(void)read_soa(&p, &answer, ns_s_ns);
		r = ask_txt(&p, "_smtp._tls", name, "TLSRPT", "v=TLSRPTv1", e) != 0 ||
			ask_txt(&p, "_dmarc", name, "DMARC", "v=DMARC1", e) != 0
		    ? -1
		    : 0;
	}
	free(name);
	return r;
}
