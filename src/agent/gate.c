/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gate.h"

#include <errno.h>
#include <string.h>

#include "../x86_64/insn.h"
#include "../x86_64/stub.h"
#include "alloc.h"
#include "piece.h"
#include "text.h"

#define BLOCK 8u

static struct lp_gate *gates; /* all of them, those in graves too */

static uint64_t head_addr(const struct lp_gate *gate)
{
	return gate->base + gate->plan.old_addr + gate->plan.jump_offset;
}

static uint64_t pad_addr(const struct lp_gate *gate)
{
	return gate->base + gate->plan.pad_addr;
}

/* Where there is room and nothing to undo, the entry stub is left out: one jump less per call. */
static bool head_jumps_by_slot(const struct lp_gate *gate)
{
	return gate->plan.entry_kind == LP_ENTRY_SINGLE && !gate->plan.undo &&
	       gate->plan.window >= LP_JMP_SLOT_SIZE &&
	       head_addr(gate) % BLOCK + LP_JMP_SLOT_SIZE <= BLOCK;
}

static bool pad_jumps_by_slot(const struct lp_gate *gate)
{
	return !gate->plan.undo && gate->plan.pad_size >= LP_JMP_SLOT_SIZE;
}

/* The long jump: returns its size. */
static size_t long_jump(const struct lp_gate *gate, uint8_t *bytes, uint64_t at, bool by_slot)
{
	if (by_slot) {
		lp_insn_jmp_slot(bytes, at, (uint64_t)(uintptr_t)gate->slot);
		return LP_JMP_SLOT_SIZE;
	}
	lp_insn_jmp32(bytes, at, gate->stub_addr);
	return LP_JMP_SIZE;
}

static size_t head_jump(const struct lp_gate *gate, uint8_t *bytes)
{
	return long_jump(gate, bytes, head_addr(gate), head_jumps_by_slot(gate));
}

/* The jump is written over the head by one store, or needs the entry closed first. */
static bool needs_closing(const struct lp_gate *gate)
{
	if (gate->plan.entry_kind == LP_ENTRY_MULTI)
		return true;
	return gate->plan.entry_kind == LP_ENTRY_SINGLE &&
	       head_addr(gate) % BLOCK + LP_JMP_SIZE > BLOCK;
}

bool lp_gate_has_boundaries(const struct lp_gate *gate)
{
	return gate->plan.entry_kind == LP_ENTRY_MULTI;
}

static void write_fixups(const struct lp_gate *gate, const struct lp_file_fixup *fixups,
			 uint8_t *code)
{
	for (unsigned int i = 0; i < gate->plan.fixup_count; i++) {
		uint64_t end = gate->moved_addr + fixups[i].end;
		int32_t distance = (int32_t)(gate->base + fixups[i].target - end);

		memcpy(code + fixups[i].offset, &distance, sizeof(distance));
	}
}

static int write_code(struct lp_gate *gate, const struct lp_gate_source *source)
{
	struct lp_near *code = &gate->yard->code;
	uint8_t moved[LP_MOVED_MAX], stub[LP_ENTRY_STUB_MAX];
	size_t stub_at = lp_yard_take_code(gate->yard, LP_ENTRY_STUB_MAX);
	size_t moved_at = lp_yard_take_code(gate->yard, gate->plan.moved_size);
	int r;

	gate->slot = lp_yard_take_slot(gate->yard);
	gate->stub_addr = code->addr + stub_at;
	gate->moved_addr = code->addr + moved_at;
	gate->stub_size = lp_stub_entry(stub, gate->stub_addr, gate->plan.undo,
					(uint64_t)(uintptr_t)gate->slot);
	memcpy(moved, source->moved, gate->plan.moved_size);
	write_fixups(gate, source->fixups, moved);
	r = lp_near_write(code, stub_at, stub, gate->stub_size);
	if (r == 0)
		r = lp_near_write(code, moved_at, moved, gate->plan.moved_size);
	lp_gate_set_slot(gate, gate->moved_addr);
	return r;
}

static size_t pad_jump(const struct lp_gate *gate, uint8_t *jump)
{
	return long_jump(gate, jump, pad_addr(gate), pad_jumps_by_slot(gate));
}

/* What is at the head while it is not the original. */
static size_t own_head(const struct lp_gate *gate, uint8_t *bytes)
{
	uint64_t at = head_addr(gate);

	if (gate->text == LP_GATE_CLOSED) {
		lp_insn_jmp8(bytes, at, at);
		return LP_JMP8_SIZE;
	}
	if (gate->plan.entry_kind == LP_ENTRY_PAD) {
		lp_insn_jmp8(bytes, at, pad_addr(gate));
		return LP_JMP8_SIZE;
	}
	return head_jump(gate, bytes);
}

