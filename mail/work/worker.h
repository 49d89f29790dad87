/* The worker: one thread an account, which owns all sessions and the store. */
#ifndef WORK_WORKER_H
#define WORK_WORKER_H

#include "base/conf.h"
#include "work/letters.h"

struct worker;

/* What is pointed at must outlive the worker. */
struct worker_options {
	const struct conf *conf;
	const struct account *account;
	const char *state_dir;
	const char *cache_dir;
	const char *template_dir; /* of notes shipped with the program */
	bool read_only;           /* no flag, no mail, no draft is written */
	bool offline;             /* what is cached only */
	bool is_sample;           /* nothing may leave the machine, no look-up either */
	bool watch;               /* stay connected and go on syncing (the screen) */
};

/* Starts the thread. Opens nothing before the first letter. */
int worker_start(struct worker **w_r, const struct worker_options *o, struct err *e);

/* False when the queue is full: a state to show, try again later. Takes l then only. */
bool worker_send(struct worker *w, struct letter *l);
/* NULL if nothing is there. */
struct letter *worker_receive(struct worker *w);
int worker_fd(const struct worker *w); /* readable while letters wait */

/* Cancels what runs, ends the thread, frees all. */
void worker_stop(struct worker **w);

#endif
