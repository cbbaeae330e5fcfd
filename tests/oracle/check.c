/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check.c - see check.h. Runs in signal handlers and in children of fork and vfork. */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALL_PATCHES ((1u << N_PATCHES) - 1)

void violation(const char *format, ...)
{
	const struct context *context = self.now;
	char text[1024];
	va_list arguments;
	int n;

	__atomic_fetch_add(&board->violations, 1, __ATOMIC_SEQ_CST);
	n = snprintf(text, sizeof(text), "violation: thread %ld (%s): ", syscall(SYS_gettid),
		     self.kind);
	va_start(arguments, format);
	n += vsnprintf(text + n, sizeof(text) - (size_t)n, format, arguments);
	va_end(arguments);
	n += snprintf(
		text + n, sizeof(text) - (size_t)n,
		"; depth %u%s%s, possible %#x, base %u, settled %u, changes %u, entries %llu; "
		"targets",
		context->depth, context == &self.handler ? " in its handler" : "",
		context->forked ? " in a forked child" : "", context->possible, context->base,
		board->settled, board->changes, (unsigned long long)self.entries);
	for (uint32_t i = board->changes < 6 ? 0 : board->changes - 6; i <= board->changes; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, " %u:%u", i, board->targets[i]);
	text[n++] = '\n';
	if (write(STDERR_FILENO, text, (size_t)n) != n)
		_exit(VICTIM_BROKEN);
	_exit(VICTIM_VIOLATION);
}

int state_level; /* see state.h */

/* Called on the agent's thread, which is no task of ours. */
void state_is_broken(const char *callback, int level)
{
	char text[128];
	int n = snprintf(text, sizeof(text), "violation: I8: %s at level %d\n", callback, level);

	__atomic_fetch_add(&board->violations, 1, __ATOMIC_SEQ_CST);
	_exit(write(STDERR_FILENO, text, (size_t)n) == n ? VICTIM_VIOLATION : VICTIM_BROKEN);
}

void check_init(struct context *context)
{
	*context = (struct context){
		.possible = ALL_PATCHES,
		.base = __atomic_load_n(&board->settled, __ATOMIC_ACQUIRE),
		.frames[0] = ALL_PATCHES,
	};
}

void check_interrupt(struct context *handler, const struct context *interrupted, bool entering)
{
	check_init(handler);
	handler->forked = interrupted->forked;
	if (entering)
		return;
	handler->possible = interrupted->possible;
	handler->base = interrupted->base;
	handler->changes = interrupted->changes;
	handler->frames[0] = interrupted->frames[interrupted->depth];
}

/*
 * The earliest change of target after `base` that leads to one of these patches; 0: there was none.
 * Earliest is right: if the task followed a later one, then at most less is found.
 */
static uint32_t find_change(uint32_t base, uint8_t patches)
{
	uint32_t last = __atomic_load_n(&board->changes, __ATOMIC_ACQUIRE);

	for (uint32_t i = base + 1; i <= last; i++)
		if (1u << board->targets[i] & patches)
			return i;
	return 0;
}

/* All tasks have reached the target that is settled: nothing before it matters any more. */
static void catch_up(struct context *context)
{
	uint32_t settled = __atomic_load_n(&board->settled, __ATOMIC_ACQUIRE);

	if (settled <= context->base)
		return;
	context->base = settled;
	context->possible = (uint8_t)(1u << board->targets[settled]);
}

static void change(struct context *context, unsigned int function, unsigned int version,
		   uint8_t patches)
{
	uint32_t found = context->forked ? 0 : find_change(context->base, patches);

	if (context->forked ? context->changes++ : !found)
		violation("I2/I4: entry of f%u version %u: no change of target allows it", function,
			  version);
	if (!context->forked)
		context->base = found;
	context->possible = patches;
	self.switches++;
}

/* A thread whose very first function is a tagged one. */
static __attribute__((noinline)) struct context *be_born(void)
{
	self.kind = "born in f7";
	check_init(&self.own);
	self.now = &self.own;
	return self.now;
}

__attribute__((noinline)) void enter(unsigned int function, unsigned int version)
{
	struct context *context = self.now ? self.now : be_born();
	uint8_t patches = board_patches_of(function, version);
	uint8_t frames;

	self.entering = true;
	frames = context->frames[context->depth] & patches;
	if (!frames)
		violation("I1/I3: entry of f%u version %u below frames of patches %#x", function,
			  version, context->frames[context->depth]);
	if (!context->forked)
		catch_up(context);
	if (context->possible & patches)
		context->possible &= patches;
	else
		change(context, function, version, patches);
	if (++context->depth == FRAMES_MAX)
		violation("too deep for the test itself");
	context->frames[context->depth] = frames;
	self.entries++;
	self.entering = false;
}

__attribute__((noinline)) void leave(unsigned int function, unsigned int version)
{
	struct context *context = self.now;
	uint32_t settled = __atomic_load_n(&board->settled, __ATOMIC_ACQUIRE);

	self.entering = true;
	context->depth--;
	/* active now, so it was when the target was settled, unless it was entered since */
	if (!context->forked && settled == __atomic_load_n(&board->changes, __ATOMIC_ACQUIRE) &&
	    !(1u << board->targets[settled] & board_patches_of(function, version)))
		violation("I3: f%u version %u was active when all was settled", function, version);
	self.entering = false;
}
