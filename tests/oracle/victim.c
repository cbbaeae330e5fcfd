// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * victim.c - the program that is patched: threads of every kind that call the functions of functions.h,
 * which check at each entry that no task mixes versions. usage: victim BOARD-FD [THREADS]
 *
 * Prints "ready" when all threads run, and a summary when the driver says stop.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "functions.h"
#include "nap.h"

#define TICK SIGRTMIN
#define STACK_SIZE (512 << 10)

struct board *board;
__thread struct self self;
number (*volatile f5_pointer)(number depth, number seed) = f5;
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct self *list;
static uint64_t ended_entries, ended_switches, ended_signals, ended_naps;

static void need(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(VICTIM_BROKEN);
}

static number next_seed(void)
{
	self.seed = self.seed * 6364136223846793005ul + 1442695040888963407ul;
	return self.seed >> 16;
}

/* --- what tasks do in the midst of it --- */

void pause_here(number seed)
{
	if (self.stained)
		self.stain = __builtin_return_address(0);
	if (self.naps_inside && !self.nested && mix(seed) >> 60 == 0)
		nap(self.nap, 100 + next_seed() % 3000);
}

static number call_one(void)
{
	number seed = next_seed();

	switch (seed % 8) {
	case 0:
		return f6(seed);
	case 1:
		return f5_pointer(2, seed);
	case 2:
		return f3(seed % 6, seed);
	case 3:
		return f1(0, seed);
	default:
		return f0(3, seed);
	}
}

static void call_some(unsigned int count)
{
	while (count--)
		call_one();
}

/* --- kinds of threads --- */

/*
 * Nobody computes without ever sleeping for a moment, but those of "computing": what a task that never
 * sleeps has left over on its stack is taken for frames, see docs/design/oracle.md.
 */
static void run_hot(void)
{
	for (;;) {
		call_some(500);
		nap(NAP_NANOSLEEP, next_seed() % 1000);
	}
}

/* Nearly always about to enter something, or just about to leave it. */
static void run_shallow(void)
{
	for (;;) {
		for (number i = 0; i < 10000; i++)
			f1(0, i);
		nap(NAP_NANOSLEEP, next_seed() % 3000);
	}
}

static void run_sleeping(void)
{
	for (;;) {
		call_some(1 + next_seed() % 3);
		nap(self.nap, 50 + next_seed() % 2000);
	}
}

/*
 * Calls from so deep a stack that it will not look at all of it, and stays what it is: only the checker
 * can switch it, while it sleeps.
 */
static __attribute__((noinline)) void run_far_down(void)
{
	volatile char room[150000];

	for (;;) {
		room[next_seed() % sizeof(room)] = 1;
		f0(2, next_seed());
		nap(self.nap, 5000 + next_seed() % 10000);
	}
}

/* It takes what is left of an old call for a frame; the checker knows better, when it sleeps. */
static void run_stained(void)
{
	self.stained = true;
	for (;;) {
		f0(2, next_seed());
		nap(self.nap, 3000 + next_seed() % 6000);
	}
}

static void run_resting(void)
{
	nap_for_ever(self.nap);
}

static void run_feeding(void)
{
	nap_feed();
}

/* Computes and never calls: nobody but a signal can find out where it is. */
static void run_computing(void)
{
	for (;;)
		next_seed();
}

static void compute(unsigned int steps)
{
	while (steps--)
		next_seed();
}

/* Blocks all signals, computes, calls now and then, and sleeps seldom: nobody else can look at it. */
static void run_deaf(void)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	for (;;) {
		compute(50000);
		call_some(1);
		if (next_seed() % 8 == 0)
			nap(NAP_NANOSLEEP, 1000);
	}
}

static void run_deep(void)
{
	for (;;) {
		f3(next_seed() % 2 ? 500 : 20, next_seed());
		f2(next_seed() % 300, next_seed());
		nap(NAP_NANOSLEEP, next_seed() % 500);
	}
}

/* Deeper than the slow path looks, at the first call of a new thread. */
static __attribute__((noinline)) void call_deep_down(void)
{
	volatile char room[150000];

	room[next_seed() % sizeof(room)] = 1;
	call_some(2);
	nap(NAP_NANOSLEEP, 1000);
	call_some(2);
}

static void *run_short(void *deep)
{
	if (deep)
		call_deep_down();
	else
		call_some(1 + next_seed() % 5);
	return NULL;
}

