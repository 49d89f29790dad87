/* Pages on top of the list: a case, help, raw mail, what was said, a preview. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/app.h"

static void
build_case(struct app *app, struct pager *p)
{
	const struct detail *d = app_detail(app, &p->key);

	if (d != NULL)
		page_explanation(app, &p->page, d, true);
	else
		page_words(&p->page, 0, 0, ROLE_DIM, SLICE_LIT("reading …"));
}

static void
build_help(struct app *app, struct pager *p)
{
	const char *group = "";

	page_words(&p->page, 0, 0, ROLE_TEXT,
	    SLICE_LIT(
		"Each line of the list is a case: one message that one recipient did not get. "
		"TRYING: a mail server still tries, wait. GAVE UP: nobody tries any more, "
		"resend. REFUSED: mend the reason first."));
	page_words(&p->page, 0, 0, ROLE_TEXT,
	    SLICE_LIT("History: o warning, x failure, R resent, N note, i ignored, u open again, "
		      "? in doubt, v delivered."));
	for (size_t i = 0; i < tui_commands_n; i++) {
		const struct command *c = &tui_commands[i];
		struct buf keys = BUF_INIT;

		if (strcmp(group, c->group) != 0) {
			page_blank(&p->page);
			page_words(&p->page, 0, 0, ROLE_HEADING, slice_of(c->group));
		}
		group = c->group;
		keymap_keys(app->keymap, (enum command_id)i, &keys);
		if (keys.len == 0)
			buf_addf(&keys, ":%s", c->name);
		page_fact(&p->page, 18, arena_strdup(p->page.arena, buf_cstr(&keys)), ROLE_TEXT,
		    slice_of(arena_printf(p->page.arena, "%s%s%s: %s", c->name,
			c->args[0] == '\0' ? "" : " ", c->args, c->help)));
		buf_free(&keys);
	}
}

static void
build_text(struct app *app, struct pager *p)
{
	struct asked *asked = app_asked(app, p->request);

	page_raw(&p->page, ROLE_TEXT, buf_slice(&p->text));
	if (asked != NULL)
		page_words(&p->page, 0, 0, ROLE_DIM, SLICE_LIT("reading …"));
}

static void
build_messages(struct app *app, struct pager *p)
{
	int64_t now = clock_now();

	for (size_t i = app->n_messages; i-- > 0;) {
		const struct message *m = &app->messages[i];
		struct run runs[2] = {{ROLE_DIM,
					  clean(p->page.arena,
					      slice_of(arena_printf(p->page.arena, "%s ",
						  time_words(app->frame, m->at, now))))},
		    {m->role, clean(p->page.arena, slice_of(m->text))}};

		page_runs(&p->page, 0, 2, runs, 2);
	}
	if (app->n_messages == 0)
		page_words(&p->page, 0, 0, ROLE_DIM, SLICE_LIT("Nothing was said yet."));
}

static const struct {
	const char *words;
	enum role role;
} guards[] = {[GUARD_OK] = {"goes", ROLE_GOOD},
    [GUARD_ASK] = {"goes after a yes", ROLE_WARN},
    [GUARD_TYPE] = {"goes only after the word resend", ROLE_TRYING},
    [GUARD_NEVER] = {"does not go", ROLE_REFUSED}};

static void
add_preview_cases(struct page *page, const struct preview *pre, enum guard guard)
{
	for (size_t i = 0; i < pre->n_cases; i++) {
		const struct preview_case *c = &pre->cases[i];
		const char *why =
		    c->why[0] == '\0' ? "" : arena_printf(page->arena, " (%s)", c->why);
		struct run runs[4] = {{ROLE_TEXT, clean(page->arena, slice_of(c->recipient))},
		    {ROLE_DIM, clean_literal(": ")},
		    {guards[guard].role, clean_literal(guards[guard].words)},
		    {ROLE_TEXT, clean(page->arena, slice_of(why))}};

		if (c->guard == guard)
			page_runs(page, 2, 4, runs, 4);
	}
}

/* Of several: how many, and how many are left out; the reasons stand below. */
static void
add_preview_sum(struct page *page, const struct preview *pre)
{
	if (pre->n_cases < 2)
		return;
	page_words(page, 0, 2, ROLE_HEADING,
	    slice_of(arena_printf(page->arena,
		"%zu cases: %zu go, %zu go after a yes, %zu are still tried, %zu do not go",
		pre->n_cases, pre->n_ok, pre->n_ask, pre->n_type, pre->n_never)));
	page_blank(page);
}

static void
add_header_lines(struct page *page, const char *sign, enum role role, const char **lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		page_words(
		    page, 2, 6, role, slice_of(arena_printf(page->arena, "%s %s", sign, lines[i])));
}

