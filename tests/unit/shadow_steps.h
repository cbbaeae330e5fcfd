/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * shadow_steps.h - one get beside one writer, in every order of their accesses to shared memory
 * that has few switches between the two. Both are coroutines that are switched by
 * LP_SHADOW_PAUSE(), so a run is replayed exactly by its numbers. The answer of a get must be what
 * the table said at some moment between its start and its end; while the writer stands still (a
 * signal handler that interrupted it) the get must come to an end.
 *
 * Includes the implementation, so that a program may plant a bug in it. Memory is given out
 * last-freed-first: the data of a new variable lies where the one freed just before was.
 */
#ifndef SHADOW_STEPS_H
#define SHADOW_STEPS_H

/* cmocka wants these first */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

static void steps_pause(void);
#define LP_SHADOW_PAUSE() steps_pause()
/* a variable's home is its object's number: a test chooses what collides */
#define LP_SHADOW_HASH(seed, obj, id) ((void)(seed), (void)(id), (uintptr_t)(obj))
#define LP_SHADOW_SLOTS_MIN 8
#include "../../src/core/shadow.c"

#define STEPS_FOREVER (~0u)
#define STEPS_LIMIT 2000 /* no get of these tests needs as many */
#define STEPS_OPS 6
#define STEPS_SWITCHES 4

/* Home and id as two digits; the home of 70 is the last of eight slots. */
struct steps_case {
	const char *name;
	int before[8]; /* made beforehand; all of these end with -1 */
	int ops[STEPS_OPS]; /* key: make it, key + FREE: free it, ALL + id: free_all */
	int get[5];
};
#define STEPS_FREE 1000
#define STEPS_ALL 2000

/* --- memory --- */

static struct {
	void *blocks[64][8];
	void **free[64]; /* a stack of them */
	unsigned int n_free;
	_Alignas(64) char tables[4][sizeof(struct lp_shadow_table) + 64 + 64 * 32];
	unsigned int n_tables;
} steps_memory;

static void steps_memory_reset(void)
{
	memset(steps_memory.tables, 0, sizeof(steps_memory.tables));
	steps_memory.n_tables = 0;
	steps_memory.n_free = 0;
	for (unsigned int i = 64; i-- > 0;)
		steps_memory.free[steps_memory.n_free++] = steps_memory.blocks[i];
}

static void *steps_alloc(void *host, size_t size)
{
	(void)host;
	if (size <= sizeof(steps_memory.blocks[0]))
		return steps_memory.free[--steps_memory.n_free];
	assert_true(size <= sizeof(steps_memory.tables[0]));
	assert_in_range(steps_memory.n_tables, 0, 3);
	return steps_memory.tables[steps_memory.n_tables++];
}

static void steps_free(void *host, void *memory)
{
	(void)host;
	if ((char *)memory < (char *)steps_memory.tables)
		steps_memory.free[steps_memory.n_free++] = memory;
}

static void steps_lock(void *host)
{
	(void)host;
}

static const struct lp_shadow_host steps_host = {
	.alloc = steps_alloc,
	.free = steps_free,
	.lock = steps_lock,
	.unlock = steps_lock,
};

/* --- the two --- */

static struct steps {
	struct lp_shadow shadow;
	const struct steps_case *the;
	int key;
	ucontext_t main, context[2];
	char stack[2][64 << 10];
	unsigned int running; /* 0 the reader, 1 the writer, 2 neither */
	unsigned int budget; /* accesses until the next switch */
	unsigned int taken[2]; /* accesses so far */
	bool done[2];
	unsigned int started, finished; /* operations of the writer */
	unsigned int from, to; /* of `said` that the get may answer with */
	void *said[STEPS_OPS + 1]; /* the variable's data after so many operations */
	void *answer;
	bool endless;
} steps;

enum { STEPS_READER, STEPS_WRITER, STEPS_NEITHER };

static void steps_yield(void)
{
	unsigned int self = steps.running;

	steps.running = STEPS_NEITHER;
	swapcontext(&steps.context[self], &steps.main);
}

static void steps_pause(void)
{
	if (steps.running == STEPS_NEITHER)
		return;
	if (steps.budget == 0)
		steps_yield();
	if (steps.budget != STEPS_FOREVER)
		steps.budget--;
	if (++steps.taken[steps.running] > STEPS_LIMIT) {
		steps.endless = true;
		steps_yield(); /* never to return */
	}
}

