/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A patch for memcached: "incr KEY 0x10" is understood. safe_strtoull() reads the numbers of many
 * commands, in decimal only.
 */
#include <suture/livepatch.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool ends_number(char c)
{
	return c == '\0' || c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_hex(const char *text)
{
	return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

static bool strtoull_with_hex(const char *text, uint64_t *out)
{
	unsigned long long value;
	char *end;

	errno = 0;
	*out = 0;
	value = strtoull(text, &end, is_hex(text) ? 16 : 10);
	if (errno == ERANGE || end == text || !ends_number(*end))
		return false;
	if ((long long)value < 0 && strchr(text, '-'))
		return false;
	*out = value;
	return true;
}

static struct klp_func funcs[] = {
	{ .old_name = "safe_strtoull", .new_func = strtoull_with_hex },
	{},
};

static struct klp_object objs[] = {
	{ .name = NULL, .funcs = funcs },
	{},
};

KLP_PATCH(.name = "hex-numbers", .description = "incr and decr take hexadecimal numbers",
	  .objs = objs);
