/* Puts together what fields and words say of each recipient: the code that says
 * most, the action, the state, the causes. */
#include "bounce/cause.h"
#include "bounce/report_int.h"
#include "msg/addr.h"
#include "msg/field.h"

static bool
is_address(struct slice s)
{
	size_t at = slice_chr(s, '@');

	return at != SLICE_NONE && at > 0;
}

static bool
names(const struct finding *f, struct slice address)
{
	return addr_same(f->address, address) || addr_same(f->actual, address) ||
	    addr_same(f->original_recipient, address);
}

/* The finding of `fs` that is about the same mailbox; NULL if none is. */
static struct finding *
same_in(struct findings *fs, const struct finding *f)
{
	for (size_t i = 0; i < fs->n; i++) {
		if (names(f, fs->f[i].address))
			return &fs->f[i];
	}
	return NULL;
}

static void
take_words(struct finding *f, const struct finding *w)
{
	f->words = w->words;
	f->reply = w->reply;
	if (f->original_recipient.n == 0 || addr_same(f->original_recipient, f->address)) {
		if (w->original_recipient.n > 0)
			f->original_recipient = w->original_recipient;
	}
	if (f->action == ACTION_NONE)
		f->action = w->action;
}

/* Final-Recipient if it is an address, else the next best. */
static void
choose_address(struct finding *f)
{
	if (is_address(f->address))
		return;
	if (is_address(f->actual))
		f->address = f->actual;
	else if (is_address(f->original_recipient))
		f->address = f->original_recipient;
	else if (f->address.n == 0)
		f->address = f->original_recipient;
}

static bool
is_known(const struct findings *fs, size_t n, struct slice address)
{
	for (size_t i = 0; i < n; i++) {
		if (addr_same(fs->f[i].address, address))
			return true;
	}
	return false;
}

/* "X-Failed-Recipients: a@b, c@d" (Exim, Gmail). */
static void
add_failed_header(struct reading *rd, struct findings *fs)
{
	struct slice rest = field_unfold(rd->a, rd->head.failed_recipients);
	struct slice address;

	while (addr_next(rd->a, &rest, &address, NULL)) {
		struct finding *f;

		if (!is_address(address) || is_known(fs, fs->n, address))
			continue;
		f = finding_add(rd, fs);
		if (f == NULL)
			return;
		f->address = address;
	}
}

/* Fields that name nobody, and words that name somebody: one is about the other. */
static void
lend_address(struct findings *fields, const struct findings *words)
{
	struct finding *f = &fields->f[0];

	if (fields->n != 1 || is_address(f->address) || words->n != 1)
		return;
	f->address = words->f[0].address;
}

static void
drop_nameless(struct findings *fs)
{
	size_t n = 0;

	for (size_t i = 0; i < fs->n; i++) {
		if (fs->f[i].address.n > 0)
			fs->f[n++] = fs->f[i];
	}
	fs->n = n;
}

/* The original went to one address only: that must be it. */
static void
add_from_original(struct reading *rd, struct findings *fs)
{
	struct slice rest = rd->r->original.to;
	struct slice address = SLICE_EMPTY;
	struct slice other;
	struct finding *f;

	if (!addr_next(rd->a, &rest, &address, NULL)) {
		address = addr_read(rd->a, rd->head.original_to);
		/* Mostly it is the report's own: to whom it was delivered. */
		if (rd->r->to.n == 0 || addr_same(address, rd->r->to))
			return;
	} else if (addr_next(rd->a, &rest, &other, NULL))
		return;
	if (!is_address(address))
		return;
	f = finding_add(rd, fs);
	if (f != NULL) {
		f->address = address;
		f->words = (struct slice){rd->human.text, rd->human.n};
	}
}

/* Exim's header names those whom the user wrote to, its text those whom that led
 * to: who has no partner is paired in the order of the lists. */
static void
pair_up(struct findings *fs, struct findings *words)
{
	size_t k = 0;

	for (size_t i = 0; i < fs->n; i++) {
		if (same_in(words, &fs->f[i]) != NULL)
			continue;
		while (k < words->n && is_known(fs, fs->n, words->f[k].address))
			k++;
		if (k == words->n || words->f[k].sure < 80)
			return;
		fs->f[i].original_recipient = fs->f[i].address;
		fs->f[i].address = words->f[k++].address;
	}
}

