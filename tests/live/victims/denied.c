// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * denied.c - a program whose code can never be writable and executable, and a child of it. Three
 * functions in one page, written in assembler so that their entries are what they are called.
 *
 *	denied filter|mdwe	by a system call filter, or by the kernel (Linux 6.3; says "cannot"
 *			instead of "ready" if that is not to be had)
 *
 *	call		single(), several() and crossing()
 *	fork		a child; says its id
 *	child		the three in the child, or how it ended
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "victim.h"

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

/* no padding behind single() and several() that a jump could go to */
__asm__(".section .text.denied, \"ax\", @progbits\n.p2align 12\n"
	".globl single\n.type single, @function\nsingle:\nmov $1, %eax\nret\n"
	".size single, .-single\n.byte 0xc3, 0xc3\n"
	".globl several\n.type several, @function\nseveral:\n"
	"xor %eax, %eax\nadd $1, %eax\nlea (%rax), %eax\nret\n.size several, .-several\n"
	".p2align 3\n.byte 0xc3, 0xc3, 0xc3, 0xc3, 0xc3\n"
	/* the jump crosses a block of 8 bytes */
	".globl crossing\n.type crossing, @function\ncrossing:\nmov $1, %eax\nret\n"
	".size crossing, .-crossing\n.fill 4000, 1, 0xc3\n.text\n");
int single(void);
int several(void);
int crossing(void);

static pid_t child;
static int ask[2], answer[2];

static void deny_by_filter(void)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog all = { sizeof(program) / sizeof(*program), program };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all))
		_exit(2);
}

static void do_call(const char *argument)
{
	(void)argument;
	say("%d %d %d", single(), several(), crossing());
}

static void serve(void)
{
	char byte;

	while (read(ask[0], &byte, 1) == 1) {
		char now[3] = { (char)single(), (char)several(), (char)crossing() };

		if (write(answer[1], now, sizeof(now)) != sizeof(now))
			_exit(6);
	}
	_exit(0);
}

static void do_fork(const char *argument)
{
	(void)argument;
	if (pipe(ask) || pipe(answer))
		_exit(5);
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ask[1]);
		close(answer[0]);
		serve();
	}
	close(ask[0]);
	close(answer[1]);
	say("%d", child);
}

static void do_child(const char *argument)
{
	char now[3];
	int status;

	(void)argument;
	if (write(ask[1], "x", 1) == 1 && read(answer[0], now, sizeof(now)) == sizeof(now)) {
		say("%d %d %d", now[0], now[1], now[2]);
		return;
	}
	waitpid(child, &status, 0);
	say("ended with %#x", (unsigned int)status);
}

int main(int count, char **arguments)
{
	static const struct victim_command commands[] = {
		{ "call", do_call }, { "fork", do_fork }, { "child", do_child }, {}
	};

	if (count > 1 && !strcmp(arguments[1], "filter"))
		deny_by_filter();
	if (count > 1 && !strcmp(arguments[1], "mdwe") &&
	    prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0)) {
		say("cannot");
		return 0;
	}
	return victim_run(commands);
}
