#include <stdarg.h>
#include <stdio.h>

#include "base/calendar.h"
#include "base/log.h"
#include "msg/date.h"
#include "work/work.h"

void
tell(struct worker *w, struct letter *l)
{
	/* Waits for the reader; a closed queue means that nobody reads any more. */
	if (!queue_put_wait(w->out, l, -1))
		letter_free(l);
}

void
tell_done(struct worker *w, uint32_t request)
{
	if (request != 0)
		tell(w, letter_new(LETTER_DONE, request));
}

void
tell_failed(struct worker *w, uint32_t request, const struct err *e)
{
	struct letter *l;

	if (request == 0)
		return;
	l = letter_new(LETTER_FAILED, request);
	l->err = *e;
	log_line("work", "request %u failed: %s", request, e->text);
	tell(w, l);
}

static struct slice __attribute__((format(printf, 2, 0)))
format(struct arena *a, const char *fmt, va_list ap)
{
	struct buf b = BUF_INIT;
	struct slice s;

	buf_addvf(&b, fmt, ap);
	s = arena_copy(a, buf_slice(&b));
	buf_free(&b);
	return s;
}

void
tell_status(struct worker *w, enum online online, const struct err *e, const char *fmt, ...)
{
	struct letter *l = letter_new(LETTER_STATUS, 0);
	va_list ap;

	l->online = online;
	if (e != NULL)
		l->err = *e;
	va_start(ap, fmt);
	l->text = format(l->arena, fmt, ap);
	va_end(ap);
	tell(w, l);
}

void
tell_flaw(struct worker *w, const struct err *e)
{
	struct letter *l = letter_new(LETTER_STATUS, 0);

	l->online = w->is_local ? ONLINE_LOCAL : w->imap != NULL ? ONLINE_YES : ONLINE_NO;
	l->err = *e;
	l->title = "flaw";
	l->text = arena_copy(l->arena, slice_of(e->text));
	tell(w, l);
}

void
tell_progress(struct worker *w, uint64_t number, uint64_t total, const char *of_what)
{
	struct letter *l = letter_new(LETTER_PROGRESS, w->job != NULL ? w->job->request : 0);

	l->number = number;
	l->total = total;
	l->text = arena_copy(l->arena, slice_of(of_what));
	tell(w, l);
}

void
tell_result(struct worker *w, uint32_t request, const case_id *id, const struct err *e,
    const char *fmt, ...)
{
	struct letter *l = letter_new(LETTER_RESULT, request);
	va_list ap;

	l->cases = arena_alloc(l->arena, sizeof(*l->cases));
	l->cases[0] = *id;
	l->n_cases = 1;
	if (e != NULL)
		l->err = *e;
	va_start(ap, fmt);
	l->text = format(l->arena, fmt, ap);
	va_end(ap);
	tell(w, l);
}

static struct letter *
due_letter(uint32_t request, const case_id *id, int64_t at)
{
	struct letter *l = letter_new(LETTER_RESULT, request);

	l->cases = arena_alloc(l->arena, sizeof(*l->cases));
	l->cases[0] = *id;
	l->n_cases = 1;
	l->at = at;
	return l;
}

void
tell_due(
    struct worker *w, uint32_t request, const case_id *id, int64_t at, const char *words_before)
{
	struct letter *l = due_letter(request, id, at);
	char when[WHEN_BYTES];

	l->text = slice_of(arena_printf(l->arena, "%s %s", words_before, when_words(when, at)));
	tell(w, l);
}

void
tell_later(struct worker *w, uint32_t request, const case_id *id, int64_t at, const struct err *e)
{
	struct letter *l = due_letter(request, id, at);
	char when[WHEN_BYTES];

	l->err = *e;
	l->text = slice_of(
	    arena_printf(l->arena, "not sent before %s: %s", when_words(when, at), e->text));
	tell(w, l);
}

void
tell_text(struct worker *w, uint32_t request, const char *title, struct slice text)
{
	struct letter *l = letter_new(LETTER_TEXT, request);

	l->title = arena_strdup(l->arena, title);
	l->text = arena_copy(l->arena, text);
	tell(w, l);
}

const char *
when_words(char buf[WHEN_BYTES], int64_t unix_time)
{
	struct calendar c;

	buf[0] = '\0';
	if (unix_time <= 0)
		return buf;
	calendar_from_unix(unix_time + 60 * (int64_t)date_local_zone(unix_time), &c);
	snprintf(buf, WHEN_BYTES, "%04u-%02u-%02u %02u:%02u", (unsigned)c.year % 10000,
	    (unsigned)c.month % 100, (unsigned)c.day % 100, (unsigned)c.hour % 100,
	    (unsigned)c.minute % 100);
	return buf;
}
