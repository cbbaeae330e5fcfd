/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tracee.h"
#include "net.h"
#include "restart.h"
#include "sys.h"
#include "task.h"

#include <elf.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSCALL_STOP (SIGTRAP | 0x80) /* by PTRACE_O_TRACESYSGOOD */
/* another thread of the client's may take the SIGCHLD: look again after so long */
#define LOOK_AGAIN_MS 20
#define AWAKE_NS 100000000u
#define GRACE_NS 5000000000u /* to get a thread back when the caller's time is up */

/* --- waiting ------------------------------------------------------------------------------- */

static int open_signal(struct lp_tracee *tracee)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	tracee->signal_fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (tracee->signal_fd < 0)
		return -errno;
	sigprocmask(SIG_BLOCK, &child, &tracee->client_mask);
	/* an ignored SIGCHLD would not be sent at all */
	sigaction(SIGCHLD, &plain, &tracee->client_action);
	return 0;
}

static void close_signal(struct lp_tracee *tracee)
{
	close(tracee->signal_fd);
	sigaction(SIGCHLD, &tracee->client_action, NULL);
	sigprocmask(SIG_SETMASK, &tracee->client_mask, NULL);
}

static void await_child(struct lp_tracee *tracee, int left_ms)
{
	struct pollfd poll_fd = { .fd = tracee->signal_fd, .events = POLLIN };
	struct signalfd_siginfo info;

	if (poll(&poll_fd, 1, left_ms < LOOK_AGAIN_MS ? left_ms : LOOK_AGAIN_MS) > 0)
		while (read(tracee->signal_fd, &info, sizeof(info)) > 0)
			;
}

/* The next stop. 0, -ESRCH: it has exited, -ETIMEDOUT: it runs. */
static int await_stop(struct lp_tracee *tracee, int *status)
{
	int left_ms;
	pid_t tid;

	tracee->running = true;
	for (;;) {
		left_ms = lp_sys_left_ms(tracee->deadline_ns);
		tid = waitpid(tracee->tid, status, __WALL | WNOHANG);
		if (tid == tracee->tid && WIFSTOPPED(*status)) {
			tracee->running = false;
			return 0;
		}
		if (tid == tracee->tid || (tid < 0 && errno != EINTR)) {
			tracee->gone = true;
			return -ESRCH;
		}
		if (!left_ms)
			return -ETIMEDOUT;
		await_child(tracee, left_ms);
	}
}

static bool is_event_stop(int status)
{
	return status >> 16 == PTRACE_EVENT_STOP;
}

/* A signal that is on its way to the program, to be passed on with the next resume; 0: none. */
static int signal_of(int status)
{
	if (is_event_stop(status) || WSTOPSIG(status) == SYSCALL_STOP)
		return 0;
	return WSTOPSIG(status);
}

/* A fault of the code we made it run: never passed on, the thread goes back instead. */
static bool is_fault(const struct lp_tracee *tracee, int signal)
{
	return tracee->changed && (signal == SIGSEGV || signal == SIGBUS || signal == SIGILL ||
				   signal == SIGFPE || signal == SIGTRAP || signal == SIGSYS);
}

/*
 * Resumes with `request` and waits for a stop at a system call (PTRACE_SYSCALL) or for the
 * stop that was asked for (PTRACE_CONT after PTRACE_INTERRUPT).
 */
static int resume(struct lp_tracee *tracee, int request)
{
	int status, error, signal = 0;

	for (;;) {
		error = (int)lp_sys_ptrace(request, tracee->tid, 0, (uint64_t)signal);
		if (error)
			return error;
		error = await_stop(tracee, &status);
		if (error)
			return error;
		signal = signal_of(status);
		if (is_fault(tracee, signal))
			return -EFAULT;
		if (signal)
			continue;
		if (request == PTRACE_SYSCALL ? WSTOPSIG(status) == SYSCALL_STOP :
						is_event_stop(status))
			return 0;
	}
}

