/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * core_life.h - core_host.h with all that a host may leave out: callbacks, objects that come and
 * go, kept patches. It checks that every pre_ meets exactly one post_, that callbacks are called at
 * a time when they may be, and that nobody gets into the core while one runs.
 */
#ifndef CORE_LIFE_H
#define CORE_LIFE_H

#include "core_host.h"

#define MAX_OPEN 64
#define EVERY_CALLBACK 0xf

/* One state or object whose pre_ has not met its post_ yet. */
struct life_open {
	const struct lp_patch *patch;
	const void *what;
};

struct life {
	struct life_open open[MAX_OPEN];
	unsigned int n_open;
	const char *refuse; /* "b/7", "a/libx": its pre_patch fails */
	int refuse_error;
	bool object_event; /* lp_core_object_*() is under way */
	/* asked in each callback, if set */
	void (*ask)(struct fake *fake, struct lp_patch *patch, const struct lp_callback_call *call);
	const struct lp_patch *kept[MAX_RELEASED];
	unsigned int n_kept;
	unsigned int shadow_frees;
	long sites_patched; /* by site_patch */
};

static inline struct life *life_of(struct fake *fake)
{
	return fake->life;
}

static inline bool life_is_refused(const struct life *life, const struct lp_patch *patch,
				   const struct lp_callback_call *call)
{
	char text[32];

	if (!life->refuse)
		return false;
	if (call->state)
		snprintf(text, sizeof(text), "%s/%u", patch->name, (unsigned int)call->state->id);
	else
		snprintf(text, sizeof(text), "%s/%s", patch->name,
			 call->object->name ? call->object->name : "program");
	return strcmp(text, life->refuse) == 0;
}

static inline bool life_open_remove(struct life *life, const struct lp_patch *patch,
				    const void *what)
{
	unsigned int i;

	for (i = 0; i < life->n_open; i++) {
		if (life->open[i].patch == patch && life->open[i].what == what) {
			life->open[i] = life->open[--life->n_open];
			return true;
		}
	}
	return false;
}

static inline void life_open_add(struct life *life, const struct lp_patch *patch, const void *what)
{
	assert_false(life_open_remove(life, patch, what)); /* two pre_ in a row */
	assert_true(life->n_open < MAX_OPEN);
	life->open[life->n_open++] = (struct life_open){ patch, what };
}

/* A callback may take its time, and others may come meanwhile: all of them are sent away. */
static inline void life_nobody_gets_in(struct fake *fake)
{
	struct lp_report report = { 0 };
	struct lp_core *core = &fake->core;

	assert_int_equal(lp_core_disable(core, "a", NULL, &report), -EBUSY);
	assert_int_equal(lp_core_reverse(core, &report), -EBUSY);
	assert_int_equal(lp_core_force(core, &report), -EBUSY);
	assert_int_equal(lp_core_undo(core, NULL, &report), -EBUSY);
	assert_int_equal(lp_core_undo_check(core, &report), -EBUSY);
	assert_int_equal(lp_core_object_coming(core, "libx", &report), -EBUSY);
	assert_int_equal(report.total, 6);
	assert_int_equal(lp_core_object_going(core, "libx"), -EBUSY);
	assert_int_equal(lp_core_forget(core), -EBUSY);
	assert_int_equal(lp_core_set_undo_depth(core, 0), -EBUSY);
	assert_int_equal(lp_core_pass(core), LP_PASS_INTERVAL_MIN_NS);
}

/* Nothing is redirected before, and everything is settled after. */
static inline void life_point_in_time(const struct fake *fake, enum lp_callback which)
{
	const struct life *life = fake->life;

	if (life->object_event)
		return;
	assert_false(fake->redirected);
	if (which == LP_PRE_PATCH || which == LP_PRE_UNPATCH) {
		assert_int_equal(fake->core.transition.phase, LP_PHASE_REDIRECT);
		assert_true(fake->prepared);
	}
}

#define LIFE_PRE (1 << LP_PRE_PATCH | 1 << LP_PRE_UNPATCH)

static inline unsigned int life_given(const struct lp_callback_call *call)
{
	return call->state ? call->state->callbacks : call->object->callbacks;
}

static inline int life_callback(void *host, struct lp_patch *patch,
				const struct lp_callback_call *call)
{
	struct fake *fake = host;
	struct life *life = life_of(fake);
	const void *what = call->state ? (const void *)call->state : (const void *)call->object;

	assert_true(!call->state != !call->object);
	assert_ptr_equal(fake->core.calling.patch, patch);
	assert_int_equal(fake->core.calling.call.which, call->which);
	assert_int_equal(fake->core.calling.since_ns, fake->now_ns);
	life_point_in_time(fake, call->which);
	life_nobody_gets_in(fake);
	if (life->ask)
		life->ask(fake, patch, call);
	switch (call->which) {
	case LP_PRE_PATCH:
		if (life_is_refused(life, patch, call))
			return life->refuse_error ? life->refuse_error : -EPERM;
		if (fake_fails(fake))
			return -ENODEV;
		life_open_add(life, patch, what);
		return 0;
	case LP_PRE_UNPATCH:
		life_open_add(life, patch, what);
		return 0;
	default:
		/* without both pre_ there is nothing to meet */
		assert_true(life_open_remove(life, patch, what) ||
			    (life_given(call) & LIFE_PRE) != LIFE_PRE);
		return -EIO; /* nobody cares */
	}
}

