#include "store/doubt.h"

#include <stdlib.h>

/* kind TAB at TAB name TAB envelope id TAB recipient TAB account TAB words */
enum { FIELDS = 7 };

const char *
doubt_field(enum doubt_kind kind)
{
	return kind == DOUBT_RESEND ? "Resent-Message-ID" : "Message-ID";
}

bool
doubt_is_of_several(const struct doubt *d)
{
	return d->kind == DOUBT_EDITED &&
	    slice_starts(case_sent_name(slice_of(d->name)), CASE_NAME_SEVERAL);
}

static void
add(struct buf *out, const char *text)
{
	buf_addc(out, '\t');
	for (; *text != '\0'; text++)
		buf_addc(out, (unsigned char)*text < ' ' ? ' ' : *text);
}

void
doubt_write(struct buf *out, const struct doubt *d)
{
	const char *const fields[] = {d->name, d->envelope_id, d->recipient, d->account, d->words};

	buf_addf(out, "%d\t%lld", (int)d->kind, (long long)d->at);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		add(out, fields[i]);
}

bool
doubt_read(struct arena *a, struct slice text, struct doubt *d)
{
	const char *fields[FIELDS];

	for (size_t i = 0; i < FIELDS; i++) {
		size_t tab = i + 1 < FIELDS ? slice_chr(text, '\t') : text.n;

		if (tab == SLICE_NONE)
			return false;
		fields[i] = arena_slicedup(a, slice_sub(text, 0, tab));
		text = slice_from(text, tab < text.n ? tab + 1 : tab);
	}
	*d = (struct doubt){
	    .kind = (enum doubt_kind)atoi(fields[0]),
	    .at = strtoll(fields[1], NULL, 10),
	    .name = fields[2],
	    .envelope_id = fields[3],
	    .recipient = fields[4],
	    .account = fields[5],
	    .words = fields[6],
	    .what = "",
	    .names = "",
	    .proof = "",
	};
	return d->kind <= DOUBT_NOTE;
}
