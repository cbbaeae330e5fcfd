/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* boot.c - the code that is copied into the target; see boot.h. */
#include "boot.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <suture/control.h>
#include <sys/syscall.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <time.h>

/*
 * Compiled with flags of its own (meson.build): optimised, no instrumentation, no jump tables. A
 * constant of several bytes may end up in .rodata, so texts come from struct lp_boot.
 */
#define BOOT __attribute__((section("lp_boot"), used, noinline))
#define INLINE static inline __attribute__((always_inline))

#define ALL_BUT_SETXID (~(3ull << 31)) /* glibc's own SIGCANCEL and SIGSETXID stay open */

__asm__(".pushsection lp_boot,\"ax\",@progbits\n"
	".globl lp_boot_enter, lp_boot_mark\n"
	".hidden lp_boot_enter, lp_boot_mark\n"
	"lp_boot_enter:\n"
	"	mov %rdi, %rbx\n"
	"	call lp_boot_create\n"
	"	mov 16(%rbx), %rsp\n"
	"	mov $39, %eax\n"
	"	syscall\n"
	"lp_boot_mark:\n"
	"	mov $15, %eax\n"
	"	syscall\n"
	"	hlt\n"
	".popsection\n");

INLINE long sys(long number, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return result;
}

/*
 * malloc would map an arena for a thread that has none yet, and it would outlive us: such a thread
 * uses the main one meanwhile. It is not counted as a user of it, so this must be undone before
 * the thread ends. Returns what to undo, or NULL.
 */
INLINE uint64_t *enter_arena(const struct lp_boot *boot)
{
	uint64_t *arena = (uint64_t *)((uint64_t)__builtin_thread_pointer() + boot->arena_offset);

	if (!boot->arena_offset || *arena)
		return NULL;
	*arena = boot->arena;
	return arena;
}

INLINE void leave_arena(uint64_t *arena)
{
	if (arena)
		*arena = 0;
}

/* Runs on the borrowed thread, with all signals blocked. */
BOOT __attribute__((visibility("hidden"))) void lp_boot_create(struct lp_boot *boot);

INLINE int start_thread(struct lp_boot *boot)
{
	const struct lp_boot_calls *calls = &boot->calls;
	pthread_attr_t attr;
	pthread_t thread;
	int error;

	((int (*)(pthread_attr_t *))calls->attr_init)(&attr);
	error = ((int (*)(pthread_attr_t *, void *, size_t))calls->attr_setstack)(
		&attr, (void *)boot->stack_addr, boot->stack_size);
	((int (*)(pthread_attr_t *, int))calls->attr_setdetachstate)(&attr,
								     PTHREAD_CREATE_DETACHED);
	if (!error)
		error = ((int (*)(pthread_t *, pthread_attr_t *, void *, void *))calls->create)(
			&thread, &attr, (void *)boot->thread_addr, boot);
	((int (*)(pthread_attr_t *))calls->attr_destroy)(&attr);
	return -error;
}

BOOT void lp_boot_create(struct lp_boot *boot)
{
	int *place = ((int *(*)(void))boot->calls.errno_location)();
	uint64_t *arena = enter_arena(boot);
	int saved = *place;

	boot->created = sys(__NR_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			    (long)&boot->agent_fd, 0);
	if (!boot->created) {
		boot->created = start_thread(boot);
		if (boot->created) {
			sys(__NR_close, boot->agent_fd, 0, 0, 0, 0);
			sys(__NR_close, boot->client_fd, 0, 0, 0, 0);
		}
	}
	leave_arena(arena);
	*place = saved;
}

/* Waits for the client's message; files gets one or two descriptors, or -1. */
BOOT static int receive(struct lp_boot *boot, int *files)
{
	struct pollfd poll = { .fd = boot->agent_fd, .events = POLLIN };
	struct timespec timeout = { .tv_sec = boot->timeout_ms / 1000,
				    .tv_nsec = boot->timeout_ms % 1000 * 1000000l };
	struct lp_boot_order order;
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = &order, .iov_len = sizeof(order) };
	struct msghdr message;
	long got;

	order.magic = 0;
	control.header.cmsg_len = 0;
	got = sys(__NR_ppoll, (long)&poll, 1, (long)&timeout, 0, 8);
	if (got <= 0)
		return got ? got : -ETIMEDOUT;
	message.msg_name = NULL;
	message.msg_namelen = 0;
	message.msg_iov = &iov;
	message.msg_iovlen = 1;
	message.msg_control = &control;
	message.msg_controllen = sizeof(control);
	message.msg_flags = 0;
	got = sys(__NR_recvmsg, boot->agent_fd, (long)&message, MSG_CMSG_CLOEXEC, 0, 0);
	if (got < 0)
		return got;
	if (got != sizeof(order) || order.magic != LP_BOOT_MAGIC ||
	    message.msg_controllen < CMSG_LEN(sizeof(int)) ||
	    control.header.cmsg_len < CMSG_LEN(sizeof(int)) ||
	    control.header.cmsg_type != SCM_RIGHTS)
		return -EPROTO;
	files[0] = ((int *)CMSG_DATA(&control.header))[0];
	files[1] = -1;
	if (control.header.cmsg_len == CMSG_LEN(2 * sizeof(int)))
		files[1] = ((int *)CMSG_DATA(&control.header))[1];
	return 0;
}

INLINE void *open_path(struct lp_boot *boot, const char *path)
{
	return ((void *(*)(const char *, int))boot->calls.dlopen)(path, RTLD_NOW | RTLD_LOCAL);
}

BOOT static void put_number(struct lp_boot *boot, unsigned int number)
{
	char *end = boot->path;
	unsigned int digits = 1;

	while (*end)
		end++;
	for (unsigned int rest = number; rest >= 10; rest /= 10)
		digits++;
	end[digits] = 0;
	for (; digits; number /= 10)
		end[--digits] = '0' + number % 10;
}