static struct lp_piece head_piece(const struct lp_gate *gate)
{
	struct lp_piece piece = { .addr = head_addr(gate), .original = gate->plan.window_bytes };

	piece.size = own_head(gate, piece.own);
	return piece;
}

static struct lp_piece pad_piece(const struct lp_gate *gate)
{
	struct lp_piece piece = { .addr = pad_addr(gate), .original = gate->plan.pad_bytes };

	piece.size = pad_jump(gate, piece.own);
	return piece;
}

void lp_gate_overlay(uint64_t base, uint64_t vaddr, uint8_t *bytes, uint64_t size)
{
	for (const struct lp_gate *gate = gates; gate; gate = gate->next) {
		struct lp_piece piece;

		if (gate->base != base)
			continue;
		piece = head_piece(gate);
		if (gate->text != LP_GATE_ORIGINAL)
			lp_piece_mask(&piece, base + vaddr, bytes, size);
		if (!gate->pad_written)
			continue;
		piece = pad_piece(gate);
		lp_piece_mask(&piece, base + vaddr, bytes, size);
	}
}

/*
 * Its object may have been closed since, and opened again at the same place, where nothing of ours is
 * then. Closed entries are not looked at: their pages are held. 0, or an error of lp_piece_find().
 */
static int find_jumps(struct lp_gate *gate)
{
	struct lp_piece piece = head_piece(gate);
	int r = gate->text == LP_GATE_REDIRECTED ? lp_piece_find(&piece) : 1;

	if (r == 0)
		gate->text = LP_GATE_ORIGINAL;
	if (r < 0 || !gate->pad_written)
		return r < 0 ? r : 0;
	piece = pad_piece(gate);
	r = lp_piece_find(&piece);
	if (r == 0)
		gate->pad_written = false;
	return r < 0 ? r : 0;
}

/* Nobody calls what is gone; with bytes of others at it, an entry that is redirected stays as it is. */
static int find_jumps_or_leave(struct lp_gate *gate)
{
	int r = find_jumps(gate);
	bool is_left = r == -ENXIO || r == -EUCLEAN || r == -EFAULT;

	return is_left && gate->text == LP_GATE_REDIRECTED ? 0 : r;
}

static bool is_taken(const struct lp_gate_source *source)
{
	for (const struct lp_gate *gate = gates; gate; gate = gate->next)
		if (!gate->grave && gate->base == source->base &&
		    gate->plan.old_addr == source->plan->old_addr)
			return true;
	return false;
}

/* Its padding takes the jump of another function's gate already. */
static bool is_pad_taken(const struct lp_gate_source *source)
{
	for (const struct lp_gate *gate = gates; gate; gate = gate->next)
		if (source->plan->entry_kind == LP_ENTRY_PAD && gate->base == source->base &&
		    gate->plan.entry_kind == LP_ENTRY_PAD &&
		    gate->plan.pad_addr < source->plan->pad_addr + source->plan->pad_size &&
		    source->plan->pad_addr < gate->plan.pad_addr + gate->plan.pad_size)
			return true;
	return false;
}

/* The same function's gate that still waits in a grave is taken back. */
static struct lp_gate *revive(const struct lp_gate_source *source)
{
	struct lp_gate *gate = gates;

	while (gate && !(gate->base == source->base &&
			 memcmp(&gate->plan.old_addr, &source->plan->old_addr, 24) == 0 &&
			 gate->plan.entry_kind == source->plan->entry_kind &&
			 gate->plan.pad_addr == source->plan->pad_addr &&
			 gate->plan.jump_offset == source->plan->jump_offset))
		gate = gate->next;
	if (!gate || !(gate->grave || gate->left))
		return NULL;
	if (gate->grave)
		gate->grave->revived = true;
	gate->grave = NULL;
	gate->left = false;
	return gate;
}

struct lp_gate *lp_gate_open(const struct lp_gate_source *source, int *error)
{
	struct lp_gate *gate = revive(source);

	*error = 0;
	if (gate)
		return gate;
	*error = -EEXIST;
	if (is_taken(source))
		return NULL;
	*error = -ENOTUNIQ;
	if (is_pad_taken(source))
		return NULL;
	*error = lp_text_probe(source->base + source->plan->old_addr + source->plan->jump_offset);
	if (*error < 0) {
		*error = -EACCES;
		return NULL;
	}
	*error = -ENOMEM;
	gate = lp_alloc(sizeof(*gate));
	if (!gate)
		return NULL;
	gate->base = source->base;
	gate->plan = *source->plan;
	gate->yard = lp_yard_get(source->lo, source->hi, LP_ENTRY_STUB_MAX + LP_MOVED_MAX + 32,
				 sizeof(*gate->slot), error);
	if (!gate->yard)
		goto no_yard;
	*error = write_code(gate, source);
	if (*error < 0)
		goto no_code;
	gate->next = gates;
	gates = gate;
	return gate;
no_code:
	lp_yard_put(gate->yard);
no_yard:
	lp_free(gate);
	return NULL;
}

