/* The explanation as plain text, wrapped. */
#include <stdlib.h>

#include "base/clean.h"
#include "bounce/explain.h"

#define MIN_COLUMNS 40
#define MAX_COLUMNS 100 /* longer lines are hard to read */

/* Words of `text`, wrapped; the first line begins at column `at`, the others at
 * `indent`. Ends the line. */
static void
wrap(struct buf *out, const char *text, int at, int indent, int columns)
{
	bool is_first = true;

	while (*text != '\0') {
		const char *end = text + strcspn(text, " ");
		struct slice word = slice_range(text, end);
		char *copy = xslicedup(word);
		int width = utf8_columns(copy);

		free(copy);
		if (!is_first && at + 1 + width > columns) {
			buf_addf(out, "\n%*s", indent, "");
			at = indent;
			is_first = true;
		}
		if (!is_first)
			buf_addc(out, ' ');
		buf_addslice(out, word);
		at += width + !is_first;
		is_first = false;
		for (text = end; *text == ' ';)
			text++;
	}
	buf_addc(out, '\n');
}

/* "Label       text" with the text in a column of its own. */
static void
labelled(struct buf *out, const char *label, const char *text, int width, int columns)
{
	if (text[0] == '\0')
		return;
	buf_addf(out, "%-*s ", width, label);
	wrap(out, text, width + 1, width + 1, columns);
}

static void
headline(struct buf *out, const struct explanation *x, int columns)
{
	int used = utf8_columns(x->code) + utf8_columns(x->title) + 2,
	    badge = utf8_columns(x->badge);

	if (x->code[0] != '\0')
		buf_addf(out, "%s  ", x->code);
	buf_adds(out, x->title);
	if (badge > 0 && used + 2 + badge <= columns)
		buf_addf(out, "%*s%s", columns - used - badge + (x->code[0] == '\0' ? 2 : 0), "",
		    x->badge);
	else if (badge > 0)
		buf_addf(out, "\n%s", x->badge);
	buf_addc(out, '\n');
	wrap(out, x->meaning, 0, 0, columns);
	if (x->vendor[0] != '\0')
		labelled(out, "So says:", x->vendor, 8, columns);
	if (x->registry[0] != '\0')
		wrap(out, x->registry, 0, 0, columns);
	if (x->contradiction[0] != '\0')
		labelled(out, "Note:", x->contradiction, 5, columns);
}

static void
causes(struct buf *out, const struct explanation *x, int columns)
{
	if (x->n_causes == 0 && x->against[0] == '\0')
		return;
	buf_adds(out, "\nLikely causes\n");
	for (size_t i = 0; i < x->n_causes; i++) {
		const struct explain_cause *c = &x->causes[i];
		struct buf quoted = BUF_INIT;

		buf_addf(out, "%3d%%  %s\n", (int)(c->weight * 100 + 0.5), c->title);
		if (c->evidence.n > 0) {
			buf_addc(&quoted, '"');
			clean_append(&quoted, c->evidence, CLEAN_MAX_BYTES);
			buf_addc(&quoted, '"');
			buf_adds(out, "      ");
			wrap(out, buf_cstr(&quoted), 6, 7, columns);
		}
		if (c->remedy[0] != '\0') {
			buf_adds(out, "      ");
			wrap(out, c->remedy, 6, 6, columns);
		}
		buf_free(&quoted);
	}
	if (x->against[0] != '\0') {
		buf_adds(out, "   -  ");
		wrap(out, x->against, 6, 6, columns);
	}
}

static void
steps(struct buf *out, const struct explanation *x, int columns)
{
	if (x->n_steps == 0)
		return;
	buf_adds(out, "\nWhat to do\n");
	for (size_t i = 0; i < x->n_steps; i++) {
		buf_addf(out, "  %-15s ", x->steps[i].command);
		wrap(out, x->steps[i].text, 18, 18, columns);
	}
}

void
explain_print(struct buf *out, const struct explanation *x, int columns)
{
	if (columns < MIN_COLUMNS)
		columns = MIN_COLUMNS;
	if (columns > MAX_COLUMNS)
		columns = MAX_COLUMNS;
	headline(out, x, columns);
	causes(out, x, columns);
	steps(out, x, columns);
	buf_addc(out, '\n');
	labelled(out, "Permanent?", x->permanent, 15, columns);
	labelled(out, "Wait how long?", x->wait, 15, columns);
	labelled(out, "Who can mend it", x->who, 15, columns);
	labelled(out, "Prevent it?", x->prevention, 15, columns);
}
