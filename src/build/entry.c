/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../x86_64/insn.h"
#include "entry.h"

#define WINDOW_MAX 15

bool lp_claims_overlap(const struct lp_claims *claims, uint64_t addr, uint64_t size)
{
	for (size_t i = 0; i < claims->count; i++)
		if (addr < claims->list[i].addr + claims->list[i].size &&
		    claims->list[i].addr < addr + size)
			return true;
	return false;
}

static int claims_add(struct lp_claims *claims, uint64_t addr, uint64_t size)
{
	void *list = realloc(claims->list, (claims->count + 1) * sizeof(*claims->list));

	if (!list)
		return -ENOMEM;
	claims->list = list;
	claims->list[claims->count++] = (struct lp_claim){ addr, size };
	return 0;
}

void lp_claims_free(struct lp_claims *claims)
{
	free(claims->list);
	*claims = (struct lp_claims){ 0 };
}

static bool in_one_block(uint64_t addr, uint64_t size)
{
	return addr / 8 == (addr + size - 1) / 8;
}

/* The first instructions, up to where no jump can reach, or to data among the code. */
static int decode_start(struct lp_entry_job *job)
{
	const struct lp_entry_function *function = job->function;
	uint64_t at = 0;

	while (at < function->size && at < LP_ENTRY_JUMP_OFFSET_MAX + LP_JMP_SIZE &&
	       job->n_insns < LP_ENTRY_INSNS_MAX) {
		struct lp_insn *insn = &job->insns[job->n_insns];

		if (!lp_decode(job->bytes + at, function->size - at, function->addr + at, insn))
			break;
		at += insn->size;
		job->n_insns++;
	}
	if (job->n_insns)
		return 0;
	return lp_refuse(job->refusal, "unmovable-instruction",
			 "%s: the bytes at 0x%" PRIx64 " are no instruction", function->name,
			 function->addr);
}

/* Free padding right behind the function; all of it or nothing that others have taken. */
static uint64_t own_padding(const struct lp_entry_job *job)
{
	uint64_t end = job->function->addr + job->function->size;
	size_t i = lp_code_gap_index(job->code, end);
	uint64_t size = 0;

	if (i == job->code->n_gaps || job->code->gaps[i].addr != end)
		return 0;
	while (end + size < job->code->gaps[i].end &&
	       !lp_claims_overlap(job->claims, end + size, 1))
		size++;
	return size;
}

static bool in_function(const struct lp_entry_function *function, uint64_t addr)
{
	if (addr - function->addr < function->size)
		return true;
	for (size_t i = 0; i < function->n_parts; i++)
		if (addr - function->parts[i].addr < function->parts[i].size)
			return true;
	return false;
}

/*
 * No direct branch may lead to bytes that the jump covers, nor into what runs before it. A branch
 * of the function itself to its start is a loop: it would go on in another version. A call of
 * itself, or another function's tail call, is an ordinary entry.
 */
static int check_branches(struct lp_entry_job *job, uint64_t end)
{
	const struct lp_code *code = job->code;
	uint64_t start = job->function->addr;

	for (size_t i = lp_code_branch_index(code, start);
	     i < code->n_branches && code->branches[i].target < end; i++) {
		const struct lp_branch *branch = &code->branches[i];

		if (branch->target == start &&
		    (branch->call || !in_function(job->function, branch->source)))
			continue;
		return lp_refuse(job->refusal, "unmovable-instruction",
				 "%s: the branch at 0x%" PRIx64 " leads to 0x%" PRIx64 ", %" PRIu64
				 " bytes into the function and under the jump",
				 job->function->name, branch->source, branch->target,
				 branch->target - start);
	}
	return 0;
}

static int refuse_block(struct lp_entry_job *job, uint64_t jump)
{
	return lp_refuse(job->refusal, "function-too-short",
			 "%s: the first two bytes of the jump, at 0x%" PRIx64
			 ", would lie in two aligned blocks of 8 bytes",
			 job->function->name, jump);
}

