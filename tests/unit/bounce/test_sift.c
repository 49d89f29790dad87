/* No report is left out by its header alone: every one of the shipped fixtures, and
 * of the folders that BB_MAIL names ("a:b"), with all fields and with those that an
 * IMAP FETCH asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "bounce/report.h"
#include "bounce/sift.h"
#include "msg/field.h"

#define PERHAPS_BYTES 8192 /* INTAKE_PERHAPS of work/intake.h */

struct tally {
	unsigned reports, lost, others, left_out;
};

static struct tally tally;

/* What a server gives of it. */
static void
asked_for(struct slice header, struct buf *out)
{
	struct field f;

	while (field_next(&header, &f)) {
		struct slice names = slice_of(sift_fields);
		bool is_asked = false;

		while (names.n > 0 && !is_asked) {
			size_t n = slice_chr(names, ' ');

			n = n == SLICE_NONE ? names.n : n;
			is_asked = slice_ieq(slice_sub(names, 0, n), f.name);
			names = slice_from(names, n < names.n ? n + 1 : n);
		}
		if (is_asked)
			buf_addslice(out, f.whole);
	}
}

static void
look_at(struct slice mail, const char *name)
{
	struct arena *a = arena_new();
	struct buf some = BUF_INIT;
	struct slice header, body;
	struct report r;
	bool by_all, by_some;

	report_read(a, mail, &r);
	field_split(mail, &header, &body);
	asked_for(header, &some);
	by_all = sift_header(a, header) != SIFT_NO;
	by_some = sift_header(a, buf_slice(&some)) != SIFT_NO;
	if (r.kind == KIND_OTHER) {
		tally.others++;
		tally.left_out += !by_some;
	} else {
		tally.reports++;
		tally.lost += !by_some || !by_all;
		if (!by_some || !by_all)
			print_error("lost: %s (%s)\n", name, report_kind_id(r.kind));
	}
	/* Of those that are hardly reports only the beginning is fetched. */
	if (r.kind != KIND_OTHER && sift_header(a, header) == SIFT_PERHAPS) {
		report_read(a, slice_sub(mail, 0, PERHAPS_BYTES), &r);
		tally.lost += r.kind == KIND_OTHER;
		if (r.kind == KIND_OTHER)
			print_error("lost by its beginning: %s\n", name);
	}
	if (by_all != by_some)
		print_error("%s: all fields say %d, those asked for %d\n", name, by_all, by_some);
	tally.lost += by_all != by_some;
	buf_free(&some);
	arena_free(&a);
}

static bool
read_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	char piece[65536];
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
	fclose(f);
	return true;
}

static int
visit(const char *path, const struct stat *st, int type, struct FTW *at)
{
	struct buf mail = BUF_INIT;

	(void)st;
	(void)at;
	if (type == FTW_F && strstr(path, ".tsv") == NULL && strstr(path, "README") == NULL &&
	    strstr(path, "LICENSE") == NULL && read_file(path, &mail))
		look_at(buf_slice(&mail), path);
	buf_free(&mail);
	return 0;
}

static void
look_at_folder(const char *path)
{
	if (nftw(path, visit, 16, FTW_PHYS) != 0)
		fail_msg("cannot read %s", path);
}

/* The blocks of formats.txt: "=== name", what is expected, the mail. */
static void
test_formats(void **state)
{
	struct buf all = BUF_INIT;
	struct slice rest;
	char name[64];
	size_t n_blocks = 0;

	(void)state;
	assert_true(read_file(TEST_DATA "/golden/formats.txt", &all));
	rest = buf_slice(&all);
	while (rest.n > 0) {
		size_t n = slice_find(rest, "\n=== ");
		struct slice block = slice_sub(rest, 0, n == SLICE_NONE ? rest.n : n + 1);
		size_t line;

		rest = slice_from(rest, n == SLICE_NONE ? rest.n : n + 5);
		line = slice_chr(block, '\n');
		snprintf(name, sizeof(name), "%.*s", (int)(line < 60 ? line : 60), block.p);
		if (n_blocks++ == 0) /* the comment on top */
			continue;
		block = slice_from(block, line + 1);
		look_at(slice_from(block, slice_chr(block, '\n') + 1), name);
	}
	buf_free(&all);
	assert_true(n_blocks > 100 && tally.left_out > 0);
	assert_int_equal(tally.lost, 0);
}

static void
test_real_ones(void **state)
{
	(void)state;
	tally = (struct tally){0};
	look_at_folder(TEST_DATA "/golden/real");
	assert_true(tally.reports > 50);
	assert_int_equal(tally.lost, 0);
}

static void
test_further_folders(void **state)
{
	char *list = getenv("BB_MAIL") == NULL ? NULL : strdup(getenv("BB_MAIL"));

	(void)state;
	tally = (struct tally){0};
	for (char *rest = list, *one; (one = strsep(&rest, ":")) != NULL;)
		look_at_folder(one);
	free(list);
	print_message("%u reports, %u lost; %u others, %u of them left out\n", tally.reports,
	    tally.lost, tally.others, tally.left_out);
	assert_int_equal(tally.lost, 0);
}

/* What it is for. */
static void
test_ordinary_mail_is_left_out(void **state)
{
	static const struct {
		const char *header;
		enum sift want;
	} rows[] = {
	    {"Return-Path: <bob@x.test>\nFrom: Bob <bob@x.test>\nSubject: Lunch\n", SIFT_NO},
	    {"Return-Path: <l-bounces@x.test>\nFrom: Bob <bob@x.test>\nList-Id: <l.x.test>\n"
	     "Precedence: list\nSubject: [l] Lunch\n",
		SIFT_NO},
	    {"From: Bob <bob@x.test>\nSubject: Lunch\nContent-Type: text/html\n", SIFT_NO},
	    {"From: News <n@x.test>\nList-Id: <n>\nPrecedence: bulk\nSubject: News\n", SIFT_NO},
	    {"Return-Path: <>\nFrom: Bob <bob@x.test>\nSubject: Lunch\n", SIFT_LIKELY},
	    {"From: Bob <bob@x.test>\nSubject: Fwd: what is this?\n", SIFT_LIKELY},
	    {"From: Bob <bob@x.test>\nSubject: Undelivered Mail Returned to Sender\n", SIFT_LIKELY},
	    {"From: Bob <bob@x.test>\nSubject: Lunch\nAuto-Submitted: auto-replied\n", SIFT_LIKELY},
	    {"From: Bob <bob@x.test>\nSubject: Lunch\nAuto-Submitted: no\n", SIFT_NO},
	    {"From: Bob <bob@x.test>\nSubject: Lunch\nX-Failed-Recipients: a@x.test\n",
		SIFT_LIKELY},
	    {"From: Bob <bob@x.test>\nContent-Type: multipart/report; boundary=b\n", SIFT_LIKELY},
	    {"From: Bob <bob@x.test>\nContent-Type: multipart/mixed; boundary=b\n", SIFT_PERHAPS},
	    {"From: l-request@x.test\nList-Id: <l.x.test>\nSubject: Your message\n", SIFT_LIKELY},
	    {"From: no-reply@sns.example\nSubject: Notification\n", SIFT_PERHAPS},
	    {"Subject: nobody wrote this\n", SIFT_LIKELY},
	    {"", SIFT_LIKELY},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (sift_header(a, slice_of(rows[i].header)) != rows[i].want)
			fail_msg("%s", rows[i].header);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_formats),
	    cmocka_unit_test(test_real_ones),
	    cmocka_unit_test(test_further_folders),
	    cmocka_unit_test(test_ordinary_mail_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