static void destroy(struct lp_gate *gate)
{
	struct lp_gate **link = &gates;

	while (*link != gate)
		link = &(*link)->next;
	*link = gate->next;
	lp_yard_put(gate->yard);
	lp_free(gate);
}

/* As find_jumps(), for what is to be restored: what is gone need not be. */
static int forget_lost(struct lp_gate *gate)
{
	int r = find_jumps(gate);

	if (r != -ENXIO)
		return r;
	gate->text = LP_GATE_ORIGINAL;
	gate->pad_written = false;
	return 0;
}

static int restore_pad(struct lp_gate *gate)
{
	uint8_t jump[LP_JMP_SLOT_SIZE];
	int r = forget_lost(gate);

	if (r < 0 || !gate->pad_written)
		return r;
	r = lp_text_replace_dead(pad_addr(gate), jump, gate->plan.pad_bytes, pad_jump(gate, jump));
	if (r == 0)
		gate->pad_written = false;
	return r;
}

/* Where memory was short, and the entry was not restored before, it must be seen empty once more. */
static void bury(void *what)
{
	struct lp_gate *gate = what;
	bool was_open = gate->text == LP_GATE_ORIGINAL;
	int r = lp_gate_restore(gate);

	gate->grave = NULL;
	if (!was_open)
		lp_text_barrier();
	else if (r == 0)
		r = restore_pad(gate);
	gate->left = r == -EUCLEAN || r == -EFAULT;
	if (gate->left)
		return; /* not ours any more: leave all as it is */
	if (r == 0 && was_open)
		destroy(gate);
	else
		lp_gate_close(gate);
}

void lp_gate_close(struct lp_gate *gate)
{
	struct lp_grave *grave = lp_grave_dig(bury, gate);

	if (!grave)
		return;
	lp_grave_watch(grave, gate->stub_addr, gate->moved_addr + gate->plan.moved_size);
	if (gate->pad_written)
		lp_grave_watch(grave, pad_addr(gate), pad_addr(gate) + gate->plan.pad_size);
	gate->grave = grave;
}

int lp_gate_prepare(struct lp_gate *gate)
{
	uint8_t jump[LP_JMP_SLOT_SIZE];
	int r = find_jumps_or_leave(gate);

	if (r < 0)
		return r;
	if (gate->plan.entry_kind != LP_ENTRY_PAD || gate->pad_written)
		return 0;
	r = lp_text_replace_dead(pad_addr(gate), gate->plan.pad_bytes, jump, pad_jump(gate, jump));
	if (r == 0)
		gate->pad_written = true;
	return r;
}

/* What the head becomes in its first, or only, step. */
static size_t first_step(const struct lp_gate *gate, uint8_t *bytes)
{
	uint64_t at = head_addr(gate);

	if (needs_closing(gate)) {
		lp_insn_jmp8(bytes, at, at); /* tasks that come wait here, for microseconds */
		return LP_JMP8_SIZE;
	}
	return own_head(gate, bytes);
}

/* An entry is only closed if it can be opened again: its page stays writable until it is. */
static int replace_head(const struct lp_gate *gate, const uint8_t *jump, size_t size)
{
	uint64_t at = head_addr(gate);
	int r = needs_closing(gate) ? lp_text_hold(at, LP_JMP_SIZE) : 0;

	if (r < 0)
		return r;
	r = lp_text_replace(at, gate->plan.window_bytes, jump, size);
	if (r < 0 && needs_closing(gate))
		lp_text_release(at, LP_JMP_SIZE);
	return r;
}

int lp_gate_redirect(struct lp_gate *gate)
{
	uint8_t jump[LP_JMP_SLOT_SIZE];
	size_t size = first_step(gate, jump);
	int r;

	if (gate->text == LP_GATE_REDIRECTED)
		return 0;
	if (gate->text == LP_GATE_ORIGINAL) {
		r = replace_head(gate, jump, size);
		if (r < 0)
			return r;
	}
	gate->text = needs_closing(gate) ? LP_GATE_CLOSED : LP_GATE_REDIRECTED;
	return gate->text == LP_GATE_CLOSED;
}

int lp_gate_boundaries(const struct lp_gate *gate, struct lp_ranges *ranges)
{
	uint64_t head = head_addr(gate);
	int r = 0;

	for (unsigned int i = 1; i < 16 && r == 0; i++)
		if (gate->plan.boundaries & 1u << i)
			r = lp_ranges_add(ranges, head + i, head + i + 1, NULL);
	return r;
}