/* One instruction is enough, with padding behind it if nothing else can run there. */
static int plan_single(struct lp_entry *entry, struct lp_entry_job *job, size_t i)
{
	const struct lp_insn *insn = &job->insns[i];
	uint64_t end = insn->addr + insn->size;
	uint64_t window = insn->size;

	if (window < LP_JMP_SIZE) {
		if (!(insn->flags & LP_INSN_STOP) ||
		    end != job->function->addr + job->function->size ||
		    window + job->padding < LP_JMP_SIZE)
			return lp_refuse(job->refusal, "function-too-short",
					 "%s: no instruction of 5 bytes at 0x%" PRIx64,
					 job->function->name, insn->addr);
		window = LP_JMP_SIZE;
	}
	if (!in_one_block(insn->addr, LP_JMP_SIZE) && !in_one_block(insn->addr, LP_JMP8_SIZE))
		return refuse_block(job, insn->addr);
	entry->kind = LP_ENTRY_SINGLE;
	entry->window = (uint8_t)window;
	entry->boundaries = 1;
	if (check_branches(job, insn->addr + window))
		return -ECANCELED;
	return lp_entry_move(entry, job, i + 1);
}

/* A jump through memory is one jump less for each call; 5 bytes do where there are no more. */
static void find_pad(struct lp_entry *entry, const struct lp_entry_job *job, uint64_t jump)
{
	entry->pad_size = LP_JMP_SLOT_SIZE;
	entry->pad_addr = lp_entry_find_pad(job, jump, LP_JMP_SLOT_SIZE);
	if (entry->pad_addr)
		return;
	entry->pad_size = LP_JMP_SIZE;
	entry->pad_addr = lp_entry_find_pad(job, jump, LP_JMP_SIZE);
}

static int plan_pad(struct lp_entry *entry, struct lp_entry_job *job, size_t i)
{
	const struct lp_insn *insn = &job->insns[i];

	if (insn->size < LP_JMP8_SIZE)
		return lp_refuse(job->refusal, "function-too-short",
				 "%s: the instruction at 0x%" PRIx64 " has one byte",
				 job->function->name, insn->addr);
	if (!in_one_block(insn->addr, LP_JMP8_SIZE))
		return refuse_block(job, insn->addr);
	find_pad(entry, job, insn->addr);
	if (!entry->pad_addr)
		return lp_refuse(job->refusal, "function-too-short",
				 "%s: no padding within reach of a short jump",
				 job->function->name);
	entry->kind = LP_ENTRY_PAD;
	entry->window = insn->size;
	entry->boundaries = 1;
	if (check_branches(job, insn->addr + insn->size))
		return -ECANCELED;
	return lp_entry_move(entry, job, i + 1);
}

/* How many instructions from the i-th on lie under a jump of 5 bytes; 0: there is no room. */
static size_t window_measure(const struct lp_entry_job *job, size_t i, uint64_t *window)
{
	uint64_t jump = job->insns[i].addr, end = jump;
	size_t count = 0;

	while (end < jump + LP_JMP_SIZE && i + count < job->n_insns) {
		end = job->insns[i + count].addr + job->insns[i + count].size;
		count++;
	}
	*window = end - jump;
	if (*window >= LP_JMP_SIZE)
		return count;
	if (end != job->function->addr + job->function->size ||
	    *window + job->padding < LP_JMP_SIZE)
		return 0;
	*window = LP_JMP_SIZE;
	return count;
}

static int plan_multi(struct lp_entry *entry, struct lp_entry_job *job, size_t i)
{
	uint64_t jump = job->insns[i].addr, window;
	size_t count = window_measure(job, i, &window);

	if (job->insns[i].size < LP_JMP8_SIZE)
		return lp_refuse(job->refusal, "function-too-short",
				 "%s: the instruction at 0x%" PRIx64 " has one byte",
				 job->function->name, jump);
	if (!count || window > WINDOW_MAX)
		return lp_refuse(job->refusal, "function-too-short",
				 "%s: its %" PRIu64 " bytes and %" PRIu64
				 " of padding have no room for a jump at 0x%" PRIx64,
				 job->function->name, job->function->size, job->padding, jump);
	if (!in_one_block(jump, LP_JMP8_SIZE))
		return refuse_block(job, jump);
	entry->kind = LP_ENTRY_MULTI;
	entry->window = (uint8_t)window;
	entry->boundaries = 0;
	for (size_t k = i; k < i + count; k++)
		entry->boundaries |= (uint16_t)(1u << (job->insns[k].addr - jump));
	if (check_branches(job, jump + window))
		return -ECANCELED;
	return lp_entry_move(entry, job, i + count);
}