static void *steps_object(int key)
{
	return (void *)(uintptr_t)(key / 10);
}

/* not a step of anybody */
static void *steps_look(void)
{
	unsigned int self = steps.running;
	void *data;

	steps.running = STEPS_NEITHER;
	data = lp_shadow_get(&steps.shadow, steps_object(steps.key), (unsigned long)steps.key % 10);
	steps.running = self;
	return data;
}

static void steps_make(int key)
{
	lp_shadow_alloc(&steps.shadow, steps_object(key), (unsigned long)key % 10, 8, NULL, NULL);
}

static void steps_op(int op)
{
	if (op >= STEPS_ALL)
		lp_shadow_free_all(&steps.shadow, (unsigned long)op % 10, NULL);
	else if (op >= STEPS_FREE)
		lp_shadow_free(&steps.shadow, steps_object(op - STEPS_FREE), (unsigned long)op % 10,
			       NULL);
	else
		steps_make(op);
}

static void steps_write(void)
{
	for (unsigned int i = 0; i < STEPS_OPS && steps.the->ops[i] >= 0; i++) {
		steps.started++;
		steps_op(steps.the->ops[i]);
		steps.finished++;
		steps.said[steps.finished] = steps_look();
	}
	steps.done[STEPS_WRITER] = true;
	steps_yield();
}

static void steps_read(void)
{
	steps.from = steps.finished;
	steps.answer = lp_shadow_get(&steps.shadow, steps_object(steps.key),
				     (unsigned long)steps.key % 10);
	steps.to = steps.started;
	steps.done[STEPS_READER] = true;
	steps_yield();
}

static void steps_prepare(unsigned int which, void (*function)(void))
{
	getcontext(&steps.context[which]);
	steps.context[which].uc_stack.ss_sp = steps.stack[which];
	steps.context[which].uc_stack.ss_size = sizeof(steps.stack[which]);
	steps.context[which].uc_link = NULL;
	makecontext(&steps.context[which], function, 0);
	steps.done[which] = false;
	steps.taken[which] = 0;
}

static void steps_run(unsigned int which, unsigned int accesses)
{
	if (steps.done[which] || steps.endless)
		return;
	steps.budget = accesses;
	steps.running = which;
	swapcontext(&steps.main, &steps.context[which]);
}

/*
 * One run: so many accesses by turns, the writer first. Then, if the reader was cut off in its
 * second turn, the writer to its end; then the reader to its end, and the writer.
 */
static bool steps_is_right(const struct steps_case *the, int key, const unsigned int *turns)
{
	steps_memory_reset();
	steps.the = the;
	steps.key = key;
	steps.running = STEPS_NEITHER;
	steps.endless = false;
	steps.started = steps.finished = 0;
	lp_shadow_init(&steps.shadow, &steps_host, NULL, 0);
	for (unsigned int i = 0; the->before[i] >= 0; i++)
		steps_make(the->before[i]);
	steps.said[0] = steps_look();
	steps_prepare(STEPS_READER, steps_read);
	steps_prepare(STEPS_WRITER, steps_write);
	for (unsigned int i = 0; i < STEPS_SWITCHES; i++)
		steps_run(i % 2 ? STEPS_READER : STEPS_WRITER, turns[i]);
	if (turns[3])
		steps_run(STEPS_WRITER, STEPS_FOREVER);
	steps_run(STEPS_READER, STEPS_FOREVER);
	steps_run(STEPS_WRITER, STEPS_FOREVER);
	if (steps.endless)
		return false;
	for (unsigned int i = steps.from; i <= steps.to; i++)
		if (steps.answer == steps.said[i])
			return true;
	return false;
}

struct steps_result {
	unsigned long runs, wrong;
	unsigned int writes; /* accesses of the writer */
};

static void steps_try(struct steps_result *result, const struct steps_case *the, int key,
		      const unsigned int *turns)
{
	bool right = steps_is_right(the, key, turns);

	result->runs++;
	if (!right && result->wrong++ == 0)
		print_message("# %s: get %d is wrong with the turns %u %u %u %u\n", the->name, key,
			      turns[0], turns[1], turns[2], turns[3]);
}

