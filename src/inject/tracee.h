/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tracee.h - one thread of the target, held by ptrace(2), and led through calls that are not its
 * own. Used by src/inject only; one at a time, all calls from one thread of the client: one of
 * tracer.h, whose end lets go what could not be stopped.
 *
 *	call                     thread is then
 *	lp_tracee_attach         running as before, seized
 *	lp_tracee_stop           stopped; the system call it was in will be restarted unseen
 *	lp_tracee_borrow         stopped; whatever happens to the client, the net brings it back
 *	lp_tracee_syscall, _run  stopped behind the call
 *	lp_tracee_restore        stopped, as it was after lp_tracee_stop
 *	lp_tracee_detach         running as before, free
 *
 * The net: a signal frame on the thread's own stack, below the red zone, that rt_sigreturn(2)
 * takes to the registers, signal mask and vector state it had. Every call is set up so that behind
 * it, if nobody stops the thread, the next thing to run is that rt_sigreturn. So the tracer may
 * die between any two of its steps: docs/design/inject.md.
 */
#ifndef LP_INJECT_TRACEE_H
#define LP_INJECT_TRACEE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

#define LP_TRACEE_XSTATE_MAX 16384

struct lp_tracee {
	pid_t tid;
	uint64_t deadline_ns;
	uint64_t stopped_ns; /* when it was stopped, 0: it is not */
	struct user_regs_struct saved; /* as it goes back, after lp_tracee_stop */
	/* ours */
	bool seized, gone, changed, running;
	bool unstoppable; /* it was told to stop, and did not in time */
	uint64_t mask; /* signal mask, while changed */
	uint64_t frame; /* address of the net's struct ucontext */
	uint64_t sigreturn, syscall_ret;
	size_t xstate_size;
	uint8_t xstate[LP_TRACEE_XSTATE_MAX] __attribute__((aligned(64)));
	/* how the client waits for a stop: SIGCHLD, taken from a descriptor */
	int signal_fd;
	sigset_t client_mask;
	struct sigaction client_action;
};

/*
 * Seizes it; it goes on running. 0, -EPERM, -ESRCH, or another negative errno. deadline_ns
 * (CLOCK_MONOTONIC) is for all waiting; the caller may move it.
 */
int lp_tracee_attach(struct lp_tracee *tracee, pid_t tid, uint64_t deadline_ns);

/* 0; -EBUSY: the whole process is stopped; -ESRCH, -ETIMEDOUT. */
int lp_tracee_stop(struct lp_tracee *tracee);

/*
 * Lays the net. syscall_ret: address of the instructions `syscall; ret` in the target; sigreturn:
 * of `mov $15, %rax; syscall`. Nothing runs yet. 0 or -errno (then nothing has changed).
 */
int lp_tracee_borrow(struct lp_tracee *tracee, uint64_t syscall_ret, uint64_t sigreturn);

/* A system call; *result is what the kernel returned. 0 or -errno. */
int lp_tracee_syscall(struct lp_tracee *tracee, long number, const uint64_t args[6],
		      int64_t *result);

/* Runs code at pc with (argument, sp) until it is in a system call that ends at `mark`. */
int lp_tracee_run(struct lp_tracee *tracee, uint64_t pc, uint64_t sp, uint64_t argument,
		  uint64_t mark);

/* Undoes all since lp_tracee_stop. 0 or -errno. */
int lp_tracee_restore(struct lp_tracee *tracee);

/*
 * Lets it go, whatever state it is in (stops a running one for that). One that did not stop when
 * it was told to stays seized until the calling thread ends.
 */
void lp_tracee_detach(struct lp_tracee *tracee);

/* For leading out: runs on to the next stop at a system call's entry; its number or -errno. */
int64_t lp_tracee_next_call(struct lp_tracee *tracee);

/* At such a stop: another call instead, then *result; stopped at the call's exit. 0 or -errno. */
int lp_tracee_replace_call(struct lp_tracee *tracee, long number, uint64_t arg0, uint64_t arg1,
			   int64_t *result);

/* Lets it go and waits until the thread has exited. 0 or -ETIMEDOUT. */
int lp_tracee_see_off(struct lp_tracee *tracee);

#endif
