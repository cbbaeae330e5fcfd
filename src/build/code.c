/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "code.h"

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int compare_branches(const void *a, const void *b)
{
	const struct lp_branch *x = a, *y = b;

	if (x->target != y->target)
		return x->target < y->target ? -1 : 1;
	return x->source < y->source ? -1 : x->source > y->source;
}

/* Symbols before FDEs, the longer before the shorter: the first of an address stays. */
static int compare_extents(const void *a, const void *b)
{
	const struct lp_extent *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	if (x->symbol != y->symbol)
		return x->symbol ? -1 : 1;
	return x->size > y->size ? -1 : x->size < y->size;
}

static bool is_code(const struct lp_elf *elf, uint64_t addr)
{
	const struct lp_elf_section *section = lp_elf_section_at(elf, addr);

	return section && (section->kind == LP_ELF_CODE || section->kind == LP_ELF_INIT);
}

static int extents_build(struct lp_code *code)
{
	const struct lp_elf *elf = code->elf;
	size_t count = 0;

	code->extents = calloc(elf->n_by_addr + elf->n_frames + 1, sizeof(*code->extents));
	if (!code->extents)
		return -ENOMEM;
	for (size_t i = 0; i < elf->n_by_addr; i++) {
		const struct lp_elf_symbol *symbol = elf->by_addr[i];

		if ((symbol->type == STT_FUNC || symbol->type == STT_GNU_IFUNC) && symbol->size &&
		    is_code(elf, symbol->addr))
			code->extents[count++] = (struct lp_extent){ symbol->addr, symbol->size,
								     true };
	}
	for (size_t i = 0; i < elf->n_frames; i++)
		if (is_code(elf, elf->frames[i].addr))
			code->extents[count++] = (struct lp_extent){ elf->frames[i].addr,
								     elf->frames[i].size, false };
	qsort(code->extents, count, sizeof(*code->extents), compare_extents);
	for (size_t i = 0; i < count; i++)
		if (!code->n_extents ||
		    code->extents[code->n_extents - 1].addr != code->extents[i].addr)
			code->extents[code->n_extents++] = code->extents[i];
	return 0;
}

/* Every symbol in code, also labels without size, and every FDE. */
static int starts_build(struct lp_code *code)
{
	const struct lp_elf *elf = code->elf;
	size_t count = 0;

	code->starts = calloc(elf->n_by_addr + elf->n_frames + 1, sizeof(*code->starts));
	if (!code->starts)
		return -ENOMEM;
	for (size_t i = 0; i < elf->n_by_addr; i++)
		if (is_code(elf, elf->by_addr[i]->addr))
			code->starts[count++] = elf->by_addr[i]->addr;
	for (size_t i = 0; i < elf->n_frames; i++)
		if (is_code(elf, elf->frames[i].addr))
			code->starts[count++] = elf->frames[i].addr;
	qsort(code->starts, count, sizeof(*code->starts), compare_u64);
	for (size_t i = 0; i < count; i++)
		if (!code->n_starts || code->starts[code->n_starts - 1] != code->starts[i])
			code->starts[code->n_starts++] = code->starts[i];
	return 0;
}

