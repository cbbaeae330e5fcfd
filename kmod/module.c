// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A host that can do nothing yet. This module proves that the core compiles, links and starts
 * inside a stock kernel; it patches nothing. Every operation that would touch the kernel refuses,
 * so no patch gets past site_open(), and what the core calls only after a success cannot happen.
 *
 * The core's headers come first: struct lp_site has a member `current`, which is a macro once the
 * kernel's own headers are in.
 */
#include "../src/core/core.h"

#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

static struct lp_core core; /* only init uses it, so it needs no lock */

static void *host_alloc(void *host, size_t size)
{
	return kvzalloc(size, GFP_KERNEL);
}

static void host_free(void *host, void *memory)
{
	kvfree(memory);
}

static uint64_t host_now_ns(void *host)
{
	return ktime_get_ns();
}

static void host_event(void *host, const struct lp_event *event)
{
	pr_debug("suture_core: %s\n", lp_event_word(event->type));
}

static int host_site_open(void *host, struct lp_site *site)
{
	return -EOPNOTSUPP;
}

static int host_prepare(void *host, struct lp_transition *tr)
{
	return -EOPNOTSUPP;
}

static int host_redirect(void *host, struct lp_transition *tr, struct lp_verdict *verdict)
{
	return -EOPNOTSUPP;
}

static int host_target(void *host, struct lp_transition *tr)
{
	return -EOPNOTSUPP;
}

static int host_tasks_begin(void *host)
{
	return -EOPNOTSUPP;
}

/* From here on: what follows only where one of those above has succeeded. */

static void host_site_close(void *host, struct lp_site *site)
{
	WARN_ON_ONCE(1);
}

static void host_settle(void *host, struct lp_transition *tr)
{
	WARN_ON_ONCE(1);
}

static void host_abandon(void *host, struct lp_transition *tr)
{
	WARN_ON_ONCE(1);
}

static int64_t host_task_next(void *host)
{
	WARN_ON_ONCE(1);
	return 0;
}

static enum lp_switch host_task_try_switch(void *host, struct lp_transition *tr, int64_t tid,
					   struct lp_verdict *verdict)
{
	WARN_ON_ONCE(1);
	verdict->blocking = LP_BLOCKING_UNREADABLE;
	return LP_BUSY;
}

static int host_task_force(void *host, struct lp_transition *tr, int64_t tid)
{
	WARN_ON_ONCE(1);
	return -ESRCH;
}

static void host_task_nudge(void *host, int64_t tid)
{
	WARN_ON_ONCE(1);
}

static void host_patch_release(void *host, struct lp_patch *patch)
{
	WARN_ON_ONCE(1);
}

/* The optional ones are absent: no callbacks, no objects that come and go, no undo. */
static const struct lp_host refusing_host = {
	.alloc = host_alloc,
	.free = host_free,
	.now_ns = host_now_ns,
	.event = host_event,
	.site_open = host_site_open,
	.site_close = host_site_close,
	.prepare = host_prepare,
	.redirect = host_redirect,
	.target = host_target,
	.settle = host_settle,
	.abandon = host_abandon,
	.tasks_begin = host_tasks_begin,
	.task_next = host_task_next,
	.task_try_switch = host_task_try_switch,
	.task_force = host_task_force,
	.task_nudge = host_task_nudge,
	.patch_release = host_patch_release,
};

static bool disable_is_refused(void)
{
	struct lp_refusal refusal;
	struct lp_report report = { .refusals = &refusal, .capacity = 1 };

	return lp_core_disable(&core, "nothing", NULL, &report) == -ENOENT && report.total == 1 &&
	       refusal.reason == LP_REASON_NO_SUCH_PATCH;
}

/* By the host, and then the core has nothing of it. */
static bool apply_is_refused(void)
{
	struct lp_refusal refusal;
	struct lp_report report = { .refusals = &refusal, .capacity = 1 };
	struct lp_function function = { .name = "function" };
	struct lp_patch patch = { .name = "patch", .functions = &function, .n_functions = 1 };

	return lp_core_apply(&core, &patch, NULL, &report) == -EOPNOTSUPP && report.total == 1 &&
	       refusal.reason == LP_REASON_SYSTEM && !patch.enabled &&
	       !lp_core_find(&core, "patch") && lp_list_empty(&core.sites) &&
	       lp_core_pass(&core) == LP_FOREVER_NS;
}

static int __init suture_core_init(void)
{
	lp_core_init(&core, &refusing_host, NULL);
	if (!disable_is_refused() || !apply_is_refused()) {
		pr_err("suture_core: the core does not refuse what it should\n");
		return -EIO;
	}
	pr_info("suture_core: the core is in, and refuses everything\n");
	return 0;
}

static void __exit suture_core_exit(void)
{
}

module_init(suture_core_init);
module_exit(suture_core_exit);
MODULE_DESCRIPTION("The core of Suture, with a host that refuses everything");
MODULE_LICENSE("GPL");
