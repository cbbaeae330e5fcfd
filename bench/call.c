// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * call.c - what a call of a patched function costs: settled, and while a transition is held open
 * by a task that sleeps in another function of the patch; each beside the same call of the same code
 * that goes there by one hand-written jmp. Also a call of a function nobody patches, with the
 * agent in the process and without.
 *
 * Three of the functions do next to nothing: with those the jumps are all there is. The fourth one
 * does a little (patches/work.h), as functions do. Each measurement is a few microseconds long,
 * alternated with its peer, and the median of many: other work on the processor falls out.
 */
#include "bench.h"
#include "patches/work.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CALLS 2000

/*
 * The originals, one for each way an entry is written; see suture/lpfile.h. `multi` has nothing but
 * code around it, so that no padding is within the reach of a short jump.
 */
__asm__(".text\n"
	".macro function name\n"
	".type \\name, @function\n"
	"\\name:\n"
	".endm\n"
	".macro end name\n"
	".size \\name, . - \\name\n"
	".endm\n"
	".p2align 6\n"
	"function single\n"
	"	mov $1, %eax\n"
	"	add %edi, %eax\n"
	"	ret\n"
	"end single\n"
	".p2align 6\n"
	"function wide\n"
	"	mov $1, %rax\n" /* 7 bytes: room for a jump through memory */
	"	add %edi, %eax\n"
	"	ret\n"
	"end wide\n"
	".p2align 6\n"
	"function pad\n"
	"	lea 1(%rdi), %eax\n"
	"	test %eax, %eax\n"
	"	ret\n"
	"end pad\n"
	".p2align 6\n"
	"function before\n"
	"	.fill 1087, 1, 0x90\n"
	"	ret\n"
	"end before\n"
	"function multi\n"
	"	lea 1(%rdi), %eax\n"
	"	test %eax, %eax\n"
	"	ret\n"
	"end multi\n"
	"function after\n"
	"	.fill 511, 1, 0x90\n"
	"	ret\n"
	"end after\n"
	".p2align 6\n"
	"function plain\n"
	"	lea 1(%rdi), %eax\n"
	"	ret\n"
	"end plain\n"
	/* the peer: what a patcher would write by hand, and the code of the replacement */
	".p2align 6\n"
	"function by_hand\n"
	"	jmp by_hand_new\n"
	"end by_hand\n"
	".p2align 6\n"
	"function by_hand_new\n"
	"	lea 2(%rdi), %eax\n"
	"	ret\n"
	"end by_hand_new\n"
	".p2align 6\n"
	"function work_by_hand\n"
	"	jmp work_by_hand_new\n"
	"end work_by_hand\n");

unsigned int single(unsigned int), wide(unsigned int), pad(unsigned int), multi(unsigned int),
	plain(unsigned int), by_hand(unsigned int), work_by_hand(unsigned int),
	work_by_hand_new(unsigned int), work(unsigned int);

__attribute__((noipa, aligned(64))) unsigned int work_by_hand_new(unsigned int x)
{
	return work_of(x + 2);
}

__attribute__((noipa, aligned(64))) unsigned int work(unsigned int x)
{
	return work_of(x + 1);
}