static inline void life_shadow_free_all(void *host, struct lp_patch *patch,
					const struct lp_patch_state *state)
{
	struct fake *fake = host;

	assert_true(state->is_shadow);
	assert_ptr_equal(fake->core.calling.patch, patch);
	assert_int_equal(fake->core.calling.call.which, LP_CALLBACK_COUNT);
	life_nobody_gets_in(fake);
	life_of(fake)->shadow_frees++;
}

static inline int life_site_patch(void *host, struct lp_site *site)
{
	struct fake *fake = host;
	bool alone = lp_list_empty(&site->transition_link);

	assert_true(life_of(fake)->object_event);
	assert_true(site->current || site->next);
	if (alone)
		assert_ptr_equal(site->current, site->next);
	assert_int_equal(alone, fake->core.transition.phase == LP_PHASE_IDLE ||
					!site->first->patch->in_transition);
	if (fake_fails(fake)) {
		fake->loose = site;
		return -ENOSPC;
	}
	life_of(fake)->sites_patched++;
	return 0;
}

static inline void life_site_unpatch(void *host, struct lp_site *site)
{
	struct fake *fake = host;

	assert_true(life_of(fake)->object_event);
	assert_non_null(site->first->name);
	fake->loose = site;
	life_of(fake)->sites_patched--;
}

static inline void life_patch_keep(void *host, struct lp_patch *patch)
{
	struct life *life = life_of(host);

	assert_false(patch->enabled);
	assert_false(patch->in_transition);
	assert_true(patch->kept);
	assert_true(life->n_kept < MAX_RELEASED);
	life->kept[life->n_kept++] = patch;
}

static inline void life_patch_release(void *host, struct lp_patch *patch)
{
	assert_false(patch->kept);
	fake_patch_release(host, patch);
}

static inline struct fake *life_create(unsigned int n_tasks)
{
	static struct lp_host host;
	struct fake *fake = fake_create(n_tasks);

	host = fake_host;
	host.callback = life_callback;
	host.shadow_free_all = life_shadow_free_all;
	host.site_patch = life_site_patch;
	host.site_unpatch = life_site_unpatch;
	host.patch_keep = life_patch_keep;
	host.patch_release = life_patch_release;
	fake->life = calloc(1, sizeof(struct life));
	assert_non_null(fake->life);
	fake->core.host = &host;
	return fake;
}

static inline void life_destroy(struct fake *fake)
{
	assert_int_equal(life_of(fake)->n_open, 0);
	assert_null(fake->core.calling.patch);
	assert_true(lp_list_empty(&fake->core.transition.coming));
	assert_true(lp_list_empty(&fake->core.transition.leaving));
	assert_true(lp_list_empty(&fake->core.transition.holds));
	free(fake->life);
	fake_destroy(fake);
}

static inline int life_object(struct fake *fake, const char *name, bool coming)
{
	int error;

	life_of(fake)->object_event = true;
	error = coming ? lp_core_object_coming(&fake->core, name, &fake->report) :
			 lp_core_object_going(&fake->core, name);
	life_of(fake)->object_event = false;
	return error;
}

/* All that happened since the last call. Switches, of no interest here, are left out. */
static inline const char *life_story(struct fake *fake)
{
	unsigned int i, kept = 0, all = fake->n_log;
	const char *text;

	for (i = 0; i < all; i++) {
		if (fake->log[i].type != LP_EVENT_SWITCH && fake->log[i].type != LP_EVENT_NUDGE)
			fake->log[kept++] = fake->log[i];
	}
	fake->n_log = kept;
	text = fake_events(fake);
	memset(fake->log, 0, all * sizeof(fake->log[0]));
	fake->n_log = 0;
	return text;
}

/* A patch with states and objects besides. */
struct full {
	struct sample sample;
	struct lp_patch_state states[4];
	struct lp_patch_object objects[4];
	struct lp_hold holds[4];
};

/* states: "12" gives the ids 1 and 2, all with every callback and version 1. */
static inline struct lp_patch *full_init(struct full *full, const char *name, const char *functions,
					 uint64_t provides, const char *states)
{
	struct lp_patch *patch = sample_init(&full->sample, name, functions, provides);
	unsigned int i;

	memset(full->states, 0, sizeof(full->states));
	memset(full->objects, 0, sizeof(full->objects));
	memset(full->holds, 0, sizeof(full->holds));
	for (i = 0; states[i]; i++) {
		full->states[i].id = (uint64_t)(states[i] - '0');
		full->states[i].version = 1;
		full->states[i].callbacks = EVERY_CALLBACK;
	}
	patch->states = full->states;
	patch->n_states = i;
	return patch;
}

/* The next object of the patch, with every callback; its functions are those of these letters. */
static inline struct lp_patch_object *full_object(struct full *full, const char *name,
						  const char *functions, bool present)
{
	struct lp_patch *patch = &full->sample.patch;
	struct lp_patch_object *object = &full->objects[patch->n_objects++];
	unsigned int i;

	object->name = name;
	object->present = present;
	object->callbacks = EVERY_CALLBACK;
	patch->objects = full->objects;
	for (i = 0; i < patch->n_functions; i++) {
		if (strchr(functions, patch->functions[i].name[0]))
			patch->functions[i].object = name;
	}
	return object;
}

/* Holds up every switch to the target, or lets them go on. */
static inline void life_stall(struct fake *fake, enum lp_target target, bool stall)
{
	unsigned int i;

	for (i = 0; i < fake->n_tasks; i++)
		fake->tasks[i].busy[target] = stall ? FOREVER_BUSY : 0;
}

#endif
