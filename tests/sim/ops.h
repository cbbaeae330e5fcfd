/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ops.h - one step of a run. A run is the world of its seed and a list of these, and nothing
 * else: each carries its own chance, so that a step does the same when others are taken away.
 */
#ifndef SIM_OPS_H
#define SIM_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world;
struct prng;

/* X(enum, word). a and b mean: */
#define SIM_OPS(X)                                                                                 \
	X(CALL, "call") /* task, function */                                                       \
	X(RETURN, "return") /* task */                                                             \
	X(SLEEP, "sleep") /* task */                                                               \
	X(SIGNAL, "signal") /* task, function that is the handler */                               \
	X(FORK, "fork") /* task */                                                                 \
	X(BIRTH, "birth") /* task; b 1: its first function never returns */                        \
	X(EXIT, "exit") /* task */                                                                 \
	X(PASS, "pass") /* microseconds that pass before */                                        \
	X(APPLY, "apply") /* how (enum how), seed of the patch */                                  \
	X(CHECK, "check") /* as apply */                                                           \
	X(DISABLE, "disable") /* how, name */                                                      \
	X(REVERSE, "reverse")                                                                      \
	X(FORCE, "force")                                                                          \
	X(UNDO, "undo") /* how */                                                                  \
	X(SET, "set") /* replaceable, name */                                                      \
	X(DEPTH, "depth") /* how many replaces can be undone */                                    \
	X(FORGET, "forget")                                                                        \
	X(DRAIN, "drain") /* object: nobody calls it any more, or everybody again */               \
	X(COMING, "coming") /* object */                                                           \
	X(GOING, "going") /* object */

enum op_kind {
#define SIM_OP_ENUM(id, word) OP_##id,
	SIM_OPS(SIM_OP_ENUM)
#undef SIM_OP_ENUM
		OP_COUNT
};

/* bits of a in requests */
enum how {
	HOW_REPLACE_CONFLICTING = 1,
	HOW_OVERRIDE = 2,
	HOW_NO_REPORT = 4, /* the client died: nobody reads the report */
	HOW_DEADLINE = 8,
	HOW_ON_TIMEOUT = 0x30, /* shift 4: enum lp_on_timeout */
	HOW_NO_UNDO = 0x40,
	HOW_OPTIONS = HOW_REPLACE_CONFLICTING | HOW_OVERRIDE | HOW_DEADLINE | HOW_NO_UNDO,
	/* features that the patch goes without; set by the shrinker */
	HOW_PLAIN = 0xff00,
};
#define HOW_PLAIN_SHIFT 8

struct op {
	uint8_t kind;
	uint8_t fail; /* so many-th call of the host that can fail does; 0: none */
	uint16_t a;
	uint32_t b;
	uint32_t seed; /* of what else may go wrong; 0: nothing does */
};

const char *op_word(enum op_kind kind);
/* The next step of a random run. */
struct op op_random(struct world *world, struct prng *prng);
/* Does it, and checks everything. */
void op_run(struct world *world, const struct op *op);
/* "call 3 17 fail=2 seed=99"; returns the length */
int op_print(char *text, size_t size, const struct op *op);
/* false: not an operation */
bool op_parse(const char *text, struct op *op);

#endif
