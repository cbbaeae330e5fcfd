// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * names.c - a program that asks for its own objects, as what prints backtraces does.
 *
 *	names		the names of objects of ours, and of those behind descriptors
 *	call		answer()
 */
#include <link.h>

#include "victim.h"

ENTRY int answer(void)
{
	return 1;
}

static int add_name(struct dl_phdr_info *info, size_t size, void *context)
{
	char *names = context;

	(void)size;
	if (!strstr(info->dlpi_name, "suture") && !strstr(info->dlpi_name, "/fd/"))
		return 0;
	strcat(names, " ");
	strncat(names, info->dlpi_name, 100);
	return strlen(names) > 100;
}

static void do_names(const char *argument)
{
	char names[256] = "";

	(void)argument;
	dl_iterate_phdr(add_name, names);
	say("%s", names);
}

static void do_call(const char *argument)
{
	(void)argument;
	say("%d", answer());
}

int main(void)
{
	static const struct victim_command commands[] = {
		{ "names", do_names },
		{ "call", do_call },
		{},
	};

	return victim_run(commands);
}
