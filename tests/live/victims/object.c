// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * object.c - a function of the program and one of a shared object, which -DDLOPEN loads at run time.
 *
 *	call		both answers, and how often each of them ran
 *	open FILE	dlopen, in a thread while another one is about
 */
#include <dlfcn.h>

#include "victim.h"

int inside_runs;
static volatile int base = 1;
static int (*library)(void);
static int *library_runs;

ENTRY int inside(void)
{
	inside_runs++;
	return base;
}

static void do_call(const char *argument)
{
	int first = inside(), second = library ? library() : 0;

	(void)argument;
	if (library)
		say("%d %d %d %d", first, second, inside_runs, *library_runs);
	else
		say("%d %d", first, inside_runs);
}

#ifdef DLOPEN
static void do_open(const char *argument)
{
	void *handle = dlopen(argument, RTLD_NOW | RTLD_LOCAL);

	library = handle ? (int (*)(void))dlsym(handle, "outside") : NULL;
	library_runs = handle ? dlsym(handle, "outside_runs") : NULL;
	say("%s", library ? "opened" : "failed");
}
#elif defined(LINKED)
int outside(void);
extern int outside_runs;
#endif

int main(void)
{
	static const struct victim_command commands[] = {
		{ "call", do_call },
#ifdef DLOPEN
		{ "open", do_open },
#endif
		{},
	};

#if defined(LINKED) && !defined(DLOPEN)
	library = outside;
	library_runs = &outside_runs;
#endif
	return victim_run(commands);
}
