/* One value of the configuration file: read, checked, put into its place.
 * Private to conf. */
#ifndef BASE_CONF_VALUE_H
#define BASE_CONF_VALUE_H

#include "base/conf.h"

/* `base` is the struct account or struct conf that the row belongs to. Words of
 * *e tell what was found; a password in it is left out. */
int conf_value_set(
    struct arena *a, const struct conf_option *o, void *base, const char *value, struct err *e);

/* Is it on this machine? 127.0.0.0/8, ::1, localhost. */
bool conf_host_is_loopback(const char *host);
/* Good enough for a sender: something@something. */
bool conf_is_address(const char *text);

#endif
