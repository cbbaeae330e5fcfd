/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The process that test_inject works on: test_inject_victim MODE REPORT-FD. It knows nothing of
 * the injection, and writes what happens to it into the shared memory behind the descriptor.
 */
#include "test_inject_victim.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>

static struct victim_report *report;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int faults, pipe_end, socket_end, listener, epoll, semaphores, queue;
static const struct timespec hour = { .tv_sec = 3600 };

static long sleep_epoll(void)
{
	struct epoll_event event;

	return epoll_wait(epoll, &event, 1, -1);
}

static long sleep_epoll_timed(void)
{
	struct epoll_event event;

	return epoll_wait(epoll, &event, 1, 3600000);
}

static long sleep_epoll_pwait(void)
{
	struct epoll_event event;
	sigset_t all;

	sigfillset(&all);
	return epoll_pwait(epoll, &event, 1, -1, &all);
}

static long sleep_poll(void)
{
	return poll(NULL, 0, -1);
}

static long sleep_poll_timed(void)
{
	return poll(NULL, 0, 3600000);
}

static long sleep_ppoll(void)
{
	struct timespec timeout = hour;
	sigset_t none;

	sigemptyset(&none);
	return ppoll(NULL, 0, &timeout, &none);
}

static long sleep_select(void)
{
	struct timeval timeout = { .tv_sec = 3600 };

	return select(0, NULL, NULL, NULL, &timeout);
}

static long sleep_read(void)
{
	char byte;

	return read(pipe_end, &byte, 1);
}

static long sleep_recv(void)
{
	char byte;

	return recv(socket_end, &byte, 1, 0);
}

