/* The JSON of any message is valid (RFC 8259, held strictly), names no key twice,
 * and is the same when it is read and written again. */
#include "fuzz.h"

#include "base/json.h"
#include "bounce/report.h"
#include "msg/coding.h"

#define MAX_KEYS 32
#define MAX_DEPTH 8

struct reader {
	struct slice rest;
	struct buf text; /* of the last string */
	struct json out;
};

static char
peek(const struct reader *r)
{
	MUST(r->rest.n > 0);
	return r->rest.p[0];
}

static void
take(struct reader *r, const char *token)
{
	MUST(slice_starts(r->rest, token));
	r->rest = slice_from(r->rest, strlen(token));
}

static unsigned
take_hex(struct reader *r)
{
	unsigned n = 0;

	for (int i = 0; i < 4; i++) {
		char c = peek(r);

		MUST(ascii_isdigit(c) || (c >= 'a' && c <= 'f'));
		n = n * 16 + (unsigned)(ascii_isdigit(c) ? c - '0' : c - 'a' + 10);
		r->rest = slice_from(r->rest, 1);
	}
	return n;
}

static void
take_escape(struct reader *r)
{
	static const char names[] = "\"\\bfnrt";
	static const char bytes[] = "\"\\\b\f\n\r\t";
	const char *hit;
	unsigned cp;

	take(r, "\\");
	if (peek(r) != 'u') {
		hit = strchr(names, peek(r));
		MUST(hit != NULL && *hit != '\0');
		buf_addc(&r->text, bytes[hit - names]);
		r->rest = slice_from(r->rest, 1);
		return;
	}
	take(r, "u");
	cp = take_hex(r);
	MUST(cp < 0xa0); /* all others stand as they are */
	if (cp >= 0x80)
		buf_addc(&r->text, (char)0xc2);
	buf_addc(&r->text, (char)cp);
}

static void
take_string(struct reader *r)
{
	buf_clear(&r->text);
	take(r, "\"");
	while (peek(r) != '"') {
		if (peek(r) == '\\') {
			take_escape(r);
			continue;
		}
		MUST((unsigned char)peek(r) >= 0x20);
		buf_addc(&r->text, peek(r));
		r->rest = slice_from(r->rest, 1);
	}
	take(r, "\"");
	MUST(coding_is_utf8(buf_slice(&r->text)));
}

static size_t
digits(const struct reader *r, size_t from)
{
	size_t n = from;

	while (n < r->rest.n && ascii_isdigit(r->rest.p[n]))
		n++;
	return n - from;
}

static void
take_number(struct reader *r, const char *key)
{
	size_t whole = digits(r, 0);
	size_t part;

	MUST(whole > 0 && whole < 16 && (whole == 1 || r->rest.p[0] != '0'));
	if (r->rest.n == whole || r->rest.p[whole] != '.') {
		json_int(&r->out, key, strtoll(r->rest.p, NULL, 10));
		r->rest = slice_from(r->rest, whole);
		return;
	}
	part = digits(r, whole + 1);
	MUST(part == 2);
	json_weight(&r->out, key, strtod(r->rest.p, NULL));
	r->rest = slice_from(r->rest, whole + 3);
}

static void take_value(struct reader *r, const char *key, unsigned depth);

static void
take_object(struct reader *r, unsigned depth)
{
	char *keys[MAX_KEYS];
	size_t n = 0;

	take(r, "{");
	for (; peek(r) != '}'; n++) {
		if (n > 0)
			take(r, ",");
		take_string(r);
		MUST(n < MAX_KEYS && r->text.len > 0);
		keys[n] = xstrdup(buf_cstr(&r->text));
		for (size_t i = 0; i < n; i++)
			MUST(strcmp(keys[i], keys[n]) != 0);
		take(r, ":");
		take_value(r, keys[n], depth + 1);
	}
	take(r, "}");
	while (n > 0)
		free(keys[--n]);
}

static void
take_list(struct reader *r, unsigned depth)
{
	take(r, "[");
	for (size_t n = 0; peek(r) != ']'; n++) {
		if (n > 0)
			take(r, ",");
		take_value(r, NULL, depth + 1);
	}
	take(r, "]");
}

static void
take_value(struct reader *r, const char *key, unsigned depth)
{
	MUST(depth < MAX_DEPTH);
	switch (peek(r)) {
	case '{':
		json_object(&r->out, key);
		take_object(r, depth);
		json_end_object(&r->out);
		return;
	case '[':
		json_list(&r->out, key);
		take_list(r, depth);
		json_end_list(&r->out);
		return;
	case '"':
		take_string(r);
		json_str(&r->out, key, buf_slice(&r->text));
		return;
	case 't':
	case 'f':
		json_bool(&r->out, key, peek(r) == 't');
		take(r, peek(r) == 't' ? "true" : "false");
		return;
	default:
		take_number(r, key);
	}
}

static void
check(struct slice printed)
{
	struct reader r = {.rest = printed, .text = BUF_INIT};
	struct buf again = BUF_INIT;

	json_begin(&r.out, &again);
	take_value(&r, NULL, 0);
	MUST(r.rest.n == 0);
	MUST(slice_eq(buf_slice(&again), printed));
	buf_free(&again);
	buf_free(&r.text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice message = input_of(data, size);
	struct arena *a = arena_new();
	struct buf out = BUF_INIT;
	struct report r;
	struct json j;

	report_read(a, message, &r);
	json_begin(&j, &out);
	report_json(&j, slice_sub(message, size / 2, 40), &r);
	check(buf_slice(&out));
	buf_free(&out);
	arena_free(&a);
	return 0;
}
