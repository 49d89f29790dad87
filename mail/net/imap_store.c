/* The commands that change something on the server: flags and new messages. */
#include <stdlib.h>

#include "net/imap_session.h"

static bool
is_keyword(const char *s)
{
	size_t n = 0;

	for (; s[n] != '\0'; n++)
		if (!ascii_isalpha(s[n]) && !ascii_isdigit(s[n]) && s[n] != '-')
			return false;
	return n > 0 && n <= 64;
}

int
imap_store(struct imap *s, const uint32_t *uids, size_t n, bool add, const char *keyword,
    uint64_t unchanged_since, bool *conflict_r, struct err *e)
{
	struct buf command = BUF_INIT;
	size_t i = 0;
	int r = 0;

	*conflict_r = false;
	if (!is_keyword(keyword))
		return err_set(e, ERR_USAGE, "a keyword holds letters, digits and - only");
	/* Not every server says no: Dovecot says OK and does nothing. */
	if (s->read_only)
		return err_set(e, ERR_REFUSED, "the mailbox is open for reading only");
	while (i < n && r == 0) {
		buf_clear(&command);
		buf_adds(&command, "UID STORE ");
		imap_add_set(&command, uids, n, &i);
		if (unchanged_since > 0 && s->condstore)
			buf_addf(&command, " (UNCHANGEDSINCE %llu)",
			    (unsigned long long)unchanged_since);
		buf_addf(&command, " %cFLAGS.SILENT (%s)", add ? '+' : '-', keyword);
		r = imap_command(s, NULL, NULL, e, "%s", buf_cstr(&command));
		/* "OK [MODIFIED 7,9] …", or NO with the same code (RFC 7162 3.1.3). */
		if ((r == 0 || e->code == ERR_REFUSED) &&
		    slice_ifind(buf_slice(&s->last_text), "[MODIFIED ") != SLICE_NONE) {
			*conflict_r = true;
			r = 0;
		}
	}
	buf_free(&command);
	return r;
}

/* "[APPENDUID 38505 3955]" (RFC 4315). */
static uint32_t
append_uid(struct slice text)
{
	size_t at = slice_ifind(text, "[APPENDUID ");
	uint64_t uid = 0;

	if (at == SLICE_NONE)
		return 0;
	text = slice_from(text, at + strlen("[APPENDUID "));
	at = slice_chr(text, ' ');
	if (at == SLICE_NONE)
		return 0;
	for (at++; at < text.n && ascii_isdigit(text.p[at]) && uid <= UINT32_MAX; at++)
		uid = uid * 10 + (uint64_t)(text.p[at] - '0');
	return uid <= UINT32_MAX ? (uint32_t)uid : 0;
}

static bool
are_flags(const char *flags)
{
	for (; *flags != '\0'; flags++)
		if (!ascii_isalpha(*flags) && *flags != '\\' && *flags != ' ' && *flags != '-' &&
		    !ascii_isdigit(*flags))
			return false;
	return true;
}

static int
append(struct imap *s, const char *name, const char *flags, struct slice bytes, struct err *e)
{
	struct slice ignored;
	int r;

	if (imap_send(s, e, "APPEND %s (%s) {%zu}", name, flags, bytes.n) != 0)
		return -1;
	r = imap_continuation(s, &ignored, e);
	if (r == 0)
		return imap_kill(s, ERR_PROTOCOL, "the server says OK before it has all", e);
	if (r < 0)
		return -1;
	if (imap_write(s, bytes, e) != 0 || imap_write(s, SLICE_LIT("\r\n"), e) != 0)
		return -1;
	if (mailstream_flush(s->ms) != 0)
		return imap_check(s, e);
	return imap_finish(s, NULL, NULL, e);
}

int
imap_append(struct imap *s, const char *mailbox, const char *flags, struct slice bytes,
    uint32_t *uid_r, struct err *e)
{
	struct buf name = BUF_INIT;
	int r;

	*uid_r = 0;
	if (!imap_add_mailbox(&name, mailbox) || !are_flags(flags)) {
		buf_free(&name);
		return err_set(e, ERR_USAGE, "this cannot be the name or the flags of a mailbox");
	}
	r = append(s, buf_cstr(&name), flags, bytes, e);
	if (r == 0)
		*uid_r = append_uid(buf_slice(&s->last_text));
	else if (e->code == ERR_REFUSED &&
	    slice_ifind(buf_slice(&s->last_text), "[TRYCREATE]") != SLICE_NONE)
		e->code = ERR_NOT_FOUND;
	buf_free(&name);
	return r;
}

static int
mark_deleted(struct imap *s, uint32_t uid, bool is_deleted, struct err *e)
{
	return imap_command(s, NULL, NULL, e, "UID STORE %u %cFLAGS.SILENT (\\Deleted)", uid,
	    is_deleted ? '+' : '-');
}

/* Is it the only one that is marked as deleted, or is none? */
static int
nothing_else_deleted(struct imap *s, uint32_t uid, bool *is_alone_r, struct err *e)
{
	uint32_t *uids = NULL;
	size_t n = 0;

	*is_alone_r = false;
	if (imap_search(s, "DELETED", &uids, &n, e) != 0)
		return -1;
	*is_alone_r = n == 0 || (n == 1 && uids[0] == uid);
	free(uids);
	return 0;
}

int
imap_remove(struct imap *s, uint32_t uid, bool *done_r, struct err *e)
{
	bool is_alone = false;

	*done_r = false;
	if (s->read_only)
		return err_set(e, ERR_REFUSED, "the mailbox is open for reading only");
	if (s->caps.uidplus) {
		if (mark_deleted(s, uid, true, e) != 0 ||
		    imap_command(s, NULL, NULL, e, "UID EXPUNGE %u", uid) != 0)
			return -1;
		*done_r = true;
		return 0;
	}
	if (nothing_else_deleted(s, uid, &is_alone, e) != 0)
		return -1;
	if (!is_alone)
		return 0;
	/* Looked at again: somebody may have marked another one in between. */
	if (mark_deleted(s, uid, true, e) != 0 || nothing_else_deleted(s, uid, &is_alone, e) != 0)
		return -1;
	if (!is_alone)
		return mark_deleted(s, uid, false, e);
	*done_r = imap_command(s, NULL, NULL, e, "EXPUNGE") == 0;
	return *done_r ? 0 : -1;
}
