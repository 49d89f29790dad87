/* Notes: a draft, the editor, and what becomes of it. */
#include <stdlib.h>
#include <string.h>

#include "tui/app.h"
#include "tui/editor.h"
#include "tui/rungs.h"

/* 0 when the text was edited (or left as it was) and the editor was content. */
static int
edit(struct app *app, struct buf *text)
{
	const char *command = editor_command(app->o->conf);
	int rc = editor_edit(command, text, term_leave, term_return);

	if (rc != 0)
		app_say(app, ROLE_ERROR, "the editor failed: %s ([ui] editor, $VISUAL, $EDITOR)",
		    command);
	return rc;
}

static void ask_what_now(struct app *app);
static void edit_again(struct app *app);

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
	l->number = app->o->conf->undo_seconds;
	app_send(app, &app->offices[n->account], l);
	if (end != NOTE_DISCARD) {
		deed_note_ended(app);
	} else {
		deed_note_dropped(app);
		app_say(app, ROLE_TEXT, "the note was thrown away: %s brings it back",
		    keymap_key(app->keymap, CMD_UNDO));
	}
	if (n->is_of_tagged)
		model_untag(app->model);
}

/* Of the header, what a person looks at. */
static void
add_note_header(struct page *page, struct slice *text)
{
	static const char *const shown[] = {"From", "To", "Cc", "Bcc", "Subject"};
	struct slice line;

	while (slice_line(text, &line) && line.n > 0) {
		size_t colon = slice_chr(line, ':');

		if (colon != SLICE_NONE && slice_iis_any(slice_sub(line, 0, colon), shown, 5))
			page_words(page, 0, 9, ROLE_TEXT, line);
	}
}

/* The note as it would go, what speaks against it first. */
static void
build_note(struct app *app, struct pager *p)
{
	struct note_draft *n = &app->note;
	struct slice text = buf_slice(&n->text);

	if (n->warning[0] != '\0') {
		page_words(&p->page, 0, 0, ROLE_WARN, slice_of(n->warning));
		if (n->n_rungs > 1)
			page_words(
			    &p->page, 0, 0, ROLE_DIM, SLICE_LIT("[t] shows whom else to write to"));
		page_blank(&p->page);
	}
	add_note_header(&p->page, &text);
	page_blank(&p->page);
	page_raw(&p->page, ROLE_TEXT, text);
}

static void
build_rungs(struct app *app, struct pager *p)
{
	const struct note_draft *n = &app->note;
	struct arena *a = p->page.arena;

	for (size_t i = 0; i < n->n_rungs; i++) {
		const struct rung *r = &n->rungs[i];
		const char *to = r->address[0] != '\0' ? r->address : r->page;

		page_words(&p->page, 0, 3, r->is_down ? ROLE_TEXT : ROLE_GOOD,
		    slice_of(arena_printf(a, "%zu  %s", i + 1, to)));
		page_words(&p->page, 3, 3, ROLE_DIM, slice_of(r->why));
		if (r->mind[0] != '\0')
			page_words(&p->page, 3, 3, ROLE_WARN,
			    slice_of(arena_printf(a, "mind: it %s", r->mind)));
		if (r->address[0] != '\0' && r->page[0] != '\0')
			page_words(&p->page, 3, 3, ROLE_DIM,
			    slice_of(arena_printf(a, "its page: %s", r->page)));
	}
}

static const struct pager_ops pager_note = {.build = build_note};
static const struct pager_ops pager_rungs = {.build = build_rungs};

static void
close_pager(struct app *app, const struct pager_ops *ops)
{
	if (pager_top(app) != NULL && pager_top(app)->ops == ops)
		pager_close(app);
}

/* To be copied into a web form, or read out on the phone. */
static void
view_text(struct app *app)
{
	struct pager *p = pager_open(app, &pager_text, "the note, to copy or to read out");

	buf_addslice(&p->text, buf_slice(&app->note.text));
	p->is_stale = true;
}

