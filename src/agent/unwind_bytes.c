/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unwind_bytes.h"

#include <errno.h>
#include <string.h>

enum {
	PE_ABSPTR = 0x00,
	PE_ULEB128 = 0x01,
	PE_UDATA2 = 0x02,
	PE_UDATA4 = 0x03,
	PE_UDATA8 = 0x04,
	PE_SLEB128 = 0x09,
	PE_SDATA2 = 0x0a,
	PE_SDATA4 = 0x0b,
	PE_SDATA8 = 0x0c,
	PE_FORMAT = 0x0f,
	PE_PCREL = 0x10,
	PE_DATAREL = 0x30,
	PE_INDIRECT_AND_BASE = 0xf0,
};

int lp_unwind_memory_read(struct lp_unwind_memory *memory, uint64_t addr, void *bytes, size_t size)
{
	if (addr + size < addr || memory->reads_left == 0)
		return -ENODATA;
	memory->reads_left--;
	if (memory->space->read(memory->space->context, addr, bytes, size) != 0)
		return -ENODATA;
	return 0;
}

void lp_unwind_bytes_init(struct lp_unwind_bytes *bytes, struct lp_unwind_memory *memory,
			  uint64_t addr, uint64_t end)
{
	bytes->memory = memory;
	bytes->addr = addr;
	bytes->end = end;
	bytes->bad = end < addr;
	bytes->filled = 0;
	bytes->window_addr = addr;
}

static uint64_t left(const struct lp_unwind_bytes *bytes)
{
	return bytes->bad ? 0 : bytes->end - bytes->addr;
}

void lp_unwind_bytes_skip(struct lp_unwind_bytes *bytes, uint64_t size)
{
	if (size > left(bytes)) {
		bytes->bad = true;
		return;
	}
	bytes->addr += size;
}

static void fill(struct lp_unwind_bytes *bytes)
{
	uint64_t size = left(bytes);

	if (size > sizeof(bytes->window))
		size = sizeof(bytes->window);
	if (size == 0 ||
	    lp_unwind_memory_read(bytes->memory, bytes->addr, bytes->window, size) != 0) {
		bytes->bad = true;
		return;
	}
	bytes->window_addr = bytes->addr;
	bytes->filled = (uint8_t)size;
}

uint8_t lp_unwind_bytes_u8(struct lp_unwind_bytes *bytes)
{
	if (bytes->addr - bytes->window_addr >= bytes->filled)
		fill(bytes);
	if (bytes->bad)
		return 0;
	return bytes->window[bytes->addr++ - bytes->window_addr];
}

uint64_t lp_unwind_bytes_unsigned(struct lp_unwind_bytes *bytes, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)lp_unwind_bytes_u8(bytes) << (8 * i);
	return bytes->bad ? 0 : value;
}

int64_t lp_unwind_bytes_signed(struct lp_unwind_bytes *bytes, size_t size)
{
	uint64_t value = lp_unwind_bytes_unsigned(bytes, size);
	uint64_t sign = 1ull << (8 * size - 1);

	return (int64_t)((value ^ sign) - sign);
}

uint64_t lp_unwind_bytes_uleb(struct lp_unwind_bytes *bytes)
{
	uint64_t value = 0;

	for (unsigned int shift = 0;; shift += 7) {
		uint8_t byte = lp_unwind_bytes_u8(bytes);

		if (shift > 63 || (shift == 63 && (byte & 0x7e)))
			bytes->bad = true;
		if (bytes->bad)
			return 0;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
}

int64_t lp_unwind_bytes_sleb(struct lp_unwind_bytes *bytes)
{
	uint64_t value = 0;

	for (unsigned int shift = 0;; shift += 7) {
		uint8_t byte = lp_unwind_bytes_u8(bytes);

		/* the tenth byte holds bit 63 and copies of it */
		if (shift > 63 || (shift == 63 && byte != 0x00 && byte != 0x7f))
			bytes->bad = true;
		if (bytes->bad)
			return 0;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		if ((byte & 0x40) && shift + 7 < 64)
			value |= ~0ull << (shift + 7);
		return (int64_t)value;
	}
}

static uint64_t formatted(struct lp_unwind_bytes *bytes, uint8_t format)
{
	switch (format) {
	case PE_ULEB128:
		return lp_unwind_bytes_uleb(bytes);
	case PE_UDATA2:
		return lp_unwind_bytes_unsigned(bytes, 2);
	case PE_UDATA4:
		return lp_unwind_bytes_unsigned(bytes, 4);
	case PE_SLEB128:
		return (uint64_t)lp_unwind_bytes_sleb(bytes);
	case PE_SDATA2:
		return (uint64_t)lp_unwind_bytes_signed(bytes, 2);
	case PE_SDATA4:
		return (uint64_t)lp_unwind_bytes_signed(bytes, 4);
	case PE_ABSPTR:
	case PE_UDATA8:
	case PE_SDATA8:
		return lp_unwind_bytes_unsigned(bytes, 8);
	default:
		bytes->bad = true;
		return 0;
	}
}

uint64_t lp_unwind_bytes_pointer(struct lp_unwind_bytes *bytes, uint8_t encoding,
				 uint64_t data_base)
{
	uint64_t field = bytes->addr;
	uint64_t value = formatted(bytes, encoding & PE_FORMAT);

	switch (encoding & PE_INDIRECT_AND_BASE) {
	case PE_ABSPTR:
		break;
	case PE_PCREL:
		value += field;
		break;
	case PE_DATAREL:
		bytes->bad |= data_base == 0;
		value += data_base;
		break;
	default:
		bytes->bad = true;
	}
	return bytes->bad ? 0 : value;
}
