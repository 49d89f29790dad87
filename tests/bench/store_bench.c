/* What the store costs at 100,000 cases (or as many as are asked for).
 *
 *   store_bench [CASES [FOLDER]]
 *
 * Prints figures; nothing here fails on time. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/cache.h"

#define BATCH 1000

static const char *const own[] = {"example.org"};

struct bench {
	struct cache *c;
	struct cache_box box;
	unsigned n;
	struct err e;
};

static void
stop_if(int result, const struct bench *b)
{
	if (result == 0)
		return;
	fprintf(stderr, "store_bench: %s\n", b->e.text);
	exit(1);
}

/* Both clocks: the machine may be busy with other things. */
struct watch {
	int64_t wall_ms;
	int64_t cpu_us;
};

static int64_t
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static struct watch
watch_start(void)
{
	return (struct watch){clock_mono_ms(), cpu_us()};
}

static void
watch_tell(struct watch w, const char *what, unsigned n)
{
	double cpu = (double)(cpu_us() - w.cpu_us) / 1000;

	printf("%-16s %8u  wall %7lld ms  cpu %8.1f ms  %9.0f a second of cpu\n", what, n,
	    (long long)(clock_mono_ms() - w.wall_ms), cpu, cpu > 0 ? n * 1000.0 / cpu : 0);
}

static void
put_one(struct bench *b, unsigned i)
{
	char id[64], address[64], report_id[64], subject[64];
	struct recipient r = {.original_recipient = SLICE_EMPTY,
	    .state = STATE_GAVE_UP,
	    .action = ACTION_FAILED,
	    .status = SLICE_LIT("4.4.1"),
	    .status_field = SLICE_EMPTY,
	    .reply_code = SLICE_EMPTY,
	    .diagnostic = SLICE_LIT("connect to mx.partner.example[192.0.2.7]:25: Connection timed "
				    "out, after some words that make it as long as real ones are"),
	    .remote_mta = SLICE_EMPTY,
	    .final_log_id = SLICE_EMPTY,
	    .resend = RESEND_YES,
	    .n_causes = 1};
	struct report report = {.kind = KIND_BOUNCE,
	    .from = SLICE_LIT("MAILER-DAEMON@relay1.example.org"),
	    .to = SLICE_LIT("bounces@example.org"),
	    .subject = SLICE_LIT("Undelivered Mail Returned to Sender"),
	    .date = 1790000000 + i * 7,
	    .reporting_mta = SLICE_LIT("relay1.example.org"),
	    .envelope_id = SLICE_EMPTY,
	    .queue_id = SLICE_LIT("4XyZ123abc"),
	    .mta = SLICE_LIT("postfix"),
	    .recipients = &r,
	    .n_recipients = 1};
	struct cache_message m = {
	    .uid = i + 1, .size = 5900, .internal_date = report.date, .path = ""};

	snprintf(id, sizeof(id), "<%08x.%u@example.org>", i * 2654435761u, i);
	snprintf(report_id, sizeof(report_id), "<%08x.report@relay1.example.org>", i * 40503u);
	snprintf(address, sizeof(address), "user%u@customer%u.example", i, i % 5000);
	snprintf(subject, sizeof(subject), "Your newsletter, number %u of this year", i % 53);
	r.address = slice_of(address);
	r.causes[0] = (struct cause_hit){
	    CAUSE_CONNECT_TIMEOUT, 0.93, SLICE_LIT("Connection timed out"), NULL};
	report.message_id = slice_of(report_id);
	report.original = (struct original){.message_id = slice_of(id),
	    .from = SLICE_LIT("Example News <news@example.org>"),
	    .to = slice_of(address),
	    .subject = slice_of(subject),
	    .date = SLICE_LIT("2026-11-20T09:14:00Z"),
	    .header = SLICE_EMPTY,
	    .raw = SLICE_EMPTY,
	    .dkim_domain = SLICE_LIT("example.org"),
	    .return_path = SLICE_LIT("bounces@example.org"),
	    .first_received = SLICE_LIT("from app1.example.org by relay1.example.org")};
	stop_if(cache_put(b->c, &b->box, &m, &report, own, 1, NULL, &b->e), b);
}

