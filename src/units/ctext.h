/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ctext.h - what can be told of each line of a C or C++ text without preprocessing it. Inside
 * src/build only.
 */
#ifndef LP_UNITS_CTEXT_H
#define LP_UNITS_CTEXT_H

#include <stdbool.h>

#include "lines.h"

enum lp_ctext_kind {
	LP_CTEXT_OTHER,
	LP_CTEXT_IF, /* #if, #ifdef, #ifndef */
	LP_CTEXT_ELSE, /* #else, #elif, ... */
	LP_CTEXT_ENDIF,
	LP_CTEXT_LINE, /* #line N, # N "file" */
};

struct lp_ctext_line {
	enum lp_ctext_kind kind;
	long number; /* of a LINE: what the next line is; -1: not a plain number */
	/* a directive may be put in before it: not within a comment, a literal, a line that is
	 * continued, the arguments of a macro, or between a name and its arguments */
	bool safe;
};

/* One for each line, malloc'ed. 0 or -ENOMEM. */
int lp_ctext_scan(const struct lp_lines *lines, struct lp_ctext_line **found);

#endif
