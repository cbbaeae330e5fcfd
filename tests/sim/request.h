/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * request.h - what clients and the host ask of the core. Each request is foretold by the rules, made,
 * and compared: its answer, its reasons, its callbacks, and that a refused one changed nothing.
 */
#ifndef SIM_REQUEST_H
#define SIM_REQUEST_H

#include <stdint.h>

struct world;

/* how: enum how of ops.h */
void request_apply(struct world *world, unsigned int how, uint32_t seed);
void request_check(struct world *world, unsigned int how, uint32_t seed);
void request_disable(struct world *world, unsigned int how, unsigned int name);
void request_undo(struct world *world, unsigned int how);
void request_reverse(struct world *world, unsigned int how);
void request_force(struct world *world, unsigned int how);
void request_set(struct world *world, unsigned int replaceable, unsigned int name);
void request_depth(struct world *world, unsigned int depth);
void request_forget(struct world *world);
void request_coming(struct world *world, unsigned int object);
void request_going(struct world *world, unsigned int object);
/* after_ns go by before */
void request_pass(struct world *world, uint64_t after_ns);

#endif
