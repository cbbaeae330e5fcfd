/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * core_host.h - a scripted host for tests of the core: a clock that only moves when told to,
 * tasks that are busy as often as told to, the n-th fallible operation fails. It checks the order
 * of the calls and keeps count of everything it gave away.
 */
#ifndef CORE_HOST_H
#define CORE_HOST_H

/* cmocka wants these first */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/core/core.h"

#define MAX_TASKS 20000
#define MAX_LOG 200000
#define MAX_RELEASED 16
#define FOREVER_BUSY (-1)

struct fake_task {
	int64_t tid;
	uint64_t epoch; /* of `patched`; an older one: unpatched */
	bool patched;
	bool gone;
	int busy[2]; /* by enum lp_target: so many tries more are answered with BUSY */
	unsigned int tries, nudges;
};

struct fake_log {
	enum lp_event_type type;
	char patch[16];
	int64_t tid;
	uint64_t epoch;
	/* of a callback: which, and the state or object it belongs to */
	enum lp_callback callback;
	char what[12];
};

struct fake {
	struct lp_core core;
	uint64_t now_ns;
	uint64_t try_cost_ns; /* each try moves the clock by it */
	struct fake_task tasks[MAX_TASKS];
	unsigned int n_tasks, cursor;
	/* faults */
	long fail_at; /* counts down with each fallible call; the one that reaches 0 fails */
	bool no_memory; /* alloc fails always */
	int listing_error; /* tasks_begin() returns it while set */
	int redirect_again; /* so many -EAGAIN */
	int redirect_error;
	int target_error;
	/* what is out */
	long allocated;
	long sites_open;
	bool prepared, redirected;
	const struct lp_site *loose; /* alone: it goes with its object, or did not come with it */
	void *life; /* of core_life.h */
	/* what happened */
	unsigned int targets, settles, abandons, listings;
	const struct lp_patch *released[MAX_RELEASED];
	unsigned int n_released;
	struct fake_log log[MAX_LOG];
	unsigned int n_log;
	struct lp_refusal refusals[64];
	struct lp_report report;
};

static inline bool fake_fails(struct fake *fake)
{
	return fake->fail_at && !--fake->fail_at;
}

static inline void *fake_alloc(void *host, size_t size)
{
	struct fake *fake = host;
	void *memory;

	if (fake->no_memory || fake_fails(fake))
		return NULL;
	memory = calloc(1, size);
	assert_non_null(memory);
	fake->allocated++;
	return memory;
}

static inline void fake_free(void *host, void *memory)
{
	struct fake *fake = host;

	assert_non_null(memory);
	fake->allocated--;
	free(memory);
}

static inline uint64_t fake_now_ns(void *host)
{
	return ((struct fake *)host)->now_ns;
}

static inline void fake_event(void *host, const struct lp_event *event)
{
	struct fake *fake = host;
	struct fake_log *entry = &fake->log[fake->n_log++];

	assert_true(fake->n_log < MAX_LOG);
	entry->type = event->type;
	entry->tid = event->tid;
	entry->epoch = event->epoch;
	snprintf(entry->patch, sizeof(entry->patch), "%s", event->patch ? event->patch->name : "");
	entry->callback = event->callback;
	if (event->state)
		snprintf(entry->what, sizeof(entry->what), "/%u", (unsigned int)event->state->id);
	else if (event->object)
		snprintf(entry->what, sizeof(entry->what), "/%s",
			 event->object->name ? event->object->name : "program");
}

static inline int fake_site_open(void *host, struct lp_site *site)
{
	struct fake *fake = host;

	assert_non_null(site->first);
	assert_null(site->current);
	if (fake_fails(fake))
		return -EFAULT;
	fake->sites_open++;
	site->host = fake;
	return 0;
}

static inline void fake_site_close(void *host, struct lp_site *site)
{
	struct fake *fake = host;

	assert_ptr_equal(site->host, fake);
	assert_non_null(site->first->name); /* still there */
	assert_null(site->current);
	if (site != fake->loose) { /* settle() or abandon() came first */
		assert_false(fake->redirected);
		assert_false(fake->prepared && fake->core.transition.phase != LP_PHASE_IDLE);
	}
	fake->sites_open--;
	site->host = NULL;
}

static inline int fake_prepare(void *host, struct lp_transition *tr)
{
	struct fake *fake = host;

	assert_false(fake->prepared);
	assert_int_equal(tr->epoch, fake->core.epoch + 1);
	if (fake_fails(fake))
		return -ENOSPC;
	fake->prepared = true;
	return 0;
}

static inline int fake_redirect(void *host, struct lp_transition *tr, struct lp_verdict *verdict)
{
	struct fake *fake = host;

	assert_true(fake->prepared);
	assert_false(fake->redirected);
	assert_int_equal(tr->phase, LP_PHASE_REDIRECT);
	if (fake_fails(fake))
		return -EIO;
	if (fake->redirect_error)
		return fake->redirect_error;
	if (fake->redirect_again) {
		fake->redirect_again--;
		verdict->blocking = LP_BLOCKING_IN_ENTRY;
		verdict->addr = 0x1234;
		return -EAGAIN;
	}
	fake->redirected = true;
	return 0;
}

