#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "folder.h"
#include "store/box.h"
#include "store/box_split.h"

/* What was met, as text: "name|bytes\n", errors as "name!code\n". */
struct seen {
	struct buf out;
	size_t skip; /* bytes of the folder's name */
	unsigned stop_after;
	unsigned n;
};

static bool
note(void *ctx, const struct box_message *m)
{
	struct seen *s = ctx;

	if (m->error != NULL)
		buf_addf(&s->out, "%s!%s\n", m->name + s->skip, err_code_name(m->error->code));
	else
		buf_addf(&s->out, "%s%s|%.*s\n", m->name + s->skip, m->seen ? "*" : "",
		    SLICE_FMT(m->bytes));
	return ++s->n != s->stop_after;
}

static char *
walk(const char *folder, const char *name, unsigned stop_after)
{
	struct seen s = {.skip = strlen(folder) + 1, .stop_after = stop_after};
	char *path = folder_path(folder, name);
	struct err e;

	if (*name == '\0')
		path[strlen(folder)] = '\0';
	assert_int_equal(box_walk(path, note, &s, &e), 0);
	free(path);
	return buf_take(&s.out);
}

#define F1 "From a@b Thu Sep 18 17:54:04 2008\n"
#define F2 "From c@d  Fri Jan  2 03:04:05 2009\n"

static const struct {
	const char *name, *bytes, *want;
} splits[] = {
    {"empty", "", "m|\n"},
    {"plain", "A: b\n\nx\n", "m|A: b\n\nx\n\n"},
    {"one leading From", F1 "A: b\n\nx\n", "m|A: b\n\nx\n\n"},
    {"one leading From, CR", "From a Thu Sep 18 17:54:04 2008\rA: b\r\rx\r", "m|A: b\r\rx\r\n"},
    {"two", F1 "A: 1\n\nx\n\n" F2 "A: 2\n\ny\n\n", "m:1|A: 1\n\nx\n\nm:2|A: 2\n\ny\n\n"},
    {"two, CRLF",
	"From a Thu Sep 18 17:54:04 2008\r\nA: 1\r\n\r\nx\r\n\r\n"
	"From a Thu Sep 18 17:54:04 2008\r\nA: 2\r\n\r\ny\r\n",
	"m:1|A: 1\r\n\r\nx\r\n\nm:2|A: 2\r\n\r\ny\r\n\n"},
    {"no empty line before", F1 "A: 1\n\nx\n" F2 "A: 2\n", "m|A: 1\n\nx\n" F2 "A: 2\n\n"},
    {"prose", F1 "A: 1\n\nx\n\nFrom here on\n", "m|A: 1\n\nx\n\nFrom here on\n\n"},
    {"prose at the start", "From here to 12:00 or so\n\nx\n",
	"m|From here to 12:00 or so\n\nx\n\n"},
    {"quoted", F1 "A: 1\n\n>From x\n>>From y\n>not\n> From z\n",
	"m|A: 1\n\nFrom x\n>From y\n>not\n> From z\n\n"},
    {"quoted in a plain file stays", "A: 1\n\n>From x\n", "m|A: 1\n\n>From x\n\n"},
    {"ends in From", F1 "A: 1\n\nx\n\nFrom ", "m|A: 1\n\nx\n\nFrom \n"},
    {"only a From line", F1, "m|\n"},
    {"ends in quotes", F1 "A: 1\n\n>>>", "m|A: 1\n\n>>>\n"},
};

static void
test_splits(void **state)
{
	char *folder = folder_new();

	(void)state;
	for (size_t i = 0; i < sizeof(splits) / sizeof(*splits); i++) {
		char *got;

		folder_put(folder, "m", splits[i].bytes, strlen(splits[i].bytes));
		got = walk(folder, "m", 0);
		if (strcmp(got, splits[i].want) != 0)
			fail_msg("%s: got <%s>, wanted <%s>", splits[i].name, got, splits[i].want);
		free(got);
	}
	folder_free(folder);
}

