#include "net/sasl.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "net/busy.h"
#include "net/scram.h"

/* Best first. Those that send the password as it is need a private line. */
static const struct {
	enum conf_auth mechanism;
	const char *name;
	bool is_first; /* the client speaks first */
	bool shows_secret;
	bool wants_token;
} mechanisms[] = {
    {AUTH_SCRAM_SHA_256, "SCRAM-SHA-256", true, false, false},
    {AUTH_SCRAM_SHA_1, "SCRAM-SHA-1", true, false, false},
    {AUTH_PLAIN, "PLAIN", true, true, false},
    {AUTH_LOGIN, "LOGIN", false, true, false},
    {AUTH_CRAM_MD5, "CRAM-MD5", false, false, false},
    {AUTH_XOAUTH2, "XOAUTH2", true, true, true},
    {AUTH_OAUTHBEARER, "OAUTHBEARER", true, true, true},
};
#define N_MECHANISMS (sizeof(mechanisms) / sizeof(mechanisms[0]))

struct sasl {
	size_t row; /* of mechanisms */
	char *user;
	char *secret;
	char *host;
	unsigned port;
	unsigned step;
	struct scram scram;
	struct buf oauth_words; /* what the server said about the token, cleaned */
};

static size_t
row_of(enum conf_auth mechanism)
{
	size_t i = 0;

	while (i < N_MECHANISMS && mechanisms[i].mechanism != mechanism)
		i++;
	return i;
}

const char *
sasl_name(enum conf_auth mechanism)
{
	size_t row = row_of(mechanism);

	return row == N_MECHANISMS ? "" : mechanisms[row].name;
}

static bool
is_offered(const char *offered, const char *name)
{
	struct slice rest = slice_of(offered);

	while (rest.n > 0) {
		size_t space = slice_chr(rest, ' ');
		struct slice word = slice_sub(rest, 0, space == SLICE_NONE ? rest.n : space);

		if (slice_iis(word, name))
			return true;
		rest = slice_from(rest, space == SLICE_NONE ? rest.n : space + 1);
	}
	return false;
}

static int
nothing_fits(const char *offered, struct err *e)
{
	struct buf words = BUF_INIT;

	clean_append(&words, slice_trim(slice_of(offered)), 200);
	err_set(e, ERR_LOGIN, "the server offers no login that can be used here, only: %s",
	    buf_cstr(&words));
	buf_free(&words);
	if (is_offered(offered, "XOAUTH2"))
		return err_todo(
		    e, "set auth = xoauth2, with a cred-cmd that prints an access token");
	if (is_offered(offered, "OAUTHBEARER"))
		return err_todo(
		    e, "set auth = oauthbearer, with a cred-cmd that prints an access token");
	return -1;
}

int
sasl_pick(enum conf_auth wanted, const char *offered, bool is_private, enum conf_auth *pick_r,
    struct err *e)
{
	*pick_r = wanted;
	if (wanted != AUTH_AUTO) {
		if (is_offered(offered, sasl_name(wanted)) || wanted == AUTH_LOGIN)
			return 0;
		nothing_fits(offered, e);
		err_add(e, "%s is set as auth", sasl_name(wanted));
		return err_todo(e, "set auth = auto, or to one that the server offers");
	}
	if (slice_trim(slice_of(offered)).n == 0)
		return 0;
	for (size_t i = 0; i < N_MECHANISMS; i++) {
		if (mechanisms[i].wants_token || !is_offered(offered, mechanisms[i].name))
			continue;
		/* On an open line a hashed password comes before a plain one. */
		if (!is_private && mechanisms[i].shows_secret && is_offered(offered, "CRAM-MD5"))
			continue;
		*pick_r = mechanisms[i].mechanism;
		return 0;
	}
	return nothing_fits(offered, e);
}

static bool
has_controls(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 127)
			return true;
	return false;
}

