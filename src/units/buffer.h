/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * buffer.h - bytes that grow. A failed allocation is remembered: check `failed` once at the end.
 */
#ifndef LP_UNITS_BUFFER_H
#define LP_UNITS_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lp_buffer {
	uint8_t *bytes;
	size_t size;
	size_t capacity;
	bool failed;
};

/* All return the offset at which the bytes start; bytes NULL: zeros. */
size_t lp_buffer_add(struct lp_buffer *buffer, const void *bytes, size_t size);
/* with its NUL; NULL is the empty string at offset 0, as an ELF string table has it */
size_t lp_buffer_string(struct lp_buffer *buffer, const char *string);
size_t lp_buffer_align(struct lp_buffer *buffer, size_t alignment);
__attribute__((format(printf, 2, 3))) void lp_buffer_print(struct lp_buffer *buffer,
							   const char *format, ...);
void lp_buffer_free(struct lp_buffer *buffer);

#endif
