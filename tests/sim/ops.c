/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ops.h"

#include <stdio.h>
#include <string.h>

#include "request.h"
#include "world.h"

static const char *const words[OP_COUNT] = {
#define OP_WORD(id, word) [OP_##id] = word,
	SIM_OPS(OP_WORD)
#undef OP_WORD
};

const char *op_word(enum op_kind kind)
{
	return (unsigned int)kind < OP_COUNT ? words[kind] : "unknown";
}

int op_print(char *text, size_t size, const struct op *op)
{
	int length = snprintf(text, size, "%s %u %u", op_word(op->kind), op->a, op->b);

	if (op->fail)
		length += snprintf(text + length, size - (size_t)length, " fail=%u", op->fail);
	if (op->seed)
		length += snprintf(text + length, size - (size_t)length, " seed=%u", op->seed);
	return length;
}

bool op_parse(const char *text, struct op *op)
{
	unsigned int kind, a, b, value;
	char word[16];
	const char *at;

	if (sscanf(text, "%15s %u %u", word, &a, &b) != 3)
		return false;
	for (kind = 0; kind < OP_COUNT && strcmp(word, words[kind]) != 0; kind++)
		;
	if (kind == OP_COUNT)
		return false;
	*op = (struct op){ .kind = (uint8_t)kind, .a = (uint16_t)a, .b = b };
	at = strstr(text, "fail=");
	if (at && sscanf(at, "fail=%u", &value) == 1)
		op->fail = (uint8_t)value;
	at = strstr(text, "seed=");
	if (at && sscanf(at, "seed=%u", &value) == 1)
		op->seed = value;
	return true;
}

/* Choice. Each table has a weight and a kind. */

struct choice {
	unsigned int weight;
	enum op_kind kind;
};

static enum op_kind choose(const struct choice *choices, unsigned int n, struct prng *prng)
{
	unsigned int i, total = 0, at;

	for (i = 0; i < n; i++)
		total += choices[i].weight;
	at = prng_below(prng, total);
	for (i = 0; at >= choices[i].weight; i++)
		at -= choices[i].weight;
	return choices[i].kind;
}

#define CHOOSE(prng, ...)                                                                          \
	choose((const struct choice[]){ __VA_ARGS__ },                                             \
	       sizeof((struct choice[]){ __VA_ARGS__ }) / sizeof(struct choice), prng)

static unsigned int random_task(const struct world *world, struct prng *prng)
{
	unsigned int tries, slot = 0;

	for (tries = 0; tries < 8; tries++) {
		slot = prng_below(prng, world->limit);
		if (world->tasks[slot].alive)
			break;
	}
	return slot;
}

/* There are times with less to do, in which tasks come out of their functions and sleep. */
static bool is_rest(const struct world *world)
{
	return world->run->n_ops / (8 * world->limit) % 2;
}

static struct op task_op(const struct world *world, struct prng *prng)
{
	unsigned int slot = random_task(world, prng);
	unsigned int crowd = world->n_alive * 8 / world->limit;
	bool deep = world->tasks[slot].depth > 4 || is_rest(world);
	struct op op = { .a = (uint16_t)slot };

	op.kind = (uint8_t)CHOOSE(prng, { deep ? 15 : 40, OP_CALL }, { 40, OP_RETURN },
				  { 14, OP_SLEEP }, { 3, OP_SIGNAL },
				  { crowd > 6 ? 0 : 2, OP_FORK }, { crowd > 6 ? 0 : 2, OP_BIRTH },
				  { crowd < 3 ? 0 : 4, OP_EXIT });
	if (op.kind == OP_CALL || op.kind == OP_SIGNAL)
		op.b = prng_below(prng, world->program.n_functions);
	else if (op.kind == OP_BIRTH)
		op.b = prng_once_in(prng, 200);
	return op;
}

static unsigned int random_how(struct prng *prng)
{
	unsigned int how = 0;

	if (prng_once_in(prng, 4))
		how |= HOW_REPLACE_CONFLICTING;
	if (prng_once_in(prng, 3))
		how |= HOW_OVERRIDE;
	if (prng_once_in(prng, 8))
		how |= HOW_NO_REPORT;
	if (prng_once_in(prng, 6))
		how |= HOW_DEADLINE | prng_below(prng, prng_once_in(prng, 3) ? 3 : 2) << 4;
	if (prng_once_in(prng, 5))
		how |= HOW_NO_UNDO;
	return how;
}