/* In new and cur a file is one message, whatever it begins with. */
static void
test_maildir(void **state)
{
	char *folder = folder_new();
	char *got;
	const char *two = F1 "A: 1\n\n" F2 "A: 2\n";

	(void)state;
	folder_put(folder, "cur/2:2,FS", "two", 3);
	folder_put(folder, "cur/3:2,F", two, strlen(two));
	folder_put(folder, "new/1", "one", 3);
	folder_put(folder, "tmp/0", "no", 2);
	folder_put(folder, ".Sent/cur/9", "no", 2);
	folder_put(folder, "dovecot-uidlist", "no", 2);
	got = walk(folder, "", 0);
	assert_memory_equal(got, "new/1|one\ncur/2:2,FS*|two\ncur/3:2,F|From", 40);
	assert_null(strstr(got, ":3,F:1"));
	assert_null(strstr(got, "|no"));
	free(got);
	got = walk(folder, "cur/3:2,F", 0);
	assert_memory_equal(got, "cur/3:2,F|From a@b", 18);
	free(got);
	folder_free(folder);
}

static void
test_folders(void **state)
{
	char *folder = folder_new();
	char *got;
	char *path;

	(void)state;
	folder_put(folder, "b/2", "2", 1);
	folder_put(folder, "b/1", "1", 1);
	folder_put(folder, "a", "0", 1);
	folder_put(folder, "c/new/4", "4", 1);
	folder_put(folder, "c/cur/3", "3", 1);
	folder_put(folder, ".hidden", "no", 2);
	path = folder_path(folder, "b/loop");
	assert_int_equal(symlink("..", path), 0);
	free(path);
	path = folder_path(folder, "d");
	assert_int_equal(symlink("gone", path), 0);
	free(path);
	path = folder_path(folder, "e");
	assert_int_equal(symlink("a", path), 0);
	free(path);
	path = folder_path(folder, "pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	free(path);
	got = walk(folder, "", 0);
	assert_string_equal(got, "a|0\nb/1|1\nb/2|2\nc/new/4|4\nc/cur/3|3\nd!not-found\ne|0\n");
	free(got);
	got = walk(folder, "", 2);
	assert_string_equal(got, "a|0\nb/1|1\n");
	free(got);
	folder_free(folder);
}

static void
test_missing_path_fails(void **state)
{
	struct err e;
	struct seen s = {0};

	(void)state;
	assert_int_equal(box_walk("/nonexistent/\x1b[31m", note, &s, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_null(strchr(e.text, '\x1b'));
	assert_int_equal(s.n, 0);
}

static void
test_unreadable_file_is_told_and_the_rest_read(void **state)
{
	char *folder = folder_new();
	char *path = folder_path(folder, "a");
	char *got;

	(void)state;
	folder_put(folder, "a", "1", 1);
	folder_put(folder, "b", "2", 1);
	chmod(path, 0);
	got = walk(folder, "", 0);
	/* root may read everything */
	assert_string_equal(got, geteuid() == 0 ? "a|1\nb|2\n" : "a!io\nb|2\n");
	free(got);
	free(path);
	folder_free(folder);
}

static bool
count_folder(void *ctx, const struct box_message *m)
{
	*(unsigned *)ctx += m->error == NULL ? 1 : 1000;
	return true;
}

static void
test_depth_has_an_end(void **state)
{
	char *folder = folder_new();
	struct buf name = BUF_INIT;
	unsigned n = 0;
	struct err e;

	(void)state;
	for (int i = 0; i < 100; i++)
		buf_adds(&name, "d/");
	buf_adds(&name, "f");
	folder_put(folder, buf_cstr(&name), "x", 1);
	folder_put(folder, "z", "x", 1);
	assert_int_equal(box_walk(folder, count_folder, &n, &e), 0);
	assert_int_equal(n, 1001);
	buf_free(&name);
	folder_free(folder);
}

/* A message larger than allowed is told, the ones around it are read. */
struct sizes {
	struct buf out;
};

static bool
note_size(void *ctx, const struct box_piece *p)
{
	struct sizes *s = ctx;

	buf_addf(&s->out, "%u:%s%zu ", p->n, p->is_over ? "over " : "", p->bytes.n);
	return true;
}

static void
test_oversize(void **state)
{
	char *folder = folder_new();
	struct buf text = BUF_INIT;
	struct buf space = BUF_INIT;
	struct sizes s = {BUF_INIT};
	char *path = folder_path(folder, "m");
	struct box_split split = {
	    .may_be_mbox = true, .max_bytes = 200000, .space = &space, .fn = note_size, .ctx = &s};

	(void)state;
	buf_adds(&text, F1 "abc\n\n" F1);
	for (int i = 0; i < 1000000; i++)
		buf_addc(&text, i % 77 == 0 ? '\n' : 'x');
	buf_adds(&text, "\n\n" F1 "de\n");
	folder_put(folder, "m", text.data, text.len);
	split.fd = open(path, O_RDONLY);
	assert_int_equal(box_split(&split), 0);
	assert_string_equal(buf_cstr(&s.out), "0:4 1:over 0 2:3 ");
	assert_true(space.cap < 1000000);
	close(split.fd);
	free(path);
	buf_free(&s.out);
	buf_free(&text);
	buf_free(&space);
	folder_free(folder);
}

/* Who wants the begin of each message only gets that, and every message. */
static void
test_begins(void **state)
{
	char *folder = folder_new();
	struct buf text = BUF_INIT;
	struct buf space = BUF_INIT;
	char *path = folder_path(folder, "m");

	(void)state;
	for (int round = 0; round < 3; round++) {
		struct sizes s = {BUF_INIT};
		struct box_split split = {.may_be_mbox = true,
		    .max_bytes = 1000,
		    .gives_begin = true,
		    .space = &space,
		    .fn = note_size,
		    .ctx = &s};

		buf_clear(&text);
		buf_adds(&text, F1 "abc\n\n" F1);
		for (int i = 0; i < 400000 + round * 131072; i++)
			buf_addc(&text, i % 77 == 0 ? '\n' : 'x');
		buf_adds(&text, "\n\n" F1 "de\n");
		folder_put(folder, "m", text.data, text.len);
		split.fd = open(path, O_RDONLY);
		assert_int_equal(box_split(&split), 0);
		assert_string_equal(buf_cstr(&s.out), "0:4 1:over 966 2:3 ");
		assert_true(space.cap < 600000);
		close(split.fd);
		buf_free(&s.out);
	}
	free(path);
	buf_free(&text);
	buf_free(&space);
	folder_free(folder);
}

/* Whatever the place of a separator in the chunks, nothing changes. */
static void
test_chunk_edges(void **state)
{
	char *folder = folder_new();
	char *path = folder_path(folder, "m");
	struct buf text = BUF_INIT;
	struct buf space = BUF_INIT;

	(void)state;
	for (size_t pad = 131072 - 120; pad < 131072 + 8; pad++) {
		struct sizes s = {BUF_INIT};
		struct box_split split = {.may_be_mbox = true,
		    .max_bytes = BOX_MAX_BYTES,
		    .space = &space,
		    .fn = note_size,
		    .ctx = &s};
		char want[64];

		buf_clear(&text);
		buf_adds(&text, F1);
		for (size_t i = 0; i < pad; i++)
			buf_addc(&text, 'x');
		buf_adds(&text, "\n\n" F2 "de\n");
		folder_put(folder, "m", text.data, text.len);
		split.fd = open(path, O_RDONLY);
		assert_int_equal(box_split(&split), 0);
		snprintf(want, sizeof(want), "0:%zu 1:3 ", pad + 1);
		assert_string_equal(buf_cstr(&s.out), want);
		close(split.fd);
		buf_free(&s.out);
	}
	free(path);
	buf_free(&text);
	buf_free(&space);
	folder_free(folder);
}

static bool
count_pieces(void *ctx, const struct box_piece *piece)
{
	unsigned *n = ctx;

	*n = piece->n + 1;
	return true;
}

/* A pipe gives what it has: the first line of an mbox may come byte by byte. */
static void
test_first_line_in_pieces(void **state)
{
	static const char box[] = F1 "A: 1\n\nx\n\n" F2 "A: 2\n\ny\n\n";
	struct buf space = BUF_INIT;
	unsigned n = 0;
	int fds[2];
	struct box_split s = {.may_be_mbox = true,
	    .max_bytes = BOX_MAX_BYTES,
	    .space = &space,
	    .fn = count_pieces,
	    .ctx = &n};

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	for (size_t i = 0; i + 1 < sizeof(box); i++)
		assert_int_equal(send(fds[0], box + i, 1, 0), 1);
	close(fds[0]);
	s.fd = fds[1];
	assert_int_equal(box_split(&s), 0);
	assert_int_equal(n, 2);
	close(fds[1]);
	buf_free(&space);
}

static void
test_deliver_and_read_again(void **state)
{
	char *folder = folder_new();
	char *maildir = folder_path(folder, "out");
	char *path = NULL;
	char *bytes = NULL;
	char *got;
	size_t n = 0;
	struct buf moved = BUF_INIT;
	struct err e;

	(void)state;
	assert_int_equal(box_deliver(maildir, slice_of("A: 1\n"), "", &path, &e), 0);
	assert_non_null(strstr(path, "/out/new/"));
	assert_int_equal(box_read(path, 0, &bytes, &n, &e), 0);
	assert_int_equal(n, 5);
	assert_string_equal(bytes, "A: 1\n");
	free(bytes);
	/* another program sets a flag */
	buf_adds(&moved, maildir);
	buf_addf(&moved, "/cur/%s:2,S", strrchr(path, '/') + 1);
	assert_int_equal(rename(path, buf_cstr(&moved)), 0);
	assert_int_equal(box_read(path, 0, &bytes, &n, &e), 0);
	assert_string_equal(bytes, "A: 1\n");
	free(bytes);
	assert_int_equal(box_read(path, 1, &bytes, &n, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	free(path);
	assert_int_equal(box_deliver(maildir, slice_of("A: 2\n"), "S", &path, &e), 0);
	assert_int_equal(strcmp(path + strlen(path) - 4, ":2,S"), 0);
	free(path);
	got = walk(folder, "out", 0);
	assert_non_null(strstr(got, "*|A: 1\n"));
	assert_non_null(strstr(got, "*|A: 2\n"));
	free(got);
	free(maildir);
	buf_free(&moved);
	folder_free(folder);
}

static void
test_deliver_into_nowhere(void **state)
{
	char *folder = folder_new();
	char *maildir;
	struct err e;

	(void)state;
	folder_put(folder, "file", "x", 1);
	maildir = folder_path(folder, "file/out");
	assert_int_equal(box_deliver(maildir, slice_of("A: 1\n"), "", NULL, &e), -1);
	assert_true(e.text[0] != '\0' && e.todo[0] != '\0');
	free(maildir);
	folder_free(folder);
}

static void
test_read_of_an_mbox(void **state)
{
	char *folder = folder_new();
	char *path = folder_path(folder, "m");
	const char *mbox = F1 "A: 1\n\n" F2 "A: 2\n";
	char *bytes;
	size_t n;
	struct err e;

	(void)state;
	folder_put(folder, "m", mbox, strlen(mbox));
	assert_int_equal(box_read(path, 1, &bytes, &n, &e), 0);
	assert_string_equal(bytes, "A: 2\n");
	free(bytes);
	free(path);
	folder_free(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_splits),
	    cmocka_unit_test(test_maildir),
	    cmocka_unit_test(test_folders),
	    cmocka_unit_test(test_missing_path_fails),
	    cmocka_unit_test(test_unreadable_file_is_told_and_the_rest_read),
	    cmocka_unit_test(test_depth_has_an_end),
	    cmocka_unit_test(test_oversize),
	    cmocka_unit_test(test_begins),
	    cmocka_unit_test(test_chunk_edges),
	    cmocka_unit_test(test_first_line_in_pieces),
	    cmocka_unit_test(test_deliver_and_read_again),
	    cmocka_unit_test(test_deliver_into_nowhere),
	    cmocka_unit_test(test_read_of_an_mbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