/* "task/TID" in place of "/proc/thread-self". Returns where it begins. */
BOOT static const char *use_own_directory(struct lp_boot *boot)
{
	char *at = boot->path + sizeof(LP_BOOT_SELF) - 1;
	unsigned int tid = (unsigned int)boot->tid;

	do
		*--at = '0' + tid % 10;
	while (tid /= 10);
	*--at = '/';
	*--at = 'k';
	*--at = 's';
	*--at = 'a';
	*--at = 't';
	return at;
}

/*
 * "/proc/thread-self/fd//N", or where the process has no /proc the same in its directory from the
 * client: this thread alone makes that its working directory for the moment.
 */
BOOT static void *open_agent(struct lp_boot *boot, const int *files)
{
	void *handle;
	long here;

	put_number(boot, files[0]);
	handle = open_path(boot, boot->path);
	if (handle || files[1] < 0 || (boot->flags & LP_BOOT_NO_UNSHARE))
		return handle;
	here = sys(__NR_openat, AT_FDCWD, (long)boot->here, O_PATH | O_CLOEXEC, 0, 0);
	if (!sys(__NR_unshare, CLONE_FS, 0, 0, 0, 0) && !sys(__NR_fchdir, files[1], 0, 0, 0, 0))
		handle = open_path(boot, use_own_directory(boot));
	if (here >= 0) {
		sys(__NR_fchdir, here, 0, 0, 0, 0);
		sys(__NR_close, here, 0, 0, 0, 0);
	}
	return handle;
}

/*
 * What looks at the list of objects opens them by their names: debuggers, and programs that print
 * their own stack. The number of a descriptor would be one of theirs by then, and reading from it
 * could wait for ever, or take what was meant for the program. ld.so's copy of the name, which has
 * room, is given another text; it frees it as it has made it.
 */
BOOT static void rename_agent(struct lp_boot *boot, void *handle)
{
	volatile char *name = ((struct link_map *)handle)->l_name;
	unsigned int n = 0;

	for (; boot->name[n]; n++)
		name[n] = boot->name[n];
	name[n] = 0;
}

BOOT static void report(struct lp_boot *boot, int result)
{
	struct lp_boot_report report;
	const char *text = NULL;
	unsigned int n = 0;

	report.result = result;
	if (result && boot->calls.dlerror)
		text = ((const char *(*)(void))boot->calls.dlerror)();
	for (; text && text[n] && n < sizeof(report.text) - 1; n++)
		report.text[n] = text[n];
	for (; n < sizeof(report.text); n++)
		report.text[n] = 0;
	sys(__NR_sendto, boot->agent_fd, (long)&report, sizeof(report), MSG_NOSIGNAL | MSG_DONTWAIT,
	    0);
}

BOOT static void close_ends(struct lp_boot *boot)
{
	sys(__NR_close, boot->agent_fd, 0, 0, 0, 0);
	sys(__NR_close, boot->client_fd, 0, 0, 0, 0);
}

/* Loads the agent and lets it work; returns when it is unloaded again. */
BOOT static int run(struct lp_boot *boot)
{
	int (*entry)(const struct suture_start *) = NULL;
	struct suture_start start;
	int files[2], result;
	void *handle;

	result = receive(boot, files);
	if (result) {
		close_ends(boot);
		return result;
	}
	handle = open_agent(boot, files);
	if (handle) {
		rename_agent(boot, handle);
		entry = (int (*)(const struct suture_start *))(
			(void *(*)(void *, const char *))boot->calls.dlsym)(handle, boot->symbol);
	}
	result = entry ? 0 : -ELIBACC;
	report(boot, result);
	sys(__NR_close, files[0], 0, 0, 0, 0);
	if (entry) {
		start.size = sizeof(start);
		start.agent_fd = boot->agent_fd;
		start.client_fd = boot->client_fd;
		start.proc_fd = files[1];
		result = entry(&start);
	} else {
		close_ends(boot);
		if (files[1] >= 0)
			sys(__NR_close, files[1], 0, 0, 0, 0);
	}
	if (handle)
		((int (*)(void *))boot->calls.dlclose)(handle);
	return result;
}

/* The client maps the stack away once this thread is in exit(2): nothing may point to it then. */
BOOT static void leave(struct lp_boot *boot)
{
	struct timespec timeout = { .tv_sec = LP_BOOT_LINGER_S };

	__atomic_store_n(&boot->state, LP_BOOT_DONE, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&boot->release, __ATOMIC_ACQUIRE))
		if (sys(__NR_futex, (long)&boot->release, FUTEX_WAIT_PRIVATE, 0, (long)&timeout,
			0) == -ETIMEDOUT)
			return;
	if (boot->rseq_addr)
		sys(__NR_rseq, boot->rseq_addr, boot->rseq_size, 1, boot->rseq_signature, 0);
	sys(__NR_set_robust_list, 0, 24, 0, 0, 0);
	sys(__NR_set_tid_address, 0, 0, 0, 0, 0);
}

BOOT void *lp_boot_thread(void *argument)
{
	struct lp_boot *boot = argument;
	uint64_t mask = ALL_BUT_SETXID;
	uint64_t *arena = enter_arena(boot);

	boot->tid = sys(__NR_gettid, 0, 0, 0, 0, 0);
	__atomic_store_n(&boot->state, LP_BOOT_RUNNING, __ATOMIC_RELEASE);
	sys(__NR_rt_sigprocmask, 2 /* SIG_SETMASK */, (long)&mask, 0, 8, 0);
	boot->result = run(boot);
	leave_arena(arena);
	leave(boot);
	return NULL;
}