/* Who it is about: fields first, then X-Failed-Recipients, then words. */
static struct findings *
gather(struct reading *rd)
{
	struct findings *fs = &rd->fields;

	if (fs->n > 0) {
		lend_address(fs, &rd->words);
		for (size_t i = 0; i < fs->n; i++)
			choose_address(&fs->f[i]);
		drop_nameless(fs);
	}
	if (fs->n == 0 && rd->head.failed_recipients.n > 0)
		add_failed_header(rd, fs);
	if (fs->n == 0)
		return &rd->words;
	if (rd->head.failed_recipients.n > 0 && rd->words.n == fs->n)
		pair_up(fs, &rd->words);
	for (size_t i = 0; i < fs->n; i++) {
		struct finding *w = same_in(&rd->words, &fs->f[i]);

		if (w != NULL)
			take_words(&fs->f[i], w);
		else if (fs->n == 1)
			fs->f[i].words = (struct slice){rd->human.text, rd->human.n};
	}
	return fs;
}

/* What the three sources say. */
struct voices {
	struct said diagnostic;
	struct said words;
};

static void
choose_status(struct recipient *r, const struct finding *f, const struct voices *v)
{
	unsigned field = reply_telling(f->status);
	unsigned diagnostic = reply_telling(v->diagnostic.status);
	unsigned words = reply_telling(v->words.status);

	if (diagnostic > field || (diagnostic == REPLY_TELLING && field == REPLY_TELLING)) {
		r->status = v->diagnostic.status;
		r->status_from = STATUS_FROM_DIAGNOSTIC;
	} else if (field > 0) {
		r->status = f->status;
		r->status_from = STATUS_FROM_FIELD;
	}
	if (words > field && words > diagnostic) {
		r->status = v->words.status;
		r->status_from = STATUS_FROM_TEXT;
	}
	if (r->status_from == STATUS_FROM_DIAGNOSTIC && slice_eq(r->status, f->status))
		r->status_from = STATUS_FROM_FIELD;
	if (field > 0 && !slice_eq(r->status, f->status))
		r->status_field = f->status;
}

static void
hear(struct reading *rd, const struct finding *f, struct voices *v)
{
	const struct said nothing = {SLICE_EMPTY, SLICE_EMPTY, SLICE_EMPTY};

	v->diagnostic = nothing;
	v->words = nothing;
	if (f->diagnostic.n > 0)
		reply_read(f->diagnostic, &v->diagnostic);
	if (v->diagnostic.reply.n == 0 && reply_telling(v->diagnostic.status) < REPLY_TELLING &&
	    f->words.n > 0)
		reply_read(reply_join(rd->a, f->words), &v->words);
}

static bool
has_phrase(struct arena *a, struct slice text, enum phrase_kind kind)
{
	struct phrase_hit hits[32];
	char *low;
	size_t n = text.n < DIAGNOSTIC_MAX_BYTES ? text.n : DIAGNOSTIC_MAX_BYTES;
	size_t n_hits;

	if (n < 4)
		return false;
	low = arena_alloc(a, n);
	for (size_t i = 0; i < n; i++)
		low[i] = ascii_isspace(text.p[i]) ? ' ' : ascii_lower(text.p[i]);
	n_hits = phrase_scan(low, n, false, hits, 32);
	for (size_t i = 0; i < n_hits; i++) {
		if (hits[i].phrase->kind == kind)
			return true;
	}
	return false;
}

/* Did a server refuse this one? By the words about it alone. */
static bool
is_refused(const struct finding *f)
{
	struct slice words = slice_sub(f->words, 0, 512);
	struct slice rest = words;
	struct said said;
	size_t five;

	while ((five = slice_chr(rest, '5')) != SLICE_NONE) {
		rest = slice_from(rest, five + 1);
		if (rest.n > 1 && (ascii_isdigit(rest.p[0]) || rest.p[0] == '.'))
			break; /* worth a closer look */
	}
	if (five == SLICE_NONE)
		return false;
	reply_read(words, &said);
	return (said.reply.n > 0 && said.reply.p[0] == '5') ||
	    (said.status.n > 0 && said.status.p[0] == '5');
}

/* A notice may tell of several recipients, one refused and another still tried: then
 * each is what its own words say, else what the whole says. */
