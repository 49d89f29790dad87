/* Notes: a draft, the editor, and what becomes of it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tui/app.h"

#define MAX_NOTE_BYTES (1024 * 1024)

static const char *
editor(const struct app *app)
{
	const char *env;

	if (app->o->conf->editor[0] != '\0')
		return app->o->conf->editor;
	env = getenv("VISUAL");
	if (env == NULL || env[0] == '\0')
		env = getenv("EDITOR");
	return env == NULL || env[0] == '\0' ? "vi" : env;
}

static int
write_all(int fd, struct slice s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n <= 0)
			return -1;
		s = slice_from(s, (size_t)n);
	}
	return 0;
}

static int
read_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "r");
	char block[4096];
	size_t n;
	int rc;

	if (f == NULL)
		return -1;
	buf_clear(out);
	while ((n = fread(block, 1, sizeof(block), f)) > 0 && out->len < MAX_NOTE_BYTES)
		buf_add(out, block, n);
	rc = ferror(f) != 0 ? -1 : 0;
	fclose(f);
	return rc;
}

/* The file's name is an argument of its own: no shell reads it. */
static int
run_editor(const char *command, const char *path)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction old_int, old_quit;
	int status = 0;
	pid_t pid;

	/* ^C in the editor is the editor's, from the moment that the terminal makes one of it. */
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGINT, &ignore, &old_int);
	sigaction(SIGQUIT, &ignore, &old_quit);
	term_leave();
	pid = fork();
	if (pid == 0) {
		struct buf script = BUF_INIT;

		sigaction(SIGINT, &old_int, NULL);
		sigaction(SIGQUIT, &old_quit, NULL);
		buf_addf(&script, "%s \"$1\"", command);
		execl("/bin/sh", "sh", "-c", buf_cstr(&script), "sh", path, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		status = -1;
	term_return();
	sigaction(SIGINT, &old_int, NULL);
	sigaction(SIGQUIT, &old_quit, NULL);
	return status;
}

/* 0 when the text was edited (or left as it was) and the editor was content. */
static int
edit(struct app *app, struct buf *text)
{
	const char *dir = getenv("TMPDIR");
	struct buf path = BUF_INIT;
	int rc = -1;
	int fd;

	buf_addf(&path, "%s/bouncebox-note-XXXXXX", dir == NULL || dir[0] == '\0' ? "/tmp" : dir);
	fd = mkstemp(path.data); /* 0600 */
	if (fd >= 0) {
		rc = write_all(fd, buf_slice(text));
		close(fd);
		if (rc == 0 && run_editor(editor(app), path.data) != 0)
			rc = -1;
		if (rc == 0)
			rc = read_file(path.data, text);
		unlink(path.data);
	}
	if (rc != 0)
		app_say(app, ROLE_ERROR, "the editor failed: %s ([ui] editor, $VISUAL, $EDITOR)",
		    editor(app));
	buf_free(&path);
	return rc;
}

static void ask_what_now(struct app *app);

static void
end_note(struct app *app, enum note_end end, bool is_confirmed)
{
	struct note_draft *n = &app->note;
	struct letter *l = app_letter(app, LETTER_NOTE_END, n->cases, n->n_cases);

	n->end = end;
	l->text = arena_copy(l->arena, buf_slice(&n->text));
	l->note_to = n->to;
	l->note_end = end;
	l->confirmed = is_confirmed;
	app_send(app, l);
	if (end == NOTE_DISCARD)
		app_say(app, ROLE_TEXT, "the note was thrown away");
	model_untag(app->model);
}

static void
note_answered(struct app *app, const char *text)
{
	switch (text == NULL ? 'x' : text[0]) {
	case 's':
		end_note(app, NOTE_SEND, false);
		break;
	case 'd':
		end_note(app, NOTE_SAVE_DRAFT, false);
		break;
	case 'e':
		edit(app, &app->note.text);
		ask_what_now(app);
		break;
	default:
		end_note(app, NOTE_DISCARD, false);
		break;
	}
}

static void
ask_what_now(struct app *app)
{
	struct buf label = BUF_INIT;

	buf_adds(&label, "Note to ");
	clean_append(&label, slice_of(app->note.title), 100);
	buf_adds(&label, ": [s]end [d]rafts [e]dit [x] away ");
	prompt_keys(app, buf_cstr(&label), "sdex", note_answered);
	buf_free(&label);
}

void
deed_note(struct app *app, enum note_to to)
{
	struct letter *l;

	if (app->n_targets == 0)
		return;
	l = app_letter(app, LETTER_NOTE, app->targets, app->n_targets);
	l->note_to = to;
	app->note.to = to;
	app_send(app, l);
}

void
deed_drafted(struct app *app, struct letter *l)
{
	struct note_draft *n = &app->note;

	if (app->prompt.is_open) {
		app_say(app, ROLE_WARN, "a draft came while something else was asked: try again");
		return;
	}
	buf_clear(&n->text);
	buf_addslice(&n->text, l->text);
	free(n->title);
	n->title = xstrdup(l->title);
	free(n->cases);
	n->n_cases = l->n_cases;
	n->cases = xmalloc((l->n_cases + 1) * sizeof(case_id));
	if (l->n_cases > 0)
		memcpy(n->cases, l->cases, l->n_cases * sizeof(case_id));
	if (l->err.text[0] != '\0')
		app_say(app, ROLE_WARN, "%s", l->err.text);
	if (edit(app, &n->text) == 0 || n->text.len > 0)
		ask_what_now(app);
}

static void
again_answered(struct app *app, const char *text)
{
	if (text != NULL && text[0] == 'y')
		end_note(app, app->note.end, true);
	else
		ask_what_now(app);
}

void
deed_note_refused(struct app *app, const struct err *e)
{
	app_say_err(app, e, "");
	prompt_keys(app, "Refused for now. Do it nevertheless? [y/n] ", "yn", again_answered);
}