/* --- attach, stop, detach ------------------------------------------------------------------- */

int lp_tracee_attach(struct lp_tracee *tracee, pid_t tid, uint64_t deadline_ns)
{
	int error;

	memset(tracee, 0, offsetof(struct lp_tracee, xstate));
	tracee->tid = tid;
	tracee->deadline_ns = deadline_ns;
	error = open_signal(tracee);
	if (error)
		return error;
	error = (int)lp_sys_ptrace(PTRACE_SEIZE, tid, 0, PTRACE_O_TRACESYSGOOD);
	if (error) {
		close_signal(tracee);
		return error;
	}
	tracee->seized = true;
	return 0;
}

static int get_regs(struct lp_tracee *tracee, struct user_regs_struct *regs)
{
	return (int)lp_sys_ptrace(PTRACE_GETREGS, tracee->tid, 0, (uint64_t)regs);
}

static int set_regs(struct lp_tracee *tracee, const struct user_regs_struct *regs)
{
	return (int)lp_sys_ptrace(PTRACE_SETREGS, tracee->tid, 0, (uint64_t)regs);
}

/* How often it got a processor. */
static uint64_t count_turns(pid_t tid)
{
	unsigned long long turns = 0;
	char path[32];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", tid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%*u %*u %llu", &turns) != 1)
		turns = 0;
	fclose(file);
	return turns;
}

static bool is_awake(pid_t tid)
{
	struct lp_task_status status;

	return !lp_task_status(tid, &status) && status.state == 'R';
}

/*
 * A thread that was woken and has not got a processor yet will stop when it does: were it let go
 * now, the call that it slept in could say EINTR.
 */
static int await_interrupt(struct lp_tracee *tracee, int *status)
{
	uint64_t last_ns = lp_sys_now_ns() + GRACE_NS, turns = count_turns(tracee->tid);
	int error = await_stop(tracee, status);

	while (error == -ETIMEDOUT && is_awake(tracee->tid) && count_turns(tracee->tid) == turns &&
	       lp_sys_now_ns() < last_ns) {
		tracee->deadline_ns = lp_sys_now_ns() + AWAKE_NS;
		error = await_stop(tracee, status);
	}
	return error;
}

static int interrupt(struct lp_tracee *tracee, int *status)
{
	int error = (int)lp_sys_ptrace(PTRACE_INTERRUPT, tracee->tid, 0, 0);

	while (!error) {
		error = await_interrupt(tracee, status);
		if (error || is_event_stop(*status))
			break;
		error = (int)lp_sys_ptrace(PTRACE_CONT, tracee->tid, 0,
					   (uint64_t)signal_of(*status));
	}
	return error;
}

int lp_tracee_stop(struct lp_tracee *tracee)
{
	uint64_t rax;
	int status, error;

	tracee->stopped_ns = lp_sys_now_ns();
	error = interrupt(tracee, &status);
	if (error) {
		tracee->stopped_ns = 0;
		tracee->unstoppable = error == -ETIMEDOUT;
		return error;
	}
	error = get_regs(tracee, &tracee->saved);
	if (error)
		return error;
	rax = tracee->saved.rax;
	lp_restart_fix(&tracee->saved);
	/* at once: if the client died before this, the program would see EINTR */
	if (rax != tracee->saved.rax)
		error = set_regs(tracee, &tracee->saved);
	return error ? error : WSTOPSIG(status) == SIGTRAP ? 0 : -EBUSY;
}

void lp_tracee_detach(struct lp_tracee *tracee)
{
	if (!tracee->seized)
		return;
	/* only a stopped thread can be let go; the tracer's end does it for one that did not stop */
	if (!tracee->stopped_ns && !tracee->gone && !tracee->unstoppable) {
		tracee->deadline_ns = lp_sys_now_ns() + GRACE_NS;
		lp_tracee_stop(tracee);
	}
	lp_sys_ptrace(PTRACE_DETACH, tracee->tid, 0, 0);
	tracee->seized = false;
	tracee->stopped_ns = 0;
	close_signal(tracee);
}

