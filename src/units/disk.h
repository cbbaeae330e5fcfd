/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * disk.h - names of files, and files as a whole.
 *
 * Strings that are returned are malloc'ed; NULL: no memory, or as said.
 */
#ifndef LP_UNITS_DISK_H
#define LP_UNITS_DISK_H

#include <stdbool.h>
#include <stddef.h>

__attribute__((format(printf, 1, 2))) char *lp_disk_format(const char *format, ...);

/* The absolute name of `name`, seen from directory `cwd`: without links in its directories if
 * those exist, else without "." and ".." only. The last component is never resolved. */
char *lp_disk_absolute(const char *cwd, const char *name);

/* The part of `path` behind `directory`; "" for the directory itself; NULL: it is not below. */
const char *lp_disk_below(const char *path, const char *directory);

/* What follows the last '.' of the last component; "": none. Not malloc'ed. */
const char *lp_disk_extension(const char *path);

/* The directories that lead to `path`. 0 or -errno. */
int lp_disk_make_parents(const char *path);

/* All of a file, with a NUL behind. 0 or -errno. */
int lp_disk_read(const char *path, char **bytes, size_t *size);

/* Makes or replaces the file's content. 0 or -errno. */
int lp_disk_write(const char *path, const void *bytes, size_t size);

/* rename(2), or a copy where that cannot be. 0 or -errno. */
int lp_disk_move(const char *from, const char *to);

bool lp_disk_is_file(const char *path);

/* Both can be read, and hold the same bytes. */
bool lp_disk_same(const char *a, const char *b);

#endif
