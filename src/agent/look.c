/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "object.h"
#include "proc.h"
#include "snapshot.h"
#include "stack.h"
#include "sys.h"
#include "task.h"

enum { CHUNK = 512 };

static struct lp_snapshot snapshot;

/* Where a task that is off its processor stands. */
struct place {
	int64_t call; /* system call, -1: none */
	uint64_t pc, sp;
};

static enum lp_look read_place(int64_t tid, struct place *place)
{
	char text[256];
	const char *p = text;
	long n = lp_proc_read(tid, "syscall", text, sizeof(text));

	if (n <= 0)
		return lp_task_is_gone(tid) ? LP_LOOK_GONE : LP_LOOK_UNREADABLE;
	if (text[0] == 'r')
		return LP_LOOK_RUNNING;
	memset(place, 0, sizeof(*place));
	if (text[0] == '-') {
		place->call = -1;
		p = text + 2;
	} else {
		place->call = (int64_t)lp_parse_number(&p, 10);
		for (int i = 0; i < 6; i++)
			lp_parse_number(&p, 16);
	}
	place->sp = lp_parse_number(&p, 16);
	place->pc = lp_parse_number(&p, 16);
	return place->sp && place->pc ? LP_LOOK_CLEAN : LP_LOOK_UNREADABLE;
}

bool lp_task_is_running(int64_t tid)
{
	struct place place;

	return read_place(tid, &place) == LP_LOOK_RUNNING;
}

/* The end of the stack sp is on; 0: it is not the task's own. */
static uint64_t stack_end(const struct lp_task *task, uint64_t sp)
{
	uint64_t block[2], end;

	if (lp_peek(task->fs_base + (uint64_t)lp_stacks.block_offset, block, sizeof(block)) < 0)
		return 0;
	end = lp_stack_end(task->fs_base, block, sp);
	return end && end - sp <= LP_STACK_MAX ? end : 0;
}

/*
 * A signal frame, or what is left of one, whose handler ran on a stack inside of this one. Only
 * unwinding can tell.
 */
static bool is_inner_stack(uint64_t word, uint64_t at, uint64_t end)
{
	uint64_t interrupted;

	return lp_stack_is_restorer(word) &&
	       (lp_snapshot_read(&snapshot, at + LP_SIGNAL_FRAME_SP, &interrupted,
				 sizeof(interrupted)) < 0 ||
		lp_stack_was_changed(at, interrupted, end - LP_STACK_MAX));
}

/* What looks like busy frames. */
struct suspects {
	uint64_t word; /* the lowest */
	uint64_t last; /* address of the highest; LP_UNWIND_ALL: all frames must be known */
};

static enum lp_look scan_stack(uint64_t sp, uint64_t end, const struct lp_ranges *ranges,
			       struct suspects *suspects)
{
	enum lp_look look = LP_LOOK_CLEAN;
	uint64_t words[CHUNK];

#ifdef LP_BUG_NO_STACK
	return LP_LOOK_CLEAN;
#endif
	for (uint64_t count; (count = (end - sp) / 8); sp += count * 8) {
		if (count > CHUNK)
			count = CHUNK;
		if (lp_snapshot_read(&snapshot, sp, words, count * 8) < 0)
			return LP_LOOK_FOREIGN; /* a hole: this is not one stack */
		for (uint64_t i = 0; i < count; i++) {
			bool inner = is_inner_stack(words[i], sp + i * 8, end);

			if (!inner && !lp_ranges_find_return(ranges, words[i]))
				continue;
			if (look == LP_LOOK_CLEAN)
				suspects->word = words[i];
			look = LP_LOOK_HIT;
			suspects->last = inner ? LP_UNWIND_ALL : sp + i * 8;
			if (inner)
				return look;
		}
	}
	return look;
}

struct frames {
	const struct lp_ranges *ranges;
	uint64_t hit;
};

static bool frame_is_busy(void *context, uint64_t pc)
{
	struct frames *frames = context;

	if (!lp_ranges_find_return(frames->ranges, pc))
		return false;
	frames->hit = pc;
	return true;
}

/*
 * Words of the stack are suspicious: are they return addresses, or left over? The frames up to the
 * highest of them decide; above it there is none that could be busy.
 */
static enum lp_look unwind(const struct place *place, const struct lp_ranges *ranges,
			   const struct lp_unwind_space *space, uint64_t last, uint64_t *hit)
{
	struct lp_registers registers = { .known = 1u << LP_REG_RSP | 1u << LP_REG_RA };
	struct frames frames = { .ranges = ranges };
	struct lp_unwind_space then = *space;
	int r;

	then.read = lp_snapshot_read;
	then.context = &snapshot;
	registers.value[LP_REG_RSP] = place->sp;
	registers.value[LP_REG_RA] = place->pc;
	r = lp_unwind_walk(&then, &registers, last, frame_is_busy, &frames);
	if (r == 1)
		*hit = frames.hit;
	return r == 0 ? LP_LOOK_CLEAN : LP_LOOK_HIT;
}

static bool may_have_child(int64_t call)
{
	return call == __NR_vfork || call == __NR_clone || call == 435; /* clone3 */
}

/* What the copied stack says. */
static enum lp_look judge(const struct place *place, uint64_t end, const struct lp_ranges *ranges,
			  const struct lp_unwind_space *space, uint64_t *hit)
{
	struct suspects suspects;
	enum lp_look look = scan_stack(place->sp & ~7ull, end, ranges, &suspects);

	if (look != LP_LOOK_HIT)
		return look;
	*hit = suspects.word;
	return space ? unwind(place, ranges, space, suspects.last, hit) : look;
}

static bool has_moved(const struct lp_task *task, uint64_t before)
{
	uint64_t after;

	return lp_proc_switches(task->tid, &after) < 0 || before != after;
}

/*
 * The kernel answers "syscall" only for a task that is off its processor, and makes sure it stayed
 * so while it answered. The count of how often it got a processor is read before that and after
 * the stack was copied: unchanged, it was not there in between either. What it does later is the
 * protocol's business.
 */
enum lp_look lp_task_look(const struct lp_task *task, const struct lp_ranges *ranges,
			  const struct lp_unwind_space *space, uint64_t *hit)
{
	struct place place;
	uint64_t before, end;
	enum lp_look look;

	if (lp_proc_switches(task->tid, &before) < 0)
		return lp_task_is_gone(task->tid) ? LP_LOOK_GONE : LP_LOOK_UNREADABLE;
	look = read_place(task->tid, &place);
	if (look != LP_LOOK_CLEAN)
		return look;
	if (may_have_child(place.call))
		return LP_LOOK_CHILD;
	end = stack_end(task, place.sp);
	if (end && lp_snapshot_take(&snapshot, place.sp & ~7ull, end) < 0)
		end = 0;
	if (has_moved(task, before))
		return LP_LOOK_MOVED;
	if (lp_ranges_find(ranges, place.pc)) {
		*hit = place.pc;
		return LP_LOOK_HIT;
	}
	if (!end)
		return LP_LOOK_FOREIGN;
	look = judge(&place, end, ranges, space, hit);
	return !snapshot.size && has_moved(task, before) ? LP_LOOK_MOVED : look;
}
