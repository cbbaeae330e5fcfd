/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A patch for server.c: "incr KEY 0x10" is understood. */
#include <suture/livepatch.h>

#include <stdint.h>
#include <stdlib.h>

static bool parse_with_hex(const char *text, uint64_t *number)
{
	char *end;

	*number = strtoull(text, &end, 0);
	return end != text && *end == '\0';
}

static struct klp_func funcs[] = {
	{ .old_name = "parse_number", .new_func = parse_with_hex },
	{},
};

static struct klp_object objs[] = {
	{ .name = NULL, .funcs = funcs },
	{},
};

KLP_PATCH(.name = "hex-numbers", .objs = objs);
