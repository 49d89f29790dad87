/* Looking for the original of a report. Private. */
#ifndef WORK_ORIGINAL_H
#define WORK_ORIGINAL_H

#include "store/box.h"
#include "work/work.h"

/* The names of a comma list, trimmed, in the arena. */
size_t original_folders(struct arena *a, struct slice list, const char ***names_r);

/* Did all of it come back? A cut multipart lacks its last boundary. */
bool original_is_whole(struct arena *a, const struct report *r);

#define ORIGINAL_MAX_FOLDERS 16

/* Where originals are looked for, each once. */
struct folders {
	const char *names[ORIGINAL_MAX_FOLDERS];
	size_t n;
};
int original_folders_server(
    struct worker *w, struct arena *a, struct folders *folders, struct err *e);
void original_folders_disk(struct worker *w, struct arena *a, struct folders *folders);
const char *original_folder_words(struct arena *a, const struct folders *f);
/* The messages of a folder beside the Maildir (of each the first bytes, 0 = all), until
 * *is_over, which fn sets. */
void original_walk(struct worker *w, struct arena *a, const char *folder, size_t max_bytes,
    box_fn fn, void *ctx, const bool *is_over);
/* Of an original that only the report has: is there a copy, and the same? Words if the
 * folders say otherwise, "" if they agree or cannot know; `where` says so too. */
const char *original_contradicted(struct worker *w, struct arena *a, struct found *f);

/* In the folders of the server, or beside the Maildir. Fills bytes and where. */
int original_search_server(struct worker *w, struct arena *a, struct found *f, struct err *e);
int original_search_disk(struct worker *w, struct arena *a, struct found *f, struct err *e);

#endif
