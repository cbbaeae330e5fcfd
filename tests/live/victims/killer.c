// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * killer.c - runs a command and kills it (SIGKILL) at the N-th stop at a system call, before or after
 * it; N = 0: never. Says "killed", or the exit status and how many stops there were.
 */
#include <fcntl.h>
#include <signal.h>
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

/* A signal that stopped it is passed on; the trap of its exec is not. */
static int signal_of(int status)
{
	int signal = WSTOPSIG(status);

	return signal == SYSCALL_STOP || signal == SIGTRAP ? 0 : signal;
}

int main(int argc, char **argv)
{
	long at, stops = 0;
	int status, signal = 0;
	pid_t pid;

	if (argc < 3)
		return 2;
	at = atol(argv[1]);
	pid = fork();
	if (pid == 0)
		become(argv + 2);
	waitpid(pid, &status, 0);
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD);
	for (;;) {
		ptrace(PTRACE_SYSCALL, pid, NULL, (long)signal);
		if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			break;
		signal = signal_of(status);
		if (WSTOPSIG(status) == SYSCALL_STOP && ++stops == at)
			kill(pid, SIGKILL);
	}
	if (WIFSIGNALED(status))
		printf("killed\n");
	else
		printf("%d %ld\n", WEXITSTATUS(status), stops);
	return 0;
}