static long sleep_recv_timed(void)
{
	struct timeval timeout = { .tv_sec = 3600 };
	char byte;

	setsockopt(socket_end, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	return recv(socket_end, &byte, 1, 0);
}

static long sleep_accept(void)
{
	return accept(listener, NULL, NULL);
}

static long sleep_nanosleep(void)
{
	return nanosleep(&hour, NULL);
}

static long sleep_until(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += 3600;
	return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static long sleep_futex(void)
{
	static int word;

	return syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static long sleep_futex_timed(void)
{
	static int word;

	return syscall(SYS_futex, &word, FUTEX_WAIT, 0, &hour, NULL, 0);
}

static long sleep_condition(void)
{
	pthread_mutex_lock(&mutex);
	return pthread_cond_wait(&condition, &mutex);
}

static long sleep_sigtimedwait(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return sigtimedwait(&set, NULL, &hour);
}

static long sleep_sigwaitinfo(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, 8);
}

static long sleep_pause(void)
{
	return pause();
}

static long sleep_sigsuspend(void)
{
	sigset_t none;

	sigemptyset(&none);
	return sigsuspend(&none);
}

static long sleep_semop(void)
{
	struct sembuf down = { .sem_op = -1 };

	return semop(semaphores, &down, 1);
}

static long sleep_semtimedop(void)
{
	struct sembuf down = { .sem_op = -1 };

	return semtimedop(semaphores, &down, 1, &hour);
}

static long sleep_msgrcv(void)
{
	char text[64];

	return msgrcv(queue, text, sizeof(text) - sizeof(long), 0, 0);
}

static long sleep_wait(void)
{
	static pid_t child;

	if (!child)
		child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return waitpid(child, NULL, 0);
}

static const struct {
	const char *name;
	long (*sleep)(void);
} sleeps[] = {
	{ "epoll", sleep_epoll },
	{ "epoll-timed", sleep_epoll_timed },
	{ "epoll-pwait", sleep_epoll_pwait },
	{ "poll", sleep_poll },
	{ "poll-timed", sleep_poll_timed },
	{ "ppoll", sleep_ppoll },
	{ "select", sleep_select },
	{ "read", sleep_read },
	{ "recv", sleep_recv },
	{ "recv-timed", sleep_recv_timed },
	{ "accept", sleep_accept },
	{ "nanosleep", sleep_nanosleep },
	{ "until", sleep_until },
	{ "futex", sleep_futex },
	{ "futex-timed", sleep_futex_timed },
	{ "condition", sleep_condition },
	{ "sigtimedwait", sleep_sigtimedwait },
	{ "sigwaitinfo", sleep_sigwaitinfo },
	{ "pause", sleep_pause },
	{ "sigsuspend", sleep_sigsuspend },
	{ "semop", sleep_semop },
	{ "semtimedop", sleep_semtimedop },
	{ "msgrcv", sleep_msgrcv },
	{ "wait", sleep_wait },
};

#define N_SLEEPS (sizeof(sleeps) / sizeof(*sleeps))

static void ready(void)
{
	__atomic_add_fetch(&report->ready, 1, __ATOMIC_SEQ_CST);
}

static void sleep_for_ever(long (*call)(void))
{
	ready();
	for (;;) {
		errno = 77;
		if (call() < 0 && errno == EINTR)
			__atomic_add_fetch(&report->interrupted, 1, __ATOMIC_SEQ_CST);
		__atomic_add_fetch(&report->returned, 1, __ATOMIC_SEQ_CST);
	}
}

static void *sleeping_thread(void *index)
{
	sleep_for_ever(sleeps[(size_t)index].sleep);
	return NULL;
}

/*
 * Computes with known values in all registers, red zone and vector registers included, and counts
 * every round in which one of them is not what it was.
 */
static void compute_round(void)
{
	uint64_t bad;

	__asm__ volatile(
		"sub $256, %%rsp\n"
		"movq $0x5a5a, 120(%%rsp)\n movq $0x6b6b, 8(%%rsp)\n"
		"mov $1, %%rbx\n mov $2, %%rcx\n mov $3, %%rdx\n mov $4, %%rsi\n mov $5, %%rdi\n"
		"mov $8, %%r8\n mov $9, %%r9\n mov $10, %%r10\n mov $11, %%r11\n mov $12, %%r12\n"
		"mov $13, %%r13\n mov $14, %%r14\n mov $15, %%r15\n"
		"movq %%r15, %%xmm0\n movq %%r14, %%xmm7\n movq %%r13, %%xmm15\n"
		"movq $0x7c7c, -8(%%rsp)\n movq $0x7d7d, -128(%%rsp)\n"
		"mov $20000, %%eax\n"
		"1: dec %%eax\n jnz 1b\n"
		"cmp $1, %%rbx\n jne 2f\n cmp $2, %%rcx\n jne 2f\n cmp $3, %%rdx\n jne 2f\n"
		"cmp $4, %%rsi\n jne 2f\n cmp $5, %%rdi\n jne 2f\n cmp $8, %%r8\n jne 2f\n"
		"cmp $9, %%r9\n jne 2f\n cmp $10, %%r10\n jne 2f\n cmp $11, %%r11\n jne 2f\n"
		"cmp $12, %%r12\n jne 2f\n cmp $13, %%r13\n jne 2f\n cmp $14, %%r14\n jne 2f\n"
		"cmp $15, %%r15\n jne 2f\n"
		"cmpq $0x7c7c, -8(%%rsp)\n jne 2f\n cmpq $0x7d7d, -128(%%rsp)\n jne 2f\n"
		"cmpq $0x5a5a, 120(%%rsp)\n jne 2f\n cmpq $0x6b6b, 8(%%rsp)\n jne 2f\n"
		"movq %%xmm0, %%rbx\n cmp $15, %%rbx\n jne 2f\n"
		"movq %%xmm7, %%rbx\n cmp $14, %%rbx\n jne 2f\n"
		"movq %%xmm15, %%rbx\n cmp $13, %%rbx\n jne 2f\n"
		"xor %%eax, %%eax\n jmp 3f\n"
		"2: mov $1, %%eax\n"
		"3: add $256, %%rsp\n"
		: "=a"(bad)
		:
		: "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
		  "r15", "xmm0", "xmm7", "xmm15", "memory", "cc");
	report->corrupted += bad;
	__atomic_add_fetch(&report->rounds, 1, __ATOMIC_SEQ_CST);
}

static void *computing_thread(void *unused)
{
	(void)unused;
	ready();
	for (;;)
		compute_round();
	return NULL;
}

static void *allocating_thread(void *unused)
{
	void *blocks[64] = { NULL };

	(void)unused;
	ready();
	for (unsigned int i = 0;; i++) {
		free(blocks[i % 64]);
		blocks[i % 64] = malloc(16 + i * 7919u % 100000);
		memset(blocks[i % 64], 1, 16);
		__atomic_add_fetch(&report->rounds, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void count(int signal)
{
	(void)signal;
	__atomic_add_fetch(&report->rounds, 1, __ATOMIC_SEQ_CST);
}

/* Sleeps with the one signal open that it waits for, as servers do; counts those that came. */
static void count_signals(void)
{
	struct sigaction action = { .sa_handler = count };
	sigset_t set, open;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &open);
	sigaction(SIGUSR1, &action, NULL);
	ready();
	for (;;) {
		sigsuspend(&open);
		poll(NULL, 0, 0);
	}
}

static void start(void *(*function)(void *), size_t argument)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 * 1024);
	if (pthread_create(&thread, &attr, function, (void *)argument))
		abort();
}

static void prepare(void)
{
	struct sockaddr_un_free {
		unsigned short family;
	} any = { AF_UNIX };
	int fds[2];
	sigset_t set;

	void *volatile block = malloc(100); /* as any program does: there is a heap */

	free(block);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (pipe2(fds, O_CLOEXEC))
		abort();
	pipe_end = fds[0];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		abort();
	socket_end = fds[0];
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bind(listener, (void *)&any, sizeof(any));
	listen(listener, 1);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	semaphores = semget(IPC_PRIVATE, 1, 0600);
	queue = msgget(IPC_PRIVATE, 0600);
	report->semaphores = semaphores;
	report->queue = queue;
}

/* A root without /proc, and without the agent's file. */
static void hide(void)
{
	char root[] = "/tmp/victim-root-XXXXXX";
	int outside = open("/", O_PATH | O_CLOEXEC);

	if (outside < 0 || !mkdtemp(root) || chroot(root) || chdir("/") ||
	    unlinkat(outside, root + 1, AT_REMOVEDIR))
		abort();
	close(outside);
}

static void move_away(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "/tmp", "tmpfs", 0, NULL) || umount2("/proc", MNT_DETACH))
		abort();
}

