/* Transfer encodings (RFC 2045 6), encoded words (RFC 2047), RFC 2231, charsets.
 * Decoders never fail: what is not valid is passed on or dropped as RFC 2045
 * advises, and output is bounded by the input. */
#ifndef MSG_CODING_H
#define MSG_CODING_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

struct slice coding_base64(struct arena *a, struct slice in);
struct slice coding_quoted_printable(struct arena *a, struct slice in);
/* Borrows `in` when it is UTF-8 already. An unknown charset is read as UTF-8 if
 * that is valid, else as windows-1252. */
struct slice coding_to_utf8(struct arena *a, struct slice in, struct slice charset);
bool coding_is_utf8(struct slice in);
bool coding_is_ascii(struct slice in);
/* Decodes all encoded words of an unfolded value; adjacent ones are joined. */
struct slice coding_words(struct arena *a, struct slice in);
/* The other direction, for headers of ours: words of ASCII are added as they are,
 * the others encoded. Folds with CRLF; never splits a character. */
void coding_add_words(struct buf *out, struct slice utf8);
/* The same for a display name, which is encoded as a whole or not at all. */
void coding_add_phrase(struct buf *out, struct slice utf8);
/* For the wire: lines of at most 76 characters that end in CRLF. */
void coding_add_base64(struct buf *out, struct slice in);
void coding_add_quoted_printable(struct buf *out, struct slice text);
/* Text of an HTML part: tags dropped, blocks and <br> as line ends, entities
 * decoded, <script>/<style> left out. Linear. */
struct slice coding_html_text(struct arena *a, struct slice html_utf8);

#endif