static void
put_all(struct bench *b)
{
	struct watch w = watch_start();

	for (unsigned i = 0; i < b->n; i++) {
		if (i % BATCH == 0)
			stop_if(cache_begin(b->c, &b->e), b);
		put_one(b, i);
		if (i % BATCH == BATCH - 1 || i + 1 == b->n)
			stop_if(cache_commit(b->c, &b->e), b);
	}
	watch_tell(w, "put", b->n);
}

struct count {
	unsigned n;
	unsigned most;
	size_t bytes;
	const struct filter *filter;
	unsigned hits;
};

static bool
count_row(void *ctx, const struct row *row)
{
	struct count *c = ctx;

	c->bytes += strlen(row->recipient) + strlen(row->subject);
	if (c->filter != NULL && filter_match(c->filter, row, 1790000000))
		c->hits++;
	return ++c->n != c->most;
}

static void
read_rows(struct bench *b, const char *what, unsigned most, const char *words)
{
	struct count c = {.most = most};
	struct filter *f = NULL;
	struct watch w = watch_start();

	if (words != NULL)
		stop_if(filter_parse(&f, words, &b->e), b);
	c.filter = f;
	stop_if(cache_rows(b->c, "bench", count_row, &c, &b->e), b);
	watch_tell(w, what, c.n);
	if (words != NULL)
		printf("  of which match   %8u  %s\n", c.hits, words);
	filter_free(&f);
}

static void
reopen(struct bench *b, const char *path)
{
	struct watch w = watch_start();

	cache_close(&b->c);
	stop_if(cache_open(&b->c, path, &b->e), b);
	watch_tell(w, "open again", 1);
}

static void
take_flags_and_remove(struct bench *b)
{
	struct watch w = watch_start();
	unsigned n = b->n / 10;
	uint32_t *uids = xcalloc(n, sizeof(*uids));

	stop_if(cache_begin(b->c, &b->e), b);
	for (unsigned i = 0; i < n; i++) {
		struct cache_message m = {.uid = i + 1, .seen = true, .path = ""};

		stop_if(cache_flags(b->c, &b->box, &m, NULL, &b->e), b);
		uids[i] = i + 1;
	}
	stop_if(cache_commit(b->c, &b->e), b);
	watch_tell(w, "flags", n);
	w = watch_start();
	stop_if(cache_remove(b->c, &b->box, uids, n, NULL, &b->e), b);
	watch_tell(w, "remove", n);
	free(uids);
}

static void
tell_size(const char *path)
{
	struct rusage usage;
	struct stat st;

	if (stat(path, &st) == 0)
		printf("file               %8lld kB\n", (long long)st.st_size / 1024);
	getrusage(RUSAGE_SELF, &usage);
	printf("peak memory        %8ld kB\n", usage.ru_maxrss);
}

int
main(int argc, char **argv)
{
	struct bench b = {.n = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100000};
	const char *folder = argc > 2 ? argv[2] : P_tmpdir;
	struct buf path = BUF_INIT;
	bool fresh;

	buf_addf(&path, "%s/store_bench.%ld.db", folder, (long)getpid());
	stop_if(cache_open(&b.c, path.data, &b.e), &b);
	stop_if(cache_box(b.c, "bench", "INBOX", 1, &b.box, &fresh, &b.e), &b);
	put_all(&b);
	reopen(&b, path.data);
	read_rows(&b, "first screen", 40, NULL);
	read_rows(&b, "all rows", 0, NULL);
	read_rows(&b, "all rows, warm", 0, NULL);
	read_rows(&b, "and a filter", 0, "customer42 timed -to:user1 code:4.4");
	take_flags_and_remove(&b);
	tell_size(path.data);
	cache_close(&b.c);
	for (size_t i = 0; i < 4; i++) {
		static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
		struct buf name = BUF_INIT;

		buf_addf(&name, "%s%s", path.data, ends[i]);
		unlink(name.data);
		buf_free(&name);
	}
	buf_free(&path);
	return 0;
}
