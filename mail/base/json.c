#include "base/json.h"

#include "base/calendar.h"
#include "base/clean.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

void
json_begin(struct json *j, struct buf *out)
{
	j->out = out;
	j->comma = false;
}

/* Comma, key and colon. Keys are words of ours: they need no escapes. */
static void
put_key(struct json *j, const char *key)
{
	size_t n = key == NULL ? 0 : strlen(key);
	char *p;

	buf_reserve(j->out, n + 4);
	p = j->out->data + j->out->len;
	if (j->comma)
		*p++ = ',';
	if (key != NULL) {
		*p++ = '"';
		memcpy(p, key, n);
		p += n;
		*p++ = '"';
		*p++ = ':';
	}
	*p = '\0';
	j->out->len = (size_t)(p - j->out->data);
	j->comma = true;
}

static void
open_bracket(struct json *j, const char *key, char bracket)
{
	put_key(j, key);
	buf_addc(j->out, bracket);
	j->comma = false;
}

static void
close_bracket(struct json *j, char bracket)
{
	buf_addc(j->out, bracket);
	j->comma = true;
}

void
json_object(struct json *j, const char *key)
{
	open_bracket(j, key, '{');
}

void
json_list(struct json *j, const char *key)
{
	open_bracket(j, key, '[');
}

void
json_end_object(struct json *j)
{
	close_bracket(j, '}');
}

void
json_end_list(struct json *j)
{
	close_bracket(j, ']');
}

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* Has any of eight bytes the value c? Exact as a yes or no. */
static uint64_t
has_byte(uint64_t word, unsigned char c)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t x = word ^ (ones * c);

	return (x - ones) & ~x & (ones << 7);
}

static bool
are_eight_plain(const char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t high = ones << 7;
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return ((word & high) | ((word - ones * 0x20) & ~word & high) | has_byte(word, '"') |
		   has_byte(word, '\\') | has_byte(word, 0x7f)) == 0;
}

static const char *
plain_end(const char *p, const char *end)
{
#ifdef __SSE2__
	const __m128i blank = _mm_set1_epi8(0x20);
	const __m128i del = _mm_set1_epi8(0x7f);
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i slash = _mm_set1_epi8('\\');

	for (; end - p >= 16; p += 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		/* signed: bytes from 0x80 on are below a blank too */
		__m128i odd = _mm_or_si128(_mm_cmplt_epi8(x, blank), _mm_cmpeq_epi8(x, del));
		int hits;

		odd = _mm_or_si128(
		    odd, _mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, slash)));
		hits = _mm_movemask_epi8(odd);
		if (hits != 0)
			return p + __builtin_ctz((unsigned)hits);
	}
#endif
	while (end - p >= 8 && are_eight_plain(p))
		p += 8;
	while (p < end && is_plain((unsigned char)*p))
		p++;
	return p;
}

static void
put_escape(struct buf *out, unsigned cp)
{
	static const char hex[] = "0123456789abcdef";
	static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	char text[6] = {'\\', 'u', '0', '0', hex[cp >> 4 & 15], hex[cp & 15]};

	for (size_t i = 0; i + 1 < sizeof(letters); i += 2) {
		if (cp == (unsigned char)letters[i]) {
			text[1] = letters[i + 1];
			buf_add(out, text, 2);
			return;
		}
	}
	buf_add(out, text, sizeof(text));
}

/* One code point that is not plain, or one bad byte. */
static const char *
put_special(struct buf *out, const char *p, const char *end)
{
	unsigned cp = 0;
	size_t n = utf8_decode(p, end, &cp);

	if (n == 0)
		buf_add(out, REPLACEMENT, sizeof(REPLACEMENT) - 1);
	else if (n == 1 || cp < 0xa0)
		put_escape(out, cp);
	else
		buf_add(out, p, n);
	return p + (n == 0 ? 1 : n);
}

void
json_str(struct json *j, const char *key, struct slice value)
{
	const char *p = value.p;
	const char *end = value.p + value.n;
	struct buf *out = j->out;

	put_key(j, key);
	buf_reserve(out, value.n + 2); /* enough unless something is escaped */
	out->data[out->len++] = '"';
	while (p < end) {
		const char *q = plain_end(p, end);

		buf_reserve(out, (size_t)(q - p) + 1);
		memcpy(out->data + out->len, p, (size_t)(q - p));
		out->len += (size_t)(q - p);
		p = q < end ? put_special(out, q, end) : q;
	}
	buf_addc(out, '"');
}

void
json_cstr(struct json *j, const char *key, const char *value)
{
	json_str(j, key, slice_of(value));
}

/* Digits by hand: printf would ask the locale. */
static void
put_int(struct buf *out, int64_t value)
{
	char text[20];
	size_t i = sizeof(text);
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		text[--i] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0)
		text[--i] = '-';
	buf_add(out, text + i, sizeof(text) - i);
}

void
json_int(struct json *j, const char *key, int64_t value)
{
	put_key(j, key);
	put_int(j->out, value);
}

void
json_weight(struct json *j, const char *key, double value)
{
	int64_t hundredths;

	if (!(value > 0))
		value = 0;
	hundredths = value > 1e9 ? INT64_C(100000000000) : (int64_t)(value * 100 + 0.5);
	put_key(j, key);
	put_int(j->out, hundredths / 100);
	buf_addc(j->out, '.');
	buf_addc(j->out, (char)('0' + hundredths / 10 % 10));
	buf_addc(j->out, (char)('0' + hundredths % 10));
}

void
json_bool(struct json *j, const char *key, bool value)
{
	put_key(j, key);
	buf_adds(j->out, value ? "true" : "false");
}

void
json_time(struct json *j, const char *key, int64_t unix_time)
{
	char text[CALENDAR_TEXT_BYTES];

	json_cstr(j, key, calendar_rfc3339(text, unix_time));
}
