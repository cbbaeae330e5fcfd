/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "slow.h"

#include <asm/sigcontext.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/ucontext.h>
#include <linux/errno.h>

#include "../x86_64/stub.h"
#include "stack.h"
#include "sys.h"

#define HIDDEN __attribute__((visibility("hidden")))

static const struct lp_view no_view;
HIDDEN const struct lp_view *lp_view = &no_view;
HIDDEN struct lp_stacks lp_stacks;
HIDDEN uint64_t lp_libc_text_lo, lp_libc_text_hi;

static __thread struct lp_word this_word __attribute__((tls_model("initial-exec")));

struct lp_word *lp_word_of_this_thread(void)
{
	return &this_word;
}

static uint64_t fs_base(void)
{
	uint64_t base;

	/* glibc keeps the thread pointer at its own first word */
	__asm__ volatile("mov %%fs:0, %0" : "=r"(base));
	return base;
}

/* glibc's stackblock of this thread and its size */
static const uint64_t *stack_block(uint64_t fs)
{
	return (const uint64_t *)(fs + (uint64_t)lp_stacks.block_offset);
}

static void note_hit(uint64_t addr, uint64_t sp, uint32_t era)
{
	this_word.hit_addr_inverted = ~addr;
	this_word.hit_sp = sp;
	this_word.hit_era = era;
}

/*
 * Whether no word of the stack from sp on lies in the ranges. In doubt: not clean. Read without the
 * help of the kernel, whose system call filter for this task nobody knows: it is this task's own
 * stack, which is mapped from the stack pointer to its end.
 */
static bool stack_is_clean(uint64_t sp, const struct lp_ranges *ranges, uint32_t era)
{
	uint64_t fs = fs_base(), end = lp_stack_end(fs, stack_block(fs), sp);
	const uint64_t *words = (const uint64_t *)(sp & ~7ull);

#ifdef LP_BUG_NO_STACK
	return true;
#endif
	if (!end || end - sp > LP_SLOW_SCAN_MAX)
		return false;
	for (; (uint64_t)words < end; words++) {
		uint64_t word = *(const volatile uint64_t *)words;

		if (lp_ranges_find_return(ranges, word)) {
			note_hit(word, (uint64_t)words, era);
			return false;
		}
		if (lp_stack_is_restorer(word) && (uint64_t)words + LP_SIGNAL_FRAME_SP + 8 <= end &&
		    lp_stack_was_changed((uint64_t)words, words[LP_SIGNAL_FRAME_SP / 8],
					 end - LP_STACK_MAX))
			return false;
	}
	return true;
}

static bool swap(uint32_t *where, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(where, &from, to, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST);
}