static bool
is_mixed(struct reading *rd, const struct findings *fs)
{
	bool failed = false;
	bool late = false;
	bool listed = false;

	if (fs->n < 2 || (rd->marks & (MARK_DELAY | MARK_SUBJECT_DELAY)) == 0 ||
	    fs->f[0].has_action_field)
		return false;
	for (size_t i = 0; i < fs->n; i++) {
		struct finding *f = &fs->f[i];

		f->own = f->action;
		late |= f->own == ACTION_DELAYED;
		listed |= f->own == ACTION_FAILED;
		if (f->own == ACTION_DELAYED || f->own == ACTION_DELIVERED || !is_refused(f))
			continue;
		f->own = ACTION_FAILED;
		f->is_refused = failed = true;
	}
	if (!failed && !(listed && late))
		return false;
	failed = late = false;
	for (size_t i = 0; i < fs->n; i++) {
		struct finding *f = &fs->f[i];

		if (!f->is_refused && f->own != ACTION_DELAYED &&
		    has_phrase(rd->a, f->words, PHRASE_DELAY))
			f->own = ACTION_DELAYED;
		late |= f->own == ACTION_DELAYED;
		failed |= f->own == ACTION_FAILED;
	}
	return failed && late;
}

/* Without an Action field: from the words, or a guess. */
static void
choose_action(struct reading *rd, struct recipient *r, const struct finding *f)
{
	r->action = f->action;
	r->action_from = f->has_action_field ? ACTION_FROM_FIELD : ACTION_FROM_TEXT;
	if (f->has_action_field)
		return;
	if (f->action == ACTION_DELAYED || f->action == ACTION_DELIVERED)
		return;
	if (rd->is_mixed) {
		r->action = f->own;
		if (r->action != ACTION_NONE)
			return;
	}
	if ((rd->marks & (MARK_DELAY | MARK_SUBJECT_DELAY)) != 0 &&
	    (rd->marks & (MARK_PERMANENT | MARK_EXPIRED)) == 0 && rd->head.failed_recipients.n == 0)
		r->action = ACTION_DELAYED;
	else if ((rd->marks & MARK_SUBJECT_DELAY) != 0 && (rd->marks & MARK_DELAY) != 0)
		r->action = ACTION_DELAYED;
	else if ((rd->marks & (MARK_OK | MARK_SUBJECT_OK)) != 0 &&
	    (rd->marks & (MARK_FAIL | MARK_EXPIRED | MARK_INTRO)) == 0)
		r->action = ACTION_DELIVERED;
	else {
		r->action = ACTION_FAILED;
		if ((rd->marks & (MARK_FAIL | MARK_INTRO | MARK_EXPIRED)) == 0)
			r->action_from = ACTION_INFERRED;
	}
}

static char
class_of(struct slice code)
{
	return code.n > 0 ? code.p[0] : '\0';
}

/* A final failure: temporary condition or not? A server's own reply decides,
 * then the words, then what the cause is, the first digit of Status last. */
static enum state
state_of_failure(
    struct reading *rd, const struct recipient *r, const struct finding *f, const struct voices *v)
{
	char reply = class_of(r->reply_code);
	const struct cause_info *cause;

	if ((reply != '5' || reply_telling(r->status) < REPLY_TELLING) &&
	    (has_phrase(rd->a, f->diagnostic, PHRASE_EXPIRED) ||
		has_phrase(rd->a, f->words, PHRASE_EXPIRED)))
		return STATE_GAVE_UP;
	if (reply == '4' || reply == '5') {
		char status = class_of(v->diagnostic.status);

		return status == '4' || (reply == '4' && status != '5') ? STATE_GAVE_UP
									: STATE_REFUSED;
	}
	if (reply_telling(r->status) == REPLY_TELLING && class_of(r->status) == '5')
		return STATE_REFUSED;
	if (r->n_causes > 0 && r->causes[0].cause != CAUSE_UNKNOWN) {
		cause = cause_info(r->causes[0].cause);
		if (cause != NULL && cause->is_permanent)
			return STATE_REFUSED;
		if (cause != NULL && cause->resend == RESEND_YES)
			return STATE_GAVE_UP;
	}
	if (class_of(r->status) == '4' ||
	    (class_of(r->status) != '5' && (rd->marks & MARK_EXPIRED) != 0))
		return STATE_GAVE_UP;
	return class_of(r->status) == '5' || (rd->marks & MARK_PERMANENT) != 0 ? STATE_REFUSED
									       : STATE_UNKNOWN;
}

static void
choose_state(
    struct reading *rd, struct recipient *r, const struct finding *f, const struct voices *v)
{
	switch (r->action) {
	case ACTION_DELIVERED:
	case ACTION_RELAYED:
	case ACTION_EXPANDED:
		r->state = STATE_DELIVERED;
		break;
	case ACTION_DELAYED:
		r->state = STATE_TRYING;
		/* OpenSMTPD's last word: its queue is empty then, though it says "delayed" */
		if (slice_iis(r->status, "4.4.7") &&
		    (slice_ifind(f->words, "envelope expired") != SLICE_NONE ||
			slice_ifind(f->diagnostic, "envelope expired") != SLICE_NONE))
			r->state = STATE_GAVE_UP;
		break;
	default:
		r->state = state_of_failure(rd, r, f, v);
		break;
	}
	r->permanent = r->state == STATE_REFUSED;
}