/* The first start > addr, or `end`. */
static uint64_t start_after(const struct lp_code *code, uint64_t addr, uint64_t end)
{
	size_t low = 0, high = code->n_starts;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (code->starts[middle] <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low < code->n_starts && code->starts[low] < end ? code->starts[low] : end;
}

static int branch_add(struct lp_code *code, const struct lp_insn *insn)
{
	if (code->n_branches == code->branch_capacity) {
		size_t capacity = code->branch_capacity ? 2 * code->branch_capacity : 4096;
		void *branches = realloc(code->branches, capacity * sizeof(*code->branches));

		if (!branches)
			return -ENOMEM;
		code->branches = branches;
		code->branch_capacity = capacity;
	}
	code->branches[code->n_branches++] = (struct lp_branch){ insn->target, insn->addr,
								 insn->flags & LP_INSN_CALL };
	return 0;
}

/* Decodes [addr, end) in one line. An instruction that overlaps end is decoded all the same. */
static int sweep_piece(struct lp_code *code, const uint8_t *bytes, uint64_t addr, uint64_t end,
		       uint64_t limit)
{
	int err = 0;

	while (addr < end && !err) {
		struct lp_insn insn;

		if (!lp_decode(bytes, limit - addr, addr, &insn)) {
			bytes++;
			addr++;
			continue;
		}
		if (insn.flags & LP_INSN_DIRECT)
			err = branch_add(code, &insn);
		bytes += insn.size;
		addr += insn.size;
	}
	return err;
}

static int sweep(struct lp_code *code)
{
	const struct lp_elf *elf = code->elf;
	int err = 0;

	for (size_t i = 0; i < elf->n_sections && !err; i++) {
		const struct lp_elf_section *section = &elf->sections[i];
		const uint8_t *bytes = lp_elf_bytes(elf, section->addr, section->size);
		uint64_t end = section->addr + section->size, next;

		if (!bytes || (section->kind != LP_ELF_CODE && section->kind != LP_ELF_INIT &&
			       section->kind != LP_ELF_PLT))
			continue;
		for (uint64_t at = section->addr; at < end && !err; at = next) {
			next = start_after(code, at, end);
			err = sweep_piece(code, bytes + (at - section->addr), at, next, end);
		}
	}
	if (code->n_branches)
		qsort(code->branches, code->n_branches, sizeof(*code->branches), compare_branches);
	return err;
}

/*
 * Whether control can run over the end of a function into what follows. A call there is taken for
 * one that does not return: compilers emit no code behind those.
 */
static bool falls_through(const struct lp_code *code, const struct lp_extent *extent)
{
	const uint8_t *bytes = lp_elf_bytes(code->elf, extent->addr, extent->size);
	uint64_t at = 0;
	struct lp_insn insn = { 0 };

	while (bytes && at < extent->size) {
		if (!lp_decode(bytes + at, extent->size - at, extent->addr + at, &insn))
			return true;
		at += insn.size;
	}
	return !bytes || at != extent->size || !(insn.flags & (LP_INSN_STOP | LP_INSN_CALL));
}

/* How far from addr the bytes are filler that no direct branch leads to. */
static uint64_t padding_end(const struct lp_code *code, uint64_t addr, uint64_t end)
{
	size_t i = lp_code_branch_index(code, addr);
	const uint8_t *bytes;
	uint64_t at = addr;

	if (i < code->n_branches && code->branches[i].target < end)
		end = code->branches[i].target;
	bytes = lp_elf_bytes(code->elf, addr, end - addr);
	while (bytes && at < end) {
		struct lp_insn insn;

		if (!lp_decode(bytes + (at - addr), end - at, at, &insn) ||
		    !(insn.flags & (LP_INSN_NOP | LP_INSN_INT3)))
			break;
		at += insn.size;
	}
	return at;
}

static void gap_add(struct lp_code *code, const struct lp_extent *owner, uint64_t addr)
{
	const struct lp_elf_section *section = lp_elf_section_at(code->elf, addr - 1);
	uint64_t end, section_end;

	if (!section || section->kind != LP_ELF_CODE || falls_through(code, owner))
		return;
	section_end = section->addr + section->size;
	if (addr >= section_end)
		return;
	/* a start right at addr: no gap */
	end = start_after(code, addr - 1, section_end);
	/* a function that has no symbol may begin with nops, but at an aligned address */
	if (!code->elf->has_private && end > ((addr + 15) & ~(uint64_t)15))
		end = (addr + 15) & ~(uint64_t)15;
	if (end > addr)
		end = padding_end(code, addr, end);
	if (end > addr)
		code->gaps[code->n_gaps++] = (struct lp_gap){ addr, end, owner->addr };
}

static int gaps_build(struct lp_code *code)
{
	uint64_t covered = 0;
	const struct lp_extent *last = NULL;

	code->gaps = calloc(code->n_extents + 1, sizeof(*code->gaps));
	if (!code->gaps)
		return -ENOMEM;
	for (size_t i = 0; i < code->n_extents; i++) {
		const struct lp_extent *extent = &code->extents[i];

		if (last && extent->addr > covered)
			gap_add(code, last, covered);
		if (!last || extent->addr + extent->size > covered) {
			covered = extent->addr + extent->size;
			last = extent;
		}
	}
	if (last)
		gap_add(code, last, covered);
	return 0;
}

int lp_code_create(struct lp_code **code, const struct lp_elf *elf)
{
	struct lp_code *new = calloc(1, sizeof(*new));
	int err;

	if (!new)
		return -ENOMEM;
	new->elf = elf;
	err = extents_build(new);
	err = err ? err : starts_build(new);
	err = err ? err : sweep(new);
	err = err ? err : gaps_build(new);
	if (err) {
		lp_code_destroy(new);
		return err;
	}
	*code = new;
	return 0;
}

void lp_code_destroy(struct lp_code *code)
{
	if (!code)
		return;
	free(code->branches);
	free(code->extents);
	free(code->gaps);
	free(code->starts);
	free(code);
}

size_t lp_code_branch_index(const struct lp_code *code, uint64_t addr)
{
	size_t low = 0, high = code->n_branches;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (code->branches[middle].target < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct lp_extent *lp_code_extent_at(const struct lp_code *code, uint64_t addr)
{
	size_t low = 0, high = code->n_extents;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (code->extents[middle].addr <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || addr - code->extents[low - 1].addr >= code->extents[low - 1].size)
		return NULL;
	return &code->extents[low - 1];
}

size_t lp_code_gap_index(const struct lp_code *code, uint64_t addr)
{
	size_t low = 0, high = code->n_gaps;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (code->gaps[middle].addr < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
