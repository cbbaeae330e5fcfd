// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * killer.c - runs a command and kills it (SIGKILL) at the N-th stop at a system call, before or after
 * it, of any of its threads; N = 0: never. Says "killed", or the exit status and how many stops there
 * were.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSCALL_STOP (SIGTRAP | 0x80)

static void become(char **argv)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, 1);
	dup2(null, 2);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	execv(argv[0], argv);
	_exit(127);
}

/* A signal that stopped it is passed on; the trap of its exec, or a new thread's first stop, is not. */
static int signal_of(int status, bool is_main)
{
	int signal = WSTOPSIG(status);

	return signal == SYSCALL_STOP || signal == SIGTRAP || (signal == SIGSTOP && !is_main) ?
		       0 :
		       signal;
}

int main(int argc, char **argv)
{
	long at, stops = 0;
	int status, signal = 0;
	pid_t pid, tid;

	if (argc < 3)
		return 2;
	at = atol(argv[1]);
	pid = fork();
	if (pid == 0)
		become(argv + 2);
	waitpid(pid, &status, 0);
	ptrace(PTRACE_SETOPTIONS, pid, NULL,
	       PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE);
	for (tid = pid;;) {
		ptrace(PTRACE_SYSCALL, tid, NULL, (long)signal);
		tid = waitpid(-1, &status, __WALL);
		if (tid < 0 || (tid == pid && !WIFSTOPPED(status)))
			break;
		signal = WIFSTOPPED(status) ? signal_of(status, tid == pid) : 0;
		if (WIFSTOPPED(status) && WSTOPSIG(status) == SYSCALL_STOP && ++stops == at)
			kill(pid, SIGKILL);
	}
	if (WIFSIGNALED(status))
		printf("killed\n");
	else
		printf("%d %ld\n", WEXITSTATUS(status), stops);
	return 0;
}
