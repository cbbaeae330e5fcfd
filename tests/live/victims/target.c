// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * target.c - a process that is hard to patch, or cannot be; the argument says why.
 *
 *	strict			strict seccomp mode
 *	kill NUMBER...		a filter that kills the process for these system calls
 *	deny NUMBER...		one that answers EPERM
 *	deny-wx			one that denies memory that can be written and executed (mprotect)
 *	undumpable		nobody may trace it, and it may not look at itself
 *
 *	call			answer()
 *	compute			starts a thread that calls it all the time
 *	sandbox			starts one that may make no system call at all, and else does the same
 *	last			the last answer such a thread got, from now on
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "victim.h"

#define PROGRAM_MAX 128

static volatile int one = 1;
static int latest;
static long calls;
static struct sock_filter program[PROGRAM_MAX];
static unsigned short size;

ENTRY int answer(void)
{
	return one;
}

static void add(struct sock_filter instruction)
{
	program[size++] = instruction;
}

static void load(uint32_t offset)
{
	add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

static void filter_begin(void)
{
	load(offsetof(struct seccomp_data, nr));
}

static void filter_call(uint32_t number, uint32_t action)
{
	add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
	add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static void filter_end(void)
{
	struct sock_fprog all = { .filter = program };

	add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	all.len = size;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all))
		_exit(2);
}

static void filter(char **numbers, uint32_t action)
{
	filter_begin();
	for (; *numbers && size < PROGRAM_MAX - 3; numbers++)
		filter_call((uint32_t)atoi(*numbers), action);
	filter_end();
}

/* What systemd's MemoryDenyWriteExecute does about mprotect: no execution is ever added. */
static void filter_deny_wx(void)
{
	filter_begin();
	add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 3));
	load(offsetof(struct seccomp_data, args[2]));
	add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1));
	add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
	filter_end();
}

static void become(char **arguments)
{
	const char *what = *arguments++;

	if (!what)
		return;
	if (!strcmp(what, "strict") && prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
		_exit(2);
	if (!strcmp(what, "kill"))
		filter(arguments, SECCOMP_RET_KILL_PROCESS);
	if (!strcmp(what, "deny"))
		filter(arguments, SECCOMP_RET_ERRNO | EPERM);
	if (!strcmp(what, "deny-wx"))
		filter_deny_wx();
	if (!strcmp(what, "undumpable") && prctl(PR_SET_DUMPABLE, 0))
		_exit(2);
}

static void *compute(void *unused)
{
	for (;;) {
		__atomic_store_n(&latest, answer(), __ATOMIC_SEQ_CST);
		victim_count(&calls);
	}
	return unused;
}

static void do_call(const char *argument)
{
	(void)argument;
	say("%d", answer());
}

static void do_compute(const char *argument)
{
	(void)argument;
	victim_thread(compute, NULL);
	victim_await(&calls, 1);
	say("computing");
}

/* Killed, and the process with it, for whatever it asks of the kernel but the end of a handler. */
static void *compute_alone(void *unused)
{
	filter_begin();
	add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 1, 0));
	add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
	filter_end();
	return compute(unused);
}

static void do_sandbox(const char *argument)
{
	(void)argument;
	victim_thread(compute_alone, NULL);
	victim_await(&calls, 1);
	say("computing");
}

static void do_last(const char *argument)
{
	(void)argument;
	victim_await(&calls, __atomic_load_n(&calls, __ATOMIC_SEQ_CST) + 2);
	say("%d", __atomic_load_n(&latest, __ATOMIC_SEQ_CST));
}

int main(int argc, char **argv)
{
	static const struct victim_command commands[] = {
		{ "call", do_call },
		{ "compute", do_compute },
		{ "sandbox", do_sandbox },
		{ "last", do_last },
		{},
	};
	void *volatile heap = malloc(1);

	(void)argc;
	free(heap);
	become(argv + 1);
	return victim_run(commands);
}
