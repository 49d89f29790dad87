/* The screen's life: opening, the loop, closing; words for its user. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tui/app.h"

#define HANDFUL_MS 8

/* Signals only end a wait; the loop looks at this. */
static volatile sig_atomic_t is_told_to_end;

static void
on_end(int number)
{
	(void)number;
	is_told_to_end = 1;
}

void
app_say(struct app *app, enum role role, const char *fmt, ...)
{
	struct buf words = BUF_INIT;
	struct message *m;
	va_list ap;

	if (app->n_messages == APP_MAX_MESSAGES) {
		free(app->messages[0].text);
		memmove(app->messages, app->messages + 1,
		    (APP_MAX_MESSAGES - 1) * sizeof(app->messages[0]));
		app->n_messages--;
	}
	va_start(ap, fmt);
	buf_addvf(&words, fmt, ap);
	va_end(ap);
	buf_cstr(&words);
	m = &app->messages[app->n_messages++];
	m->at = clock_now();
	m->role = role;
	m->text = buf_take(&words);
	app->is_message_old = false;
	for (size_t i = 0; i < app->n_pagers; i++)
		app->pagers[i].is_stale |= app->pagers[i].ops == &pager_messages;
}

void
app_say_err(struct app *app, const struct err *e, const char *intent)
{
	app_say_err_as(app, e->code == ERR_CANCELLED ? ROLE_WARN : ROLE_ERROR, e, intent);
}

void
app_say_err_as(struct app *app, enum role role, const struct err *e, const char *intent)
{
	app_say(app, role, "%s%s%s%s%s%s", intent, intent[0] == '\0' ? "" : ": ", e->text,
	    e->todo[0] == '\0' ? "" : " (", e->todo, e->todo[0] == '\0' ? "" : ")");
}

bool
app_is_ascii(const struct app *app)
{
	return app->o->conf->ascii || !term_is_utf8();
}

const struct case_key *
app_case(struct app *app)
{
	struct pager *p = pager_top(app);
	const struct case_key *key = p != NULL && p->ops->is_case ? &p->key : &app->chosen;

	return key->id.text[0] == '\0' ? NULL : key;
}

const struct row *
app_row(struct app *app)
{
	const struct case_key *key = app_case(app);

	return key == NULL ? NULL : model_row(app->model, key);
}

const struct detail *
app_detail(const struct app *app, const struct case_key *key)
{
	struct case_key of;

	if (app->detail == NULL)
		return NULL;
	of = (struct case_key){app->detail->detail->row.id, (uint16_t)app->detail_account};
	return key_same(&of, key) ? app->detail->detail : NULL;
}

bool
app_sends_soon(const struct app *app)
{
	return app->send_at > clock_now();
}

bool
app_counts_down(const struct app *app)
{
	size_t n_due = 0;

	for (size_t i = 0; i < app->n_offices; i++)
		n_due += model_count_of(app->model, (unsigned)i).due;
	return n_due > 0 && app_sends_soon(app) && !app->is_paused;
}

/* From each office in turn: a busy one keeps no other waiting. */
static struct letter *
next_letter(struct app *app, struct office **o_r)
{
	for (size_t i = 0; i < app->n_offices; i++) {
		struct office *o = &app->offices[app->next_office];
		struct letter *l = o->worker == NULL ? NULL : worker_receive(o->worker);

		app->next_office = (app->next_office + 1) % app->n_offices;
		*o_r = o;
		if (l != NULL)
			return l;
	}
	return NULL;
}

static void
hear_all(struct app *app)
{
	int64_t begin = clock_mono_ms();
	struct office *o;
	struct letter *l;

	/* Bounded: a key is looked for between two handfuls. */
	while (clock_mono_ms() - begin < HANDFUL_MS && (l = next_letter(app, &o)) != NULL) {
		app_hear(app, o, l);
		app->needs_draw = true;
	}
	if (app->has_moved)
		place_keep(app);
	app->has_moved = false;
}

static void
take_keys(struct app *app)
{
	int row = 0;
	int col = 0;
	int key;

	while (!app->is_quitting && (key = term_key(&row, &col)) != KEY_NOTHING) {
		app_key(app, key, row, col);
		app->needs_draw = true;
	}
}

