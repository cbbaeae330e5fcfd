// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * life.c - threads and processes that begin and end in functions that are changed.
 *
 *	thread		a thread whose entry is run_thread(), which stays there; see end
 *	exiting		a thread that ends in leave_thread(), the destructor of a key, and stays there; see end
 *	end		they go on; what run_thread() gave, and how often leave_thread() was the new one
 *	call		version()
 *	fork		a child that calls version() all the time
 *	child		what it saw: the first version, the last one, and how often it changed
 *	hold, release	a thread stays in held()
 */
#include <sys/mman.h>
#include <sys/wait.h>

#include "holder.h"

static pthread_t thread;
static pthread_key_t key;
static pid_t child;
static volatile int one = 1;
volatile int new_exits;

struct seen {
	volatile int first, last, changes;
	volatile long calls;
	volatile bool stop;
};
static struct seen *seen;

ENTRY int version(void)
{
	return one;
}

ENTRY int held(void)
{
	holder_stay();
	return one;
}

ENTRY void *run_thread(void *unused)
{
	(void)unused;
	holder_stay();
	return (void *)(long)one;
}

ENTRY void leave_thread(void *unused)
{
	(void)unused;
	holder_stay();
}

static void *set_key(void *unused)
{
	pthread_setspecific(key, &key);
	return unused;
}

static void do_thread(const char *argument)
{
	(void)argument;
	thread = victim_thread(run_thread, NULL);
	victim_wait(&entered);
	say("in thread");
}

static void do_exiting(const char *argument)
{
	(void)argument;
	thread = victim_thread(set_key, NULL);
	victim_wait(&entered);
	say("exiting");
}

static void do_end(const char *argument)
{
	void *result;

	(void)argument;
	sem_post(&leave);
	pthread_join(thread, &result);
	say("%ld %d", (long)result, new_exits);
}

static void do_call(const char *argument)
{
	(void)argument;
	say("%d", version());
}

static void watch(void)
{
	seen->first = seen->last = version();
	while (!seen->stop) {
		int now = version();

		seen->changes += now != seen->last;
		seen->last = now;
		__atomic_add_fetch(&seen->calls, 1, __ATOMIC_SEQ_CST);
	}
	_exit(0);
}

static void do_fork(const char *argument)
{
	(void)argument;
	memset((void *)seen, 0, sizeof(*seen));
	child = fork();
	if (!child)
		watch();
	victim_await((const long *)&seen->calls, 1000);
	say("forked");
}

static void do_child(const char *argument)
{
	(void)argument;
	victim_await((const long *)&seen->calls, seen->calls + 1000);
	seen->stop = true;
	waitpid(child, NULL, 0);
	say("%d %d %d", seen->first, seen->last, seen->changes);
}

int main(void)
{
	static const struct victim_command commands[] = {
		{ "thread", do_thread }, { "exiting", do_exiting }, { "end", do_end },
		{ "call", do_call },	 { "fork", do_fork },	    { "child", do_child },
		{ "hold", do_hold },	 { "release", do_release }, {},
	};

	pthread_key_create(&key, leave_thread);
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return seen == MAP_FAILED ? 2 : victim_run(commands);
}
