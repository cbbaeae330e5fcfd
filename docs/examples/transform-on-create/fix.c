// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Damaged uploads are refused: a sum of the pieces, in a shadow variable. Only an upload whose
 * pieces have all been seen can be judged, so it gets its variable when it is opened, and the
 * variable says what it has seen. All others are treated the old way.
 */
#include <suture/livepatch.h>

#include "upload.h"

#define SEEN 1

struct seen {
	uint64_t number; /* of the upload: its address is used again for others */
	size_t length; /* how much of it */
	uint32_t sum;
};

/* The variable of this very upload, or NULL. */
static struct seen *seen_get(struct upload *upload)
{
	struct seen *seen = klp_shadow_get(upload, SEEN);

	return seen && seen->number == upload->number ? seen : NULL;
}

static struct upload *new_upload_open(void)
{
	struct upload *upload = upload_new();
	struct seen *seen;

	upload->length = 0;
	/* of an upload before, which the old code has closed */
	klp_shadow_free(upload, SEEN, NULL);
	if (!klp_transition_complete(KLP_THIS_PATCH))
		return upload;
	seen = klp_shadow_alloc(upload, SEEN, sizeof(*seen), GFP_KERNEL, NULL, NULL);
	if (seen)
		seen->number = upload->number;
	return upload;
}

static void new_upload_append(struct upload *upload, const char *data, size_t size)
{
	struct seen *seen = seen_get(upload);

	if (seen) {
		seen->sum = sum_add(seen->sum, data, size);
		seen->length += size;
	}
	upload->length += size;
}

static bool new_upload_close(struct upload *upload, uint32_t sum)
{
	const struct seen *seen = seen_get(upload);
	bool good = !seen || seen->length != upload->length || seen->sum == sum;

	klp_shadow_free(upload, SEEN, NULL);
	upload_recycle(upload); /* after that it is somebody else's */
	return good;
}

static struct klp_state states[] = { { .id = SEEN, .version = 1, .is_shadow = true }, {} };
static struct klp_func funcs[] = {
	{ .old_name = "upload_open", .new_func = new_upload_open },
	{ .old_name = "upload_append", .new_func = new_upload_append },
	{ .old_name = "upload_close", .new_func = new_upload_close },
	{},
};
static struct klp_object objs[] = { { .funcs = funcs }, {} };
/* one request is answered by one version */
static const char *const holds[] = { "request", NULL };
KLP_PATCH(.objs = objs, .states = states, .holds = holds);
