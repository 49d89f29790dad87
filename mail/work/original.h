/* Looking for the original of a report. Private. */
#ifndef WORK_ORIGINAL_H
#define WORK_ORIGINAL_H

#include "work/work.h"

/* The names of a comma list, trimmed, in the arena. */
size_t original_folders(struct arena *a, struct slice list, const char ***names_r);

/* Did all of it come back? A cut multipart lacks its last boundary. */
bool original_is_whole(struct arena *a, const struct report *r);

/* In the folders of the server, or beside the Maildir. Fills bytes and where. */
int original_search_server(struct worker *w, struct arena *a, struct found *f, struct err *e);
int original_search_disk(struct worker *w, struct arena *a, struct found *f, struct err *e);

#endif
