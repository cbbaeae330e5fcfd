/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spawn.h - programs that the builder runs: they end with it, read nothing, and what they say
 * goes into a file.
 */
#ifndef LP_UNITS_SPAWN_H
#define LP_UNITS_SPAWN_H

#include <sys/types.h>

struct lp_spawn {
	const char *program; /* a path, or found by PATH; NULL: arguments[0] */
	const char *const *arguments; /* up to NULL */
	const char *const *environment; /* up to NULL; NULL: ours */
	const char *cwd; /* NULL: ours */
	const char *output; /* file for standard output and error, made or replaced */
};

/* 0 or -errno, also if the program cannot be run. */
int lp_spawn_start(const struct lp_spawn *spawn, pid_t *pid);
/* Waits for it, too: its exit status, 128 + signal, or -errno. */
int lp_spawn_run(const struct lp_spawn *spawn);
/* What waitpid(2) told -> exit status, or 128 + signal. */
int lp_spawn_status(int status);

/* The last `lines` lines of a file, malloc'ed; "" if it cannot be read; NULL: no memory. */
char *lp_spawn_tail(const char *path, unsigned int lines);

#endif