/* From the closed head to `whole` (5 bytes), or back to it: the tail is dead meanwhile. */
static int rewrite_tail(const struct lp_gate *gate, const uint8_t *from, const uint8_t *to)
{
	return lp_text_replace_dead(head_addr(gate) + LP_JMP8_SIZE, from + LP_JMP8_SIZE,
				    to + LP_JMP8_SIZE, LP_JMP_SIZE - LP_JMP8_SIZE);
}

int lp_gate_finish(struct lp_gate *gate)
{
	uint64_t at = head_addr(gate);
	uint8_t closed[LP_JMP8_SIZE], jump[LP_JMP_SIZE];
	int r;

	if (gate->text != LP_GATE_CLOSED)
		return 0;
	lp_insn_jmp8(closed, at, at);
	lp_insn_jmp32(jump, at, gate->stub_addr);
	r = gate->tail_written ? 0 : rewrite_tail(gate, gate->plan.window_bytes, jump);
	if (r < 0)
		return r;
	gate->tail_written = true;
	lp_text_barrier();
	r = lp_text_replace(at, closed, jump, LP_JMP8_SIZE);
	if (r < 0)
		return r;
	gate->tail_written = false;
	gate->text = LP_GATE_REDIRECTED;
	lp_text_release(at, LP_JMP_SIZE);
	return 0;
}

/* The whole jump was one instruction: no task stands inside it. */
static int reopen_by_closing(struct lp_gate *gate, const uint8_t *jump)
{
	uint64_t at = head_addr(gate);
	uint8_t closed[LP_JMP8_SIZE];
	int r;

	lp_insn_jmp8(closed, at, at);
	r = lp_text_replace(at, jump, closed, LP_JMP8_SIZE);
	if (r < 0)
		return r;
	lp_text_barrier();
	r = rewrite_tail(gate, jump, gate->plan.window_bytes);
	lp_text_barrier();
	/* not ours any more: tasks must not wait there for ever */
	(void)lp_text_replace(at, closed, r < 0 ? jump : gate->plan.window_bytes, LP_JMP8_SIZE);
	return r;
}

static int reopen_long(struct lp_gate *gate)
{
	uint64_t at = head_addr(gate);
	uint8_t jump[LP_JMP_SLOT_SIZE];
	size_t size = head_jump(gate, jump);
	int r;

	if (at % BLOCK + size <= BLOCK)
		return lp_text_replace(at, jump, gate->plan.window_bytes, size);
	r = lp_text_hold(at, LP_JMP_SIZE);
	if (r < 0)
		return r;
	r = reopen_by_closing(gate, jump);
	lp_text_release(at, LP_JMP_SIZE);
	return r;
}

/* A jump whose tail is not ours any more stays, as in reopen_by_closing(). */
static int reopen_closed(struct lp_gate *gate)
{
	uint64_t at = head_addr(gate);
	uint8_t closed[LP_JMP8_SIZE], jump[LP_JMP_SIZE];
	int r = 0, opened;

	lp_insn_jmp8(closed, at, at);
	lp_insn_jmp32(jump, at, gate->stub_addr);
	if (gate->tail_written) {
		r = rewrite_tail(gate, jump, gate->plan.window_bytes);
		lp_text_barrier();
		gate->tail_written = r < 0;
	}
	opened = lp_text_replace(at, closed, r < 0 ? jump : gate->plan.window_bytes, LP_JMP8_SIZE);
	if (opened < 0)
		return opened;
	gate->tail_written = false;
	gate->text = r < 0 ? LP_GATE_REDIRECTED : LP_GATE_ORIGINAL;
	lp_text_release(at, LP_JMP_SIZE);
	return r;
}

static int reopen_short(struct lp_gate *gate)
{
	uint8_t bytes[LP_JMP_SLOT_SIZE];
	size_t size = first_step(gate, bytes);

	return lp_text_replace(head_addr(gate), bytes, gate->plan.window_bytes, size);
}

int lp_gate_restore(struct lp_gate *gate)
{
	int r;

	r = gate->text == LP_GATE_CLOSED ? 0 : forget_lost(gate);
	if (r < 0 || gate->text == LP_GATE_ORIGINAL)
		return r;
	if (gate->text == LP_GATE_CLOSED)
		r = reopen_closed(gate);
	else if (gate->plan.entry_kind == LP_ENTRY_PAD)
		r = reopen_short(gate);
	else
		r = reopen_long(gate);
	if (r == 0)
		gate->text = LP_GATE_ORIGINAL;
	return r;
}