static int plan_at(struct lp_entry *entry, struct lp_entry_job *job, size_t i)
{
	entry->jump_offset = (uint8_t)(job->insns[i].addr - job->function->addr);
	entry->pad_addr = 0;
	if (!plan_single(entry, job, i))
		return 0;
	if (!plan_pad(entry, job, i))
		return 0;
	entry->pad_addr = 0;
	return plan_multi(entry, job, i);
}

/* Whether an instruction may stay in front of the jump; *undo gets what the stub takes back. */
static bool may_skip(const struct lp_insn *insn, uint8_t *undo)
{
	if (insn->flags & LP_INSN_PUSH)
		*undo += 8;
	return insn->flags & (LP_INSN_ENDBR | LP_INSN_NOP | LP_INSN_PUSH);
}

/* The first place that works. What is refused there decides the answer if none does. */
static int plan(struct lp_entry *entry, struct lp_entry_job *job)
{
	struct lp_build_refusal first = { 0 };
	uint8_t undo = 0;

	for (size_t i = 0; i < job->n_insns; i++) {
		const struct lp_insn *insn = &job->insns[i];

		if (insn->addr - job->function->addr > LP_ENTRY_JUMP_OFFSET_MAX)
			break;
		if (!(insn->flags & LP_INSN_ENDBR)) {
			entry->undo = undo;
			if (!plan_at(entry, job, i))
				return 0;
			/* that a nop or push has one byte tells nothing */
			if (!first.reason || insn->size > 1)
				first = first.reason && strcmp(first.reason, "function-too-short") ?
						first :
						*job->refusal;
		}
		if (!may_skip(insn, &undo))
			break;
	}
	if (!first.reason)
		return lp_refuse(job->refusal, "function-too-short",
				 "%s: there is nothing at its entry that a jump may replace",
				 job->function->name);
	*job->refusal = first;
	return -ECANCELED;
}

/* The bytes that are there before the first redirect. */
static void keep_bytes(struct lp_entry *entry, const struct lp_entry_job *job)
{
	uint64_t jump = job->function->addr + entry->jump_offset;
	const struct lp_elf *elf = job->code->elf;
	const uint8_t *bytes;

	memset(entry->window_bytes, 0, sizeof(entry->window_bytes));
	memset(entry->pad_bytes, 0, sizeof(entry->pad_bytes));
	if (entry->kind != LP_ENTRY_PAD)
		entry->pad_size = 0;
	for (size_t size = sizeof(entry->window_bytes); size >= entry->window; size--) {
		bytes = lp_elf_bytes(elf, jump, size);
		if (bytes) {
			memcpy(entry->window_bytes, bytes, size);
			break;
		}
	}
	if (entry->kind != LP_ENTRY_PAD)
		return;
	bytes = lp_elf_bytes(elf, entry->pad_addr, entry->pad_size);
	if (bytes)
		memcpy(entry->pad_bytes, bytes, entry->pad_size);
}

static int claim(const struct lp_entry *entry, const struct lp_entry_job *job,
		 struct lp_claims *claims)
{
	uint64_t end = job->function->addr + job->function->size;
	uint64_t window_end = job->function->addr + entry->jump_offset + entry->window;

	if (entry->kind == LP_ENTRY_PAD)
		return claims_add(claims, entry->pad_addr, entry->pad_size);
	return window_end > end ? claims_add(claims, end, window_end - end) : 0;
}

int lp_entry_plan(struct lp_entry *entry, const struct lp_code *code,
		  const struct lp_entry_function *function, struct lp_claims *claims,
		  struct lp_build_refusal *refusal)
{
	struct lp_entry_job job = {
		.code = code, .function = function, .claims = claims, .refusal = refusal
	};
	struct lp_entry new = { 0 };
	int err;

	if (!function->size)
		return lp_refuse(refusal, "function-too-short", "%s: its symbol has no size",
				 function->name);
	job.bytes = lp_elf_bytes(code->elf, function->addr, function->size);
	if (!job.bytes)
		return lp_refuse(refusal, "bad-file", "%s: its code is not in %s", function->name,
				 code->elf->path);
	job.padding = own_padding(&job);
	err = decode_start(&job);
	err = err ? err : plan(&new, &job);
	if (err)
		return err;
	keep_bytes(&new, &job);
	err = claim(&new, &job, claims);
	if (!err)
		*entry = new;
	return err;
}
