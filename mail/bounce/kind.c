/* What a message is: a bounce, or one of the things that look like one. */
#include "bounce/report_int.h"
#include "msg/addr.h"

static bool
has_part(const struct reading *rd, enum mime_kind kind)
{
	for (size_t i = 0; i < rd->m.n_parts; i++) {
		if (rd->m.parts[i].kind == kind)
			return true;
	}
	return false;
}

static bool
is_complaint(const struct reading *rd)
{
	if (rd->is_notice_complaint || has_part(rd, MIME_FEEDBACK))
		return true;
	if (rd->m.n_parts > 0 && slice_iis(rd->m.parts[0].report_type, "feedback-report"))
		return true;
	if (rd->head.is_feedback)
		return true;
	return (rd->marks & MARK_COMPLAINT) != 0 && rd->fields.n == 0 &&
	    rd->head.failed_recipients.n == 0 && (rd->marks & MARK_SUBJECT) == 0 &&
	    (rd->has_original_part || rd->r->original.part != ORIGINAL_NONE);
}

static bool
is_receipt(const struct reading *rd)
{
	if (rd->fields.n > 0)
		return false;
	return has_part(rd, MIME_DISPOSITION) ||
	    (rd->m.n_parts > 0 &&
		slice_iis(rd->m.parts[0].report_type, "disposition-notification"));
}

/* Of the recipients: is there one whose delivery failed or is late? */
static bool
has_failure(const struct reading *rd, const struct findings *fs)
{
	const unsigned ok = MARK_OK | MARK_SUBJECT_OK;

	for (size_t i = 0; i < fs->n; i++) {
		enum action x = fs->f[i].action;

		if (x == ACTION_FAILED || x == ACTION_DELAYED)
			return true;
		if (x == ACTION_NONE && !(fs->f[i].status.n > 0 && fs->f[i].status.p[0] == '2') &&
		    ((rd->marks & ok) == 0 || (rd->marks & (MARK_FAIL | MARK_INTRO)) != 0))
			return true;
	}
	return false;
}

static bool
is_report_type(const struct reading *rd)
{
	return rd->m.n_parts > 0 && slice_iis(rd->m.parts[0].report_type, "delivery-status");
}

/* A robot answers for a person: by its fields, or by its words alone. */
static bool
is_auto_reply(const struct reading *rd)
{
	const struct head *h = &rd->head;
	bool by_robot = slice_istarts(h->auto_submitted, "auto-generated") ||
	    slice_istarts(h->precedence, "bulk") || slice_istarts(h->precedence, "junk") ||
	    head_is_null_sender(h);

	if (h->is_auto_reply || slice_istarts(h->auto_submitted, "auto-replied") ||
	    slice_istarts(h->precedence, "auto_reply"))
		return true;
	if (h->list_id.n > 0)
		return false;
	return (rd->marks & MARK_SUBJECT_AWAY) != 0 || ((rd->marks & MARK_AWAY) != 0 && by_robot);
}

/* "Re: …", "[Ticket#12] …": a robot or a person repeats another's subject. */
static bool
repeats_subject(struct slice subject)
{
	static const char *const marks[] = {
	    "re:", "aw:", "sv:", "antw:", "odp:", "rv:", "[ticket", "[#", "[case"};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (slice_istarts(subject, marks[i]))
			return true;
	}
	return false;
}

/* It came from somebody who would hear of its own failure: no mail system's way. */
static bool
has_sender(const struct head *h)
{
	return h->has_return_path && !head_is_null_sender(h);
}

/* RFC 5429 lets a filter say by a receipt, "deleted", that it refused a message, and
 * Dovecot did so for a full mailbox: the words tell it from a receipt. */
static bool
is_refused_by_filter(const struct reading *rd)
{
	if ((rd->marks & MARK_FAIL) == 0 || rd->words.n == 0)
		return false;
	for (size_t i = 0; i < rd->m.n_parts; i++) {
		const struct mime_part *part = &rd->m.parts[i];

		if (part->kind == MIME_DISPOSITION &&
		    slice_ifind(part->body, "automatic-action/") != SLICE_NONE &&
		    slice_ifind(part->body, "deleted") != SLICE_NONE)
			return true;
	}
	return false;
}

/* No fields of RFC 3464: is it a bounce by its words? A mail system must speak,
 * or so many signs agree that nobody else would write like this. */
