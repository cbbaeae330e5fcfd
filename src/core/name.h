/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* name.h - the little that the core needs of strings: names are compared and hashed. No libc. */
#ifndef LP_CORE_NAME_H
#define LP_CORE_NAME_H

#include "host.h"

#define LP_NAME_HASH_INIT 2166136261u

/* Equal strings; NULL equals only NULL. */
static inline bool lp_name_same(const char *a, const char *b)
{
	if (a == b)
		return true;
	if (!a || !b)
		return false;
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static inline bool lp_name_empty(const char *name)
{
	return !name || !*name;
}

/* FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static inline uint32_t lp_name_hash(uint32_t hash, const char *name)
{
	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash;
}

#endif
