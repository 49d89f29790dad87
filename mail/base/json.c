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

/* Comma, key and colon at `p`, where there is room; behind them. Keys are words of
 * ours: they need no escapes. */
static inline char *
add_key(struct json *j, char *p, const char *key, size_t n)
{
	if (j->comma)
		*p++ = ',';
	j->comma = true;
	if (key != NULL) {
		*p++ = '"';
		memcpy(p, key, n);
		p += n;
		*p++ = '"';
		*p++ = ':';
	}
	return p;
}

static void
put_key(struct json *j, const char *key)
{
	size_t n = key == NULL ? 0 : strlen(key);
	char *p;

	buf_reserve(j->out, n + 4);
	p = add_key(j, j->out->data + j->out->len, key, n);
	*p = '\0';
	j->out->len = (size_t)(p - j->out->data);
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

/* Are all of eight bytes plain? In a byte below 128, 0x80 less it borrows for what
 * is smaller; the sums stay within their bytes. */
static bool
are_eight_plain(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t high = ones << 7;
	uint64_t quote = word ^ (ones * '"');
	uint64_t slash = word ^ (ones * '\\');
	uint64_t del = word ^ (ones * 0x7f);
	uint64_t odd = (word - ones * 0x20) | (quote - ones) | (slash - ones) | (del - ones);

	/* with the high bits clear, one that is set in the differences is a hit, or lies
	 * above one: exact as a yes or no */
	return ((word | odd) & high) == 0;
}

/* Fewer than 16 bytes, as most values have: false if they are not all plain. */
static bool
copy_short(char *out, const char *p, size_t n)
{
	uint64_t a = 0;
	uint64_t b = 0;
	uint32_t low;
	uint32_t high;

	if (n >= 8) {
		memcpy(&a, p, 8);
		memcpy(&b, p + n - 8, 8);
		memcpy(out, &a, 8);
		memcpy(out + n - 8, &b, 8);
		return are_eight_plain(a) && are_eight_plain(b);
	}
	if (n >= 4) {
		memcpy(&low, p, 4);
		memcpy(&high, p + n - 4, 4);
		memcpy(out, &low, 4);
		memcpy(out + n - 4, &high, 4);
		return are_eight_plain((uint64_t)low << 32 | high);
	}
	for (size_t i = 0; i < n; i++) {
		if (!is_plain((unsigned char)p[i]))
			return false;
		out[i] = p[i];
	}
	return true;
}

/* Copies the plain bytes that [p, end) begins with; how many. */
static size_t
copy_plain(char *out, const char *begin, const char *end)
{
	const char *p = begin;

#ifdef __SSE2__
	const __m128i blank = _mm_set1_epi8(0x20);
	const __m128i del = _mm_set1_epi8(0x7f);
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i slash = _mm_set1_epi8('\\');

	for (; end - p >= 16; p += 16, out += 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		/* signed: bytes from 0x80 on are below a blank too */
		__m128i odd = _mm_or_si128(_mm_cmplt_epi8(x, blank), _mm_cmpeq_epi8(x, del));
		int hits;

		odd = _mm_or_si128(
		    odd, _mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, slash)));
		hits = _mm_movemask_epi8(odd);
		_mm_storeu_si128((__m128i *)(void *)out, x);
		if (hits != 0)
			return (size_t)(p - begin) + (size_t)__builtin_ctz((unsigned)hits);
	}
#endif
	if (end - p < 16 && copy_short(out, p, (size_t)(end - p)))
		return (size_t)(end - begin);
	while (p < end && is_plain((unsigned char)*p))
		*out++ = *p++;
	return (size_t)(p - begin);
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
json_put(struct json *j, const char *key, size_t key_bytes, struct slice value)
{
	const char *p = value.p;
	const char *end = value.p + value.n;
	struct buf *out = j->out;
	char *to;

	buf_reserve(out, key_bytes + value.n + 8); /* enough unless something is escaped */
	to = add_key(j, out->data + out->len, key, key_bytes);
	*to++ = '"';
	for (;;) {
		size_t n = copy_plain(to, p, end);

		p += n;
		out->len = (size_t)(to - out->data) + n;
		if (p == end)
			break;
		p = put_special(out, p, end);
		buf_reserve(out, (size_t)(end - p) + 2);
		to = out->data + out->len;
	}
	buf_addc(out, '"');
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
