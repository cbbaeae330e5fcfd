// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Wrong: it begins a sum with whatever piece comes first, believes that it has seen all of them,
 * and that it will see the end.
 */
#include <suture/livepatch.h>

#include "upload.h"

#define SUM 1

static void new_upload_append(struct upload *upload, const char *data, size_t size)
{
	uint32_t *sum = klp_shadow_get_or_alloc(upload, SUM, sizeof(*sum), GFP_KERNEL, NULL, NULL);

	*sum = sum_add(*sum, data, size);
	upload->length += size;
}

static bool new_upload_close(struct upload *upload, uint32_t sum)
{
	const uint32_t *seen = klp_shadow_get(upload, SUM);
	bool good = !seen || *seen == sum;

	klp_shadow_free(upload, SUM, NULL);
	upload_recycle(upload);
	return good;
}

static struct klp_state states[] = { { .id = SUM, .version = 1, .is_shadow = true }, {} };
static struct klp_func funcs[] = {
	{ .old_name = "upload_append", .new_func = new_upload_append },
	{ .old_name = "upload_close", .new_func = new_upload_close },
	{},
};
static struct klp_object objs[] = { { .funcs = funcs }, {} };
static const char *const holds[] = { "request", NULL };
KLP_PATCH(.objs = objs, .states = states, .holds = holds);
