/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * record.h - the compilations that a build's log (recorder.h) holds, taken apart: one for each
 * source of each command.
 *
 * Left out: runs that compile nothing, that stop before there is an object (-E, -S, -M), the
 * trials of autoconf, cmake and meson, and languages other than C, C++ and assembler.
 */
#ifndef LP_UNITS_RECORD_H
#define LP_UNITS_RECORD_H

#include <stdbool.h>
#include <stddef.h>

struct lp_compilation {
	char *program; /* the compiler's path */
	char *cwd;
	/*
	 * Up to NULL: the command's name and its options; without sources and other inputs, -c, -o,
	 * -x, what writes dependencies or other files beside the object.
	 */
	char **arguments;
	char **environment; /* up to NULL; what the compiler heeds */
	char *language; /* of -x; NULL: by the source's name */
	char *source_argument; /* as the command has it */
	char *source; /* absolute */
	char *output_argument; /* of -o, or its default; NULL: it links, too */
	char *output; /* absolute: the object, or of a command that links, what it makes */
	bool links;
	bool assembler;
	bool lto;
};

/* Sorted by output and source. Of several of the same, the last that was started. */
struct lp_compilations {
	struct lp_compilation *list;
	size_t count;
};

/* 0; -EBADMSG: not a log; another negative errno. No such file: no compilation. To be freed. */
int lp_compilations_read(struct lp_compilations *compilations, const char *log);
void lp_compilations_free(struct lp_compilations *compilations);

/* Order of the list; 0: the same source is compiled to the same output. */
int lp_compilation_compare(const struct lp_compilation *a, const struct lp_compilation *b);

#endif