/* The loops differ in the function they call and in nothing else. */
#define LOOP(function)                                                                             \
	static __attribute__((noinline, aligned(64))) uint64_t loop_##function(void)               \
	{                                                                                          \
		uint64_t start = __builtin_ia32_rdtsc();                                           \
		unsigned int x = 0, n = CALLS;                                                     \
                                                                                                   \
		__asm__ volatile(".p2align 6\n"                                                    \
				 "1:	mov %0, %%edi\n"                                              \
				 "	call " #function "\n"                                      \
				 "	mov %%eax, %0\n"                                                \
				 "	dec %1\n"                                                       \
				 "	jnz 1b\n"                                                       \
				 : "+r"(x), "+r"(n)                                                \
				 :                                                                 \
				 : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",    \
				   "cc", "memory");                                                \
		return __builtin_ia32_rdtsc() - start;                                             \
	}
LOOP(single)
LOOP(wide)
LOOP(pad)
LOOP(multi)
LOOP(plain)
LOOP(by_hand)
LOOP(work)
LOOP(work_by_hand)

typedef uint64_t loop(void);

static const struct {
	const char *name, *what;
	loop *loop, *peer;
} kinds[] = {
	{ "wide", "empty (single, 6)", loop_wide, loop_by_hand },
	{ "single", "empty (single, 5)", loop_single, loop_by_hand },
	{ "pad", "empty (pad)", loop_pad, loop_by_hand },
	{ "multi", "empty (multi)", loop_multi, loop_by_hand },
	{ "work", "does a little", loop_work, loop_work_by_hand },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static double ns_per_tick;

static void calibrate(void)
{
	uint64_t ns = bench_now_ns(), ticks = __builtin_ia32_rdtsc();

	while (bench_now_ns() - ns < 50000000)
		;
	ns_per_tick = (double)(bench_now_ns() - ns) / (double)(__builtin_ia32_rdtsc() - ticks);
}

struct pair {
	double ns, peer_ns;
};

static struct pair measure(loop *ours, loop *peer)
{
	enum { MAX = 4000 };
	static double a[MAX], b[MAX];
	int rounds = bench_rounds(MAX, 1000);

	for (int i = 0; i < rounds; i++) {
		a[i] = (double)ours();
		b[i] = (double)peer();
	}
	return (struct pair){ .ns = bench_median(a, (size_t)rounds) * ns_per_tick / CALLS,
			      .peer_ns = bench_median(b, (size_t)rounds) * ns_per_tick / CALLS };
}

static void print_calls(const char *when, const char *what, double limit)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct pair pair = measure(kinds[i].loop, kinds[i].peer);
		char name[64], text[128];

		snprintf(name, sizeof(name), "call-%s-%s", when, kinds[i].name);
		snprintf(text, sizeof(text), "call, %s, %s", what, kinds[i].what);
		bench_print(&(struct bench_figure){ .name = name,
						    .what = text,
						    .unit = "ns",
						    .value = pair.ns,
						    .peer_what = "one jmp",
						    .peer = pair.peer_ns,
						    .goal = BENCH_RATIO,
						    .limit = limit });
	}
}

/* Blocks the transition: it sleeps in this function of the patch until it is let go. */
static int gate[2];

__attribute__((noinline, noclone)) void held(void);
void held(void)
{
	char byte;

	if (read(gate[0], &byte, 1) != 1)
		abort();
	__asm__ volatile("" ::: "memory"); /* no tail call: its frame stays */
}

static void *hold(void *unused)
{
	held();
	return unused;
}

static bool is_patched(void)
{
	return single(1) == 3 && wide(1) == 3 && pad(1) == 3 && multi(1) == 3 &&
	       work(1) == work_by_hand_new(1);
}

static bool in_transition(void)
{
	static char text[BENCH_TEXT_MAX];

	bench_suture(text, "status", NULL, NULL);
	return !strstr(text, "\"transition\":null");
}

static void wait_until(bool (*condition)(void), bool wanted, const char *why)
{
	uint64_t deadline = bench_now_ns() + 20000000000ull;

	while (condition() != wanted)
		if (bench_now_ns() > deadline)
			bench_die(why);
}

static void measure_unpatched(void)
{
	double ratios[9], with_ns = 0;
	int rounds = bench_rounds(9, 5);

	for (int i = 0; i < rounds; i++) {
		struct pair without = measure(loop_plain, loop_by_hand), with;

		bench_suture(NULL, "attach", NULL, NULL);
		with = measure(loop_plain, loop_by_hand);
		bench_suture(NULL, "detach", NULL, NULL);
		/* each against the call nobody touches, so that a change of clock falls out */
		ratios[i] = with.ns / with.peer_ns / (without.ns / without.peer_ns);
		with_ns = with.ns;
	}
	double ratio = bench_median(ratios, (size_t)rounds);

	bench_print(&(struct bench_figure){ .name = "call-unpatched",
					    .what = "call, not patched, agent present",
					    .unit = "ns",
					    .value = with_ns,
					    .peer_what = "no agent",
					    .peer = with_ns / ratio,
					    .goal = BENCH_RATIO,
					    .limit = 1.00,
					    .tolerance = 0.02 });
}

int main(void)
{
	pthread_t holder;

	bench_pin(-1);
	calibrate();
	measure_unpatched();
	if (pipe(gate) < 0 || pthread_create(&holder, NULL, hold, NULL) != 0)
		bench_die("cannot start a thread");
	bench_apply("call", "--no-wait");
	wait_until(is_patched, true, "the calling thread does not switch");
	if (!in_transition())
		bench_die("nothing holds the transition open");
	print_calls("transition", "in transition", 1.5);
	if (write(gate[1], "", 1) != 1)
		bench_die("write");
	wait_until(in_transition, false, "the transition does not end");
	print_calls("settled", "settled", 1.10);
	bench_disable("call");
	bench_suture(NULL, "detach", NULL, NULL);
	return pthread_join(holder, NULL);
}
