/* Mailboxes: finding the special ones, making one. */
#include <stdlib.h>

#include "net/imap_row.h"
#include "net/imap_session.h"

enum { SENT, DRAFTS, ALL, TRASH, JUNK, ARCHIVE, N_SPECIAL };

/* The mark of RFC 6154, and the usual names where a server has no marks. */
static const struct {
	const char *mark;
	const char *names[5];
} special[N_SPECIAL] = {
    {"Sent", {"Sent", "Sent Items", "Sent Messages", "INBOX.Sent", "INBOX/Sent"}},
    {"Drafts", {"Drafts", "INBOX.Drafts", "INBOX/Drafts"}},
    {"All", {"[Gmail]/All Mail"}},
    {"Trash", {"Trash", "Deleted Items", "INBOX.Trash", "INBOX/Trash"}},
    {"Junk", {"Junk", "Spam", "Junk Email", "INBOX.Junk", "INBOX.Spam"}},
    {"Archive", {"Archive", "Archives", "INBOX.Archive", "INBOX/Archive"}},
};

static bool
has_mark(struct slice flags, const char *mark)
{
	while (flags.n > 0) {
		size_t n = slice_chr(flags, ' ');
		struct slice flag = slice_sub(flags, 0, n == SLICE_NONE ? flags.n : n);

		if (flag.n > 0 && flag.p[0] == '\\' && slice_iis(slice_from(flag, 1), mark))
			return true;
		flags = slice_from(flags, flag.n + 1);
	}
	return false;
}

static bool
has_name(const char *name, size_t kind)
{
	for (size_t i = 0; i < 5 && special[kind].names[i] != NULL; i++)
		if (slice_iis(slice_of(name), special[kind].names[i]))
			return true;
	return false;
}

/* As they are on the wire; the first of each kind counts. */
struct listing {
	char *marked[N_SPECIAL], *named[N_SPECIAL];
};

static void
on_list(void *ctx, struct slice line)
{
	struct listing *l = ctx;
	struct buf name = BUF_INIT;
	struct slice flags;

	if (imap_list_read(line, &flags, &name)) {
		for (size_t k = 0; k < N_SPECIAL; k++) {
			if (l->marked[k] == NULL && has_mark(flags, special[k].mark))
				l->marked[k] = xstrdup(buf_cstr(&name));
			if (l->named[k] == NULL && has_name(buf_cstr(&name), k))
				l->named[k] = xstrdup(buf_cstr(&name));
		}
	}
	buf_free(&name);
}

static int
list_folders(struct imap *s, struct err *e)
{
	bool extended = s->caps.special_use && imap_offers(s, "LIST-EXTENDED");
	struct listing l = {.marked = {NULL}};
	int r = imap_command(
	    s, on_list, &l, e, "LIST \"\" \"*\"%s", extended ? " RETURN (SPECIAL-USE)" : "");

	for (size_t k = 0; k < N_SPECIAL; k++) {
		const char *found = l.marked[k] != NULL ? l.marked[k] : l.named[k];
		struct buf utf8 = BUF_INIT;

		if (r == 0) {
			mutf7_decode(&utf8, slice_of(found != NULL ? found : ""));
			buf_cstr(&utf8);
			s->folders[k] = buf_take(&utf8);
		}
		free(l.marked[k]);
		free(l.named[k]);
	}
	return r;
}

int
imap_folders(struct imap *s, struct imap_folders *f, struct err *e)
{
	if (s->folders[SENT] == NULL && list_folders(s, e) != 0)
		return -1;
	*f = (struct imap_folders){.sent = s->folders[SENT],
	    .drafts = s->folders[DRAFTS],
	    .all = s->folders[ALL],
	    .trash = s->folders[TRASH],
	    .junk = s->folders[JUNK],
	    .archive = s->folders[ARCHIVE]};
	return 0;
}

int
imap_create(struct imap *s, const char *mailbox, struct err *e)
{
	struct buf name = BUF_INIT;
	int r;

	if (imap_add_mailbox(&name, mailbox))
		r = imap_command(s, NULL, NULL, e, "CREATE %s", buf_cstr(&name));
	else
		r = err_set(e, ERR_USAGE, "this cannot be the name of a mailbox");
	buf_free(&name);
	return r;
}
