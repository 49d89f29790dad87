/* Waiting for news. */
#include "base/clock.h"
#include "net/imap_session.h"

#define POLL_EVERY_S 60

#define IDLE_MAX_S (28 * 60)

/* IDLE is renewed far more often than the 29 minutes of RFC 2177: a proxy in between may
 * answer the probes of TCP for a server that is gone, and only an answer proves a server. */
static unsigned
piece_s(const struct imap *s)
{
	unsigned max = s->caps.idle ? IDLE_MAX_S : POLL_EVERY_S;

	return s->keepalive_s < max ? s->keepalive_s : max;
}

static bool
has_news(const struct imap *s, unsigned fetches_before)
{
	return s->guard.n_changes != s->seen_changes || s->guard.n_fetches != fetches_before;
}

/* Until news, a wake-up, or the end of the time: 1, 1, 0; -1 when the session died. */
static int
listen_until(struct imap *s, int wake_fd, int64_t until, unsigned fetches_before, struct err *e)
{
	while (!has_news(s, fetches_before)) {
		int64_t left = until - clock_mono_ms();

		if (left <= 0)
			return 0;
		switch (stream_wait(s->st, wake_fd, (int)left)) {
		case STREAM_FAILED:
			return imap_check(s, e);
		case STREAM_WOKEN:
			return 1;
		case STREAM_QUIET:
			return 0;
		case STREAM_DATA:
			if (stream_mailstream_pump(s->ms) != 0)
				return imap_check(s, e);
			if (imap_check(s, e) != 0)
				return -1;
		}
	}
	return 1;
}

static int
idle(struct imap *s, int wake_fd, int64_t until, struct err *e)
{
	unsigned fetches = s->guard.n_fetches;
	struct slice ignored;
	int r, told;

	if (imap_send(s, e, "IDLE") != 0)
		return -1;
	r = imap_continuation(s, &ignored, e);
	if (r == 0)
		return imap_kill(s, ERR_PROTOCOL, "the server ends IDLE before it began", e);
	if (r < 0)
		return -1;
	told = listen_until(s, wake_fd, until, fetches, e);
	if (told < 0 || imap_write(s, SLICE_LIT("DONE\r\n"), e) != 0)
		return -1;
	if (mailstream_flush(s->ms) != 0)
		return imap_check(s, e);
	if (imap_finish(s, NULL, NULL, e) != 0)
		return -1;
	return told == 1 || has_news(s, fetches);
}

static int
poll_once(struct imap *s, int wake_fd, int64_t until, struct err *e)
{
	unsigned fetches = s->guard.n_fetches;
	int told = listen_until(s, wake_fd, until, fetches, e);

	if (told != 0)
		return told;
	if (imap_command(s, NULL, NULL, e, "NOOP") != 0)
		return -1;
	return has_news(s, fetches);
}

int
imap_wait(struct imap *s, int wake_fd, unsigned timeout_s, bool *news_r, struct err *e)
{
	int64_t end = clock_mono_ms() + (int64_t)timeout_s * 1000;
	unsigned fetches = s->guard.n_fetches;
	int r = 0;

	*news_r = false;
	if (imap_check(s, e) != 0 || imap_ahead_drop(s, e) != 0)
		return -1;
	while (r == 0 && !has_news(s, fetches) && clock_mono_ms() < end) {
		int64_t piece = piece_s(s) * INT64_C(1000);
		int64_t until = clock_mono_ms() + piece < end ? clock_mono_ms() + piece : end;

		r = s->caps.idle ? idle(s, wake_fd, until, e) : poll_once(s, wake_fd, until, e);
	}
	if (r < 0)
		return -1;
	*news_r = has_news(s, fetches);
	s->seen_changes = s->guard.n_changes;
	return 0;
}
