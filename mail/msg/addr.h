/* Mail addresses (RFC 5321 4.1.2, RFC 5322 3.4, RFC 6531 for UTF-8). */
#ifndef MSG_ADDR_H
#define MSG_ADDR_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

#define ADDR_MAX_BYTES 320 /* 64 + 1 + 255, RFC 5321 4.5.3.1; one more margin is not needed */

/* May this go into an SMTP command? Strict: a local part and a domain of legal
 * characters and lengths, no control, no space outside of quotes, no source
 * route, no `<`, `>`, CR, LF, NUL. Everything that reaches the wire passes here. */
bool addr_is_wire_safe(struct slice address);

/* Has bytes above 127: needs SMTPUTF8 (RFC 6531). */
bool addr_needs_utf8(struct slice address);

struct slice addr_local(struct slice address);
struct slice addr_domain(struct slice address); /* "" if none */
/* Same mailbox as far as anyone can know: domain without case, local part
 * without case too, because every real server does so. */
bool addr_same(struct slice a, struct slice b);

/* Reads one address in the liberal forms of reports: `<a@b>`, `a@b`, `"x y"@b`,
 * `Name <a@b>`, `rfc822; a@b`, comments, source routes dropped, trailing dots.
 * Takes at the first that looks like one; empty if none. Points into `text`
 * where it can, else into the arena. */
struct slice addr_read(struct arena *a, struct slice text);

/* Walks an address list (To, Cc): groups are entered, names skipped.
 * `name` (may be NULL) gets the display name, raw. False at the end. */
bool addr_next(struct arena *a, struct slice *rest, struct slice *address, struct slice *name);

/* How many elements of such a list hold words, but no address? addr_next skips
 * them, and whoever typed them should hear of it. */
size_t addr_list_odd(struct arena *a, struct slice list);

/* The next thing in free text that is an address, by its shape. `rest` moves
 * behind it. Linear. */
bool addr_find(struct slice *rest, struct slice *address);

/* xtext (RFC 3461 4) for ORCPT and ENVID. Decoding is liberal. */
struct slice addr_xtext_decode(struct arena *a, struct slice text);
void addr_xtext_encode(struct buf *out, struct slice text);

/* "j***@example.org": for notes to administrators. */
struct slice addr_redact(struct arena *a, struct slice address);

#endif
