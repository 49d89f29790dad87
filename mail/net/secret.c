#include <stdlib.h>

#include "base/clean.h"
#include "net/net.h"

static int
from_command(const char *command, const struct net_options *o, char **secret_r, struct err *e)
{
	struct buf out = BUF_INIT, words = BUF_INIT;
	struct slice rest, line = SLICE_EMPTY;
	int status = 0;
	int r;

	buf_reserve(&out, 65536); /* so that no copy of it is left behind by growing */
	r = net_run(command, SLICE_EMPTY, o, &out, &words, &status, e);

	if (r == 0 && status != 0) {
		struct buf said = BUF_INIT;

		clean_append(&said, slice_trim(buf_slice(&words)), 200);
		r = err_set(e, ERR_LOGIN, "the password command ended with status %d%s%s", status,
		    said.len > 0 ? ": " : "", buf_cstr(&said));
		err_todo(e, "run it by hand: its first line must be the password or token");
		buf_free(&said);
	} else if (r != 0) {
		err_add(e, "password command");
	}
	rest = buf_slice(&out);
	if (r == 0 && (!slice_line(&rest, &line) || line.n == 0)) {
		r = err_set(e, ERR_LOGIN, "the password command printed nothing");
		err_todo(e, "run it by hand: its first line must be the password or token");
	}
	if (r == 0)
		*secret_r = xslicedup(line);
	if (out.data != NULL)
		secret_wipe(out.data, out.cap);
	buf_free(&out);
	buf_free(&words);
	return r;
}

int
secret_get(const struct url *url, const char *cred_cmd, const struct net_options *o,
    secret_ask_fn ask, void *ctx, char **secret_r, struct err *e)
{
	struct buf what = BUF_INIT;

	if (cred_cmd[0] != '\0')
		return from_command(cred_cmd, o, secret_r, e);
	if (url->password[0] != '\0') {
		*secret_r = xstrdup(url->password);
		return 0;
	}
	if (ask == NULL) {
		err_set(e, ERR_LOGIN, "there is no password for %s, and nobody to ask", url->text);
		return err_todo(
		    e, "set source-cred-cmd or outgoing-cred-cmd to a command that prints it");
	}
	buf_adds(&what, "Password for ");
	clean_append(&what, slice_of(url->user), 100);
	buf_adds(&what, " at ");
	clean_append(&what, slice_of(url->host), 100);
	*secret_r = ask(ctx, buf_cstr(&what));
	buf_free(&what);
	if (*secret_r == NULL)
		return err_set(e, ERR_CANCELLED, "no password was given");
	return 0;
}