int
sasl_new(struct sasl **s_r, enum conf_auth mechanism, const char *user, const char *secret,
    const char *host, unsigned port, struct err *e)
{
	struct sasl *s;
	size_t row = row_of(mechanism);

	if (user[0] == '\0') {
		err_set(e, ERR_LOGIN, "there is no user name to log in with");
		return err_todo(e, "write it into the URL: imaps://user%%40example.org@host/INBOX");
	}
	if (row == N_MECHANISMS || has_controls(user) || has_controls(secret))
		return err_set(e, ERR_LOGIN, "user name or password hold a control character");
	s = xcalloc(1, sizeof(*s));
	s->row = row;
	s->user = xstrdup(user);
	s->secret = xstrdup(secret);
	s->host = xstrdup(host);
	s->port = port;
	scram_init(&s->scram, mechanism == AUTH_SCRAM_SHA_1 ? EVP_sha1() : EVP_sha256(), NULL);
	*s_r = s;
	return 0;
}

bool
sasl_is_first(const struct sasl *s)
{
	return mechanisms[s->row].is_first;
}

void
base64_add(struct buf *out, struct slice in)
{
	unsigned char *room = xmalloc((in.n + 2) / 3 * 4 + 1);
	int n = EVP_EncodeBlock(room, (const unsigned char *)in.p, (int)in.n);

	buf_add(out, room, (size_t)n);
	secret_wipe(room, (size_t)n);
	free(room);
}

bool
base64_decode(struct slice in, struct buf *out)
{
	unsigned char *room;
	size_t pad = 0;
	int n;

	if (in.n % 4 != 0 || in.n > 65536)
		return false;
	if (in.n == 0)
		return true;
	while (pad < 2 && in.p[in.n - 1 - pad] == '=')
		pad++;
	room = xmalloc(in.n);
	n = EVP_DecodeBlock(room, (const unsigned char *)in.p, (int)in.n);
	if (n >= 0)
		buf_add(out, room, (size_t)n - pad);
	free(room);
	return n >= 0;
}

static void
plain_step(const struct sasl *s, struct buf *out)
{
	buf_addc(out, '\0');
	buf_adds(out, s->user);
	buf_addc(out, '\0');
	buf_adds(out, s->secret);
}

static void
cram_step(const struct sasl *s, struct slice challenge, struct buf *out)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	HMAC(EVP_md5(), s->secret, (int)strlen(s->secret), (const unsigned char *)challenge.p,
	    challenge.n, digest, &n);
	buf_addf(out, "%s ", s->user);
	for (unsigned i = 0; i < n; i++)
		buf_addf(out, "%02x", digest[i]);
}

static int
scram_step(struct sasl *s, struct slice challenge, struct buf *out, struct err *e)
{
	switch (s->step) {
	case 0:
		scram_first(&s->scram, s->user, out);
		return 0;
	case 1:
		return scram_final(&s->scram, challenge, s->secret, out, e);
	default:
		return scram_verify(&s->scram, challenge, e);
	}
}

static void
xoauth2_step(struct sasl *s, struct slice challenge, struct buf *out)
{
	if (s->step == 0)
		buf_addf(out, "user=%s\001auth=Bearer %s\001\001", s->user, s->secret);
	else
		clean_append(
		    &s->oauth_words, challenge, 300); /* its error; an empty reply ends it */
}

static void
oauthbearer_step(struct sasl *s, struct slice challenge, struct buf *out)
{
	if (s->step > 0) {
		clean_append(&s->oauth_words, challenge, 300);
		buf_addc(out, '\001');
		return;
	}
	buf_adds(out, "n,a=");
	for (const char *p = s->user; *p != '\0'; p++)
		buf_adds(out, *p == ',' ? "=2C" : *p == '=' ? "=3D" : (const char[2]){*p, '\0'});
	buf_addf(
	    out, ",\001host=%s\001port=%u\001auth=Bearer %s\001\001", s->host, s->port, s->secret);
}

static int
step_plain_text(struct sasl *s, struct slice challenge, struct buf *out, struct err *e)
{
	switch (mechanisms[s->row].mechanism) {
	case AUTH_PLAIN:
		plain_step(s, out);
		return 0;
	case AUTH_LOGIN:
		buf_adds(out, s->step == 0 ? s->user : s->secret);
		return 0;
	case AUTH_CRAM_MD5:
		cram_step(s, challenge, out);
		return 0;
	case AUTH_XOAUTH2:
		xoauth2_step(s, challenge, out);
		return 0;
	case AUTH_OAUTHBEARER:
		oauthbearer_step(s, challenge, out);
		return 0;
	default:
		return scram_step(s, challenge, out, e);
	}
}