/* --- borrowing ------------------------------------------------------------------------------ */

static int get_xstate(struct lp_tracee *tracee)
{
	struct iovec iov = { .iov_base = tracee->xstate, .iov_len = sizeof(tracee->xstate) };
	int error = (int)lp_sys_ptrace(PTRACE_GETREGSET, tracee->tid, NT_X86_XSTATE,
				       (uint64_t)&iov);

	if (error) {
		iov.iov_len = sizeof(struct user_fpregs_struct);
		error = (int)lp_sys_ptrace(PTRACE_GETREGSET, tracee->tid, NT_PRFPREG,
					   (uint64_t)&iov);
	}
	tracee->xstate_size = iov.iov_len;
	return error;
}

static int set_xstate(struct lp_tracee *tracee)
{
	struct iovec iov = { .iov_base = tracee->xstate, .iov_len = tracee->xstate_size };
	bool plain = tracee->xstate_size == sizeof(struct user_fpregs_struct);

	return (int)lp_sys_ptrace(PTRACE_SETREGSET, tracee->tid, plain ? NT_PRFPREG : NT_X86_XSTATE,
				  (uint64_t)&iov);
}

int lp_tracee_borrow(struct lp_tracee *tracee, uint64_t syscall_ret, uint64_t sigreturn)
{
	struct user_regs_struct regs = tracee->saved;
	uint8_t before[7] = { 0 };
	struct lp_net net;
	int error = (int)lp_sys_ptrace(PTRACE_GETSIGMASK, tracee->tid, sizeof(tracee->mask),
				       (uint64_t)&tracee->mask);

	if (!error)
		error = get_xstate(tracee);
	if (lp_restart_wanted(&regs) &&
	    !lp_sys_read(tracee->tid, regs.rip - sizeof(before), before, sizeof(before)))
		regs.orig_rax = (uint64_t)lp_restart_number(&regs, before);
	if (!error)
		error = lp_net_build(&net, &regs, tracee->mask, tracee->xstate, tracee->xstate_size,
				     sigreturn);
	if (!error)
		error = lp_sys_write(tracee->tid, net.addr, net.bytes, net.size);
	tracee->frame = net.frame;
	tracee->syscall_ret = syscall_ret;
	tracee->sigreturn = sigreturn;
	return error;
}

/*
 * The first change of registers comes before the signals are blocked: from it on the net holds, and
 * the net is what would unblock them.
 */
static int change(struct lp_tracee *tracee, const struct user_regs_struct *regs)
{
	uint64_t all = ~0ull;
	int error = set_regs(tracee, regs);

	if (error || tracee->changed)
		return error;
	tracee->changed = true;
	return (int)lp_sys_ptrace(PTRACE_SETSIGMASK, tracee->tid, sizeof(all), (uint64_t)&all);
}

int lp_tracee_syscall(struct lp_tracee *tracee, long number, const uint64_t args[6],
		      int64_t *result)
{
	struct user_regs_struct regs = tracee->saved;
	int error;

	regs.rax = (uint64_t)number;
	regs.orig_rax = ~0ull; /* no call is pending: nothing for the kernel to restart */
	regs.rdi = args[0];
	regs.rsi = args[1];
	regs.rdx = args[2];
	regs.r10 = args[3];
	regs.r8 = args[4];
	regs.r9 = args[5];
	regs.rip = tracee->syscall_ret;
	regs.rsp = tracee->frame - 8;
	error = change(tracee, &regs);
	if (!error)
		error = resume(tracee, PTRACE_SYSCALL);
	if (!error)
		error = resume(tracee, PTRACE_SYSCALL);
	if (!error)
		error = get_regs(tracee, &regs);
	*result = error ? error : (int64_t)regs.rax;
	return error;
}

