/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "match.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"

/* A jump inside the section: where it leads to in both. */
struct jump {
	uint64_t ours, theirs; /* offset in the section, address in the target */
};

struct walk {
	const struct lp_section *section;
	const struct lp_reference *references; /* by offset */
	size_t next; /* the first that is not behind us */
	const struct lp_elf *elf;
	uint64_t addr; /* of the function in the target */
	const uint8_t *bytes; /* of the target, from addr on */
	uint64_t room;
	uint64_t ours, theirs; /* offsets reached */
	uint32_t *map; /* by offset in the section: 1 + offset in the target */
	struct jump *jumps;
	size_t n_jumps, jumps_room;
	struct lp_match *match;
	size_t found_room;
};

static bool grow(void **list, size_t count, size_t *room, size_t size)
{
	void *larger;

	if (count < *room)
		return true;
	larger = realloc(*list, (*room * 2 + 16) * size);
	if (!larger)
		return false;
	*list = larger;
	*room = *room * 2 + 16;
	return true;
}

static int add_jump(struct walk *w, uint64_t ours, uint64_t theirs)
{
	if (!grow((void **)&w->jumps, w->n_jumps, &w->jumps_room, sizeof(*w->jumps)))
		return -ENOMEM;
	w->jumps[w->n_jumps++] = (struct jump){ ours, theirs };
	return 0;
}

static int add_found(struct walk *w, const struct lp_reference *reference, uint64_t addr, bool tls)
{
	struct lp_match *m = w->match;

	if (!grow((void **)&m->found, m->n_found, &w->found_room, sizeof(*m->found)))
		return -ENOMEM;
	m->found[m->n_found++] = (struct lp_match_found){ reference,
							  addr - (uint64_t)reference->offset, tls };
	return 0;
}

static bool decode_ours(const struct walk *w, struct lp_insn *insn)
{
	return w->ours < w->section->size &&
	       lp_decode(w->section->bytes + w->ours, w->section->size - w->ours, w->ours, insn);
}

static bool decode_theirs(const struct walk *w, struct lp_insn *insn)
{
	return w->theirs < w->room &&
	       lp_decode(w->bytes + w->theirs, w->room - w->theirs, w->addr + w->theirs, insn);
}

/* Padding: it may be longer or shorter, as jumps before it are. */
static void skip_padding(struct walk *w)
{
	uint64_t start = w->ours, their_start = w->theirs;
	struct lp_insn insn;
	bool same;

	while (decode_ours(w, &insn) && (insn.flags & LP_INSN_NOP))
		w->ours += insn.size;
	while (decode_theirs(w, &insn) && (insn.flags & LP_INSN_NOP))
		w->theirs += insn.size;
	/* a jump may lead to the padding itself, or a function begin in it */
	same = w->ours - start == w->theirs - their_start;
	for (uint64_t i = start; i < w->ours; i++)
		w->map[i] = (uint32_t)(same ? their_start + (i - start) : w->theirs) + 1;
}

static const uint8_t *ours_at(const struct walk *w)
{
	return w->section->bytes + w->ours;
}

static const uint8_t *theirs_at(const struct walk *w)
{
	return w->bytes + w->theirs;
}

