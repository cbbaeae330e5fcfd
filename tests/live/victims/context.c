// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * context.c - a changed function called from places that are not a thread's ordinary stack.
 *
 *	call		answer()
 *	hold, release	a thread enters held(); the sum of what answer() gave it at the end
 *	signal WHO STACK	answer() as a handler saw it that interrupted WHO (main, held), on its own
 *			stack or on the alternate one (own, alternate)
 *	storm, calm	a thread calls answer() all the time, and handlers in it do so a thousand times
 *			a second; how many answers were neither 1 nor 2
 *	fork, vfork	answer() in a child
 *	vhold, vrelease	a thread waits for its vfork child, which waits
 *	deep N		recurse N levels down to held(), in a thread; see release
 *	levels N	recurse(N) on the spot: to be called only when a new one does not hold
 *	climb N		answer() at each of N levels; the sum
 */
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "victim.h"

static sem_t entered, leave, handled;
static pthread_t holder;
static volatile int one = 1, seen;
static volatile bool storming;
static long wrong;
static int vpipe[2];

ENTRY int answer(void)
{
	return one;
}

ENTRY int held(void)
{
	sem_post(&entered);
	victim_wait(&leave);
	return answer() + one - 1; /* no tail call: held() is on the stack until then */
}

/* Each level has its own frame of a changed function. */
ENTRY int recurse(int depth)
{
	return depth ? recurse(depth - 1) + answer() : held();
}

/* Not changed, but it has a deep stack. */
ENTRY static int climb(int depth)
{
	return depth ? climb(depth - 1) + answer() : 0;
}

static void on_signal(int signal)
{
	int saved = errno;

	(void)signal;
	seen = answer();
	sem_post(&handled);
	errno = saved;
}

static void on_timer(int signal)
{
	int got = answer();

	(void)signal;
	if (got != 1 && got != 2)
		victim_count(&wrong);
}

static void use_alternate_stack(void)
{
	stack_t stack = { .ss_sp = malloc(65536), .ss_size = 65536 };

	sigaltstack(&stack, NULL);
}

static void *hold(void *depth)
{
	use_alternate_stack();
	return (void *)(intptr_t)recurse((int)(intptr_t)depth);
}

static void *vhold(void *unused)
{
	pid_t child;

	(void)unused;
	child = vfork();
	if (!child) {
		char byte;

		sem_post(&entered);
		_exit(read(vpipe[0], &byte, 1) == 1 ? 0 : 1);
	}
	waitpid(child, NULL, 0);
	return NULL;
}

static void *storm(void *unused)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	while (storming) {
		int got = answer();

		if (got != 1 && got != 2)
			victim_count(&wrong);
	}
	return unused;
}

static void do_call(const char *argument)
{
	(void)argument;
	say("%d", answer());
}

static void do_deep(const char *argument)
{
	holder = victim_thread(hold, (void *)(intptr_t)atoi(argument));
	victim_wait(&entered);
	say("holding");
}

static void do_hold(const char *argument)
{
	(void)argument;
	do_deep("0");
}

static void do_release(const char *argument)
{
	void *value;

	(void)argument;
	sem_post(&leave);
	pthread_join(holder, &value);
	say("%d", (int)(intptr_t)value);
}

static void do_signal(const char *argument)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	if (strstr(argument, "alternate"))
		action.sa_flags |= SA_ONSTACK;
	sigaction(SIGUSR1, &action, NULL);
	pthread_kill(strstr(argument, "main") ? pthread_self() : holder, SIGUSR1);
	victim_wait(&handled);
	say("%d", seen);
}

static void do_storm(const char *argument)
{
	struct sigaction action = { .sa_handler = on_timer, .sa_flags = SA_RESTART };
	struct itimerval timer = { { 0, 1000 }, { 0, 1000 } };
	sigset_t set;

	(void)argument;
	sigaction(SIGALRM, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	storming = true;
	holder = victim_thread(storm, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	say("storming");
}

static void do_calm(const char *argument)
{
	struct itimerval never = { 0 };

	(void)argument;
	setitimer(ITIMER_REAL, &never, NULL);
	storming = false;
	pthread_join(holder, NULL);
	say("%ld", wrong);
}

static void tell_child(pid_t child)
{
	int status;

	waitpid(child, &status, 0);
	say("%d", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
}

static void do_fork(const char *argument)
{
	pid_t child = fork();

	(void)argument;
	if (!child)
		_exit(answer());
	tell_child(child);
}

static void do_vfork(const char *argument)
{
	pid_t child = vfork();

	(void)argument;
	if (!child)
		_exit(answer());
	tell_child(child);
}

static void do_vhold(const char *argument)
{
	(void)argument;
	if (pipe(vpipe))
		_exit(5);
	holder = victim_thread(vhold, NULL);
	victim_wait(&entered);
	say("holding");
}

static void do_vrelease(const char *argument)
{
	(void)argument;
	if (write(vpipe[1], "x", 1) != 1)
		_exit(5);
	pthread_join(holder, NULL);
	say("released");
}

static void do_levels(const char *argument)
{
	say("%d", recurse(atoi(argument)));
}

static void do_climb(const char *argument)
{
	say("%d", climb(atoi(argument)));
}

int main(void)
{
	static const struct victim_command commands[] = {
		{ "call", do_call },	   { "hold", do_hold },
		{ "release", do_release }, { "signal", do_signal },
		{ "storm", do_storm },	   { "calm", do_calm },
		{ "fork", do_fork },	   { "vfork", do_vfork },
		{ "vhold", do_vhold },	   { "vrelease", do_vrelease },
		{ "deep", do_deep },	   { "climb", do_climb },
		{ "levels", do_levels },   {},
	};

	sem_init(&entered, 0, 0);
	sem_init(&leave, 0, 0);
	sem_init(&handled, 0, 0);
	use_alternate_stack();
	return victim_run(commands);
}
