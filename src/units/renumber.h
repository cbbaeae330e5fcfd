/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * renumber.h - line numbers that a change of a source leaves as they were.
 *
 * A hunk moves all lines behind it, and with them each __LINE__: functions with assert() would
 * differ although nobody touched them. "#line N" is put in where lines that were there before
 * begin again, so that they have the numbers they had; and once more behind an #endif, since what
 * lies between #if and #endif may not be read at all.
 */
#ifndef LP_UNITS_RENUMBER_H
#define LP_UNITS_RENUMBER_H

#include <stddef.h>

/*
 * original, patched: two versions of a C or C++ text. *text: the patched one with such lines,
 * malloc'ed, with a NUL behind. 0 or -ENOMEM.
 */
int lp_renumber(const char *original, size_t original_size, const char *patched,
		size_t patched_size, char **text, size_t *size);

#endif
