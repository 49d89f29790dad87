#include "bounce/match.h"

/* Where the last characters stood in the text, so that evidence is what was
 * written and not what was matched. A fragment is shorter than this. */
#define RING 256

struct slot { /* of a pattern with '*': how far it has got */
	uint32_t begin, end;
};

struct walk {
	struct slice text;
	struct match_set *set;
	unsigned state;
	size_t fed;
	bool after_blank;
	char reply[3]; /* of the first continuation prefix */
	uint32_t ring[RING];
	uint8_t got[MATCH_MAX_SLOTS];
	struct slot slots[MATCH_MAX_SLOTS];
};

static void
keep(struct match_set *set, struct match m)
{
	size_t i = set->n;

	if (m.row >= diagnostic_table_n) {
		if (set->vendor == NULL)
			set->vendor = &vendor_table[match_token_vendor[m.row - diagnostic_table_n]];
		return;
	}
	for (size_t k = 0; k < set->n; k++) {
		if (set->at[k].row == m.row)
			return;
	}
	if (set->n < MATCH_MAX)
		set->n++;
	else if (set->at[MATCH_MAX - 1].row < m.row)
		return;
	else
		i = MATCH_MAX - 1;
	for (; i > 0 && set->at[i - 1].row > m.row; i--)
		set->at[i] = set->at[i - 1];
	set->at[i] = m;
}

/* A fragment ends at the character fed last, which ends at raw_end. */
static void
take(struct walk *w, const struct match_use *use, uint32_t raw_end)
{
	size_t begin = w->fed - use->length;
	uint32_t raw_begin = w->ring[begin % RING];
	struct slot *slot = &w->slots[use->slot];

	if (use->index == 0 && use->is_last) {
		keep(w->set, (struct match){use->row, raw_begin, raw_end, raw_begin});
		return;
	}
	if (use->index == 0) {
		if (w->got[use->slot] > 1)
			return;
		w->got[use->slot] = 1;
		*slot = (struct slot){raw_begin, (uint32_t)w->fed};
		return;
	}
	if (w->got[use->slot] != use->index || begin < slot->end)
		return;
	w->got[use->slot]++;
	slot->end = (uint32_t)w->fed;
	if (use->is_last)
		keep(w->set, (struct match){use->row, slot->begin, raw_end, raw_begin});
}

static inline unsigned
next_state(unsigned state, unsigned class)
{
	while (state >= match_n_dense) {
		const struct match_state *s = &match_states[state];

		if (s->first == class)
			return state + 1;
		if (s->base != 0 && match_cells[s->base + class].owner == state)
			return match_cells[s->base + class].to;
		state = s->fail;
	}
	return match_dense[state * match_n_classes + class];
}

static void
take_all(struct walk *w, unsigned out, size_t raw_end)
{
	for (const struct match_use *use = &match_uses[out];; use++) {
		take(w, use, (uint32_t)raw_end);
		if (use->ends_list)
			return;
	}
}

static inline void
feed(struct walk *w, unsigned class, size_t raw, size_t raw_end)
{
	unsigned out;

	w->ring[w->fed++ % RING] = (uint32_t)raw;
	w->state = next_state(w->state, class);
	out = match_states[w->state].out;
	if (out != 0)
		take_all(w, out, raw_end);
}

/* The rest of a word that has begun, up to `end`. What it keeps at hand is written
 * back only when something ends here: it is half of the work. */
static size_t
feed_word(struct walk *w, size_t i, size_t end)
{
	const char *p = w->text.p;
	unsigned state = w->state;
	size_t fed = w->fed;

	for (; i < end; i++) {
		unsigned char c = (unsigned char)p[i];
		unsigned class = match_class[c];

		if (class == match_blank || c == 0xe2)
			break;
		w->ring[fed++ % RING] = (uint32_t)i;
		state = next_state(state, class);
		if (match_states[state].out != 0) {
			w->fed = fed;
			take_all(w, match_states[state].out, i + 1);
		}
	}
	w->state = state;
	w->fed = fed;
	return i;
}

/* atext (RFC 5322 3.2.3) without the backquote, the dot, and what is no ASCII; a bit
 * each */
static inline bool
is_local(char c)
{
	static const uint32_t atext[8] = {
	    0, 0xa3ffecfa, 0xc7fffffe, 0x7ffffffe, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff};
	unsigned char u = (unsigned char)c;

	return (atext[u >> 5] >> (u & 31) & 1) != 0;
}

