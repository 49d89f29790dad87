/* Mailboxes: finding the special ones, making one. */
#include <stdlib.h>

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
has_mark(const struct mailimap_mailbox_list *box, const char *mark)
{
	clistiter *i;

	if (box->mb_flag == NULL || box->mb_flag->mbf_oflags == NULL)
		return false;
	for (i = clist_begin(box->mb_flag->mbf_oflags); i != NULL; i = clist_next(i)) {
		const struct mailimap_mbx_list_oflag *flag = clist_content(i);
		struct slice name = slice_of(flag->of_flag_ext == NULL ? "" : flag->of_flag_ext);

		if (name.n > 0 && name.p[0] == '\\')
			name = slice_from(name, 1);
		if (slice_iis(name, mark))
			return true;
	}
	return false;
}

static void
keep_name(char **name, const char *on_wire)
{
	struct buf utf8 = BUF_INIT;

	mutf7_decode(&utf8, slice_of(on_wire));
	free(*name);
	*name = buf_take(&utf8);
}

static void
find_marked(struct imap *s, clist *list)
{
	for (clistiter *i = clist_begin(list); i != NULL; i = clist_next(i)) {
		const struct mailimap_mailbox_list *box = clist_content(i);

		for (size_t k = 0; k < N_SPECIAL; k++)
			if (s->folders[k] == NULL && has_mark(box, special[k].mark))
				keep_name(&s->folders[k], box->mb_name);
	}
}

static void
find_named(struct imap *s, clist *list)
{
	for (clistiter *i = clist_begin(list); i != NULL; i = clist_next(i)) {
		const struct mailimap_mailbox_list *box = clist_content(i);

		for (size_t k = 0; k < N_SPECIAL; k++)
			for (size_t n = 0; n < 5 && special[k].names[n] != NULL; n++)
				if (s->folders[k] == NULL &&
				    slice_iis(slice_of(box->mb_name), special[k].names[n]))
					keep_name(&s->folders[k], box->mb_name);
	}
}

static int
list_folders(struct imap *s, struct err *e)
{
	bool extended = s->caps.special_use && imap_offers(s, "LIST-EXTENDED");
	clist *list;
	int r = imap_call(s,
	    extended ? SLICE_LIT("LIST \"\" \"*\" RETURN (SPECIAL-USE)")
		     : SLICE_LIT("LIST \"\" \"*\""),
	    e);

	if (r != 0)
		return -1;
	list = s->m->imap_response_info->rsp_mailbox_list;
	if (list != NULL) {
		find_marked(s, list);
		find_named(s, list);
	}
	for (size_t k = 0; k < N_SPECIAL; k++)
		if (s->folders[k] == NULL)
			s->folders[k] = xstrdup("");
	return 0;
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
