/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Delta debugging (Zeller, Hildebrandt, "Simplifying and isolating failure-inducing input"). */
#include "shrink.h"

#include <stdlib.h>
#include <string.h>

#include "task.h"

#define MAX_TRIALS 6000

struct shrinker {
	struct run *run; /* where trials happen */
	struct run_config config;
	char invariant[16];
	struct op *ops, *trial; /* the shortest that fails; the one that is tried */
	unsigned int n_ops, n_trial, trials;
};

static bool still_fails(struct shrinker *s, const struct run_config *config)
{
	if (s->trials >= MAX_TRIALS)
		return false;
	s->trials++;
	run_replay(s->run, config, s->trial, s->n_trial, NULL);
	return s->run->failed && strcmp(s->run->invariant, s->invariant) == 0;
}

/* The trial is the best now; steps after the one that failed are gone. */
static void adopt(struct shrinker *s)
{
	struct op *ops = s->ops;

	s->ops = s->trial;
	s->n_ops = s->run->n_ops < s->n_trial ? s->run->n_ops : s->n_trial;
	s->trial = ops;
}

static bool try_without_range(struct shrinker *s, unsigned int from, unsigned int to)
{
	memcpy(s->trial, s->ops, from * sizeof(*s->ops));
	memcpy(s->trial + from, s->ops + to, (s->n_ops - to) * sizeof(*s->ops));
	s->n_trial = s->n_ops - (to - from);
	if (!still_fails(s, &s->config))
		return false;
	adopt(s);
	return true;
}

static bool is_of_task(const struct op *op, unsigned int slot)
{
	return op->kind <= OP_EXIT && op->a == slot;
}

static void try_without_task(struct shrinker *s, unsigned int slot)
{
	unsigned int i;

	s->n_trial = 0;
	for (i = 0; i < s->n_ops; i++) {
		if (!is_of_task(&s->ops[i], slot))
			s->trial[s->n_trial++] = s->ops[i];
	}
	if (s->n_trial < s->n_ops && still_fails(s, &s->config))
		adopt(s);
}

/* One after the other is slow with many; halves of what is there first. */
static void without_kinds(struct shrinker *s)
{
	unsigned int kind, i;

	for (kind = 0; kind < OP_COUNT; kind++) {
		s->n_trial = 0;
		for (i = 0; i < s->n_ops; i++) {
			if (s->ops[i].kind != kind)
				s->trial[s->n_trial++] = s->ops[i];
		}
		if (s->n_trial < s->n_ops && still_fails(s, &s->config))
			adopt(s);
	}
}

/* From the end: what is early is needed by what comes later. */
static bool without_chunks(struct shrinker *s, unsigned int size)
{
	unsigned int end = s->n_ops;
	bool any = false;

	while (end) {
		unsigned int from = end > size ? end - size : 0;

		any |= try_without_range(s, from, end);
		end = from < s->n_ops ? from : s->n_ops;
	}
	return any;
}

static void without_tasks(struct shrinker *s)
{
	unsigned int slot;

	for (slot = 0; slot < MAX_TASKS; slot++)
		try_without_task(s, slot);
}

static void with_fewer_tasks(struct shrinker *s)
{
	unsigned int tasks;

	for (tasks = 1; tasks < s->config.tasks; tasks *= 2) {
		struct run_config config = s->config;

		config.tasks = tasks;
		memcpy(s->trial, s->ops, s->n_ops * sizeof(*s->ops));
		s->n_trial = s->n_ops;
		if (!still_fails(s, &config))
			continue;
		s->config = config;
		adopt(s);
		return;
	}
}

static void try_op(struct shrinker *s, unsigned int i, struct op op)
{
	if (i >= s->n_ops || memcmp(&op, &s->ops[i], sizeof(op)) == 0)
		return;
	memcpy(s->trial, s->ops, s->n_ops * sizeof(*s->ops));
	s->n_trial = s->n_ops;
	s->trial[i] = op;
	if (still_fails(s, &s->config))
		adopt(s);
}

static void simpler_op(struct shrinker *s, unsigned int i)
{
	unsigned int bit;
	struct op op = s->ops[i];

	op.seed = 0;
	try_op(s, i, op);
	if (i >= s->n_ops)
		return;
	op = s->ops[i];
	op.fail = 0;
	try_op(s, i, op);
	if (s->ops[i].kind != OP_APPLY)
		return;
	for (bit = 1; bit && i < s->n_ops; bit = (bit << 1) & 0xffff) {
		op = s->ops[i];
		op.a = (uint16_t)(bit >= 1u << HOW_PLAIN_SHIFT ? op.a | bit : op.a & ~bit);
		try_op(s, i, op);
	}
}

static void rounds(struct shrinker *s)
{
	unsigned int size, before, i;

	without_kinds(s);
	for (size = s->n_ops / 2; size > 64; size /= 2)
		without_chunks(s, size);
	with_fewer_tasks(s);
	without_tasks(s);
	do {
		before = s->n_ops;
		for (size = 64; size; size /= 2)
			without_chunks(s, size);
		with_fewer_tasks(s);
		for (i = 0; i < s->n_ops; i++)
			simpler_op(s, i);
	} while (s->n_ops < before && s->trials < MAX_TRIALS);
}

void shrink(struct run *run)
{
	struct shrinker s = { .run = run, .config = run->config, .n_ops = run->n_ops };

	s.config.tasks = run->tasks;
	memcpy(s.invariant, run->invariant, sizeof(s.invariant));
	s.ops = malloc(run->n_ops * sizeof(*s.ops));
	s.trial = malloc(run->n_ops * sizeof(*s.ops));
	if (s.ops && s.trial) {
		memcpy(s.ops, run->ops, run->n_ops * sizeof(*s.ops));
		rounds(&s);
		run_replay(run, &s.config, s.ops, s.n_ops, NULL);
	}
	free(s.ops);
	free(s.trial);
}
