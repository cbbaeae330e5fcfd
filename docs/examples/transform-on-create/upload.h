// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * upload.h - a file that comes in pieces. Any thread may take the next piece of any upload; the
 * pieces of one come one after the other.
 */
#ifndef UPLOAD_H
#define UPLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct upload {
	struct upload *next; /* while it is unused */
	uint64_t number; /* never used twice */
	size_t length;
};

struct upload *upload_new(void); /* out of the pool, with its number */
void upload_recycle(struct upload *upload);

/* What client and server agree on. */
static inline uint32_t sum_add(uint32_t sum, const char *data, size_t size)
{
	while (size--)
		sum = sum * 31 + (unsigned char)*data++;
	return sum;
}

#endif
