/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The first instructions of a function, copied so that they run at another place.
 */
#include <inttypes.h>
#include <string.h>

#include "../x86_64/insn.h"
#include "entry.h"

static int refuse_insn(struct lp_entry_job *job, const struct lp_insn *insn, const char *why)
{
	char text[128];

	lp_decode_text(job->bytes + (insn->addr - job->function->addr), insn->size, insn->addr,
		       text, sizeof(text));
	return lp_refuse(job->refusal, "unmovable-instruction", "%s: `%s` at 0x%" PRIx64 " %s",
			 job->function->name, text, insn->addr, why);
}

static int add_fixup(struct lp_entry *entry, struct lp_entry_job *job, size_t offset, size_t end,
		     uint64_t target)
{
	if (entry->fixup_count == LP_ENTRY_FIXUPS_MAX)
		return lp_refuse(job->refusal, "unmovable-instruction",
				 "%s: too many relative operands under the jump",
				 job->function->name);
	entry->fixups[entry->fixup_count++] = (struct lp_file_fixup){ .offset = (uint16_t)offset,
								      .end = (uint16_t)end,
								      .target = target };
	return 0;
}

/* jmp rel8 and jcc rel8 become their rel32 forms. Prefixes of theirs mean nothing that lasts. */
static int move_short_branch(struct lp_entry *entry, struct lp_entry_job *job,
			     const struct lp_insn *insn, const uint8_t *bytes)
{
	uint8_t opcode = bytes[insn->field - 1];
	uint8_t *to = entry->moved + entry->moved_size;
	size_t start = entry->moved_size;

	if (opcode == 0xeb) {
		to[0] = 0xe9;
		memset(to + 1, 0, 4);
		entry->moved_size += 5;
		return add_fixup(entry, job, start + 1, start + 5, insn->target);
	}
	if ((opcode & 0xf0) != 0x70)
		return refuse_insn(job, insn, "has no form that reaches far");
	to[0] = 0x0f;
	to[1] = 0x80 | (opcode & 0x0f);
	memset(to + 2, 0, 4);
	entry->moved_size += 6;
	return add_fixup(entry, job, start + 2, start + 6, insn->target);
}

static int move_one(struct lp_entry *entry, struct lp_entry_job *job, const struct lp_insn *insn)
{
	const uint8_t *bytes = job->bytes + (insn->addr - job->function->addr);
	size_t start = entry->moved_size;

	if ((insn->flags & LP_INSN_DIRECT) && insn->field_size == 1)
		return move_short_branch(entry, job, insn, bytes);
	if ((insn->flags & LP_INSN_DIRECT) && insn->field_size != 4)
		return refuse_insn(job, insn, "has no form that reaches far");
	memcpy(entry->moved + start, bytes, insn->size);
	entry->moved_size += insn->size;
	if (!(insn->flags & (LP_INSN_DIRECT | LP_INSN_RIP)))
		return 0;
	memset(entry->moved + start + insn->field, 0, 4);
	return add_fixup(entry, job, start + insn->field, entry->moved_size, insn->target);
}

static int check_movable(struct lp_entry_job *job, size_t i, bool last)
{
	const struct lp_insn *insn = &job->insns[i];

	if (insn->flags & LP_INSN_FIXED)
		return refuse_insn(job, insn, "cannot run at another place");
	/* its return address would lie under the jump */
	if ((insn->flags & LP_INSN_CALL) && !last)
		return refuse_insn(job, insn, "returns into the bytes under the jump");
	return 0;
}

int lp_entry_move(struct lp_entry *entry, struct lp_entry_job *job, size_t count)
{
	const struct lp_insn *last = &job->insns[count - 1];
	int err;

	entry->moved_size = 0;
	entry->fixup_count = 0;
	memset(entry->moved, 0, sizeof(entry->moved));
	for (size_t i = 0; i < count; i++) {
		/* the longest an instruction can get, and the jump back */
		if (entry->moved_size + LP_INSN_MAX + LP_JMP_SIZE > LP_MOVED_MAX)
			return lp_refuse(job->refusal, "unmovable-instruction",
					 "%s: more than %d bytes of code would have to be moved",
					 job->function->name, LP_MOVED_MAX);
		err = check_movable(job, i, i + 1 == count);
		err = err ? err : move_one(entry, job, &job->insns[i]);
		if (err)
			return err;
	}
	if (last->flags & LP_INSN_STOP)
		return 0;
	entry->moved[entry->moved_size] = 0xe9;
	entry->moved_size += LP_JMP_SIZE;
	return add_fixup(entry, job, entry->moved_size - 4u, entry->moved_size,
			 last->addr + last->size);
}