static bool
is_domain(char c)
{
	return ascii_isalpha(c) || ascii_isdigit(c) || c == '.' || c == '-' || c == '_' ||
	    (unsigned char)c >= 0x80;
}

/* The next mail address at or after `from`; its begin, text.n if none. */
static size_t
find_address(struct slice text, size_t from, size_t *end)
{
	for (size_t at = from; at < text.n;) {
		const char *sign = memchr(text.p + at, '@', text.n - at);
		size_t i, begin;

		if (sign == NULL)
			break;
		i = begin = (size_t)(sign - text.p);
		while (begin > from && is_local(text.p[begin - 1]))
			begin--;
		for (*end = i + 1; *end < text.n && is_domain(text.p[*end]);)
			(*end)++;
		while (*end > i + 1 && text.p[*end - 1] == '.')
			(*end)--;
		if (begin<i && * end> i + 1)
			return begin;
		at = i + 1;
	}
	*end = text.n;
	return text.n;
}

/* Length of "5.7.1 " with its blank, 0 if it does not stand here. */
static size_t
status_prefix(struct slice s)
{
	size_t i = 0, dots = 0;

	while (i < s.n && i < STATUS_TEXT_BYTES && (ascii_isdigit(s.p[i]) || s.p[i] == '.'))
		dots += s.p[i++] == '.';
	return dots == 2 && i < s.n && ascii_isspace(s.p[i]) ? i + 1 : 0;
}

/* "550-5.7.1 " or, once that was seen, "550 5.7.1 " at the start of a word:
 * bytes to leave out. The first one is part of the text. */
static size_t
skip_prefix(struct walk *w, size_t at)
{
	struct slice s = slice_from(w->text, at);
	bool is_dash;
	size_t n;

	if (s.n < 5 || (s.p[0] != '4' && s.p[0] != '5' && s.p[0] != '2') ||
	    !ascii_isdigit(s.p[1]) || !ascii_isdigit(s.p[2]) || (s.p[3] != '-' && s.p[3] != ' '))
		return 0;
	is_dash = s.p[3] == '-';
	n = status_prefix(slice_from(s, 4));
	if (is_dash && n == 0 && ascii_isdigit(s.p[4]))
		return 0;
	if (w->reply[0] == '\0') {
		if (is_dash)
			memcpy(w->reply, s.p, 3);
		return 0;
	}
	return memcmp(w->reply, s.p, 3) == 0 ? 4 + n : 0;
}

/* U+2018 and U+2019 are what mailers make of an apostrophe. */
static bool
is_curly_quote(struct slice text, size_t i)
{
	return (unsigned char)text.p[i] == 0xe2 && i + 2 < text.n &&
	    (unsigned char)text.p[i + 1] == 0x80 &&
	    ((unsigned char)text.p[i + 2] == 0x98 || (unsigned char)text.p[i + 2] == 0x99);
}

static inline size_t
feed_char(struct walk *w, size_t i)
{
	unsigned class = match_class[(unsigned char)w->text.p[i]];

	if (class == match_blank) {
		if (!w->after_blank)
			feed(w, class, i, i + 1);
		w->after_blank = true;
		return i + 1;
	}
	if (w->after_blank) {
		size_t n = skip_prefix(w, i);

		if (n > 0)
			return i + n;
	}
	w->after_blank = false;
	if (is_curly_quote(w->text, i)) {
		feed(w, match_quote, i, i + 3);
		return i + 3;
	}
	feed(w, class, i, i + 1);
	return i + 1;
}

void
match_text(struct slice text, struct match_set *set)
{
	struct walk w;
	size_t address, address_end;

	set->n = 0;
	set->vendor = NULL;
	w.text = slice_sub(text, 0, MATCH_MAX_TEXT);
	w.set = set;
	w.state = 0;
	w.fed = 0;
	w.after_blank = true;
	w.reply[0] = '\0';
	memset(w.got, 0, match_n_slots);
	address = find_address(w.text, 0, &address_end);
	for (size_t i = 0; i < w.text.n;) {
		if (i < address) {
			i = feed_char(&w, i);
			if (!w.after_blank)
				i = feed_word(&w, i, address);
			continue;
		}
		feed(&w, match_at, address, address_end);
		w.after_blank = false;
		i = address_end;
		address = find_address(w.text, i, &address_end);
	}
}
