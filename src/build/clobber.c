/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>

#include "clobber.h"

/* Functions seen and to be seen: addresses of originals, symbols of replacements. */
struct visits {
	uint64_t *list;
	size_t count;
	size_t next;
	size_t capacity;
};

static int visit_add(struct visits *visits, uint64_t id)
{
	for (size_t i = 0; i < visits->count; i++)
		if (visits->list[i] == id)
			return 0;
	if (visits->count == visits->capacity) {
		size_t capacity = visits->capacity ? 2 * visits->capacity : 16;
		void *list = realloc(visits->list, capacity * sizeof(*visits->list));

		if (!list)
			return -ENOMEM;
		visits->list = list;
		visits->capacity = capacity;
	}
	visits->list[visits->count++] = id;
	return 0;
}

static void add_all(struct lp_clobber *clobber)
{
	clobber->all = true;
	clobber->wide = true;
	clobber->written |= LP_CALLER_SAVED;
}

/* Registers that one body changes. A caller-saved one that is pushed and popped is kept. */
struct body {
	uint32_t written, pushed, popped;
};

static void body_add(struct body *body, struct lp_clobber *clobber, const uint8_t *bytes,
		     size_t size)
{
	struct lp_insn_regs regs;

	if (!lp_decode_regs(bytes, size, &regs))
		return;
	body->written |= regs.written;
	body->pushed |= regs.pushed;
	body->popped |= regs.popped;
	clobber->wide |= regs.wide;
}

/* A branch out of an original's body. */
static int original_branch(struct lp_clobber *clobber, const struct lp_code *code,
			   struct visits *visits, uint64_t target)
{
	const struct lp_elf_section *section = lp_elf_section_at(code->elf, target);
	const struct lp_extent *extent = lp_code_extent_at(code, target);

	if (section && section->kind == LP_ELF_PLT)
		add_all(clobber);
	else if (extent)
		return visit_add(visits, extent->addr);
	return 0;
}

static int original_body(struct lp_clobber *clobber, const struct lp_code *code,
			 struct visits *visits, const struct lp_extent *extent)
{
	const uint8_t *bytes = lp_elf_bytes(code->elf, extent->addr, extent->size);
	struct body body = { 0 };
	uint64_t at = 0;
	int err = 0;

	while (bytes && at < extent->size && !err && !clobber->all) {
		struct lp_insn insn;

		if (!lp_decode(bytes + at, extent->size - at, extent->addr + at, &insn)) {
			at++;
			continue;
		}
		body_add(&body, clobber, bytes + at, insn.size);
		/* jmp to a register is a switch; what it leads to is part of the body */
		if (insn.flags & LP_INSN_DIRECT) {
			if (insn.target - extent->addr >= extent->size)
				err = original_branch(clobber, code, visits, insn.target);
		} else if ((insn.flags & LP_INSN_CALL) ||
			   ((insn.flags & LP_INSN_JMP) && (insn.flags & LP_INSN_RIP))) {
			add_all(clobber);
		}
		at += insn.size;
	}
	clobber->written |= body.written & ~(body.pushed & body.popped);
	return err;
}

int lp_clobber_original(struct lp_clobber *clobber, const struct lp_code *code, uint64_t addr)
{
	struct visits visits = { 0 };
	int err = visit_add(&visits, addr);

	*clobber = (struct lp_clobber){ 0 };
	while (!err && !clobber->all && visits.next < visits.count) {
		const struct lp_extent *extent = lp_code_extent_at(code,
								   visits.list[visits.next++]);

		if (extent)
			err = original_body(clobber, code, &visits, extent);
	}
	free(visits.list);
	return err;
}

static uint32_t function_covering(const struct lp_relobj *obj, uint32_t section, uint64_t offset)
{
	for (uint32_t i = 1; i < obj->n_symbols; i++)
		if (obj->symbols[i].section == section && obj->symbols[i].type == STT_FUNC &&
		    offset - obj->symbols[i].value < obj->symbols[i].size)
			return i;
	return 0;
}

/* A branch in a replacement's body: what is not seen may change everything. */
static int replacement_branch(struct lp_clobber *clobber, const struct lp_relobj *obj,
			      struct visits *visits, const struct lp_symbol *symbol,
			      const struct lp_insn *insn)
{
	const struct lp_section *section = &obj->sections[symbol->section];
	const struct lp_relocation *reloc = lp_section_reloc(section, insn->addr + insn->field);
	const struct lp_symbol *to = reloc ? &obj->symbols[reloc->symbol] : NULL;
	uint32_t target;

	if (!(insn->flags & LP_INSN_DIRECT)) {
		add_all(clobber);
		return 0;
	}
	if (!reloc)
		target = function_covering(obj, symbol->section, insn->target);
	else if (to->section != SHN_UNDEF && to->section < obj->n_sections)
		target = function_covering(obj, to->section,
					   to->value + (uint64_t)reloc->addend + 4);
	else
		target = 0;
	if (target)
		return visit_add(visits, target);
	add_all(clobber);
	return 0;
}

static int replacement_body(struct lp_clobber *clobber, const struct lp_relobj *obj,
			    struct visits *visits, const struct lp_symbol *symbol)
{
	const struct lp_section *section = &obj->sections[symbol->section];
	uint64_t at = symbol->value, end = symbol->value + symbol->size;
	struct body body = { 0 };
	int err = 0;

	if (!section->bytes || end > section->size || end < at || !symbol->size) {
		add_all(clobber);
		return 0;
	}
	while (at < end && !err) {
		struct lp_insn insn;

		if (!lp_decode(section->bytes + at, end - at, at, &insn)) {
			add_all(clobber);
			return 0;
		}
		body_add(&body, clobber, section->bytes + at, insn.size);
		if (insn.flags & (LP_INSN_CALL | LP_INSN_JMP | LP_INSN_JCC))
			err = replacement_branch(clobber, obj, visits, symbol, &insn);
		at += insn.size;
	}
	clobber->written |= body.written;
	return err;
}

int lp_clobber_replacement(struct lp_clobber *clobber, const struct lp_relobj *obj, uint32_t symbol)
{
	struct visits visits = { 0 };
	int err = visit_add(&visits, symbol);

	*clobber = (struct lp_clobber){ 0 };
	while (!err && visits.next < visits.count)
		err = replacement_body(clobber, obj, &visits,
				       &obj->symbols[visits.list[visits.next++]]);
	free(visits.list);
	return err;
}

bool lp_clobber_has_callers(const struct lp_code *code, uint64_t addr)
{
	size_t i = lp_code_branch_index(code, addr);

	return i < code->n_branches && code->branches[i].target == addr;
}

bool lp_clobber_is_wide(const uint8_t *bytes, uint64_t size, uint64_t addr)
{
	uint64_t at = 0;

	while (bytes && at < size) {
		struct lp_insn_regs regs;
		struct lp_insn insn;

		if (!lp_decode(bytes + at, size - at, addr + at, &insn) ||
		    !lp_decode_regs(bytes + at, size - at, &regs)) {
			at++;
			continue;
		}
		if (regs.wide)
			return true;
		at += insn.size;
	}
	return false;
}

bool lp_clobber_callers_wide(const struct lp_code *code, uint64_t addr)
{
	for (size_t i = lp_code_branch_index(code, addr);
	     i < code->n_branches && code->branches[i].target == addr; i++) {
		const struct lp_extent *extent = lp_code_extent_at(code, code->branches[i].source);

		if (extent &&
		    lp_clobber_is_wide(lp_elf_bytes(code->elf, extent->addr, extent->size),
				       extent->size, extent->addr))
			return true;
	}
	return false;
}