static pthread_t create(void *(*start)(void *), void *argument)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	error = pthread_create(&thread, &attributes, start, argument);
	pthread_attr_destroy(&attributes);
	errno = error;
	need(!error, "pthread_create");
	__atomic_fetch_add(&board->threads, 1, __ATOMIC_RELAXED);
	return thread;
}

static void begin(const char *kind);
static void end(void);

static void *start_short(void *argument)
{
	begin("short");
	run_short(argument);
	end();
	return NULL;
}

void *thread_body(void *argument)
{
	run_short(argument);
	if (next_seed() % 2)
		nap(NAP_NANOSLEEP, next_seed() % 3000);
	return NULL;
}

static void *start_in_f7(void *argument)
{
	begin("short in f7");
	argument = f7(argument);
	end();
	return argument;
}

/* Threads come and go; some have a patched function as their first, under libc's own. */
static void run_spawning(void)
{
	for (;;) {
		static void *(*const starts[])(void *) = { start_short, start_in_f7, f7 };
		pthread_t threads[3];
		number seed = next_seed();

		for (int i = 0; i < 3; i++)
			threads[i] = create(starts[(seed + (number)i) % 3],
					    seed >> i & 8 ? board : NULL);
		call_some(1);
		for (int i = 0; i < 3; i++)
			pthread_join(threads[i], NULL);
		nap(NAP_NANOSLEEP, 2000 + next_seed() % 8000);
	}
}

/* --- children --- */

static void child_ended(pid_t pid)
{
	int status = 0;

	__atomic_fetch_add(&board->children, 1, __ATOMIC_RELAXED);
	need(pid > 0, "vfork, fork or posix_spawn");
	while (waitpid(pid, &status, 0) < 0)
		need(errno == EINTR, "waitpid");
	if (WIFEXITED(status) && WEXITSTATUS(status) == VICTIM_VIOLATION)
		_exit(VICTIM_VIOLATION);
	if (status)
		violation("a child ended with status %#x", (unsigned int)status);
}

static void call_in_vfork(void)
{
	pid_t pid;

	self.nested = true;
	pid = vfork();
	if (!pid) {
		f6(self.seed);
		f0(1, self.seed);
		_exit(VICTIM_DONE);
	}
	self.nested = false;
	child_ended(pid);
}

static void call_in_fork(void)
{
	pid_t pid = fork();

	if (!pid) {
		alarm(20); /* one that hangs is an error, too */
		self.nested = true;
		self.now->forked = true;
		self.now->changes = 0;
		call_some(200);
		_exit(VICTIM_DONE);
	}
	child_ended(pid);
}

static void spawn_true(void)
{
	char *arguments[] = { "true", NULL }, *environment[] = { NULL };
	pid_t pid = -1;

	errno = posix_spawn(&pid, "/bin/true", NULL, NULL, arguments, environment);
	child_ended(pid);
}

static void run_vforking(void)
{
	for (;;) {
		call_in_vfork();
		call_some(2);
		nap(NAP_NANOSLEEP, next_seed() % 10000);
	}
}

static void run_forking(void)
{
	for (;;) {
		call_some(2);
		if (next_seed() % 2)
			call_in_fork();
		else
			spawn_true();
		nap(NAP_NANOSLEEP, 5000 + next_seed() % 20000);
	}
}

/* --- signals of its own --- */

static void handle_tick(int signal)
{
	struct context *interrupted = self.now;
	int error = errno;

	(void)signal;
	self.signals++;
	check_interrupt(&self.handler, interrupted, self.entering);
	self.now = &self.handler;
	self.entering = false;
	f6(self.signals);
	if (self.lingers) {
		nap(NAP_NANOSLEEP, 100u << self.signals % 9);
		f6(self.signals);
	}
	self.now = interrupted;
	errno = error;
}

static void set_timer(long period_us)
{
	struct itimerspec period = { .it_interval.tv_nsec = period_us * 1000,
				     .it_value.tv_nsec = period_us * 1000 };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = TICK };
	timer_t timer;

	self.has_signals = true;
	event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
	need(!timer_create(CLOCK_MONOTONIC, &event, &timer), "timer_create");
	need(!timer_settime(timer, 0, &period, NULL), "timer_settime");
}

/* Its handler takes its time: what was interrupted, a stub say, stays where it is for long. */
static void run_lingering(void)
{
	set_timer(2000);
	self.lingers = true;
	for (number i = 0;; i++)
		f6(i);
}

static void run_ticking(void)
{
	set_timer(900);
	for (;;) {
		call_some(20);
		nap(NAP_POLL, 1000);
	}
}

