/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * frame.h - what the program of a situation is made of. frame.c reads lines "word" or "word number"
 * and calls answer() for each, which is the situation's own and calls say() once.
 */
#ifndef BUILDER_FRAME_H
#define BUILDER_FRAME_H

#include <string.h>

#define NOINLINE __attribute__((noinline))

#ifdef __cplusplus
extern "C" {
#endif

/* The situation's. n: the number of the line, 0 without one. */
void answer(const char *word, long n);

/* Writes one line. Not by stdio: nothing is kept back, and no lock is held while it waits. */
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);

/* Whether a line begins with this word. */
static inline int is(const char *word, const char *name)
{
	return !strcmp(word, name);
}

#ifdef __cplusplus
}
#endif

#endif