int
sasl_step(struct sasl *s, struct slice challenge, struct buf *reply, struct err *e)
{
	struct buf plain = BUF_INIT, out = BUF_INIT;
	int r;

	if (s->step > 4)
		return err_set(e, ERR_LOGIN, "the server asks and asks during the login");
	if (!base64_decode(challenge, &plain))
		return err_set(e, ERR_LOGIN, "the server's challenge is not base64");
	r = step_plain_text(s, buf_slice(&plain), &out, e);
	s->step++;
	if (r == 0)
		base64_add(reply, buf_slice(&out));
	buf_free(&plain);
	if (out.data != NULL)
		secret_wipe(out.data, out.cap);
	buf_free(&out);
	return r;
}

enum sasl_rest
sasl_rest(const struct sasl *s)
{
	switch (mechanisms[s->row].mechanism) {
	case AUTH_PLAIN:
		return s->step == 1 ? SASL_NOTHING : SASL_MORE;
	case AUTH_SCRAM_SHA_1:
	case AUTH_SCRAM_SHA_256:
		return s->step == 2 ? SASL_EMPTY : SASL_MORE;
	default:
		return SASL_MORE;
	}
}

int
sasl_finish(const struct sasl *s, struct err *e)
{
	enum conf_auth m = mechanisms[s->row].mechanism;

	if ((m == AUTH_SCRAM_SHA_1 || m == AUTH_SCRAM_SHA_256) && !s->scram.is_proved)
		return err_set(e, ERR_LOGIN, "the server did not prove that it knows the password");
	return 0;
}

/* What servers say, and what helps. */
static const struct {
	const char *says;
	const char *todo;
} remedies[] = {
    {"application-specific password",
	"make an app password at myaccount.google.com/apppasswords "
	"and use that in place of the account's password"},
    {"app password", "make an app password in the provider's settings and use that"},
    {"basic authentication is disabled",
	"this server takes tokens only: set auth = xoauth2, with a "
	"cred-cmd that prints an access token"},
    {"5.7.139",
	"this server takes tokens only: set auth = xoauth2, with a cred-cmd that prints an "
	"access token"},
    {"web login required", "log in with a browser once, or use an app password"},
    {"invalid_token", "the token is not valid any more: see what the cred-cmd prints"},
    {"too many", "wait some minutes: the server counts logins"},
};

int
sasl_refused(const struct sasl *s, struct slice words, struct err *e)
{
	struct buf all = BUF_INIT;

	clean_append(&all, slice_trim(words), 300);
	if (s->oauth_words.len > 0) {
		buf_addc(&all, ' ');
		buf_addslice(&all, buf_slice(&s->oauth_words));
	}
	if (busy_is(buf_slice(&all), true)) { /* not the password's fault */
		err_set(e, ERR_BUSY, "%s does not let %s in for now: %s", s->host, s->user,
		    buf_cstr(&all));
		err_todo(e, "wait some minutes, or close other programs that use the account");
		buf_free(&all);
		return -1;
	}
	err_set(e, ERR_LOGIN, "%s refuses the login of %s (%s): %s", s->host, s->user,
	    mechanisms[s->row].name, buf_cstr(&all));
	err_todo(e,
	    mechanisms[s->row].wants_token
		? "see that the cred-cmd prints a token that is valid now, for this user"
		: "check user and password in the configuration, or what the cred-cmd prints");
	for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++) {
		if (slice_ifind(buf_slice(&all), remedies[i].says) != SLICE_NONE) {
			err_todo(e, "%s", remedies[i].todo);
			break;
		}
	}
	buf_free(&all);
	return -1;
}

void
sasl_free(struct sasl **s)
{
	if (s == NULL || *s == NULL)
		return;
	secret_wipe((*s)->secret, strlen((*s)->secret));
	free((*s)->secret);
	free((*s)->user);
	free((*s)->host);
	scram_free(&(*s)->scram);
	buf_free(&(*s)->oauth_words);
	free(*s);
	*s = NULL;
}