/* Its handler runs on a stack of its own: there, nothing says what the task was in the midst of. */
static void run_ticking_elsewhere(void)
{
	stack_t stack = { .ss_size = 64 << 10 };

	stack.ss_sp = mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	need(stack.ss_sp != MAP_FAILED && !sigaltstack(&stack, NULL), "sigaltstack");
	set_timer(700);
	for (;;) {
		call_some(50);
		nap(NAP_POLL, 100);
	}
}

/* --- all of them --- */

static const struct kind {
	const char *name;
	unsigned int count; /* of 40 */
	void (*run)(void);
	bool naps_inside;
} kinds[] = {
	{ "hot", 2, run_hot, false },
	{ "shallow", 2, run_shallow, false },
	{ "sleeper", 4, run_sleeping, false },
	{ "inside", 8, run_sleeping, true },
	{ "far down", 1, run_far_down, true },
	{ "stained", 3, run_stained, true },
	{ "lingering", 10, run_lingering, false },
	{ "resting", 6, run_resting, false },
	{ "feeding", 1, run_feeding, false },
	{ "computing", 1, run_computing, false },
	{ "deaf", 2, run_deaf, false },
	{ "deep", 1, run_deep, false },
	{ "spawning", 2, run_spawning, true },
	{ "vforking", 1, run_vforking, true },
	{ "forking", 1, run_forking, false },
	{ "ticking", 1, run_ticking, true },
	{ "tick-altstack", 1, run_ticking_elsewhere, false },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void begin(const char *kind)
{
	self.kind = kind;
	self.seed = (uint64_t)syscall(SYS_gettid) * 0x9e3779b97f4a7c15ul;
	check_init(&self.own);
	self.now = &self.own;
	pthread_mutex_lock(&list_lock);
	self.next = list;
	list = &self;
	pthread_mutex_unlock(&list_lock);
}

static void count(const struct self *one)
{
	ended_entries += one->entries;
	ended_switches += one->switches;
	ended_signals += one->signals;
	ended_naps += one->naps;
}

static void end(void)
{
	struct self **link = &list;

	pthread_mutex_lock(&list_lock);
	while (*link != &self)
		link = &(*link)->next;
	*link = self.next;
	count(&self);
	pthread_mutex_unlock(&list_lock);
}

static void *start_kind(void *argument)
{
	static unsigned int n_started;
	const struct kind *kind = argument;

	begin(kind->name);
	self.nap = (int)(__atomic_fetch_add(&n_started, 1, __ATOMIC_RELAXED) % NAP_COUNT);
	self.naps_inside = kind->naps_inside;
	pthread_setname_np(pthread_self(), kind->name);
	kind->run();
	return NULL;
}

static void start_all(unsigned int of_40)
{
	for (size_t i = 0; i < KINDS; i++)
		for (unsigned int n = (kinds[i].count * of_40 + 39) / 40; n > 0; n--)
			create(start_kind, (void *)&kinds[i]);
}

static void summary(void)
{
	pthread_mutex_lock(&list_lock);
	for (const struct self *one = list; one; one = one->next)
		count(one);
	board->entries = ended_entries;
	board->switches = ended_switches;
	board->signals = ended_signals;
	board->naps = ended_naps;
	printf("victim: %llu entries, %llu switches, %llu naps, %llu signals, %u threads, %u children, "
	       "%llu interrupted\n",
	       (unsigned long long)board->entries, (unsigned long long)board->switches,
	       (unsigned long long)board->naps, (unsigned long long)board->signals, board->threads,
	       board->children, (unsigned long long)board->interrupted);
	fflush(stdout);
	_exit(VICTIM_DONE);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = handle_tick,
				    .sa_flags = SA_RESTART | SA_ONSTACK };

	/* the driver may be killed */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	need(argc > 1, "usage: victim BOARD-FD [THREADS]");
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED, atoi(argv[1]), 0);
	need(board != MAP_FAILED, "mmap");
	begin("main");
	nap_init();
	need(!sigaction(TICK, &action, NULL), "sigaction");
	start_all(argc > 2 ? (unsigned int)atoi(argv[2]) : 40);
	need(write(STDOUT_FILENO, "ready\n", 6) == 6, "write");
	while (!__atomic_load_n(&board->stop, __ATOMIC_ACQUIRE)) {
		call_some(2);
		nap(NAP_NANOSLEEP, 10000);
	}
	summary();
}
