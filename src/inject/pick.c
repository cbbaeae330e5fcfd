/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pick.h"
#include "net.h"
#include "restart.h"
#include "sys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PF_IO_WORKER 0x00000010 /* include/linux/sched.h of the kernel */
#define USER_CS 0x33 /* 64-bit code; a program may run 32-bit pieces */
#define STACK_COPY_MAX (1024 * 1024)
/* below the stack pointer, for the net; a thread's stack has far more, a coroutine's may not */
#define ROOM (LP_NET_MAX + 4096)

/*
 * The net is laid below the stack pointer, so that must be a real stack: the main thread's, or the
 * one that has the thread's own control block at its upper end. On a coroutine's or a goroutine's
 * the memory below may be somebody's data.
 */
static const struct lp_map *own_stack(const struct lp_target *target, pid_t tid, uint64_t sp)
{
	const struct lp_map *map = lp_maps_find(&target->maps, sp);
	uint64_t head;

	if (!map || !map->write || sp % 8)
		return NULL;
	if (!strcmp(map->path, "[stack]"))
		return map;
	head = lp_task_robust_head(tid); /* in struct pthread */
	if (head <= sp || head >= map->hi || sp - map->lo < ROOM)
		return NULL;
	return map;
}

static int copy_stack(struct lp_snapshot *snapshot, const struct lp_target *target,
		      const struct lp_map *map)
{
	size_t size = map->hi - snapshot->sp;
	ssize_t n;

	snapshot->size = size < STACK_COPY_MAX ? size : STACK_COPY_MAX;
	snapshot->stack = malloc(snapshot->size);
	if (!snapshot->stack)
		return -ENOMEM;
	n = lp_sys_read_some(target->live, snapshot->sp, snapshot->stack, snapshot->size);
	snapshot->whole = n == (ssize_t)size;
	snapshot->size = n > 0 ? (size_t)n : 0;
	return 0;
}

static bool is_at_syscall(const struct lp_target *target, uint64_t pc)
{
	static const uint8_t insn[2] = { 0x0f, 0x05 };
	uint8_t bytes[2];

	return !lp_sys_read(target->live, pc - 2, bytes, 2) && !memcmp(bytes, insn, 2);
}

static enum lp_choice choice_of(enum lp_fit fit, const struct lp_task_call *call)
{
	if (fit == LP_FIT_EXACT)
		return lp_restart_timed(call->number, call->args) ? LP_CHOICE_EXACT_TIMED :
								    LP_CHOICE_EXACT;
	return fit == LP_FIT_SCANNED ? LP_CHOICE_SCANNED : LP_CHOICE_ASLEEP;
}

/* For a disk or a file system: it would be seized, and stop nobody knows when. */
static bool is_stuck(pid_t tid)
{
	struct lp_task_status status;

	return !lp_task_status(tid, &status) && status.state == 'D';
}

/* Whether it may be a candidate, and of which kind. */
static bool look(const struct lp_target *target, struct lp_frames *frames,
		 struct lp_candidate *candidate)
{
	struct lp_task_call *call = &candidate->call, again;
	struct lp_snapshot snapshot = { 0 };
	const struct lp_map *map;
	enum lp_fit fit;
	int error;

	if (lp_task_flags(candidate->tid) & PF_IO_WORKER)
		return false;
	if (is_stuck(candidate->tid)) {
		candidate->choice = LP_CHOICE_STUCK;
		return true;
	}
	error = lp_task_call(target->pid, candidate->tid, call);
	if (error == -EAGAIN) {
		call->number = -1;
		candidate->choice = LP_CHOICE_RUNNING;
		return true;
	}
	if (error || !lp_restart_safe(call->number, call->args) || !is_at_syscall(target, call->pc))
		return false;
	map = own_stack(target, candidate->tid, call->sp);
	snapshot.pc = call->pc;
	snapshot.sp = call->sp;
	if (!map || copy_stack(&snapshot, target, map))
		return false;
	if (lp_task_call(target->pid, candidate->tid, &again) ||
	    memcmp(call, &again, sizeof(again)))
		fit = LP_FIT_UNKNOWN; /* it moved while it was copied */
	else
		fit = lp_frames_judge(frames, &snapshot);
	free(snapshot.stack);
	candidate->choice = choice_of(fit, call);
	return fit != LP_FIT_BAD;
}