/*
 * Every way to switch four times: writer, reader, writer, reader, writer to its end or not at all.
 */
static void steps_all(struct steps_result *result, const struct steps_case *the, int key)
{
	unsigned int writes, reads, turns[STEPS_SWITCHES] = { STEPS_FOREVER };

	steps_try(result, the, key, turns);
	writes = steps.taken[STEPS_WRITER];
	reads = steps.taken[STEPS_READER];
	turns[0] = 0;
	steps_try(result, the, key, turns);
	reads = reads < steps.taken[STEPS_READER] ? steps.taken[STEPS_READER] : reads;
	if (result->writes < writes)
		result->writes = writes;
	for (unsigned int w = 0; w <= writes; w++)
		for (unsigned int r = 0; r <= reads; r++)
			for (unsigned int again = 0; again <= writes - w; again++)
				for (unsigned int more = 0; more <= (again ? reads : 0); more++)
					steps_try(result, the, key,
						  (unsigned int[]){ w, r, again, more });
}

/* --- what they do --- */

#define F STEPS_FREE
static const struct steps_case steps_cases[] = {
	{ "made", { 10, 11, -1 }, { 12, -1 }, { 10, 12, 20, -1 } },
	{ "freed", { 10, 11, -1 }, { F + 11, -1 }, { 10, 11, 12, -1 } },
	{ "moved back", { 10, 11, 12, -1 }, { F + 10, -1 }, { 10, 11, 12, -1 } },
	{ "moved back over one at home", { 10, 20, 11, -1 }, { F + 10, -1 }, { 11, 20, 12, -1 } },
	{ "moved back twice", { 10, 11, 20, 21, -1 }, { F + 10, F + 11, -1 }, { 20, 21, -1 } },
	{ "moved back over the end", { 70, 71, 1, -1 }, { F + 70, -1 }, { 71, 1, 70, -1 } },
	{ "another in its place", { 10, 11, -1 }, { F + 11, 12, -1 }, { 11, 12, -1 } },
	{ "itself in its place", { 10, -1 }, { F + 10, 10, -1 }, { 10, 11, -1 } },
	{ "away and back twice", { 10, 11, -1 }, { F + 10, 10, F + 10, 10, -1 }, { 10, 11, -1 } },
	{ "by turns", { 10, -1 }, { F + 10, 11, F + 11, 10, -1 }, { 10, 11, -1 } },
	{ "halves of two keys", { 10, -1 }, { F + 10, 11, F + 11, 20, -1 }, { 10, 11, 21, -1 } },
	{ "the first", { -1 }, { 10, -1 }, { 10, 11, -1 } },
	{ "grown", { 10, 11, 20, 21, -1 }, { 12, -1 }, { 11, 12, 21, 13, -1 } },
	{ "freed and grown", { 10, 11, 20, 21, -1 }, { F + 10, 30, 12, -1 }, { 21, 12, -1 } },
	{ "grown and freed", { 10, 11, 20, 21, -1 }, { 12, F + 10, -1 }, { 11, 10, -1 } },
	{ "all of an id", { 10, 11, 20, 21, -1 }, { STEPS_ALL + 1, -1 }, { 20, 21, 11, -1 } },
	{ "all of an id over the end", { 71, 70, 1, -1 }, { STEPS_ALL + 1, -1 }, { 70, 1, -1 } },
};
#undef F

/* Thread sanitizer knows no coroutines; there is one thread, and nothing for it to find. */
static void steps_skip_if_sanitized(void)
{
#ifdef __SANITIZE_THREAD__
	skip();
#endif
}

/* Runs all cases, or until one is wrong; returns how many answers of it were. */
static unsigned long steps_wrong(void)
{
	struct steps_result all = { .runs = 0 };

	for (size_t i = 0; i < sizeof(steps_cases) / sizeof(steps_cases[0]); i++)
		for (unsigned int k = 0; all.wrong == 0 && steps_cases[i].get[k] > 0; k++)
			steps_all(&all, &steps_cases[i], steps_cases[i].get[k]);
	print_message("# %lu runs, %lu wrong; the longest writer makes %u accesses\n", all.runs,
		      all.wrong, all.writes);
	return all.wrong;
}

#endif