/* Fails if there was a bump since `seen` was read. */
static bool swap_word(const struct lp_word *seen, uint32_t to)
{
	struct lp_word now = { .word = to, .count = seen->count };
	uint64_t from = seen->word_and_count;

	return __atomic_compare_exchange_n(&this_word.word_and_count, &from, now.word_and_count,
					   false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* Where a stub goes on; slow_entry.S turns it into flags. */
enum { GO_CURRENT, GO_NEXT, GO_SLOT };

static bool is_marked(const struct lp_view *view)
{
	return __atomic_load_n(&this_word.mark[view->era & 1], __ATOMIC_SEQ_CST) ==
	       lp_mark_value(view->era);
}

/* Takes the checker's mark away: an approval that comes after this is void. */
static bool take_mark(const struct lp_view *view)
{
	return !is_marked(view) ||
	       swap(&this_word.mark[view->era & 1], lp_mark_value(view->era), 0);
}

static const struct lp_ranges *leaving(const struct lp_view *view)
{
	return lp_era_target(view->chain, view->era) ? &view->leaving_current : &view->leaving_next;
}

static bool may_switch(const struct lp_view *view, const struct lp_word *seen, uint64_t pc,
		       uint64_t sp)
{
	if (view->phase == LP_VIEW_CLOSING && !lp_word_asked(seen, view->chain))
		return true;
	if (view->phase == LP_VIEW_HOLDING || (pc && lp_ranges_find(leaving(view), pc)))
		return false;
	return stack_is_clean(sp, leaving(view), view->era);
}

/*
 * One attempt to decide; false: something changed meanwhile, again. pc 0: at an entry. seen: word and
 * count.
 */
static bool decide(const struct lp_view *view, struct lp_word *seen, uint64_t pc, uint64_t sp)
{
	bool target = lp_era_target(view->chain, view->era), patched;

	if (!take_mark(view))
		return false;
	seen->mark[0] = __atomic_load_n(&this_word.mark[0], __ATOMIC_SEQ_CST);
	seen->mark[1] = __atomic_load_n(&this_word.mark[1], __ATOMIC_SEQ_CST);
	patched = lp_word_state(seen, view->chain);
	if (patched != target && may_switch(view, seen, pc, sp))
		patched = target;
	return swap_word(seen, lp_word_value(view->era, patched) |
				       (patched != target ? LP_WORD_AGAIN : 0));
}

/*
 * It could not switch when it was last asked, and the frame that was in the way is still above:
 * nothing new to find. Keeps calls in the depth of an old function cheap.
 */
static bool is_still_below(const struct lp_view *view, uint32_t word, uint64_t sp)
{
	return lp_word_era(word) == view->era && (word & LP_WORD_AGAIN) &&
	       view->phase == LP_VIEW_SWITCHING && this_word.hit_era == view->era &&
	       sp < this_word.hit_sp && !is_marked(view);
}

/*
 * A task may have been in a stub of the transition before when this one began, and ask from there: what
 * was the next version is the current one now, or gone. The slot leads to a stub of this one.
 */
static bool is_of_this_transition(const struct lp_view *view, uint64_t stub)
{
	return lp_word_era(lp_stub_patched(stub)) >= view->chain;
}

/* What a decided task does; the stub's own pointers are those of its own transition only. */
static int way_of(const struct lp_view *view, uint32_t word, uint64_t stub)
{
	if (!stub || !(word & LP_WORD_AGAIN) || !is_of_this_transition(view, stub))
		return GO_SLOT;
	return word & LP_WORD_PATCHED ? GO_NEXT : GO_CURRENT;
}

/* stub: the address in the stub that asks, 0: the signal handler at pc */
static int ask(uint64_t pc, uint64_t sp, uint64_t stub)
{
	for (bool decided = false;;) {
		/* word before view: see confirm() in host.c */
		struct lp_word seen = { .word_and_count = __atomic_load_n(&this_word.word_and_count,
									  __ATOMIC_SEQ_CST) };
		uint32_t word = seen.word;
		const struct lp_view *view = __atomic_load_n(&lp_view, __ATOMIC_SEQ_CST);

		if (!view->era)
			return GO_SLOT; /* settled meanwhile: the slot says where to go */
		if (lp_word_era(word) == view->era && !(word & LP_WORD_BUMP) &&
		    (decided || !(word & LP_WORD_AGAIN)))
			return way_of(view, word, stub);
		if (!pc && is_still_below(view, word, sp) && !(word & LP_WORD_BUMP))
			return way_of(view, word, stub);
		decided = decide(view, &seen, pc, sp);
	}
}

HIDDEN int lp_slow_ask(uint64_t sp, uint64_t stub);
int lp_slow_ask(uint64_t sp, uint64_t stub)
{
	return ask(0, sp, stub);
}

/* Says that this task was outside the watched ranges. */
static void answer_quiescence(uint64_t pc, uint64_t sp)
{
	const struct lp_view *view = __atomic_load_n(&lp_view, __ATOMIC_SEQ_CST);

	if (!view->generation || lp_ranges_find(&view->watched, pc))
		return;
	if (stack_is_clean(sp, &view->watched, 0))
		__atomic_store_n(&this_word.quiet, view->generation, __ATOMIC_SEQ_CST);
}

/* System calls that return EINTR after a handler even with SA_RESTART, and may simply be repeated. */
static bool is_repeatable(uint32_t number)
{
	switch (number) {
	case __NR_epoll_wait:
	case __NR_epoll_pwait:
	case __NR_semop:
	case __NR_semtimedop:
	case __NR_rt_sigtimedwait:
	case __NR_poll:
	case __NR_ppoll:
	case __NR_select:
	case __NR_pselect6:
	case __NR_nanosleep:
	case __NR_clock_nanosleep:
	case __NR_futex:
	case __NR_io_getevents:
	case __NR_msgrcv:
	case __NR_msgsnd:
	case __NR_accept:
	case __NR_accept4:
	case __NR_recvfrom:
	case __NR_recvmsg:
	case __NR_sendto:
	case __NR_sendmsg:
	case __NR_pause:
	case 441: /* epoll_pwait2 */
		return true;
	}
	return false;
}

/*
 * The task was on the way into a system call when the signal came, and would see EINTR. The call is
 * made again: `mov $number, %eax; syscall` is how every system call of glibc looks. Not if another
 * signal waits: then the program is to see it.
 */
static void repeat_interrupted_call(struct sigcontext *registers, const unsigned long *blocked)
{
	unsigned long pending = 0;
	const uint8_t *code = (const uint8_t *)(registers->rip - 7);
	uint32_t number;

	if ((int64_t)registers->rax != -EINTR || registers->rip - lp_libc_text_lo < 7 ||
	    registers->rip >= lp_libc_text_hi)
		return;
	if (code[0] != 0xb8 || code[5] != 0x0f || code[6] != 0x05)
		return;
	number = code[1] | code[2] << 8 | code[3] << 16 | (uint32_t)code[4] << 24;
	if (!is_repeatable(number) ||
	    lp_sys_raw(__NR_rt_sigpending, (long)&pending, 8, 0, 0, 0, 0) < 0 ||
	    (pending & ~*blocked))
		return;
	registers->rip -= 7;
}

void lp_slow_signal(int signal, void *info, void *context)
{
	struct ucontext *at = context;
	struct sigcontext *registers = (struct sigcontext *)&at->uc_mcontext;

	(void)signal;
	(void)info;
	/* inside the agent's own code on this thread: its frames are on the stack, nothing to see */
	ask(registers->rip, registers->rsp, 0);
	answer_quiescence(registers->rip, registers->rsp);
	repeat_interrupted_call(registers, (const unsigned long *)&at->uc_sigmask);
}
