/* What the files of the screen share. Private to this room.
 *
 * The app draws from what it holds and never waits: what it wants from the network
 * or the disk is a letter to the worker, and the answer changes what it holds. */
#ifndef TUI_APP_H
#define TUI_APP_H

#include "tui/command.h"
#include "tui/edit.h"
#include "tui/model.h"
#include "tui/page.h"
#include "tui/term.h"
#include "tui/tui.h"
#include "work/letters.h"
#include "work/worker.h"

#define APP_MIN_ROWS 8
#define APP_MIN_COLS 40
#define APP_MAX_PAGERS 8
#define APP_MAX_ASKED 16
#define APP_MAX_MESSAGES 500
#define APP_MAX_UNDO 32

struct app;
struct pager;

/* A preview by one account, of the cases that are its own. */
struct part {
	struct letter *letter;
	unsigned account;
};

/* A page on top of the list. A view is a constant table and a struct of its own. */
struct pager_ops {
	bool is_case; /* commands for a case work here */
	void (*build)(struct app *app, struct pager *p);
};

struct pager {
	const struct pager_ops *ops;
	char *title;         /* our words, or cleaned when drawn */
	struct case_key key; /* of what it is about; "" = nothing */
	uint32_t request;    /* whose answers belong here, 0 = none */
	struct buf text;     /* raw */
	struct part *parts;  /* of a preview */
	size_t n_parts;
	size_t n_unseen; /* cases that it should speak of and cannot */
	struct page page;
	size_t top;
	bool is_stale; /* to be built anew */
};

/* A question at the foot of the screen. */
struct prompt {
	bool is_open;
	bool is_secret;
	bool is_suggested; /* what stands there was not typed: the first letter replaces it */
	const char *keys;  /* what may be pressed; NULL = a line is typed */
	char *label;
	char *words; /* that Tab completes, a line each; NULL = none */
	struct edit edit;
	/* text: what was typed, or the key; NULL = given up. The prompt is closed before. */
	void (*answered)(struct app *app, const char *text);
	void (*changed)(struct app *app, const char *text); /* may be NULL */
};

struct message {
	int64_t at;
	enum role role;
	char *text;
};

/* What can be taken back. */
enum deed_kind {
	DEED_RESEND,
	DEED_IGNORE,
	DEED_RESOLVE,
	DEED_TAGS,
	DEED_NOTE,
	DEED_NOTE_END,
};

/* A request on its way. */
struct asked {
	uint32_t request; /* 0 = free */
	uint32_t group;   /* the first request of one deed, which may be of several accounts */
	enum letter_type type;
	size_t n_cases;
	size_t n_good, n_bad;
	enum deed_kind undone;          /* what LETTER_UNDO takes back */
	size_t others_good, others_bad; /* of parts that have ended */
	bool is_part;                   /* of a deed in several accounts */
	bool is_heard;                  /* its preview is there */
};

/* One account on the screen: letters go to its worker, and what comes back is of it. */
struct office {
	const struct account *account;
	struct worker *worker; /* NULL = not begun */
	struct asked asked[APP_MAX_ASKED];
	enum online online;
	char *status;
	char *progress;
	uint64_t progress_at, progress_of;
	bool is_synced;
	bool is_blind;          /* its last preview could not show the message */
	struct letter *ask;     /* a secret that it waits for; NULL = none */
	struct case_key chosen; /* when it was last shown */
};

struct note_draft {
	struct buf text;
	char *title;
	bool is_message; /* edited as new, no note */
	char *warning;
	unsigned account; /* that writes it */
	struct case_key *cases;
	size_t n_cases;
	enum note_to to;
	enum note_end end;
	bool is_asked;     /* for another address */
	bool is_of_tagged; /* it is about what is tagged */
	struct arena *rungs_arena;
	struct rung *rungs; /* to whom else */
	size_t n_rungs;
};

struct deed {
	enum deed_kind kind;
	struct case_key *cases; /* of DEED_TAGS: those that were tagged before */
	size_t n_cases;
	uint32_t group; /* of the request: what it refused is not taken back; 0 = none */
};

struct app {
	const struct tui_options *o;
	struct office *offices; /* by the number of the account */
	size_t n_offices;
	size_t next_office;    /* that is listened to */
	unsigned last_account; /* before all were shown */
	int64_t others_at;     /* monotonic ms: the other offices begin then; 0 = they have */
	int name_cols;         /* of the longest name */
	uint32_t last_request; /* of all offices */