/* The line To, and only that: what was edited stays. */
static void
readdress(struct note_draft *n, const struct rung *to)
{
	struct slice rest = buf_slice(&n->text), line;
	struct buf text = BUF_INIT, warning = BUF_INIT;
	bool is_header = true;

	while (slice_line(&rest, &line)) {
		is_header = is_header && line.n > 0;
		if (is_header && slice_istarts(line, "To:"))
			buf_addf(&text, "To: %s", to->address);
		else
			buf_addslice(&text, line);
		buf_addc(&text, '\n');
	}
	buf_free(&n->text);
	n->text = text;
	free(n->title);
	n->title = xstrdup(to->address);
	buf_addf(&warning, "%s%s", to->mind[0] != '\0' ? "Mind: it " : "", to->mind);
	free(n->warning);
	buf_cstr(&warning);
	n->warning = buf_take(&warning);
}

static void
rung_answered(struct app *app, const char *text)
{
	struct note_draft *n = &app->note;
	size_t i = text == NULL ? n->n_rungs : (size_t)(text[0] - '1');

	close_pager(app, &pager_rungs);
	if (i < n->n_rungs && n->rungs[i].address[0] == '\0')
		app_say(app, ROLE_TEXT, "a page takes no mail: v shows the text to paste there, %s",
		    n->rungs[i].page);
	else if (i < n->n_rungs)
		readdress(n, &n->rungs[i]);
	ask_what_now(app);
}

/* Whom else to write to, with what speaks for and against each. */
static void
ask_rung(struct app *app)
{
	static const char digits[] = "12345678";
	static char keys[LADDER_MAX + 1]; /* the prompt keeps the pointer */
	struct note_draft *n = &app->note;

	_Static_assert(sizeof(digits) == LADDER_MAX + 1, "a digit each");
	pager_open(app, &pager_rungs, "whom to write to");
	memcpy(keys, digits, n->n_rungs);
	keys[n->n_rungs] = '\0';
	prompt_keys(app, "Write to which one? (a number, Esc: as it was) ", keys, rung_answered);
}

static void
note_answered(struct app *app, const char *text)
{
	close_pager(app, &pager_note);
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
	case 't':
		ask_rung(app);
		break;
	case 'v':
		view_text(app);
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

	pager_open(app, &pager_note, "the note: nothing was sent yet");
	/* The keys first: on a narrow screen the address stands above, too. */
	buf_addf(&label, "[s]end [d]raft [e]dit %s[v]iew [x] away, to ",
	    app->note.n_rungs > 1 ? "[t]o " : "");
	clean_append(&label, slice_of(app->note.title), 100);
	buf_addc(&label, ' ');
	prompt_keys(
	    app, buf_cstr(&label), app->note.n_rungs > 1 ? "sdetvx" : "sdevx", note_answered);
	buf_free(&label);
}

void
deed_note_again(struct app *app)
{
	/* The last one only: an older one's text is gone. */
	if (app->note.text.len == 0 || app->note.end != NOTE_DISCARD) {
		app_say(app, ROLE_DIM, "that note is gone: another was written since");
		return;
	}
	app_say(app, ROLE_TEXT, "the note is back");
	ask_what_now(app);
}

void
deed_note(struct app *app, enum note_to to)
{
	struct letter *l;

	if (app->n_targets == 0)
		return;
	if (targets_accounts(app) > 1) {
		app_say(app, ROLE_WARN,
		    "a note is of one account, and these cases are of %zu: tag those of one",
		    targets_accounts(app));
		return;
	}
	l = app_letter(app, LETTER_NOTE, app->targets, app->n_targets);
	l->note_to = to;
	app->note.to = to;
	app->note.is_asked = false;
	app->note.is_of_tagged = app->is_of_tagged;
	app_send(app, office_of(app, &app->targets[0]), l);
}

static void write_note(struct app *app);

static void
other_answered(struct app *app, const char *text)
{
	struct note_draft *n = &app->note;
	struct letter *l;

	if (text == NULL) {
		app_say(app, ROLE_TEXT, "no note was written");
		return;
	}
	n->is_asked = true;
	if (text[0] == '\0') {
		write_note(app);
		return;
	}
	l = app_letter(app, LETTER_NOTE, n->cases, n->n_cases);
	l->note_to = n->to;
	l->title = arena_strdup(l->arena, text);
	app_send(app, &app->offices[n->account], l);
}

