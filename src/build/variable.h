/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * variable.h - which variable of which function a section of data holds, as the debug information has
 * it. The names in the symbol table have numbers that shift when another one is added. Inside src/build
 * only.
 */
#ifndef LP_BUILD_VARIABLE_H
#define LP_BUILD_VARIABLE_H

#include <stdint.h>

struct lp_variable {
	/*
	 * The function, "" outside of any, and how far into the variable: clang divides structures.
	 * NULL: not known.
	 */
	char *place;
	int line; /* of the declaration */
};

/*
 * Of an object file: a list by section index, to be freed. Without debug information that can be
 * read, and without a path, nothing is known. 0 or -ENOMEM.
 */
int lp_variables_load(struct lp_variable **variables, uint32_t n_sections, const char *path);
void lp_variables_free(struct lp_variable *variables, uint32_t n_sections);

#endif
