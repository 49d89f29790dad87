/* The screen: runs until its user leaves. */
#ifndef TUI_TUI_H
#define TUI_TUI_H

#include <stdbool.h>

#include "base/conf.h"
#include "base/err.h"

/* What is pointed at must outlive the call. */
struct tui_options {
	const struct conf *conf;
	const struct account *account;
	const char *theme; /* "" or NULL = as configured */
	bool read_only;
	bool offline;
	bool linear;
	bool demo;
	const char *state_dir;
	const char *cache_dir;
	const char *template_dir;
	const char *theme_dir; /* of the themes shipped with the program */
};

/* 0, or -1 with *e when the screen could not be opened. */
int tui_run(const struct tui_options *o, struct err *e);

#endif