static enum op_kind request_kind(const struct world *world, struct prng *prng)
{
	if (world->oracle.active)
		return CHOOSE(prng, { 12, OP_REVERSE }, { 1, OP_FORCE }, { 4, OP_APPLY },
			      { 2, OP_CHECK }, { 2, OP_DISABLE }, { 2, OP_UNDO }, { 3, OP_SET },
			      { 1, OP_DEPTH }, { 1, OP_FORGET }, { 8, OP_DRAIN }, { 12, OP_COMING },
			      { 12, OP_GOING });
	return CHOOSE(prng, { 50, OP_APPLY }, { 14, OP_DISABLE }, { 14, OP_UNDO }, { 5, OP_CHECK },
		      { 5, OP_SET }, { 1, OP_REVERSE }, { 1, OP_FORCE }, { 1, OP_DEPTH },
		      { 1, OP_FORGET }, { 4, OP_DRAIN }, { 8, OP_COMING }, { 8, OP_GOING });
}

/* A name that is in use, if there is one, or any. */
static uint32_t random_name(const struct world *world, struct prng *prng)
{
	const struct oracle *oracle = &world->oracle;

	if (!oracle->n_live || prng_once_in(prng, 5))
		return prng_below(prng, N_NAMES);
	return fix_name_number(world->fixes[oracle->live[prng_below(prng, oracle->n_live)]]);
}

static struct op request_op(const struct world *world, struct prng *prng)
{
	struct op op = { .kind = (uint8_t)request_kind(world, prng) };

	op.a = (uint16_t)random_how(prng);
	op.b = random_name(world, prng);
	if (op.kind == OP_APPLY || op.kind == OP_CHECK)
		op.b = (uint32_t)prng_next(prng);
	else if (op.kind == OP_DEPTH)
		op.a = (uint16_t)prng_below(prng, LP_UNDO_DEPTH + 2);
	else if (op.kind == OP_SET)
		op.a = (uint16_t)prng_below(prng, 2);
	else if (op.kind >= OP_DRAIN)
		op.a = (uint16_t)prng_below(prng, world->program.n_objects);
	if (prng_once_in(prng, 5))
		op.fail = (uint8_t)(1 + prng_below(prng, 14));
	return op;
}

struct op op_random(struct world *world, struct prng *prng)
{
	unsigned int request_every = world->request_every;
	struct op op;

	/* most of the time shall be spent in transitions */
	if (!world->oracle.active)
		request_every = request_every / 8 + 1;
	if (prng_once_in(prng, request_every)) {
		op = request_op(world, prng);
	} else if (prng_once_in(prng, world->pass_every)) {
		op = (struct op){ .kind = OP_PASS, .a = (uint16_t)prng_below(prng, 5000) };
		if (prng_once_in(prng, 40))
			op.fail = (uint8_t)(1 + prng_below(prng, 10));
	} else {
		op = task_op(world, prng);
	}
	if (op.kind >= OP_PASS || prng_once_in(prng, 4))
		op.seed = (uint32_t)prng_next(prng);
	return op;
}

/* What they do */

static void drain(struct world *world, unsigned int number)
{
	if (number && number < world->program.n_objects)
		world->program.objects[number].draining = !world->program.objects[number].draining;
}

static void do_task(struct world *world, const struct op *op)
{
	switch ((enum op_kind)op->kind) {
	case OP_CALL:
		task_call(world, op->a, op->b, false);
		break;
	case OP_RETURN:
		task_return(world, op->a);
		break;
	case OP_SLEEP:
		task_sleep(world, op->a);
		break;
	case OP_SIGNAL:
		task_call(world, op->a, op->b, true);
		break;
	case OP_FORK:
		task_fork(world, op->a);
		break;
	case OP_BIRTH:
		task_birth(world, op->a, op->b);
		break;
	default:
		task_exit(world, op->a);
		break;
	}
}

static void do_request(struct world *world, const struct op *op)
{
	switch ((enum op_kind)op->kind) {
	case OP_PASS:
		request_pass(world, op->a * 1000ull);
		break;
	case OP_APPLY:
		request_apply(world, op->a, op->b);
		break;
	case OP_CHECK:
		request_check(world, op->a, op->b);
		break;
	case OP_DISABLE:
		request_disable(world, op->a, op->b);
		break;
	case OP_REVERSE:
		request_reverse(world, op->a);
		break;
	case OP_FORCE:
		request_force(world, op->a);
		break;
	case OP_UNDO:
		request_undo(world, op->a);
		break;
	case OP_SET:
		request_set(world, op->a, op->b);
		break;
	case OP_DEPTH:
		request_depth(world, op->a);
		break;
	case OP_FORGET:
		request_forget(world);
		break;
	case OP_DRAIN:
		drain(world, op->a);
		break;
	case OP_COMING:
		request_coming(world, op->a);
		break;
	default:
		request_going(world, op->a);
		break;
	}
}

void op_run(struct world *world, const struct op *op)
{
	char text[128];

	op_print(text, sizeof(text), op);
	world_tell(world, "%u %s", world->run->n_ops, text);
	world->luck = prng_make(op->seed, 3);
	world->luck_on = op->seed != 0;
	world->fail_at = op->fail;
	world->failed = false;
	if (op->kind <= OP_EXIT)
		do_task(world, op);
	else
		do_request(world, op);
	world->run->counts[op->kind]++;
}
