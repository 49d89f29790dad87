/* Which addresses and domains are ours. Pure. */
#ifndef WORK_OWN_H
#define WORK_OWN_H

#include "base/conf.h"

/* Lower case, in the arena: the sender's address and domain, those of the key
 * `addresses`, and the login where it is an address. The domain of a freemail
 * provider is nobody's own and is left out, unless `addresses` names it. */
size_t own_list(struct arena *a, const struct account *account, const char ***own_r);

/* The bare address of account->from. */
struct slice own_address(struct arena *a, const struct account *account);

#endif
