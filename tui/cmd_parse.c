/* `bouncebox parse`: what the program reads in a message, for scripts and people. */
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/json.h"
#include "bounce/report.h"
#include "store/box.h"
#include "tui/cmd.h"

/* No report stands further behind; what does is the original. */
#define READ_BYTES ((size_t)1024 * 1024)
/* Written in pieces of about this size: what is in the cache is written fastest. */
#define WRITE_BYTES ((size_t)16 * 1024)

/* libetpan brings GnuTLS along, which starts itself before main and is never used:
 * our TLS is OpenSSL's. Its start takes 0.7 MB; this is how it asks whether to. */
int _gnutls_global_init_skip(void);

int
_gnutls_global_init_skip(void)
{
	return 1;
}

struct parse {
	struct arena *arena;
	struct buf out;
	bool as_json;
	bool has_failed;
	bool is_stopped; /* standard output is closed */
};

static void
put_error(struct parse *p, const struct box_message *m)
{
	struct json j;

	p->has_failed = true;
	if (!p->as_json) {
		fprintf(stderr, "bouncebox: %s\n", m->error->text);
		return;
	}
	json_begin(&j, &p->out);
	json_object(&j, NULL);
	json_cstr(&j, "file", m->name);
	json_cstr(&j, "error", m->error->text);
	json_end_object(&j);
	buf_addc(&p->out, '\n');
}

/* One line for a person: what, whom, code, why. */
static void
put_line(struct parse *p, const char *name, const struct report *r, const struct recipient *to)
{
	const char *cause = to != NULL && to->n_causes > 0 ? cause_id(to->causes[0].cause) : "";

	buf_adds(&p->out, clean(p->arena, slice_of(name)).s);
	buf_addf(&p->out, "\t%s", report_kind_id(r->kind));
	if (to != NULL) {
		buf_addf(&p->out, "\t%s\t", state_id(to->state));
		buf_adds(&p->out, clean(p->arena, to->status).s);
		buf_addc(&p->out, '\t');
		buf_adds(&p->out, clean(p->arena, to->address).s);
		buf_addf(&p->out, "\t%s\t", cause);
		buf_adds(&p->out, clean(p->arena, to->diagnostic).s);
	}
	buf_addc(&p->out, '\n');
}

static void
put_text(struct parse *p, const char *name, const struct report *r)
{
	if (r->n_recipients == 0)
		put_line(p, name, r, NULL);
	for (size_t i = 0; i < r->n_recipients; i++)
		put_line(p, name, r, &r->recipients[i]);
}

static bool
flush(struct parse *p, size_t over)
{
	if (p->out.len <= over)
		return true;
	if (fwrite(p->out.data, 1, p->out.len, stdout) != p->out.len)
		p->is_stopped = true;
	buf_clear(&p->out);
	return !p->is_stopped;
}

static bool
on_message(void *ctx, const struct box_message *m)
{
	struct parse *p = ctx;
	struct report r;
	struct json j;

	if (m->error != NULL) {
		put_error(p, m);
		return flush(p, 0);
	}
	arena_reset(p->arena);
	report_read(p->arena, m->bytes, &r);
	r.is_cut |= m->is_cut;
	if (p->as_json) {
		json_begin(&j, &p->out);
		report_json(&j, slice_of(m->name), &r);
		buf_addc(&p->out, '\n');
	} else
		put_text(p, m->name, &r);
	return flush(p, WRITE_BYTES);
}

static int
walk(struct parse *p, const char *path)
{
	struct err e = {.code = ERR_NONE};

	if (box_walk_begins(path, READ_BYTES, on_message, p, &e) != 0) {
		struct box_message m = {
		    .path = path, .name = path, .bytes = SLICE_EMPTY, .error = &e};

		put_error(p, &m);
	}
	return p->is_stopped ? -1 : 0;
}

int
cmd_parse(const struct cmd_globals *g, int argc, char **argv)
{
	struct parse p = {.out = BUF_INIT};
	bool no_more_options = false;
	int n_paths = 0;

	(void)g;
	p.arena = arena_new();
	buf_reserve(&p.out, WRITE_BYTES + WRITE_BYTES / 2);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			p.as_json = true;
	}
	for (int i = 1; i < argc && !p.is_stopped; i++) {
		if (!no_more_options && argv[i][0] == '-' && argv[i][1] != '\0') {
			if (strcmp(argv[i], "--") == 0)
				no_more_options = true;
			else if (strcmp(argv[i], "--json") != 0) {
				fprintf(stderr, "bouncebox: parse: no such option: %s\n", argv[i]);
				n_paths = -1;
				break;
			}
			continue;
		}
		n_paths++;
		if (walk(&p, argv[i]) != 0)
			break;
	}
	flush(&p, 0);
	if (fflush(stdout) != 0)
		p.has_failed = true;
	buf_free(&p.out);
	arena_free(&p.arena);
	if (n_paths == 0)
		fprintf(stderr,
		    "bouncebox: parse: which file, Maildir, folder or mbox? "
		    "\"-\" is standard input\n");
	return n_paths <= 0 ? EXIT_MISUSE : p.has_failed || p.is_stopped ? EXIT_FAILED : EXIT_DONE;
}