void
deed_edit(struct app *app)
{
	if (targets_accounts(app) > 1)
		app_say(app, ROLE_WARN, "%s: one case at a time", tui_commands[CMD_EDIT].name);
	else if (app->n_targets > 0)
		app_send(app, office_of(app, &app->targets[0]),
		    app_letter(app, LETTER_EDIT, app->targets, app->n_targets));
}

/* The text that the preview speaks of, and the resend then. */
void
deed_edited_text(struct app *app, struct letter *l, const struct case_key *keys)
{
	(void)keys;
	l->text = arena_copy(l->arena, buf_slice(&app->note.text));
}

static void
edit_again(struct app *app)
{
	struct note_draft *n = &app->note;

	if (edit(app, &n->text) != 0)
		return;
	app->resend_at = 0;
	app->is_confirmed = app->is_typed = false;
	previews_ask(app, n->cases, n->n_cases, deed_edited_text);
}

static void
edited_answered(struct app *app, const char *text)
{
	if (deed_wants_edit(app, text))
		edit_again(app);
}

/* Of one new message, to all of its recipients or to none. */
void
deed_ask_edited(struct app *app, const struct part *part)
{
	const struct preview *pre = part->letter->preview;
	struct buf label = BUF_INIT;

	app->is_confirmed = true;
	if (pre->n_never > 0)
		buf_adds(&label, "It cannot go so, the preview says why. [e]dit again [x] away ");
	else if (pre->n_cases == 1)
		buf_addf(&label, "Send this new message to %s? [y/n/e] ",
		    clean(app->frame, slice_of(pre->cases[0].recipient)).s);
	else
		buf_addf(&label, "Send this new message to %zu recipients? [y/n/e] ", pre->n_cases);
	if (pre->n_never == 0 && pre->n_type > 0)
		deed_ask_typed(app);
	else
		prompt_keys(
		    app, buf_cstr(&label), pre->n_never > 0 ? "ex" : "yne", edited_answered);
	buf_free(&label);
}

void
deed_drafted(struct app *app, struct office *o, struct letter *l)
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
	n->account = office_number(app, o);
	n->cases = xmalloc((l->n_cases + 1) * sizeof(*n->cases));
	for (size_t i = 0; i < l->n_cases; i++)
		n->cases[i] = (struct case_key){l->cases[i], (uint16_t)n->account};
	arena_free(&n->rungs_arena);
	n->rungs_arena = arena_new();
	n->rungs = rungs_copy(n->rungs_arena, l->rungs, l->n_rungs);
	n->n_rungs = l->n_rungs;
	if (l->flag && !n->is_asked) {
		prompt_line(app, "That address fails. Another of theirs? (empty: none is known) ",
		    "", other_answered, NULL);
		return;
	}
	free(n->warning);
	n->warning = xstrdup(l->err.text);
	if (l->err.text[0] != '\0')
		app_say(app, ROLE_WARN, "%s", l->err.text);
	n->is_message = l->type == LETTER_NEW_MESSAGE;
	if (n->is_message)
		edit_again(app);
	else
		write_note(app);
}

static void
write_note(struct app *app)
{
	struct note_draft *n = &app->note;

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
deed_note_failed(struct app *app, const struct err *e, const char *intent)
{
	struct buf words = BUF_INIT;

	deed_note_not_ended(app);
	app->note.end = NOTE_DISCARD;
	deed_note_dropped(app);
	buf_addf(&words, "%s%s%s brings the note back", intent, intent[0] != '\0' ? ": " : "",
	    keymap_key(app->keymap, CMD_UNDO));
	app_say_err(app, e, buf_cstr(&words));
	buf_free(&words);
}

void
deed_note_refused(struct app *app, const struct err *e)
{
	deed_note_not_ended(app);
	app_say_err(app, e, "");
	prompt_keys(app, "Refused for now. Do it nevertheless? [y/n] ", "yn", again_answered);
}
