// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * inner.c - signal handlers on a signal stack that is an array in a function of the same thread: what was
 * interrupted lies below the stack pointer of the handler.
 *
 *	enter		held() is called and interrupted; commands are obeyed in the handler from now on
 *	leave		the handler returns; what held() made of the answers
 *	call		answer()
 */
#include <signal.h>

#include "victim.h"

static volatile int one = 1;
static volatile bool leaving;

ENTRY int answer(void)
{
	return one;
}

/* not changed: it is what the handler interrupts */
ENTRY static void interrupted(void)
{
	raise(SIGUSR1);
}

ENTRY int held(void)
{
	int before = answer();

	interrupted();
	return before * 10 + answer();
}

static void do_call(const char *argument)
{
	(void)argument;
	say("%d", answer());
}

static void do_leave(const char *argument)
{
	(void)argument;
	leaving = true;
}

static void obey_in_handler(int signal)
{
	static const struct victim_command commands[] = {
		{ "call", do_call },
		{ "leave", do_leave },
		{},
	};
	char line[256];

	(void)signal;
	say("entered");
	while (!leaving && victim_line(line, sizeof(line)))
		victim_obey(commands, line);
}

static void do_enter(const char *argument)
{
	(void)argument;
	say("%d", held());
}

int main(int argc, char **argv)
{
	static const struct victim_command commands[] = {
		{ "call", do_call },
		{ "enter", do_enter },
		{},
	};
	char room[64 << 10];
	stack_t stack = { .ss_sp = room, .ss_size = sizeof(room) };
	struct sigaction action = { .sa_handler = obey_in_handler, .sa_flags = SA_ONSTACK };

	(void)argv;
	/* an argument: the same without a stack of its own, where it can be seen what is in the way */
	if (argc == 1 && sigaltstack(&stack, NULL))
		return 2;
	sigaction(SIGUSR1, &action, NULL);
	return victim_run(commands);
}
