/* A bounded reader of MIME structure (RFC 2045, 2046, 6522, 6532).
 *
 * Strangers write bounces: nothing here recurses, allocates more than a few kB
 * a part, or takes more than linear time. Input is borrowed and never changed;
 * parts point into it. Broken mail never fails: a boundary that is missing,
 * lone, or never closed gives the parts that can be told apart. Line ends may be
 * LF, CRLF, CR or mixed. Over a limit `is_cut` is set and the rest is left out. */
#ifndef MSG_MIME_H
#define MSG_MIME_H

#include "base/arena.h"
#include "base/slice.h"
#include "msg/field.h"

#define MIME_MAX_DEPTH 16 /* real bounces nest three or four deep */
#define MIME_MAX_PARTS 200

enum mime_kind {
	MIME_OTHER,
	MIME_TEXT_PLAIN,
	MIME_TEXT_HTML,
	MIME_MULTIPART,
	MIME_DELIVERY_STATUS, /* message/delivery-status, …/global-delivery-status */
	MIME_MESSAGE,         /* message/rfc822, …/global, "rfc/822" */
	MIME_HEADERS,         /* text/rfc822-headers, message/…-headers */
	MIME_DISPOSITION,     /* message/disposition-notification (RFC 8098) */
	MIME_FEEDBACK,        /* message/feedback-report (RFC 5965) */
};

enum mime_encoding { MIME_IDENTITY, MIME_BASE64, MIME_QUOTED_PRINTABLE };

struct mime_part {
	enum mime_kind kind; /* a multipart without any part is MIME_TEXT_PLAIN */
	enum mime_encoding encoding;
	struct slice type;        /* "text/plain", as written */
	struct slice charset;     /* "" if none is given */
	struct slice report_type; /* of multipart/report */
	struct slice description; /* Content-Description */
	struct slice header;
	struct slice body; /* still encoded */
	int parent;        /* index, -1 for the root */
	unsigned depth;
};

struct mime {
	struct mime_part *parts; /* [0] is the message itself; in the order of the text */
	size_t n_parts;
	struct slice header; /* of the message */
	bool is_cut;
};

/* Parts of an enclosed message/rfc822 are not read: it is the original. */
void mime_read(struct arena *a, struct slice message, struct mime *m);
/* Tells each field of the message's own header on the way: nobody need read it again. */
typedef void (*mime_field_fn)(void *ctx, const struct field *f);
void mime_read_fields(
    struct arena *a, struct slice message, struct mime *m, mime_field_fn fn, void *ctx);

/* Transfer encoding undone; charset untouched. Borrows where it can. */
struct slice mime_decoded(struct arena *a, const struct mime_part *part);
/* As UTF-8 text; HTML as text. */
struct slice mime_text(struct arena *a, const struct mime_part *part);
/* A parameter of a Content-Type value, unquoted, RFC 2231 undone; "" if none. */
struct slice mime_param(struct arena *a, struct slice value, const char *name);

#endif