static const char *
size_words(struct arena *a, const struct preview *pre)
{
	unsigned long long size = pre->size, most = pre->max_size;

	return most == 0 ? arena_printf(a, "%llu bytes", size)
			 : arena_printf(a, "%llu bytes, the server takes %llu", size, most);
}

static void
add_preview(struct app *app, struct page *page, const struct preview *pre)
{
	page_fact(page, 10, "Sender", ROLE_TEXT, slice_of(pre->envelope_from));
	page_fact(page, 10, "Through", ROLE_TEXT, slice_of(pre->outgoing));
	page_fact(page, 10, "Original", ROLE_TEXT, slice_of(pre->found));
	if (pre->size > 0)
		page_fact(page, 10, "Size", ROLE_TEXT, slice_of(size_words(page->arena, pre)));
	if (app->resend_at > 0)
		page_fact(page, 10, "When", ROLE_GOOD,
		    slice_of(time_words(app->frame, app->resend_at, clock_now())));
	page_fact(page, 10, "Mind", ROLE_WARN, slice_of(pre->warnings));
	if (pre->edit[0] != '\0')
		page_fact(page, 10, "Better", ROLE_WARN,
		    slice_of(arena_printf(page->arena, "edit it as new (%s): %s",
			keymap_key(app->keymap, CMD_EDIT), pre->edit)));
	page_blank(page);
	page_words(page, 0, 0, ROLE_HEADING, SLICE_LIT("Recipients: these and nobody else"));
	for (int guard = GUARD_OK; guard <= GUARD_NEVER; guard++)
		add_preview_cases(page, pre, (enum guard)guard);
	if (pre->n_added + pre->n_removed > 0) {
		page_blank(page);
		page_words(
		    page, 0, 0, ROLE_HEADING, SLICE_LIT("Header: what is added and left out"));
	}
	add_header_lines(page, "+", ROLE_GOOD, pre->added, pre->n_added);
	add_header_lines(page, "-", ROLE_WARN, pre->removed, pre->n_removed);
	if (pre->bytes.n > 0) {
		page_blank(page);
		page_words(page, 0, 0, ROLE_HEADING, SLICE_LIT("The message as it goes"));
		page_raw(page, ROLE_DIM, slice_sub(pre->bytes, 0, 64 * 1024));
	}
}

static void
build_preview(struct app *app, struct pager *p)
{
	struct preview sum = parts_sum(p->parts, p->n_parts);

	if (p->n_unseen > 0) {
		page_words(&p->page, 0, 2, ROLE_WARN,
		    slice_of(arena_printf(p->page.arena,
			"%zu left out: their account could not look at them (%s tells why)",
			p->n_unseen, keymap_key(app->keymap, CMD_MESSAGES))));
		page_blank(&p->page);
	}
	add_preview_sum(&p->page, &sum);
	for (size_t i = 0; i < p->n_parts; i++) {
		const struct office *o = &app->offices[p->parts[i].account];

		if (i > 0)
			page_blank(&p->page);
		if (p->n_parts > 1)
			page_words(&p->page, 0, 0, ROLE_HEADING,
			    slice_of(arena_printf(p->page.arena, "Account %s", o->account->name)));
		add_preview(app, &p->page, p->parts[i].letter->preview);
	}
}

const struct pager_ops pager_case = {.is_case = true, .build = build_case};
const struct pager_ops pager_help = {.build = build_help};
const struct pager_ops pager_text = {.build = build_text};
const struct pager_ops pager_messages = {.build = build_messages};
const struct pager_ops pager_preview = {.build = build_preview};

struct pager *
pager_open(struct app *app, const struct pager_ops *ops, const char *title)
{
	struct pager *p;

	if (app->n_pagers == APP_MAX_PAGERS)
		pager_close(app);
	p = &app->pagers[app->n_pagers++];
	memset(p, 0, sizeof(*p));
	p->ops = ops;
	p->title = xstrdup(title);
	p->is_stale = true;
	return p;
}

void
pager_close(struct app *app)
{
	struct pager *p = &app->pagers[--app->n_pagers];

	free(p->title);
	buf_free(&p->text);
	parts_free(&p->parts, &p->n_parts);
	page_free(&p->page);
}

struct pager *
pager_top(struct app *app)
{
	return app->n_pagers == 0 ? NULL : &app->pagers[app->n_pagers - 1];
}

struct pager *
pager_of_request(struct app *app, uint32_t request)
{
	for (size_t i = 0; request != 0 && i < app->n_pagers; i++) {
		if (app->pagers[i].request == request)
			return &app->pagers[i];
	}
	return NULL;
}

void
pager_build(struct app *app, struct pager *p)
{
	int cols = app->canvas.cols;

	if (!p->is_stale && p->page.cols == cols)
		return;
	page_begin(&p->page, cols);
	p->ops->build(app, p);
	p->is_stale = false;
	place_page(app, p, 0);
}
