/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* names.h - functions that a borrowed thread may, or must not, be in. Used by src/inject only. */
#ifndef LP_INJECT_NAMES_H
#define LP_INJECT_NAMES_H

#include <stdbool.h>

/*
 * Of libc: whether a thread asleep in this function holds none of libc's locks. Anything that is
 * not known to be harmless (malloc, stdio, fork, exit, dlopen, getaddrinfo ...) is not.
 */
bool lp_name_harmless(const char *function);

/* Of any other object: an allocator, a loader, or another wrapper around the like. */
bool lp_name_forbidden(const char *function);

/* File name of an object that replaces malloc or pthread_create. */
bool lp_name_allocator(const char *path);

#endif
