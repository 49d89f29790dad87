/* What is known while a configuration file is read. Private to conf. */
#ifndef BASE_CONF_READER_H
#define BASE_CONF_READER_H

#include "base/conf.h"

#define READER_MAX_OPTIONS 64

/* Where each option was set, so that a second time can be told of. */
struct seen {
	unsigned section_line;
	unsigned n_bad; /* values that were refused */
	unsigned lines[READER_MAX_OPTIONS];
};

struct reader {
	struct conf *c;
	struct seen ui;
	struct seen *seen; /* one an account */
	size_t cap_accounts;
	size_t cap_bindings;
	struct buf *problems;
	struct err *e;
	unsigned n_problems;
	bool has_password;
};

/* Notes "FILE:line: words"; line 0 = of the file as a whole. */
void reader_problem(struct reader *r, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Index in conf_options, or conf_n_options. */
size_t reader_option(const char *section, const char *name);
/* Index in accounts, or n_accounts. */
size_t reader_account(const struct conf *c, const char *name);

/* What only the whole file tells: what is missing, what does not go together. */
void reader_check(struct reader *r);

#endif