	struct model *model;
	struct keymap *keymap;
	struct theme theme;
	struct canvas canvas;
	struct arena *frame; /* as long as one drawing */

	size_t pos, top;        /* in the list */
	size_t list_rows;       /* as last drawn */
	struct case_key chosen; /* "" = none, or the head of a group */
	struct letter *detail;
	unsigned detail_account; /* whose it is */
	uint32_t detail_request;
	struct page pane;
	size_t pane_top, pane_drawn_top;
	int64_t pane_at; /* monotonic ms: laid out anew then; 0 = it is of the chosen row */
	int64_t pane_old_since;
	bool is_pane_asked;
	int pane_percent; /* of the height, or of the width side by side */
	bool is_pane_shown;
	bool is_pane_focused;
	bool is_beside; /* as last drawn */
	int list_cols;

	struct pager pagers[APP_MAX_PAGERS];
	size_t n_pagers;

	struct prompt prompt;
	struct message messages[APP_MAX_MESSAGES];
	size_t n_messages;
	bool is_message_old; /* a key was pressed since */
	char *unread;        /* what came of a bulk; stays until the messages are looked at */
	enum role unread_role;
	bool is_unread_new; /* no key was pressed since: nothing that is said hides it */
	bool is_unread_due; /* it tells of what has not gone yet */
	struct bulk *bulks; /* resends that are awaited */
	char *search;
	char *old_filter; /* before the one that is being typed */
	bool is_bulk;

	/* what a prompt is about */
	struct case_key *targets;
	size_t n_targets;
	bool is_of_tagged; /* the targets are what is tagged */
	int64_t resend_at;
	struct seen *seen;    /* of the targets, as the preview showed them; NULL = not yet */
	int64_t ignore_until; /* as in LETTER_IGNORE */
	char *ignore_why;
	bool is_confirmed, is_typed;
	bool is_edited;            /* what is asked about is a new message */
	struct office *ask_office; /* that a secret is asked for */
	uint32_t ask_request;
	struct note_draft note;
	struct deed undo[APP_MAX_UNDO]; /* the last stands last */
	size_t n_undo;
	struct part *parts; /* of the preview that is awaited */
	size_t n_parts;
	uint32_t preview_group;
	size_t n_previewed; /* of so many cases */
	void (*preview_fill)(struct app *app, struct letter *l, const struct case_key *keys);

	int64_t send_at; /* when what waits for its undo goes; 0 = nothing */
	bool is_paused;  /* nothing is sent */
	bool is_linear;  /* for screen readers: nothing ticks, nothing stands beside */
	bool is_quitting;
	bool needs_draw;
	bool has_moved; /* rows came or went: the cursor is to be found again */
};