/* A filter with one forbidden call, or none (-1). */
static void filter(int forbidden, unsigned int action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)forbidden, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = 4, .filter = code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		abort();
}

/*
 * Sleeps when it is let go, beside a thread that computes. Until then it does not stop for anybody: the
 * kernel holds it.
 */
static void wait_for_child(void)
{
	pid_t child = vfork();

	if (child < 0)
		abort();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		ready();
		while (!__atomic_load_n(&report->release, __ATOMIC_SEQ_CST))
			syscall(SYS_futex, &report->release, FUTEX_WAIT, 0, NULL, NULL, 0);
		_exit(0);
	}
	start(computing_thread, 0);
	sleep_for_ever(sleep_epoll);
}

static void *releasing_thread(void *page)
{
	struct uffdio_zeropage zero = { .range = { (uintptr_t)page, 4096 } };

	ready();
	while (!__atomic_load_n(&report->release, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, &report->release, FUTEX_WAIT, 0, NULL, NULL, 0);
	if (ioctl(faults, UFFDIO_ZEROPAGE, &zero))
		abort();
	return NULL;
}

/*
 * A read(2) into a page that does not come until the other thread brings it. It looks as any sleep
 * in read(2) does, and does not stop for anybody.
 */
static void wait_for_page(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_register range = { .range = { (uintptr_t)page, 4096 },
					 .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };
	int ends[2];

	faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (faults < 0 || ioctl(faults, UFFDIO_API, &api) ||
	    ioctl(faults, UFFDIO_REGISTER, &range) || pipe(ends) || write(ends[1], "x", 1) != 1)
		abort();
	start(releasing_thread, (size_t)page);
	if (read(ends[0], page, 1) != 1)
		abort();
	computing_thread(NULL);
}

static void run(const char *mode)
{
	for (size_t i = 0; i < N_SLEEPS; i++)
		if (!strcmp(mode, sleeps[i].name))
			sleep_for_ever(sleeps[i].sleep);
	if (!strcmp(mode, "threads")) {
		for (size_t i = 0; i < 100; i++)
			start(sleeping_thread, i % (N_SLEEPS - 1));
		sleep_for_ever(sleep_condition);
	} else if (!strcmp(mode, "leaderless")) {
		start(sleeping_thread, 0);
		pthread_exit(NULL);
	} else if (!strcmp(mode, "compute")) {
		start(computing_thread, 0);
		computing_thread(NULL);
	} else if (!strcmp(mode, "malloc")) {
		start(allocating_thread, 0);
		allocating_thread(NULL);
	} else if (!strcmp(mode, "chroot")) {
		hide();
		sleep_for_ever(sleep_epoll);
	} else if (!strcmp(mode, "namespace")) {
		move_away();
		sleep_for_ever(sleep_epoll);
	} else if (!strcmp(mode, "vfork")) {
		wait_for_child();
	} else if (!strcmp(mode, "page")) {
		wait_for_page();
	} else if (!strcmp(mode, "signals")) {
		count_signals();
	} else if (!strcmp(mode, "stdio")) {
		ready();
		getchar();
	} else if (!strcmp(mode, "filter-harmless")) {
		filter(-1, SECCOMP_RET_KILL_PROCESS);
		sleep_for_ever(sleep_epoll);
	} else if (!strcmp(mode, "filter-socketpair")) {
		filter(SYS_socketpair, SECCOMP_RET_KILL_PROCESS);
		sleep_for_ever(sleep_epoll);
	}
	abort();
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	report = victim_report_map(atoi(argv[2]));
	if (!report)
		return 2;
	if (strcmp(argv[1], "stdio"))
		prepare();
	run(argv[1]);
	return 0;
}