static int
sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int
wait_ms(const struct app *app)
{
	int wait = pane_wait_ms(app);

	if (app->others_at != 0) {
		int64_t ms = app->others_at - clock_mono_ms();

		wait = sooner(wait, ms < 0 ? 0 : (int)ms);
	}
	/* The only other clock: while something waits for its undo. Screen readers are
	 * spared it. */
	if (!app_counts_down(app))
		return wait;
	return sooner(wait, app->is_linear ? (int)(app->send_at - clock_now()) * 1000 : 1000);
}

/* Until there is a key or a letter; false when the terminal is gone. */
static bool
await(struct app *app, struct pollfd *fds)
{
	int n;

	fds[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
	for (size_t i = 0; i < app->n_offices; i++) {
		const struct worker *w = app->offices[i].worker;

		fds[1 + i] = (struct pollfd){.fd = w == NULL ? -1 : worker_fd(w), .events = POLLIN};
	}
	n = poll(fds, 1 + app->n_offices, wait_ms(app));
	if (n == 0 && app->pane_at == 0)
		app->needs_draw = true;
	return n <= 0 || (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;
}

static void
loop(struct app *app)
{
	struct pollfd *fds = xcalloc(1 + app->n_offices, sizeof(*fds));

	app->needs_draw = true;
	while (!app->is_quitting && !is_told_to_end) {
		if (app->needs_draw)
			app_draw(app);
		app->needs_draw = offices_begin_others(app);
		if (!await(app, fds))
			break;
		take_keys(app);
		hear_all(app);
		deed_secrets(app);
		app->needs_draw |= pane_wake(app);
	}
	free(fds);
}

static void
say_problems(struct app *app, struct buf *problems)
{
	struct slice rest = buf_slice(problems);
	struct slice line;

	while (slice_line(&rest, &line))
		app_say(app, ROLE_WARN, "%.*s", SLICE_FMT(line));
	buf_free(problems);
}

static int
prepare(struct app *app, struct err *e)
{
	struct buf problems = BUF_INIT;
	bool is_named = app->o->theme != NULL && app->o->theme[0] != '\0';
	const char *theme = is_named ? app->o->theme : app->o->conf->theme;

	if (theme_load(&app->theme, theme, app->o->theme_dir, &problems, e) != 0) {
		buf_free(&problems);
		return -1;
	}
	if (term_open(app->o->conf->mouse, is_named, e) != 0) {
		buf_free(&problems);
		return -1;
	}
	term_theme(&app->theme);
	app->keymap = keymap_new(app->o->conf, &problems);
	say_problems(app, &problems);
	return 0;
}

static void
app_close(struct app *app)
{
	term_close();
	offices_close(app);
	while (app->n_pagers > 0)
		pager_close(app);
	prompt_drop(app);
	letter_free(app->detail);
	page_free(&app->pane);
	keymap_free(&app->keymap);
	model_free(&app->model);
	canvas_free(&app->canvas);
	arena_free(&app->frame);
	for (size_t i = 0; i < app->n_messages; i++)
		free(app->messages[i].text);
	free(app->search);
	free(app->old_filter);
	free(app->targets);
	free(app->seen);
	free(app->unread);
	bulks_free(app);
	free(app->ignore_why);
	while (app->n_undo > 0)
		free(app->undo[--app->n_undo].cases);
	parts_free(&app->parts, &app->n_parts);
	buf_free(&app->note.text);
	free(app->note.title);
	arena_free(&app->note.rungs_arena);
	free(app->note.warning);
	free(app->note.cases);
	free(app);
}

static void
hold_signals(void)
{
	struct sigaction act = {.sa_handler = on_end};

	sigemptyset(&act.sa_mask);
	/* Curses' own would end the program at once, even while it closes in order. */
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
}

int
tui_run(const struct tui_options *o, struct err *e)
{
	struct app *app = xcalloc(1, sizeof(*app));

	app->o = o;
	app->frame = arena_new();
	app->is_linear = o->linear || o->conf->linear;
	app->is_pane_shown = true;
	app->pane_percent = 60;
	app->search = xstrdup("");
	canvas_init(&app->canvas);
	offices_open(app);
	if (prepare(app, e) != 0 || office_begin(app, office_first(app), e) != 0) {
		app_close(app);
		return -1;
	}
	hold_signals();
	loop(app);
	app_close(app);
	return 0;
}
