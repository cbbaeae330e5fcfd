/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cmdline.h - a compiler's command line (gcc's and clang's driver), taken apart.
 */
#ifndef LP_UNITS_CMDLINE_H
#define LP_UNITS_CMDLINE_H

#include "words.h"

struct lp_cmdline_source {
	const char *name; /* in the arguments that were read */
	const char *language; /* of -x, there too; NULL: none */
	bool assembler;
};

struct lp_cmdline {
	struct lp_words options; /* the command's name, and options that stay */
	struct lp_cmdline_source *sources;
	size_t n_sources;
	const char *output; /* of -o; NULL: none */
	bool compiles; /* -c */
	bool stops_early; /* makes no object */
	bool lto;
};

/* 0 or -ENOMEM. `arguments`, up to NULL, must stay. To be freed. */
int lp_cmdline_read(struct lp_cmdline *cmdline, const char *const *arguments);
void lp_cmdline_free(struct lp_cmdline *cmdline);

#endif