static int compare(const void *a, const void *b)
{
	const struct lp_candidate *x = a, *y = b;

	if (x->choice != y->choice &&
	    (x->choice == LP_CHOICE_STUCK || y->choice == LP_CHOICE_STUCK))
		return (int)x->choice - (int)y->choice;
	if (x->failed != y->failed)
		return x->failed < y->failed ? -1 : 1;
	return (int)x->choice - (int)y->choice;
}

static unsigned int place_of(const struct lp_pick_failed *failed, pid_t tid)
{
	unsigned int i = 0;

	while (i < failed->count && failed->tids[i] != tid)
		i++;
	return i;
}

/* 0: it has not failed */
static unsigned int lateness(const struct lp_pick_failed *failed, pid_t tid)
{
	unsigned int place = place_of(failed, tid);

	return place < failed->count ? place + 1 : 0;
}

void lp_pick_fail(struct lp_pick_failed *failed, pid_t tid)
{
	unsigned int place = place_of(failed, tid);

	if (place == LP_PICK_FAILED_MAX)
		place = 0; /* no room: the one that failed longest ago is as good as any again */
	if (place < failed->count)
		memmove(&failed->tids[place], &failed->tids[place + 1],
			(--failed->count - place) * sizeof(failed->tids[0]));
	failed->tids[failed->count++] = tid;
}

int lp_pick_candidates(const struct lp_target *target, struct lp_frames *frames,
		       const struct lp_pick_failed *failed, struct lp_candidate **candidates)
{
	struct lp_candidate *list;
	int count, found = 0;
	pid_t *tids;

	count = lp_task_list(target->pid, &tids);
	if (count < 0)
		return count;
	list = calloc((size_t)count + 1, sizeof(*list));
	if (!list) {
		free(tids);
		return -ENOMEM;
	}
	for (int i = 0; i < count; i++) {
		list[found].tid = tids[i];
		if (!look(target, frames, &list[found]))
			continue;
		list[found].failed = lateness(failed, tids[i]);
		found++;
		if (list[found - 1].choice == LP_CHOICE_EXACT && !list[found - 1].failed)
			break;
	}
	free(tids);
	qsort(list, (size_t)found, sizeof(*list), compare);
	*candidates = list;
	return found;
}

static bool is_same_call(const struct lp_candidate *candidate, const struct user_regs_struct *regs)
{
	return regs->rip == candidate->call.pc && regs->rsp == candidate->call.sp &&
	       (int64_t)regs->orig_rax == candidate->call.number && lp_restart_wanted(regs);
}

bool lp_pick_confirm(const struct lp_target *target, struct lp_frames *frames,
		     const struct lp_candidate *candidate, const struct user_regs_struct *regs)
{
	const uint64_t args[6] = { regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8, regs->r9 };
	struct lp_snapshot snapshot = { .pc = regs->rip, .sp = regs->rsp, .regs = regs };
	const struct lp_map *map;
	enum lp_fit fit;

	if (regs->cs != USER_CS)
		return false;
	if (candidate->choice <= LP_CHOICE_SCANNED)
		return is_same_call(candidate, regs);
	/* in a call: one that is restarted, or none */
	if ((int64_t)regs->orig_rax >= 0 &&
	    (!lp_restart_safe((long)regs->orig_rax, args) || !lp_restart_wanted(regs)))
		return false;
	map = own_stack(target, candidate->tid, regs->rsp & ~7ull);
	if (!map || copy_stack(&snapshot, target, map))
		return false;
	fit = lp_frames_judge(frames, &snapshot);
	free(snapshot.stack);
	return fit == LP_FIT_EXACT || fit == LP_FIT_SCANNED;
}