int lp_tracee_run(struct lp_tracee *tracee, uint64_t pc, uint64_t sp, uint64_t argument,
		  uint64_t mark)
{
	struct user_regs_struct regs = tracee->saved;
	int error;

	regs.rip = pc;
	regs.rsp = sp;
	regs.rdi = argument;
	regs.orig_rax = ~0ull;
	regs.eflags &= ~0x400ull; /* the ABI wants the direction flag clear */
	error = change(tracee, &regs);
	do {
		if (!error)
			error = resume(tracee, PTRACE_SYSCALL);
		if (!error)
			error = get_regs(tracee, &regs);
	} while (!error && regs.rip != mark);
	return error;
}

int lp_tracee_restore(struct lp_tracee *tracee)
{
	int status, error;

	if (!tracee->changed)
		return 0;
	/*
	 * A restart is the work of the kernel's signal path, which a thread takes after
	 * the stop that PTRACE_INTERRUPT makes, and not after one at a system call.
	 */
	if (tracee->running) {
		tracee->deadline_ns = lp_sys_now_ns() + GRACE_NS;
		error = interrupt(tracee, &status);
	} else {
		error = (int)lp_sys_ptrace(PTRACE_INTERRUPT, tracee->tid, 0, 0);
		if (!error)
			error = resume(tracee, PTRACE_CONT);
	}
	if (error == -EFAULT) /* stopped by a signal of its own: in the signal path as well */
		error = 0;
	/* the registers last: until then the net still holds, mask included */
	if (!error)
		error = set_xstate(tracee);
	if (!error)
		error = (int)lp_sys_ptrace(PTRACE_SETSIGMASK, tracee->tid, sizeof(tracee->mask),
					   (uint64_t)&tracee->mask);
	if (!error)
		error = set_regs(tracee, &tracee->saved);
	tracee->changed = error != 0;
	return error;
}

/* --- leading out ---------------------------------------------------------------------------- */

int64_t lp_tracee_next_call(struct lp_tracee *tracee)
{
	struct __ptrace_syscall_info info;
	long size;
	int error;

	do {
		error = resume(tracee, PTRACE_SYSCALL);
		if (error)
			return error;
		size = lp_sys_ptrace(PTRACE_GET_SYSCALL_INFO, tracee->tid, sizeof(info),
				     (uint64_t)&info);
		if (size < 0)
			return size;
	} while (info.op != PTRACE_SYSCALL_INFO_ENTRY);
	return (int64_t)info.entry.nr;
}

int lp_tracee_replace_call(struct lp_tracee *tracee, long number, uint64_t arg0, uint64_t arg1,
			   int64_t *result)
{
	struct user_regs_struct regs;
	uint64_t all = ~0ull;
	int error = get_regs(tracee, &regs);

	if (!error)
		error = (int)lp_sys_ptrace(PTRACE_SETSIGMASK, tracee->tid, sizeof(all),
					   (uint64_t)&all);
	tracee->saved = regs;
	regs.orig_rax = (uint64_t)number;
	regs.rdi = arg0;
	regs.rsi = arg1;
	if (!error)
		error = set_regs(tracee, &regs);
	if (!error)
		error = resume(tracee, PTRACE_SYSCALL);
	if (!error)
		error = get_regs(tracee, &regs);
	*result = error ? error : (int64_t)regs.rax;
	/* and the call it came for, from the same instruction */
	regs = tracee->saved;
	regs.rax = regs.orig_rax;
	regs.orig_rax = ~0ull;
	regs.rip -= 2;
	if (!error)
		error = set_regs(tracee, &regs);
	return error;
}

int lp_tracee_see_off(struct lp_tracee *tracee)
{
	int status, error = 0, signal = 0;

	while (!error) {
		lp_sys_ptrace(PTRACE_CONT, tracee->tid, 0, (uint64_t)signal);
		error = await_stop(tracee, &status);
		signal = error ? 0 : signal_of(status);
	}
	tracee->stopped_ns = 0;
	return error == -ESRCH ? 0 : error;
}
