/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"

static bool reserve(struct lp_buffer *buffer, size_t size)
{
	size_t capacity = buffer->capacity ? buffer->capacity : 256;
	void *bytes;

	while (capacity - buffer->size < size)
		capacity *= 2;
	if (capacity == buffer->capacity)
		return true;
	bytes = realloc(buffer->bytes, capacity);
	if (!bytes) {
		buffer->failed = true;
		return false;
	}
	buffer->bytes = bytes;
	buffer->capacity = capacity;
	return true;
}

size_t lp_buffer_add(struct lp_buffer *buffer, const void *bytes, size_t size)
{
	size_t offset = buffer->size;

	if (!size || buffer->failed || !reserve(buffer, size))
		return offset;
	if (bytes)
		memcpy(buffer->bytes + offset, bytes, size);
	else
		memset(buffer->bytes + offset, 0, size);
	buffer->size += size;
	return offset;
}

size_t lp_buffer_string(struct lp_buffer *buffer, const char *string)
{
	if (!buffer->size)
		lp_buffer_add(buffer, "", 1);
	if (!string || !*string)
		return 0;
	return lp_buffer_add(buffer, string, strlen(string) + 1);
}

size_t lp_buffer_align(struct lp_buffer *buffer, size_t alignment)
{
	if (alignment > 1 && buffer->size % alignment)
		lp_buffer_add(buffer, NULL, alignment - buffer->size % alignment);
	return buffer->size;
}

void lp_buffer_print(struct lp_buffer *buffer, const char *format, ...)
{
	char text[1024];
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (size < 0 || (size_t)size >= sizeof(text))
		buffer->failed = true;
	else
		lp_buffer_add(buffer, text, (size_t)size);
}

void lp_buffer_free(struct lp_buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct lp_buffer){ 0 };
}
