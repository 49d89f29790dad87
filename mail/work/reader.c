#include "work/reader.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/queue.h"

#define STACK_BYTES ((size_t)1024 * 1024)

struct reader {
	pthread_t thread;
	struct queue *todo;
	struct queue *done;
	struct bundle bundles[READER_BUNDLES];
	struct bundle *empty[READER_BUNDLES];
	size_t n_empty;
	size_t n_under_way;
	struct bundle end; /* sent last */
};

static void
wait_for(const struct queue *q)
{
	struct pollfd p = {.fd = queue_fd(q), .events = POLLIN};

	while (poll(&p, 1, -1) < 0 && errno == EINTR)
		;
}

static void
read_all(struct bundle *b)
{
	for (size_t i = 0; i < b->n; i++)
		report_read(b->arena, bundle_bytes(b, &b->jobs[i]), &b->jobs[i].r);
}

static void *
run(void *arg)
{
	struct reader *rd = arg;
	struct bundle *b;

	for (;;) {
		while ((b = queue_take(rd->todo)) == NULL)
			wait_for(rd->todo);
		if (b == &rd->end)
			return NULL;
		read_all(b);
		queue_put(rd->done, b); /* there is room for all that there are */
	}
}

static int
start(struct reader *rd)
{
	pthread_attr_t attr;
	int r;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	r = pthread_create(&rd->thread, &attr, run, rd);
	pthread_attr_destroy(&attr);
	return r;
}

static void
free_parts(struct reader *rd)
{
	for (size_t i = 0; i < READER_BUNDLES; i++) {
		arena_free(&rd->bundles[i].arena);
		buf_free(&rd->bundles[i].bytes);
	}
	queue_free(&rd->todo, NULL);
	queue_free(&rd->done, NULL);
	free(rd);
}

struct reader *
reader_new(void)
{
	struct reader *rd = xcalloc(1, sizeof(*rd));

	rd->todo = queue_new(READER_BUNDLES + 1);
	rd->done = queue_new(READER_BUNDLES);
	for (size_t i = 0; i < READER_BUNDLES; i++) {
		rd->bundles[i].arena = arena_new();
		rd->empty[rd->n_empty++] = &rd->bundles[i];
	}
	if (start(rd) == 0)
		return rd;
	free_parts(rd);
	return NULL;
}

struct bundle *
reader_empty(struct reader *rd)
{
	struct bundle *b;

	if (rd->n_empty == 0)
		return NULL;
	b = rd->empty[--rd->n_empty];
	arena_reset(b->arena);
	buf_clear(&b->bytes);
	b->n = 0;
	return b;
}

static void
copy_message(struct arena *a, const struct cache_message *m, struct cache_message *copy)
{
	const char **keywords = arena_calloc(a, m->n_keywords, sizeof(*keywords));

	*copy = *m;
	for (size_t i = 0; i < m->n_keywords; i++)
		keywords[i] = arena_strdup(a, m->keywords[i]);
	copy->keywords = keywords;
	copy->path = arena_strdup(a, m->path);
}

bool
bundle_add(struct bundle *b, const struct cache_message *m, struct slice bytes, bool is_partly)
{
	struct reading_job *job = &b->jobs[b->n];

	if (b->n == READER_MESSAGES || b->bytes.len + bytes.n > READER_BYTES)
		return false;
	b->n++;
	copy_message(b->arena, m, &job->m);
	job->start = b->bytes.len;
	job->n = bytes.n;
	job->is_partly = is_partly;
	buf_addslice(&b->bytes, bytes);
	return true;
}

struct slice
bundle_bytes(const struct bundle *b, const struct reading_job *job)
{
	return slice_sub(buf_slice(&b->bytes), job->start, job->n);
}

void
reader_send(struct reader *rd, struct bundle *b)
{
	rd->n_under_way++;
	queue_put(rd->todo, b);
}

struct bundle *
reader_take(struct reader *rd, bool wait)
{
	struct bundle *b;

	while ((b = queue_take(rd->done)) == NULL) {
		if (!wait || rd->n_under_way == 0)
			return NULL;
		wait_for(rd->done);
	}
	rd->n_under_way--;
	return b;
}

void
reader_give_back(struct reader *rd, struct bundle *b)
{
	rd->empty[rd->n_empty++] = b;
}

void
reader_free(struct reader **rd)
{
	if (*rd == NULL)
		return;
	queue_put((*rd)->todo, &(*rd)->end);
	pthread_join((*rd)->thread, NULL);
	free_parts(*rd);
	*rd = NULL;
}
