#include "bounce/codes.h"

#include <stdio.h>

#include "bounce/match.h"

const struct cause_info *
cause_info(enum cause c)
{
	size_t i = (size_t)c;

	return &cause_table[i < cause_table_n ? i : CAUSE_UNKNOWN];
}

const char *
cause_id(enum cause c)
{
	return cause_info(c)->id;
}

enum cause
cause_by_id(struct slice id)
{
	for (size_t i = 0; i < cause_table_n; i++) {
		if (slice_is(id, cause_table[i].id))
			return (enum cause)i;
	}
	return CAUSE_COUNT;
}

static const struct code_info *
find_pattern(const char *pattern)
{
	for (size_t i = 0; i < code_table_n; i++) {
		if (strcmp(code_table[i].pattern, pattern) == 0)
			return &code_table[i];
	}
	return NULL;
}

static const struct code_info *
find_exact(struct status s)
{
	unsigned i = 0;

	if (s.subject < CODE_SUBJECTS && s.detail < CODE_DETAILS)
		i = code_index[s.subject][s.detail];
	return i > 0 ? &code_table[i - 1] : NULL;
}

const struct code_info *
code_find(struct status s)
{
	const struct code_info *code;
	char pattern[16];

	if (s.class != 2 && s.class != 4 && s.class != 5)
		return NULL;
	code = find_exact(s);
	if (code != NULL)
		return code;
	snprintf(pattern, sizeof(pattern), "X.%u.*", s.subject % 1000u);
	code = find_pattern(pattern);
	if (code != NULL)
		return code;
	snprintf(pattern, sizeof(pattern), "%u.*.*", s.class % 10u);
	return find_pattern(pattern);
}

const struct code_info *
code_find_reply(unsigned reply)
{
	const struct code_info *code;
	char pattern[16];

	snprintf(pattern, sizeof(pattern), "%u", reply % 1000u);
	code = find_pattern(pattern);
	if (code != NULL || reply < 400 || reply > 599)
		return code;
	snprintf(pattern, sizeof(pattern), "%u.*.*", reply / 100);
	return find_pattern(pattern);
}

const struct mta_info *
mta_find(struct slice id)
{
	for (size_t i = 0; i < mta_table_n; i++) {
		if (slice_is(id, mta_table[i].id))
			return &mta_table[i];
	}
	return NULL;
}

const struct reading_info *
reading_find(const struct vendor_info *v, struct status s)
{
	for (size_t i = 0; v != NULL && i < reading_table_n; i++) {
		const struct reading_info *r = &reading_table[i];

		if (r->vendor == v && (r->class == 0 || r->class == s.class) &&
		    r->subject == s.subject && r->low <= s.detail && s.detail <= r->high)
			return r;
	}
	return NULL;
}

bool
code_is_registered(struct status s)
{
	return (s.class == 2 || s.class == 4 || s.class == 5) && find_exact(s) != NULL;
}

const char *
owner_words(enum owner o)
{
	switch (o) {
	case OWNER_SENDER:
		return "you, who wrote the message";
	case OWNER_SENDER_ADMIN:
		return "whoever runs your mail server, network or DNS";
	case OWNER_RECIPIENT:
		return "the recipient";
	case OWNER_RECIPIENT_ADMIN:
		return "whoever runs the recipient's mail server";
	case OWNER_TIME:
		return "nobody has to: waiting mends it";
	case OWNER_NOBODY:
		break;
	}
	return "not known";
}

const char *
advice_id(enum resend_advice a)
{
	switch (a) {
	case RESEND_YES:
		return "yes";
	case RESEND_WAIT:
		return "wait";
	case RESEND_AFTER_FIX:
		return "after-fix";
	case RESEND_NO:
		return "no";
	case RESEND_ASK:
		break;
	}
	return "ask";
}