static bool
is_bounce_by_words(const struct reading *rd)
{
	const struct head *h = &rd->head;
	unsigned marks = rd->marks;
	bool system = head_is_daemon(h) || is_report_type(rd) || rd->is_forwarded;
	bool daemon = system || head_is_null_sender(h);
	bool named = rd->words.n > 0;
	bool listed = named && rd->words.f[0].sure >= 60;
	bool fails =
	    (marks & (MARK_FAIL | MARK_LIST | MARK_INTRO | MARK_EXPIRED | MARK_PERMANENT)) != 0;
	bool late = (marks & (MARK_DELAY | MARK_SUBJECT_DELAY)) != 0;
	bool subject = (marks & (MARK_SUBJECT | MARK_SUBJECT_DELAY)) != 0 &&
	    (system || !repeats_subject(h->subject)) && (is_report_type(rd) || !rd->is_away_first);

	if (h->failed_recipients.n > 0 && daemon)
		return true;
	if (is_report_type(rd) && (fails || late || subject))
		return true;
	if ((marks & MARK_DIGEST) != 0 && rd->r->original.part == ORIGINAL_NONE)
		return false; /* those named there wrote to the reader */
	if (!system && !subject && slice_istarts(h->auto_submitted, "auto-replied") &&
	    rd->r->original.part == ORIGINAL_NONE)
		return false; /* a person's robot: "this address is no longer in use" */
	if ((marks & (MARK_AWAY | MARK_SUBJECT_AWAY)) != 0 && !subject && !(daemon && listed))
		return false;
	if ((marks & MARK_LIST) != 0 && (subject || daemon || h->list_id.n > 0))
		return true;
	if (!named && has_sender(h) && (marks & MARK_ORIGINAL) == 0 && !rd->is_forwarded &&
	    rd->r->original.part == ORIGINAL_NONE)
		return false; /* "You have 5 undelivered messages" */
	if (daemon && (fails || late) &&
	    (named || (system && subject) || (marks & MARK_ORIGINAL) != 0))
		return true;
	if (subject && system && named)
		return true;
	if (subject && fails && listed && h->list_id.n == 0 && !repeats_subject(h->subject))
		return true;
	return fails && listed && (marks & MARK_ORIGINAL) != 0 &&
	    rd->r->original.part != ORIGINAL_NONE;
}

enum report_kind
kind_of(const struct reading *rd)
{
	if (is_complaint(rd))
		return KIND_COMPLAINT;
	if (is_receipt(rd))
		return is_refused_by_filter(rd) ? KIND_BOUNCE : KIND_RECEIPT;
	if (rd->fields.n > 0)
		return has_failure(rd, &rd->fields) ? KIND_BOUNCE : KIND_DELIVERED;
	if (is_bounce_by_words(rd))
		return rd->words.n == 0 || has_failure(rd, &rd->words) ? KIND_BOUNCE
								       : KIND_DELIVERED;
	if ((rd->marks & (MARK_OK | MARK_SUBJECT_OK)) != 0 && head_is_daemon(&rd->head) &&
	    rd->words.n > 0)
		return KIND_DELIVERED;
	return is_auto_reply(rd) ? KIND_AUTO_REPLY : KIND_OTHER;
}

/* Who wrote it: by signs that only it leaves. */
struct slice
mta_of(const struct reading *rd)
{
	static const struct {
		const char *in_received;
		const char *mta;
	} traces[] = {{"(Postfix)", "postfix"}, {"(Exim ", "exim"}, {"(OpenSMTPD)", "opensmtpd"},
	    {"(DragonFly Mail Agent", "dma"}, {"(qmail ", "qmail"},
	    {"Microsoft SMTP Server", "exchange"}, {"google.com", "gmail"},
	    {"amazonses", "amazon-ses"}};
	const struct slice from = rd->head.from;

	for (size_t i = 0; i < rd->human.n_hits; i++) {
		if (rd->human.hits[i].phrase->kind == PHRASE_MTA)
			return slice_of(rd->human.hits[i].phrase->arg);
	}
	if (slice_ifind(from, "courier mail server") != SLICE_NONE)
		return SLICE_LIT("courier");
	if (slice_ifind(from, "@googlemail.com") != SLICE_NONE)
		return SLICE_LIT("gmail");
	if (slice_ifind(from, "amazonses.com") != SLICE_NONE)
		return SLICE_LIT("amazon-ses");
	if (rd->head.failed_recipients.n > 0)
		return SLICE_LIT("exim");
	for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
		if (slice_find(rd->head.received, traces[i].in_received) != SLICE_NONE)
			return slice_of(traces[i].mta);
	}
	return SLICE_EMPTY;
}