static enum resend_advice
advice(const struct recipient *r)
{
	enum resend_advice x = RESEND_ASK;

	if (r->state == STATE_TRYING)
		return RESEND_WAIT;
	if (r->state == STATE_DELIVERED)
		return RESEND_NO;
	if (r->n_causes > 0) {
		const struct cause_hit *hit = &r->causes[0];
		const struct cause_info *info = cause_info(hit->cause);

		x = hit->row != NULL ? hit->row->resend : info != NULL ? info->resend : RESEND_ASK;
	} else if (r->state == STATE_REFUSED)
		x = RESEND_AFTER_FIX;
	/* given up: nobody is waited for any more */
	if (x == RESEND_WAIT && r->state == STATE_GAVE_UP)
		x = RESEND_YES;
	return x;
}

/* Words without the signs that stood between them and the address. */
static struct slice
tidy(struct slice s)
{
	s = slice_trim(s);
	while (s.n > 0 &&
	    (s.p[0] == ':' || s.p[0] == ',' || s.p[0] == '>' || s.p[0] == ')' || s.p[0] == '"' ||
		s.p[0] == ';' || s.p[0] == '.' || s.p[0] == ' ' || s.p[0] == '\n' || s.p[0] == '-'))
		s = slice_from(s, 1);
	return s;
}

static void
settle_one(struct reading *rd, struct recipient *r, const struct finding *f)
{
	struct voices v;
	struct cause_input in;

	r->address = f->address;
	r->original_recipient = f->original_recipient;
	r->remote_mta = f->remote_mta;
	r->final_log_id = f->final_log_id;
	r->last_attempt = f->last_attempt;
	r->will_retry_until = f->will_retry_until;
	r->status = r->status_field = r->reply_code = SLICE_EMPTY;
	hear(rd, f, &v);
	choose_status(r, f, &v);
	r->reply_code = v.diagnostic.reply.n > 0 ? v.diagnostic.reply : v.words.reply;
	r->diagnostic = f->diagnostic;
	if (r->diagnostic.n == 0)
		r->diagnostic = reply_join(rd->a, tidy(f->words));
	choose_action(rd, r, f);
	if (r->action == ACTION_DELIVERED || r->action == ACTION_RELAYED ||
	    r->action == ACTION_EXPANDED) {
		choose_state(rd, r, f, &v);
		r->resend = advice(r);
		return;
	}
	if (class_of(r->reply_code) == '2')
		r->reply_code = SLICE_EMPTY;
	in = (struct cause_input){
	    r->diagnostic, f->words, r->status, r->reply_code, r->remote_mta, rd->r->reporting_mta};
	r->n_causes = cause_rank(rd->a, &in, r->causes);
	if (r->n_causes == 0 && f->at > 0 && r->reply_code.n == 0 && r->action == ACTION_FAILED) {
		in = (struct cause_input){
		    SLICE_EMPTY, rd->preface, r->status, SLICE_EMPTY, SLICE_EMPTY, SLICE_EMPTY};
		r->n_causes = cause_rank(rd->a, &in, r->causes);
	}
	choose_state(rd, r, f, &v);
	r->resend = advice(r);
}

/* The words before the first recipient: "because the mailbox is full:", then who. */
static struct slice
preface_of(const struct reading *rd, const struct findings *fs)
{
	size_t first = rd->human.n;

	for (size_t i = 0; i < fs->n; i++) {
		if (fs->f[i].at < first)
			first = fs->f[i].at;
	}
	return (struct slice){rd->human.text, first < 2048 ? first : 0};
}

void
settle(struct reading *rd)
{
	struct findings *fs = gather(rd);
	struct report *r = rd->r;

	if (fs->n == 0)
		add_from_original(rd, fs);
	if (fs->is_cut)
		r->is_cut = true;
	if (fs->n == 0)
		return;
	rd->is_mixed = is_mixed(rd, fs);
	rd->preface = preface_of(rd, fs);
	r->recipients = arena_calloc(rd->a, fs->n, sizeof(*r->recipients));
	for (size_t i = 0; i < fs->n; i++)
		settle_one(rd, &r->recipients[i], &fs->f[i]);
	r->n_recipients = fs->n;
}