static inline bool fake_is_patched(const struct fake *fake, const struct fake_task *task)
{
	return task->epoch == fake->core.transition.epoch && task->patched;
}

static inline void fake_set(struct fake *fake, struct fake_task *task)
{
	task->epoch = fake->core.transition.epoch;
	task->patched = fake->core.transition.target == LP_PATCHED;
}

static inline bool fake_is_at_target(const struct fake *fake, const struct fake_task *task)
{
	return fake_is_patched(fake, task) == (fake->core.transition.target == LP_PATCHED);
}

static inline int fake_target(void *host, struct lp_transition *tr)
{
	struct fake *fake = host;

	assert_int_equal(tr->phase, LP_PHASE_SWITCH);
	if (fake_fails(fake))
		return -ENOMEM;
	if (fake->target_error)
		return fake->target_error;
	fake->targets++;
	return 0;
}

static inline void fake_settle(void *host, struct lp_transition *tr)
{
	struct fake *fake = host;
	struct lp_site *site;
	unsigned int i;

	assert_true(fake->redirected);
	for (i = 0; i < fake->n_tasks; i++)
		assert_true(fake->tasks[i].gone || fake_is_at_target(fake, &fake->tasks[i]));
	lp_list_for_each(site, &tr->sites, transition_link) {
		assert_ptr_equal(site->current, site->next);
		assert_non_null(site->first->name);
	}
	fake->settles++;
	fake->prepared = fake->redirected = false;
}

static inline void fake_abandon(void *host, struct lp_transition *tr)
{
	struct fake *fake = host;

	assert_int_equal(tr->phase, LP_PHASE_REDIRECT);
	assert_true(fake->prepared);
	fake->abandons++;
	fake->prepared = fake->redirected = false;
}

static inline int fake_tasks_begin(void *host)
{
	struct fake *fake = host;

	if (fake_fails(fake))
		return -ENOMEM;
	if (fake->listing_error)
		return fake->listing_error;
	fake->cursor = 0;
	fake->listings++;
	return (int)fake->n_tasks;
}

static inline int64_t fake_task_next(void *host)
{
	struct fake *fake = host;

	return fake->cursor < fake->n_tasks ? fake->tasks[fake->cursor++].tid : 0;
}

static inline struct fake_task *fake_task(struct fake *fake, int64_t tid)
{
	struct fake_task *task = &fake->tasks[tid - 1];

	assert_int_equal(task->tid, tid);
	return task;
}

static inline enum lp_switch fake_task_try_switch(void *host, struct lp_transition *tr, int64_t tid,
						  struct lp_verdict *verdict)
{
	struct fake *fake = host;
	struct fake_task *task = fake_task(fake, tid);
	int *busy = &task->busy[tr->target];

	assert_true(fake->redirected);
	fake->now_ns += fake->try_cost_ns;
	task->tries++;
	if (task->gone)
		return LP_GONE;
	if (fake_is_at_target(fake, task))
		return LP_SWITCHED;
	if (*busy) {
		if (*busy > 0)
			--*busy;
		verdict->blocking = LP_BLOCKING_ON_STACK;
		verdict->offset = task->tries;
		return LP_BUSY;
	}
	fake_set(fake, task);
	return LP_SWITCHED;
}

static inline int fake_task_force(void *host, struct lp_transition *tr, int64_t tid)
{
	struct fake *fake = host;
	struct fake_task *task = fake_task(fake, tid);

	assert_int_equal(tr->phase, LP_PHASE_SWITCH);
	if (task->gone)
		return -ESRCH;
	fake_set(fake, task);
	return 0;
}

static inline void fake_task_nudge(void *host, int64_t tid)
{
	fake_task(host, tid)->nudges++;
}

static inline void fake_patch_release(void *host, struct lp_patch *patch)
{
	struct fake *fake = host;

	assert_false(patch->enabled);
	assert_false(patch->in_transition);
	assert_false(patch->leaving);
	assert_true(fake->n_released < MAX_RELEASED);
	fake->released[fake->n_released++] = patch;
}

static const struct lp_host fake_host = {
	.alloc = fake_alloc,
	.free = fake_free,
	.now_ns = fake_now_ns,
	.event = fake_event,
	.site_open = fake_site_open,
	.site_close = fake_site_close,
	.prepare = fake_prepare,
	.redirect = fake_redirect,
	.target = fake_target,
	.settle = fake_settle,
	.abandon = fake_abandon,
	.tasks_begin = fake_tasks_begin,
	.task_next = fake_task_next,
	.task_try_switch = fake_task_try_switch,
	.task_force = fake_task_force,
	.task_nudge = fake_task_nudge,
	.patch_release = fake_patch_release,
};