/* app.c */
void app_say(struct app *app, enum role role, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void app_say_err(struct app *app, const struct err *e, const char *intent);
/* The same in another role. */
void app_say_err_as(struct app *app, enum role role, const struct err *e, const char *intent);
bool app_is_ascii(const struct app *app);
const struct case_key *app_case(struct app *app); /* that is chosen, or NULL */
const struct row *app_row(struct app *app);       /* of it, or NULL */
/* What is known of the case in full; NULL if nothing is yet. */
const struct detail *app_detail(const struct app *app, const struct case_key *key);
bool app_sends_soon(const struct app *app);
/* … and the clock runs: it is not paused, and has not gone otherwise. */
bool app_counts_down(const struct app *app);

/* offices.c */
void offices_open(struct app *app);
void offices_close(struct app *app);
int office_begin(struct app *app, struct office *o, struct err *e);
/* Once the first screen of the first account stands. True if they began now. */
bool offices_begin_others(struct app *app);
unsigned office_number(const struct app *app, const struct office *o);
struct office *office_of(struct app *app, const struct case_key *key);
/* The keys are of one account. */
struct letter *app_letter(
    struct app *app, enum letter_type type, const struct case_key *keys, size_t n);
/* Remembers who asked; the letter is the worker's then. */
void app_send(struct app *app, struct office *o, struct letter *l);
/* Says nothing when there is no room for it. */
bool app_send_quietly(struct office *o, struct letter *l);
/* A letter to each account that has some of the keys, which stand together by account;
 * `fill` (may be NULL) writes the rest of it, given where in `keys` its cases stand. The
 * number of the group. */
uint32_t app_send_parts(struct app *app, enum letter_type type, const struct case_key *keys,
    size_t n, void (*fill)(struct app *app, struct letter *l, const struct case_key *keys));
/* The same to each account that the list shows, as one group. */
void app_send_shown(struct app *app, enum letter_type type,
    void (*fill)(struct app *app, struct letter *l, const struct case_key *keys));
struct asked *app_asked(struct app *app, uint32_t request);    /* NULL if none */
struct asked *app_asked_with(struct app *app, uint32_t group); /* the first; NULL if none */
struct asked *app_asked_in(struct office *o, uint32_t group);  /* the same of one office */

/* accounts.c */
void account_show(struct app *app, unsigned account); /* or MODEL_ALL */
void account_step(struct app *app, int by);
void account_all(struct app *app); /* and back */
void account_ask(struct app *app, const char *arg);
void account_words(const struct app *app, struct buf *out); /* names, a line each */
bool office_is_shown(const struct app *app, const struct office *o);
struct office *office_first(struct app *app); /* of those that are shown */
/* "tickets: ", where there are several */
void office_words(const struct app *app, const struct office *o, struct buf *out);
/* For title and foot, in the frame: "tickets/INBOX"; "3 open, 1 due  online"; "" if
 * nothing is read; why the one that is shown is not online. */
const char *accounts_title(struct app *app);
const char *accounts_status(struct app *app);
const char *accounts_progress(struct app *app);
const char *accounts_trouble(struct app *app);

/* previews.c */
void previews_ask(struct app *app, const struct case_key *keys, size_t n,
    void (*fill)(struct app *app, struct letter *l, const struct case_key *keys));
void previews_hear(struct app *app, struct office *o, struct letter *l);
/* After an answer to a request of the group, or its end. */
void previews_check(struct app *app, uint32_t group);
void parts_free(struct part **parts, size_t *n);
struct preview parts_sum(const struct part *parts, size_t n);

/* place.c: where the cursor is */
void place_keep(struct app *app);             /* after the model changed */
void place_move(struct app *app, size_t pos); /* to a line */
void place_walk(struct app *app, size_t pos); /* by keys: the explanation waits */
void place_chosen(struct app *app);           /* asks for the detail of what is chosen */
void place_detail(struct app *app);           /* asks unless it is there or put off */
void place_page(struct app *app, struct pager *p, long by);

/* seek.c: with a word in `arg` it is done at once, without it is asked for */
void seek_search(struct app *app, const char *arg);
void seek_next(struct app *app, bool backwards);
void seek_filter(struct app *app, const char *arg);
void seek_sort(struct app *app, const char *arg);
void seek_group(struct app *app, const char *arg);

/* pane.c: the explanation beside the list */
void pane_put_off(struct app *app);      /* until the keys pause */
void pane_now(struct app *app);          /* no longer */
bool pane_wake(struct app *app);         /* true: it is to be drawn now */
int pane_wait_ms(const struct app *app); /* until pane_wake has something to do; -1 = never */
void pane_draw(struct app *app, int row, int col, int rows, int cols);

/* hear.c: letters in */
void app_hear(struct app *app, struct office *o, struct letter *l);
/* "…: m shows each", until that is done. `is_over`: nothing of it waits any more. */
void app_keep_sum(struct app *app, enum role role, struct slice words, bool is_over);
void app_drop_sum(struct app *app);

/* bulk.c: what becomes of many resends */
void bulk_begin(struct app *app, uint32_t group); /* of the targets, as they were sent */
void bulk_answered(struct app *app, uint32_t group);
void bulks_hear_result(
    struct app *app, const struct case_key *key, const struct letter *l, const struct asked *asked);
void bulks_hear_rows(struct app *app, uint16_t account, const struct letter *l);
void bulks_check(struct app *app); /* says the sum of those that have ended */
void bulks_free(struct app *app);

/* pagers.c */
extern const struct pager_ops pager_case, pager_help, pager_text, pager_messages, pager_preview;
struct pager *pager_open(struct app *app, const struct pager_ops *ops, const char *title);
void pager_close(struct app *app);
struct pager *pager_top(struct app *app); /* NULL = the list */
struct pager *pager_of_request(struct app *app, uint32_t request);
void pager_build(struct app *app, struct pager *p);
/* The explanation, as it stands beside the list and in the case. */
void page_explanation(struct app *app, struct page *p, const struct detail *d, bool is_full);

/* draw.c, draw_list.c */
void app_draw(struct app *app);
void draw_list(struct app *app, int row, int rows, int cols);
void draw_bar(struct app *app, int row);
const char *row_state(struct arena *a, const struct row *row, int64_t now);
enum role row_role(const struct row *row);
const char *row_why(const struct row *row);
/* "13:00", "tomorrow 9:00", "30 Nov 08:00" */
const char *time_words(struct arena *a, int64_t at, int64_t now);
const char *span_words(struct arena *a, int64_t seconds); /* "3d02h" */
/* Of an ignored case: "until tomorrow 09:00", "until it bounces again", "for good" */
const char *until_words(struct arena *a, const struct row *row, int64_t now);

/* prompt.c */
void prompt_line(struct app *app, const char *label, const char *text,
    void (*answered)(struct app *, const char *), void (*changed)(struct app *, const char *));
/* The same; typing replaces the suggestion, editing keys change it. */
void prompt_suggest(struct app *app, const char *label, const char *text,
    void (*answered)(struct app *, const char *));
void prompt_keys(struct app *app, const char *label, const char *keys,
    void (*answered)(struct app *, const char *));
/* A line to type that Tab completes from `words`, a line each. */
void prompt_words(struct app *app, const char *label, const char *words,
    void (*answered)(struct app *, const char *));
void prompt_key(struct app *app, int key);
void prompt_drop(struct app *app);

/* run.c */
void app_key(struct app *app, int key, int mouse_row, int mouse_col);
void app_run(struct app *app, enum command_id id, const char *arg);
/* Of the commands only those that move; the others do nothing. */
void app_move(struct app *app, enum command_id id);
void app_typed_command(struct app *app, const char *line);

/* targets.c */
void targets_take(struct app *app, bool is_bulk);
size_t targets_accounts(const struct app *app); /* of how many accounts they are */

/* doubts.c: of which nobody knows whether it went */
void page_doubt(struct page *p, const struct doubt *d, bool is_full);
void deed_resolve(struct app *app, const char *arg);
void deed_resolve_undo(struct app *app, const struct deed *d);
/* After a preview of nothing: says what has to be done first. */
bool doubt_refuses(struct app *app, const struct preview *pre, const char *name);
/* Of no use for the case: the bar has no room for it. */
bool doubt_hides(const struct row *row, enum command_id id);

/* undo.c */
/* The targets, by the request of that group; they are no longer tagged. */
void deed_remember(struct app *app, enum deed_kind kind, uint32_t group);

/* deeds.c, notes.c: what changes something */
void deed_resend(struct app *app, int64_t at);
void deed_resend_later(struct app *app, const char *when);
/* `n_unseen` cases were left out: their account could not look at them. */
void deed_previewed(struct app *app, struct part *parts, size_t n, size_t n_unseen);
void deed_ignore(struct app *app);
void deed_ignore_until(struct app *app, const char *until);
void deed_undo(struct app *app);
/* One of the cases of the deed with that request was refused: there is nothing to undo. */
void deed_refused(struct app *app, uint32_t group, const struct case_key *key);
void deed_pause(struct app *app); /* and go on again */
void deed_stop(struct app *app);  /* nothing that waits to go out goes */
/* Before tags change. */
void deed_tags(struct app *app);
void deed_tag(struct app *app); /* what the cursor is on */
/* A note was thrown away: undo asks again what to do with it. */
void deed_note_dropped(struct app *app);
/* It was sent or saved: undo takes it back. */
void deed_note_ended(struct app *app);
void deed_note_not_ended(struct app *app); /* it was refused: nothing is to be taken back */
void deed_note_again(struct app *app);
void deed_edit(struct app *app);
void deed_edited_text(struct app *app, struct letter *l, const struct case_key *keys);
void deed_ask_edited(struct app *app, const struct part *part);
void deed_ask_typed(struct app *app);
void deed_resend_answered(struct app *app, const char *text); /* the key */
/* After a preview: "e" goes back to the editor (true), all else is the answer. */
bool deed_wants_edit(struct app *app, const char *text);
void deed_note(struct app *app, enum note_to to);
void deed_drafted(struct app *app, struct office *o, struct letter *l);
void deed_note_failed(struct app *app, const struct err *e, const char *intent);
void deed_note_refused(struct app *app, const struct err *e);
/* Asks for the secret that an office waits for, one after the other. */
void deed_secrets(struct app *app);

#endif
