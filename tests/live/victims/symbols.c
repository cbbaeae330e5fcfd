// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * symbols.c - functions whose names say too little. Linked with symbols2.c, which has a static
 * function and variable of the same names.
 *
 *	here, there	the private function of this file, of the other one
 *	alias		two names of one function
 */
#include "victim.h"

int there(void);

static volatile int base = 1;

ENTRY static int secret(void)
{
	return base;
}

ENTRY int answer(void)
{
	return base + 10;
}

int same(void) __attribute__((alias("answer")));

static void do_here(const char *argument)
{
	(void)argument;
	say("%d", secret());
}

static void do_there(const char *argument)
{
	(void)argument;
	say("%d", there());
}

static void do_alias(const char *argument)
{
	(void)argument;
	say("%d %d", answer(), same());
}

int main(void)
{
	static const struct victim_command commands[] = {
		{ "here", do_here },
		{ "there", do_there },
		{ "alias", do_alias },
		{},
	};

	return victim_run(commands);
}