static inline struct fake *fake_create(unsigned int n_tasks)
{
	struct fake *fake = calloc(1, sizeof(*fake));
	unsigned int i;

	assert_non_null(fake);
	fake->now_ns = 1000;
	fake->n_tasks = n_tasks;
	for (i = 0; i < n_tasks; i++)
		fake->tasks[i].tid = i + 1;
	fake->report.refusals = fake->refusals;
	fake->report.capacity = 64;
	lp_core_init(&fake->core, &fake_host, fake);
	return fake;
}

/* What a patch still enabled holds is the test's; everything else must have come back. */
static inline void fake_destroy(struct fake *fake)
{
	struct lp_site *site, *following;

	assert_int_equal(fake->core.transition.phase, LP_PHASE_IDLE);
	assert_true(lp_list_empty(&fake->core.transition.blockers));
	assert_true(lp_list_empty(&fake->core.transition.sites));
	lp_list_for_each_safe(site, following, &fake->core.sites, link) {
		assert_non_null(site->current);
		assert_ptr_equal(site->first, site->current);
		assert_ptr_equal(site->current->site, site);
		assert_true(site->current->patch->enabled);
		fake->sites_open--;
		fake_free(fake, site);
	}
	assert_int_equal(fake->sites_open, 0);
	assert_int_equal(fake->allocated, 0);
	free(fake);
}

/* Calls the core whenever it wants to be called, for `limit_ns` of the fake clock. */
static inline void fake_run(struct fake *fake, uint64_t limit_ns)
{
	uint64_t end_ns = fake->now_ns + limit_ns;
	uint64_t wait_ns = lp_core_pass(&fake->core);

	while (wait_ns != LP_FOREVER_NS && fake->now_ns + wait_ns <= end_ns) {
		fake->now_ns += wait_ns;
		wait_ns = lp_core_pass(&fake->core);
	}
	if (fake->now_ns < end_ns)
		fake->now_ns = end_ns;
}

#define SECOND_NS 1000000000ull

static inline void fake_apply(struct fake *fake, struct lp_patch *patch)
{
	assert_int_equal(lp_core_apply(&fake->core, patch, NULL, &fake->report), 0);
	fake_run(fake, SECOND_NS);
	assert_int_equal(fake->core.transition.phase, LP_PHASE_IDLE);
}

static inline void fake_disable(struct fake *fake, const char *name)
{
	assert_int_equal(lp_core_disable(&fake->core, name, NULL, &fake->report), 0);
	fake_run(fake, SECOND_NS);
	assert_int_equal(fake->core.transition.phase, LP_PHASE_IDLE);
}

/* The words of all events, "apply:a redirected:a switch:a/1 ...". Static storage. */
static inline const char *fake_events(const struct fake *fake)
{
	static char text[8192];
	size_t at = 0;
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < fake->n_log; i++) {
		const struct fake_log *entry = &fake->log[i];

		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s:%s", i ? " " : "",
				       entry->type == LP_EVENT_CALLBACK ?
					       lp_callback_word(entry->callback) :
					       lp_event_word(entry->type),
				       entry->patch);
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s", entry->what);
		if (entry->tid)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "/%lld",
					       (long long)entry->tid);
		assert_true(at < sizeof(text));
	}
	return text;
}

static inline unsigned int fake_count(const struct fake *fake, enum lp_event_type type)
{
	unsigned int i, count = 0;

	for (i = 0; i < fake->n_log; i++)
		count += fake->log[i].type == type;
	return count;
}

/* "conflict-function(b,f) not-replaceable(c)" of the report, which is then emptied. */
static inline const char *fake_refusals(struct fake *fake)
{
	static char text[8192];
	size_t at = 0;
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < fake->report.total; i++) {
		const struct lp_refusal *refusal = &fake->refusals[i];

		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s(%s", i ? " " : "",
				       lp_reason_word(refusal->reason),
				       refusal->patch ? refusal->patch : "");
		if (refusal->function)
			at += (size_t)snprintf(text + at, sizeof(text) - at, ",%s:%s",
					       refusal->object ? refusal->object : "",
					       refusal->function);
		if (refusal->state)
			at += (size_t)snprintf(text + at, sizeof(text) - at, ",%llu",
					       (unsigned long long)refusal->state);
		at += (size_t)snprintf(text + at, sizeof(text) - at, ")");
		assert_true(at < sizeof(text));
	}
	fake->report.total = 0;
	return text;
}

/* A patch of up to 4 functions of the program, one letter each: "fg". */
struct sample {
	struct lp_patch patch;
	struct lp_function functions[4];
	char names[4][2];
};

static inline struct lp_patch *sample_init(struct sample *sample, const char *name,
					   const char *functions, uint64_t provides)
{
	unsigned int i;

	memset(sample, 0, sizeof(*sample));
	for (i = 0; functions[i]; i++) {
		sample->names[i][0] = functions[i];
		sample->functions[i].name = sample->names[i];
	}
	sample->patch.name = name;
	sample->patch.provides = provides;
	sample->patch.functions = sample->functions;
	sample->patch.n_functions = i;
	sample->patch.replaceable = true;
	return &sample->patch;
}

#endif
