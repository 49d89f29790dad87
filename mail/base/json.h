/* Writes JSON Lines (RFC 8259) into a buf: UTF-8, control characters escaped,
 * broken UTF-8 replaced by U+FFFD. Commas are put by the writer. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct json {
	struct buf *out;
	bool comma;
};

void json_begin(struct json *j, struct buf *out);
/* key may be NULL inside of a list */
void json_object(struct json *j, const char *key);
void json_list(struct json *j, const char *key);
void json_end_object(struct json *j);
void json_end_list(struct json *j);
void json_put(struct json *j, const char *key, size_t key_bytes, struct slice value);
void json_int(struct json *j, const char *key, int64_t value);
void json_weight(struct json *j, const char *key, double value); /* two decimals, no NaN */
void json_bool(struct json *j, const char *key, bool value);
/* RFC 3339, UTC; 0 gives "". */
void json_time(struct json *j, const char *key, int64_t unix_time);

/* Here, so that the lengths of literals are known when it is compiled. */
static inline void
json_str(struct json *j, const char *key, struct slice value)
{
	json_put(j, key, key == NULL ? 0 : strlen(key), value);
}

static inline void
json_cstr(struct json *j, const char *key, const char *value)
{
	json_put(j, key, key == NULL ? 0 : strlen(key), slice_of(value));
}

#endif
