// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One state whose callbacks append a digit to `value`: 1 pre_patch, 2 post_patch, 3 pre_unpatch, 4
 * post_unpatch. NAME, VERSION, STATE, SCOPE, LIMIT; REFUSE: pre_patch fails; BLOCK: block_disable; SLOW:
 * pre_patch takes until value is 0; OBJECT: the callbacks are those of the object.
 */
#include <suture/livepatch.h>

#ifndef STATE
#define STATE 5
#endif
#ifndef VERSION
#define VERSION 1
#endif
#ifndef SCOPE
#define SCOPE 0
#endif
#ifndef LIMIT
#define LIMIT 100
#endif

extern volatile int value;

static void note(int digit)
{
	value = value * 10 + digit;
}

static int pre(void)
{
	note(1);
#ifdef SLOW
	while (value)
		;
#endif
#ifdef REFUSE
	return -REFUSE;
#else
	return 0;
#endif
}

#ifdef OBJECT
static int pre_patch(struct klp_object *object)
{
	return object->name ? -1 : pre();
}
#define NOTE(name, digit)                                                                          \
	static void name(struct klp_object *object)                                                \
	{                                                                                          \
		(void)object;                                                                      \
		note(digit);                                                                       \
	}
#else
static int pre_patch(struct klp_patch *patch, struct klp_state *state)
{
	/* what callbacks are told is what klp_get_state() finds */
	if (patch != KLP_THIS_PATCH || klp_get_state(patch, STATE) != state ||
	    state->version != VERSION || klp_transition_complete(patch))
		return -22;
	state->data = (void *)&value;
	return pre();
}
#define NOTE(name, digit)                                                                          \
	static void name(struct klp_patch *patch, struct klp_state *state)                         \
	{                                                                                          \
		note(patch == KLP_THIS_PATCH && state->data == (void *)&value ? digit : 9);        \
	}
#endif
NOTE(post_patch, 2)
NOTE(pre_unpatch, 3)
NOTE(post_unpatch, 4)

#define CALLBACKS                                                                                  \
	{                                                                                          \
		pre_patch, post_patch, pre_unpatch, post_unpatch                                   \
	}

/* 1000 more when all are here */
static int new_limit(void)
{
	struct klp_state *previous = klp_get_prev_state(STATE);

	return LIMIT + (klp_transition_complete(KLP_THIS_PATCH) ? 1000 : 0) +
	       (previous ? 10000 * (int)previous->version : 0);
}

static int new_limit_wait(void)
{
	return LIMIT;
}

#ifndef OBJECT
static struct klp_state states[] = {
	{
		.id = STATE,
		.version = VERSION,
		.callbacks = CALLBACKS,
#ifdef BLOCK
		.block_disable = true,
#endif
	},
	{},
};
#endif
static struct klp_func funcs[] = {
	{ .old_name = "limit", .new_func = new_limit },
	{ .old_name = "limit_wait", .new_func = new_limit_wait },
	{},
};
static struct klp_object objs[] = {
	{ .funcs = funcs,
#ifdef OBJECT
	  .callbacks = CALLBACKS
#endif
	},
	{},
};
KLP_PATCH(.objs = objs, .provides = SCOPE,
#ifndef OBJECT
	  .states = states,
#endif
);