static int32_t field32(const uint8_t *at)
{
	int32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* jmp, call, or jcc with its condition: the same whether near or short. */
static int branch_kind(const uint8_t *bytes)
{
	while (*bytes == 0xf2 || *bytes == 0x2e || *bytes == 0x3e) /* bnd, hints */
		bytes++;
	if (*bytes == 0xeb || *bytes == 0xe9)
		return 0xe9;
	if ((*bytes & 0xf0) == 0x70)
		return *bytes & 0x0f;
	if (*bytes == 0x0f && (bytes[1] & 0xf0) == 0x80)
		return bytes[1] & 0x0f;
	return 0x100 | *bytes;
}

static int compare_branch(struct walk *w, const struct lp_insn *ours, const struct lp_insn *theirs,
			  const struct lp_reference *reference)
{
	int err;

	if (!(theirs->flags & LP_INSN_DIRECT) ||
	    branch_kind(ours_at(w)) != branch_kind(theirs_at(w)))
		return -ENOENT;
	err = reference ? add_found(w, reference, theirs->target, false) :
			  add_jump(w, ours->target, theirs->target);
	w->ours += ours->size;
	w->theirs += theirs->size;
	return err;
}

static bool may_be_relaxed(uint32_t type)
{
	return type == R_X86_64_GOTPCRELX || type == R_X86_64_REX_GOTPCRELX ||
	       type == R_X86_64_GOTPCREL || type == R_X86_64_GOTTPOFF ||
	       type == R_X86_64_GOTPC32_TLSDESC;
}

/*
 * A slot tells nothing of where the symbol is, but for a thread-local one of another object the slot is
 * what the patch needs.
 */
static int compare_slot(struct walk *w, const struct lp_reference *reference, uint64_t slot)
{
	uint32_t type = reference->reloc->type;

	if (reference->section || (type != R_X86_64_GOTTPOFF && type != R_X86_64_TLSGD))
		return 0;
	return add_found(w, reference, slot, false);
}

/* mov foo@GOTPCREL(%rip), %reg has become lea, or mov $foo; call *, jmp * have become direct. */
static int compare_got(struct walk *w, const struct lp_insn *ours,
		       const struct lp_reference *reference)
{
	const uint8_t *a = ours_at(w), *b = theirs_at(w);
	uint64_t next = w->addr + w->theirs + ours->size;
	int err = 0;

	if (w->theirs + ours->size > w->room)
		return -ENOENT;
	if (!memcmp(a, b, reference->insn)) { /* as it was */
		err = compare_slot(w, reference, next + (uint64_t)field32(b + reference->insn));
		w->ours += ours->size;
		w->theirs += ours->size;
		return err;
	}
	if (reference->reloc->type == R_X86_64_GOTTPOFF ||
	    reference->reloc->type == R_X86_64_GOTPC32_TLSDESC)
		err = 0; /* the offset from the thread pointer as a constant */
	else if (reference->insn >= 2 && b[reference->insn - 2] == 0x8d) /* lea */
		err = add_found(w, reference, next + (uint64_t)field32(b + reference->insn), false);
	else if (b[0] == 0x67 && b[1] == 0xe8) /* addr32 call */
		err = add_found(w, reference, next + (uint64_t)field32(b + 2), false);
	else if (b[0] == 0xe9) /* jmp, nop */
		err = add_found(w, reference, next - 1 + (uint64_t)field32(b + 1), false);
	else if (reference->insn >= 2 &&
		 (b[reference->insn - 2] == 0xc7 || b[reference->insn - 2] == 0x81 ||
		  b[reference->insn - 2] == 0xf7))
		err = add_found(w, reference, (uint64_t)field32(b + reference->insn), false);
	else
		return -ENOENT;
	w->ours += ours->size;
	w->theirs += ours->size;
	return err;
}

/* lea x@tlsgd(%rip), %rdi; call __tls_get_addr: the linker may have made one load of the two. */
static int compare_tls_call(struct walk *w, const struct lp_insn *ours,
			    const struct lp_reference *reference)
{
	static const uint8_t load_tp[] = { 0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0 };
	uint64_t size = ours->size;
	struct lp_insn call;

	if (w->theirs + size > w->room)
		return -ENOENT;
	if (!memcmp(ours_at(w), theirs_at(w), reference->insn)) {
		uint64_t next = w->addr + w->theirs + size;
		int32_t distance = field32(theirs_at(w) + reference->insn);

		w->ours += size;
		w->theirs += size;
		return compare_slot(w, reference, next + (uint64_t)distance);
	}
	w->ours += size;
	if (!decode_ours(w, &call))
		return -ENOENT;
	w->ours += call.size;
	size += call.size;
	if (w->theirs + size > w->room)
		return -ENOENT;
	/* local dynamic is padded in front */
	for (uint64_t i = 0; i + sizeof(load_tp) <= size && i < 4; i++)
		if (!memcmp(theirs_at(w) + i, load_tp, sizeof(load_tp))) {
			w->theirs += size;
			return 0;
		}
	return -ENOENT;
}

/* call *x@tlscall(%rax), or what a linker makes of it: two bytes of nothing. */
static int compare_descriptor_call(struct walk *w, const struct lp_insn *ours)
{
	static const uint8_t nop[] = { 0x66, 0x90 };

	if (w->theirs + ours->size > w->room || ours->size != sizeof(nop) ||
	    (memcmp(ours_at(w), theirs_at(w), ours->size) &&
	     memcmp(nop, theirs_at(w), sizeof(nop))))
		return -ENOENT;
	w->ours += ours->size;
	w->theirs += ours->size;
	return 0;
}

static uint64_t tls_offset(const struct lp_elf *elf, int64_t from_thread_pointer)
{
	uint64_t align = elf->tls_align ? elf->tls_align : 1;

	return (uint64_t)from_thread_pointer + ((elf->tls_size + align - 1) & ~(align - 1));
}

static int read_field(struct walk *w, const struct lp_insn *ours,
		      const struct lp_reference *reference, const uint8_t *field)
{
	uint64_t next = w->addr + w->theirs + ours->size;
	uint64_t wide;

	switch (reference->reloc->type) {
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		return add_found(w, reference, next + (uint64_t)field32(field), false);
	case R_X86_64_32:
		return add_found(w, reference, (uint32_t)field32(field), false);
	case R_X86_64_32S:
		return add_found(w, reference, (uint64_t)field32(field), false);
	case R_X86_64_64:
		memcpy(&wide, field, sizeof(wide));
		return add_found(w, reference, wide, false);
	case R_X86_64_TPOFF32:
		return add_found(w, reference, tls_offset(w->elf, field32(field)), true);
	case R_X86_64_DTPOFF32: /* relaxed in a program, else the offset itself */
		return w->elf->executable ? 0 :
					    add_found(w, reference, (uint64_t)field32(field), true);
	default:
		return 0;
	}
}

static int compare_field(struct walk *w, const struct lp_insn *ours,
			 const struct lp_reference *reference)
{
	size_t width = reference->reloc->type == R_X86_64_64 ? 8 : 4;
	const uint8_t *a = ours_at(w), *b = theirs_at(w);
	size_t behind = reference->insn + width;
	int err;

	if (w->theirs + ours->size > w->room || behind > ours->size ||
	    memcmp(a, b, reference->insn) || memcmp(a + behind, b + behind, ours->size - behind))
		return -ENOENT;
	err = read_field(w, ours, reference, b + reference->insn);
	w->ours += ours->size;
	w->theirs += ours->size;
	return err;
}

static int compare_reference(struct walk *w, const struct lp_insn *ours,
			     const struct lp_reference *reference)
{
	uint32_t type = reference->reloc->type;
	struct lp_insn theirs;

	if (reference->branch)
		return decode_theirs(w, &theirs) ? compare_branch(w, ours, &theirs, reference) :
						   -ENOENT;
	if (type == R_X86_64_TLSGD || type == R_X86_64_TLSLD)
		return compare_tls_call(w, ours, reference);
	if (type == R_X86_64_TLSDESC_CALL)
		return compare_descriptor_call(w, ours);
	if (may_be_relaxed(type))
		return compare_got(w, ours, reference);
	return compare_field(w, ours, reference);
}

/* An instruction that nothing was to be filled in to. */
static int compare_plain(struct walk *w, const struct lp_insn *ours)
{
	struct lp_insn theirs;

	if (!decode_theirs(w, &theirs))
		return -ENOENT;
	if (ours->flags & LP_INSN_DIRECT)
		return compare_branch(w, ours, &theirs, NULL);
	if (ours->size != theirs.size)
		return -ENOENT;
	if (ours->flags & LP_INSN_RIP) {
		size_t behind = ours->field + 4u;

		if (memcmp(ours_at(w), theirs_at(w), ours->field) ||
		    memcmp(ours_at(w) + behind, theirs_at(w) + behind, ours->size - behind) ||
		    add_jump(w, ours->target, theirs.target))
			return -ENOENT;
	} else if (memcmp(ours_at(w), theirs_at(w), ours->size)) {
		return -ENOENT;
	}
	w->ours += ours->size;
	w->theirs += ours->size;
	return 0;
}

static const struct lp_reference *reference_in(struct walk *w, const struct lp_insn *insn)
{
	while (w->next < w->section->n_relocs && w->references[w->next].reloc->offset < w->ours)
		w->next++;
	if (w->next < w->section->n_relocs &&
	    w->references[w->next].reloc->offset < w->ours + insn->size)
		return &w->references[w->next];
	return NULL;
}

static int compare_all(struct walk *w)
{
	int err = 0;

	while (!err) {
		const struct lp_reference *reference;
		uint64_t end = w->ours;
		struct lp_insn ours;

		w->match->size = w->theirs; /* padding behind the last instruction is not its own */
		skip_padding(w);
		if (w->ours >= w->section->size) {
			/* what a compiler could not know never to be reached jumps to its end */
			w->map[w->section->size] = (uint32_t)(w->match->size +
							      (w->section->size - end)) +
						   1;
			return 0;
		}
		if (!decode_ours(w, &ours))
			return -ENOENT;
		w->map[w->ours] = (uint32_t)w->theirs + 1;
		w->match->differs_at = w->ours;
		reference = reference_in(w, &ours);
		err = reference ? compare_reference(w, &ours, reference) : compare_plain(w, &ours);
	}
	return err;
}

static bool jumps_agree(const struct walk *w)
{
	for (size_t i = 0; i < w->n_jumps; i++) {
		const struct jump *jump = &w->jumps[i];

		if (jump->ours > w->section->size || !w->map[jump->ours] ||
		    w->addr + w->map[jump->ours] - 1 != jump->theirs) {
			/* to padding: both lead to what comes after it */
			struct lp_insn insn;
			uint64_t at = jump->theirs;
			const uint8_t *bytes = at - w->addr < w->room ? w->bytes + (at - w->addr) :
									NULL;

			while (bytes && at - w->addr < w->room &&
			       lp_decode(w->bytes + (at - w->addr), w->room - (at - w->addr), at,
					 &insn) &&
			       (insn.flags & LP_INSN_NOP))
				at += insn.size;
			if (jump->ours > w->section->size || !w->map[jump->ours] ||
			    w->addr + w->map[jump->ours] - 1 != at) {
				w->match->differs_at = jump->ours;
				return false;
			}
		}
	}
	return true;
}

static uint64_t room_at(const struct lp_elf *elf, uint64_t addr, uint64_t wanted)
{
	const struct lp_elf_section *section = lp_elf_section_at(elf, addr);

	if (!section || section->kind != LP_ELF_CODE)
		return 0;
	return wanted && wanted < section->addr + section->size - addr ?
		       wanted :
		       section->addr + section->size - addr;
}

int lp_match_section(struct lp_match *match, const struct lp_references *references,
		     uint32_t section, const struct lp_elf *elf, uint64_t addr, uint64_t room)
{
	struct walk w = {
		.section = &references->obj->sections[section],
		.references = references->of[section],
		.elf = elf,
		.addr = addr,
		.room = room_at(elf, addr, room),
		.match = match,
	};
	int err;

	*match = (struct lp_match){ 0 };
	w.bytes = w.room ? lp_elf_bytes(elf, addr, w.room) : NULL;
	if (!w.bytes || !w.section->bytes)
		return -ENOENT;
	w.map = calloc(w.section->size + 1, sizeof(*w.map));
	err = w.map ? compare_all(&w) : -ENOMEM;
	if (!err && !jumps_agree(&w))
		err = -ENOENT;
	match->map = w.map;
	free(w.jumps);
	return err;
}

void lp_match_free(struct lp_match *match)
{
	free(match->found);
	free(match->map);
	*match = (struct lp_match){ 0 };
}
