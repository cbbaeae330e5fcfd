/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A patch for libevent: it tells another version. memcached shows it in its "stats". */
#include <suture/livepatch.h>

static const char *patched_version(void)
{
	return "2.1.12-patched-while-running";
}

static struct klp_func funcs[] = {
	{ .old_name = "event_get_version", .new_func = patched_version },
	{},
};

static struct klp_object objs[] = {
	{ .name = "libevent-2.1.so.7", .funcs = funcs },
	{},
};

KLP_PATCH(.name = "event-version", .objs = objs);
