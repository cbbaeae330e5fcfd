/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unwind_made_up.h - a memory with one function under test, whose caller has no caller. The words
 * of its stack are return addresses that tell which of them was read.
 */
#ifndef LP_TESTS_UNWIND_MADE_UP_H
#define LP_TESTS_UNWIND_MADE_UP_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/agent/unwind.h"

#define TEXT 0x4000ull /* the function under test */
#define CALLER (TEXT + 0x1000)
#define TEXT_SIZE 0x2000
#define EH_FRAME 0x8000ull
#define STACK 0x10000ull
#define STACK_WORDS 6000
#define RBP (STACK + 0x100)
#define WORD(i) (CALLER + 0x10 + (i) % 256)
#define PCREL_SDATA4 0x1b

struct bytes {
	const void *bytes;
	size_t size;
};
#define BYTES(text)                                                                                \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

/* what an FDE and its CIE are made of */
struct cfi {
	uint8_t version;
	uint8_t encoding;
	const char *letters;
	struct bytes augmentation;
	struct bytes cie_program, program;
};

static uint8_t text[TEXT_SIZE];
static uint8_t eh_frame[4096];
static size_t eh_frame_size;
static uint64_t stack[STACK_WORDS];
static struct lp_registers registers;
static uint64_t frames[8];
static unsigned int n_frames;

static inline bool serve(uint64_t lo, const void *memory, size_t memory_size, uint64_t addr,
			 void *bytes, size_t size)
{
	if (addr < lo || addr - lo > memory_size || size > memory_size - (addr - lo))
		return false;
	memcpy(bytes, (const uint8_t *)memory + (addr - lo), size);
	return true;
}

static inline int read_made_up(void *context, uint64_t addr, void *bytes, size_t size)
{
	(void)context;
	if (serve(TEXT, text, sizeof(text), addr, bytes, size) ||
	    serve(EH_FRAME, eh_frame, eh_frame_size, addr, bytes, size) ||
	    serve(STACK, stack, sizeof(stack), addr, bytes, size))
		return 0;
	return -EFAULT;
}

static inline bool frame_add(void *context, uint64_t pc)
{
	(void)context;
	if (n_frames < sizeof(frames) / sizeof(frames[0]))
		frames[n_frames] = pc;
	n_frames++;
	return false;
}

static inline int walk(void)
{
	struct lp_unwind_extra extra = { TEXT, TEXT + TEXT_SIZE, EH_FRAME, eh_frame_size };
	struct lp_unwind_space space = { .extra = &extra, .n_extra = 1, .read = read_made_up };

	n_frames = 0;
	return lp_unwind_walk(&space, &registers, LP_UNWIND_ALL, frame_add, NULL);
}

static inline void emit(const void *bytes, size_t size)
{
	assert_true(eh_frame_size + size <= sizeof(eh_frame));
	if (size == 0)
		return;
	memcpy(eh_frame + eh_frame_size, bytes, size);
	eh_frame_size += size;
}

static inline void emit_number(uint64_t value, size_t size)
{
	emit(&value, size);
}

static inline void emit_leb(uint64_t value, bool is_signed)
{
	do {
		bool last = value < (is_signed ? 64 : 128);

		emit_number((value & 0x7f) | (last ? 0 : 0x80), 1);
		value >>= 7;
		if (last)
			return;
	} while (true);
}

static inline void emit_pointer(uint8_t encoding, uint64_t value, bool is_size)
{
	static const uint8_t sizes[16] = { 8, 0, 2, 4, 8, 0, 0, 0, 0, 0, 2, 4, 8 };

	if ((encoding & 0x70) == 0x10 && !is_size)
		value -= EH_FRAME + eh_frame_size;
	if (encoding == 0xff)
		return;
	if (sizes[encoding & 0x0f])
		emit_number(value, sizes[encoding & 0x0f]);
	else
		emit_leb(value, encoding & 8);
}

static inline void entry_end(size_t start)
{
	uint32_t length;

	while ((eh_frame_size - start) % 4)
		emit_number(0, 1);
	length = (uint32_t)(eh_frame_size - start - 4);
	memcpy(eh_frame + start, &length, sizeof(length));
}

static inline size_t cie_emit(const struct cfi *cfi)
{
	size_t start = eh_frame_size;

	emit_number(0, 8); /* length, id */
	emit_number(cfi->version, 1);
	emit(cfi->letters, strlen(cfi->letters) + 1);
	if (cfi->version == 4)
		emit_number(8, 2);
	emit("\x01\x78\x10", 3); /* code 1, data -8, return address in 16 */
	if (cfi->letters[0] == 'z') {
		emit_number(cfi->augmentation.size, 1);
		emit(cfi->augmentation.bytes, cfi->augmentation.size);
	}
	emit(cfi->cie_program.bytes, cfi->cie_program.size);
	entry_end(start);
	return start;
}

static inline void fde_emit(const struct cfi *cfi, size_t cie, uint64_t pc, uint64_t size)
{
	size_t start = eh_frame_size;

	emit_number(0, 4);
	emit_number(eh_frame_size - cie, 4);
	emit_pointer(cfi->encoding, pc, false);
	emit_pointer(cfi->encoding, size, true);
	if (cfi->letters[0] == 'z')
		emit_number(0, 1);
	emit(cfi->program.bytes, cfi->program.size);
	entry_end(start);
}

static const struct cfi plain = {
	.version = 1,
	.encoding = PCREL_SDATA4,
	.letters = "zR",
	.augmentation = BYTES("\x1b"),
	.cie_program = BYTES("\x0c\x07\x08\x90\x01"), /* CFA rsp + 8, return address at CFA - 8 */
};

static inline void reset(void)
{
	memset(text, 0xe8, sizeof(text)); /* every byte may be the last of a call */
	for (size_t i = 0; i < STACK_WORDS; i++)
		stack[i] = WORD(i);
	memset(&registers, 0, sizeof(registers));
	registers.value[LP_REG_RSP] = STACK;
	registers.value[LP_REG_RBP] = RBP;
	registers.value[LP_REG_RBX] = WORD(77);
	registers.value[LP_REG_RA] = TEXT + 0x10;
	registers.known = 1u << LP_REG_RSP | 1u << LP_REG_RBP | 1u << LP_REG_RBX | 1u << LP_REG_RA;
	eh_frame_size = 0;
}

static inline void make(const struct cfi *cfi)
{
	struct cfi caller = plain;

	reset();
	fde_emit(cfi, cie_emit(cfi), TEXT, 0x1000);
	caller.program = (struct bytes)BYTES("\x07\x10"); /* return address undefined */
	fde_emit(&caller, cie_emit(&caller), CALLER, 0x1000);
	emit_number(0, 4);
}

#endif
