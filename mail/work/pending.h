/* Letters that wait for their turn, in order. Private. */
#ifndef WORK_PENDING_H
#define WORK_PENDING_H

#include "work/work.h"

void pending_add(struct pending *p, struct letter *l);
struct letter *pending_take(struct pending *p, size_t i);
void pending_put_back(struct pending *p, size_t i, struct letter *l);
/* Frees the letter of that request; false if there is none. */
bool pending_drop(struct pending *p, uint32_t request);
void pending_free(struct pending *p);

#endif
