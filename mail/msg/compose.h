/* Header fields that we write: folded, encoded, ended by CRLF. A value cannot
 * begin another field: control characters in it become blanks. */
#ifndef MSG_COMPOSE_H
#define MSG_COMPOSE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

/* Unstructured (RFC 5322 3.6.5): words that are no ASCII are encoded. */
void compose_text(struct buf *out, const char *name, struct slice utf8);
/* Identifiers and dates: never encoded, folded at blanks. What is not ASCII can be
 * neither and is left out; so is a field of which nothing is left. */
void compose_tokens(struct buf *out, const char *name, struct slice value);
/* "Name <address>, …": names are encoded, addresses stay as they are. */
void compose_mailboxes(struct arena *a, struct buf *out, const char *name, struct slice list);

/* Every line end becomes CRLF; nothing else changes. */
void compose_add_crlf(struct buf *out, struct slice text);

#endif
