/* The three ways out behind outgoing.h. Private to this room. */
#ifndef NET_WAY_H
#define NET_WAY_H

#include "net/outgoing.h"

struct way {
	enum outgoing_outcome (*send)(void *state, const struct outgoing_mail *m,
	    struct outgoing_result *results, char *reply, struct err *e);
	void (*close)(void *state);
};

struct outgoing {
	const struct way *way;
	void *state;
	struct outgoing_caps caps;
	char *words;
};

int smtp_open(struct outgoing *out, const struct account *account, const char *secret,
    const struct net_options *o, struct err *e);
int command_open(
    struct outgoing *out, const struct url *u, const struct net_options *o, struct err *e);
int maildir_out_open(struct outgoing *out, const struct url *u, struct err *e);

bool outgoing_has_utf8_address(const struct outgoing_mail *m);

#define REPLY_BYTES sizeof(((struct outgoing_result *)0)->reply)

/* Cleans `text` into a reply field. */
void reply_set(char out[REPLY_BYTES], struct slice text);
/* The same answer for everybody. */
void results_set(
    struct outgoing_result *results, size_t n, bool accepted, unsigned code, struct slice text);
/* Message text with LF line ends, as local programs and files have it. */
void lines_local(struct buf *out, struct slice crlf);

#endif
