/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inject.c - brings the agent in: find a thread, borrow it to make another one, give that one the
 * agent's file. The order of steps, and what each leaves if the client dies: docs/design/inject.md.
 */
#include "inject.h"
#include "boot.h"
#include "channel.h"
#include "error.h"
#include "file.h"
#include "leave.h"
#include "pick.h"
#include "seccomp.h"
#include "stale.h"
#include "sys.h"
#include "tracee.h"
#include "tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROUND_MS 20 /* between two looks at a process none of whose threads could be borrowed */
#define TRIES_PER_ROUND 8 /* threads stopped to be looked at; each is disturbed a little */
#define STOP_MS 500 /* for a candidate to stop; one that computes or sleeps takes microseconds */

struct injection {
	const struct lp_inject_options *options;
	struct lp_inject_result *result;
	struct lp_inject_error *error;
	struct lp_target target;
	struct lp_frames *frames;
	struct lp_tracee tracee;
	struct lp_boot boot;
	uint64_t deadline_ns;
	uint64_t arena_before; /* the borrowed thread's, see reset_arena() */
};

static uint64_t step_deadline(const struct injection *in)
{
	return lp_sys_now_ns() + in->options->timeout_ms * 1000000ull;
}

static int fail(const struct injection *in, int result, const char *doing)
{
	return lp_error_set(in->error, result, "system", "%s in process %d failed: %s", doing,
			    in->target.pid, strerror(-result));
}

/* --- on the borrowed thread ----------------------------------------------------------------- */

/*
 * ld.so takes a file that it knows by the same name for the same file, and a child has its
 * parent's agent in its list: the name must be one that was never used. "/" and "./" do not count
 * for the kernel, and write a random number here. Not /proc/self: its fd directory is empty
 * when the main thread has exited. At least `size` long, the number not counted.
 */
static void name_file(char *path, size_t size)
{
	uint32_t number = 0;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		number = (uint32_t)lp_sys_now_ns();
	strcpy(path, LP_BOOT_SELF "/fd/");
	for (int bit = 0; bit < 24; bit++)
		strcat(path, number >> bit & 1 ? "./" : "/");
	while (strlen(path) < size)
		strcat(path, "/");
}

/* Where the file is, so that debuggers find its symbols; they do not without it. */
static void name_agent(struct lp_boot *boot, const char *agent_path)
{
	char *path = realpath(agent_path, NULL);
	const char *name = path && strlen(path) < sizeof(boot->name) ? path : "suture-agent.so";

	strcpy(boot->name, name);
	free(path);
	name_file(boot->path, strlen(boot->name) + strlen(LP_BOOT_SELF));
}

/*
 * The main thread's thread pointer. glibc puts the head of the robust list at one place
 * in struct pthread, at which the thread pointer points, for every thread. 0: not known.
 */
static uint64_t main_thread_pointer(const struct injection *in)
{
	uint64_t main = lp_task_robust_head(in->target.pid);
	uint64_t here = lp_task_robust_head(in->tracee.tid);

	return main && here ? main - (here - in->tracee.saved.fs_base) : 0;
}

static void fill_boot(struct injection *in, uint64_t region, uint64_t size, bool no_unshare)
{
	struct lp_boot *boot = &in->boot;

	memset(boot, 0, sizeof(*boot));
	boot->magic = LP_BOOT_MAGIC;
	boot->self = region + LP_BOOT_PAGE;
	boot->frame = in->tracee.frame;
	boot->size = size;
	boot->calls = in->target.calls;
	boot->stack_addr = region + 2 * LP_BOOT_PAGE;
	boot->stack_size = size - 2 * LP_BOOT_PAGE - LP_BOOT_ENTER_STACK;
	boot->thread_addr = region + (uint64_t)((const char *)lp_boot_thread - __start_lp_boot);
	lp_target_arena(&in->target, main_thread_pointer(in), &boot->arena_offset, &boot->arena);
	boot->flags = no_unshare ? LP_BOOT_NO_UNSHARE : 0;
	boot->timeout_ms = in->options->timeout_ms;
	name_agent(boot, in->options->agent_path);
	strcpy(boot->here, ".");
	strcpy(boot->symbol, "suture_agent_run");
}

static int map_region(struct injection *in, uint64_t *region, uint64_t *size)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	uint64_t args[6] = { 0, 0, PROT_READ | PROT_WRITE, flags | MAP_NORESERVE, (uint64_t)-1, 0 };
	uint64_t code[6] = {
		0, LP_BOOT_PAGE, PROT_READ | PROT_EXEC, flags | MAP_FIXED, (uint64_t)-1, 0
	};
	int64_t got;

	*size = 2 * LP_BOOT_PAGE + LP_BOOT_ENTER_STACK + LP_BOOT_STACK +
		((in->target.tls_size + LP_BOOT_PAGE - 1) & ~(LP_BOOT_PAGE - 1ull));
	args[1] = *size;
	if (lp_tracee_syscall(&in->tracee, __NR_mmap, args, &got) || got < 0)
		return (int)got;
	*region = code[0] = (uint64_t)got;
	if (lp_tracee_syscall(&in->tracee, __NR_mmap, code, &got) || got < 0)
		return (int)got;
	return 0;
}

/* Where malloc keeps the borrowed thread's arena; 0: not known. */
static uint64_t arena_word(const struct injection *in)
{
	return in->boot.arena_offset ? in->tracee.saved.fs_base + (uint64_t)in->boot.arena_offset :
				       0;
}

/*
 * Forced back out of pthread_create(): boot.c had no time to put malloc's word back. It is set
 * only where it was 0.
 */
static void reset_arena(const struct injection *in)
{
	if (arena_word(in) && !in->arena_before)
		lp_sys_write(in->tracee.tid, arena_word(in), &in->arena_before,
			     sizeof(in->arena_before));
}

static int run_boot(struct injection *in, uint64_t region, uint64_t size, bool no_unshare)
{
	uint64_t code = (uint64_t)__start_lp_boot;
	int result;

	fill_boot(in, region, size, no_unshare);
	if (lp_sys_read(in->tracee.tid, arena_word(in), &in->arena_before,
			sizeof(in->arena_before)))
		in->boot.arena_offset = 0;
	result = lp_sys_write(in->tracee.tid, region, __start_lp_boot,
			      (size_t)(__stop_lp_boot - __start_lp_boot));
	if (!result)
		result = lp_sys_write(in->tracee.tid, in->boot.self, &in->boot, sizeof(in->boot));
	if (!result)
		result = lp_tracee_run(&in->tracee, region + ((uint64_t)lp_boot_enter - code),
				       region + size, in->boot.self,
				       region + ((uint64_t)lp_boot_mark - code));
	if (!result)
		result = lp_sys_read(in->tracee.tid, in->boot.self, &in->boot, sizeof(in->boot));
	return result ? result : in->boot.created;
}

static int make_thread(struct injection *in, bool no_unshare)
{
	uint64_t region = 0, size = 0, args[6] = { 0 };
	int64_t ignored;
	int result, restored;

	result = lp_tracee_borrow(&in->tracee, in->target.syscall_ret, in->target.sigreturn);
	if (result)
		return fail(in, result, "borrowing a thread");
	if (!lp_stale_find(&in->target, &args[0], &args[1]))
		lp_tracee_syscall(&in->tracee, __NR_munmap, args, &ignored);
	result = map_region(in, &region, &size);
	if (!result)
		result = run_boot(in, region, size, no_unshare);
	/* after a timeout the thread stands in the middle of something: the mapping must stay */
	if (result && region && !in->tracee.running) {
		args[0] = region;
		args[1] = size;
		lp_tracee_syscall(&in->tracee, __NR_munmap, args, &ignored);
	}
	restored = lp_tracee_restore(&in->tracee);
	if (result == -ETIMEDOUT)
		reset_arena(in);
	if (result == -ENOMEM || result == -EAGAIN)
		return lp_error_set(in->error, -ENOMEM, "no-memory",
				    "process %d is at its limit of memory or threads",
				    in->target.pid);
	if (result || restored)
		return fail(in, result ? result : restored, "making a thread");
	return 0;
}

static int check_filter(struct injection *in, bool *no_unshare)
{
	struct lp_task_status status;
	int result = lp_task_status(in->tracee.tid, &status);

	if (result)
		return -EAGAIN;
	return status.seccomp ? lp_seccomp_check(in->tracee.tid, no_unshare, in->error) : 0;
}

static bool is_live(pid_t tid)
{
	struct lp_task_status status;

	return !lp_task_status(tid, &status) && status.state != 'Z' && status.state != 'X';
}

struct attempt {
	struct injection *in;
	const struct lp_candidate *candidate;
};

static int attempt(void *context)
{
	struct injection *in = ((struct attempt *)context)->in;
	const struct lp_candidate *candidate = ((struct attempt *)context)->candidate;
	uint64_t stop_by = lp_sys_now_ns() + STOP_MS * 1000000ull, stopped_ns;
	bool no_unshare = false;
	int result;

	result = lp_tracee_attach(&in->tracee, candidate->tid, stop_by);
	if (result == -EPERM && is_live(candidate->tid)) /* the kernel's answer for dead ones too */
		return lp_error_set(in->error, -EACCES, "no-permission",
				    "task %d may not be traced (another tracer, or a security "
				    "module?)",
				    candidate->tid);
	if (result)
		return -EAGAIN;
	result = lp_tracee_stop(&in->tracee);
	stopped_ns = in->tracee.stopped_ns;
	in->tracee.deadline_ns = step_deadline(in);
	if (!result && !lp_pick_confirm(&in->target, in->frames, candidate, &in->tracee.saved))
		result = -EAGAIN;
	if (result)
		result = -EAGAIN;
	else
		result = check_filter(in, &no_unshare);
	if (!result)
		result = make_thread(in, no_unshare);
	lp_tracee_detach(&in->tracee);
	if (!result) {
		in->result->tid = candidate->tid;
		in->result->stopped_us = (lp_sys_now_ns() - stopped_ns) / 1000;
	}
	return result;
}

/*
 * 0: the agent's thread is there; -EAGAIN: not this one; or a failure with *error. The candidate is
 * free then, whatever became of it.
 */
static int try_candidate(struct injection *in, const struct lp_candidate *candidate)
{
	in->tracee.unstoppable = false;
	return lp_tracer_run(attempt, &(struct attempt){ in, candidate });
}

/* --- finding one ---------------------------------------------------------------------------- */

/* *stuck: a thread that does not stop, if none was found; or 0. */
static int try_round(struct injection *in, struct lp_pick_failed *failed, pid_t *stuck)
{
	struct lp_candidate *candidates = NULL;
	int count = lp_pick_candidates(&in->target, in->frames, failed, &candidates);
	int tries = 0, result = -EAGAIN;

	if (count < 0)
		return lp_error_set(in->error, count, "no-such-process", "process %d has ended",
				    in->target.pid);
	*stuck = 0;
	for (int i = 0; i < count && result == -EAGAIN && !*stuck && tries < TRIES_PER_ROUND;
	     i++, tries++) {
		if (candidates[i].choice != LP_CHOICE_STUCK)
			result = try_candidate(in, &candidates[i]);
		if (candidates[i].choice == LP_CHOICE_STUCK || in->tracee.unstoppable)
			*stuck = candidates[i].tid;
	}
	/* it took its time: the others are somewhere else by now */
	if (*stuck)
		lp_pick_fail(failed, *stuck);
	free(candidates);
	return result;
}

static int refuse_threads(const struct injection *in, pid_t stuck)
{
	char held_up[96] = "";

	if (stuck)
		snprintf(held_up, sizeof(held_up),
			 "; thread %d does not stop: something in the kernel holds it up", stuck);
	return lp_error_set(in->error, -ETIMEDOUT, "unsupported-target",
			    "no thread of process %d could be borrowed in %u ms: none was "
			    "stopped at a place where it holds no lock of libc's%s",
			    in->target.pid, in->options->timeout_ms, held_up);
}

static int make_thread_somehow(struct injection *in)
{
	struct pollfd end = { .events = POLLIN };
	struct lp_pick_failed failed = { .count = 0 };
	pid_t stuck = 0;
	int result;

	end.fd = (int)syscall(SYS_pidfd_open, in->target.pid, 0);
	do
		result = try_round(in, &failed, &stuck);
	while (result == -EAGAIN && lp_sys_left_ms(in->deadline_ns) &&
	       poll(&end, 1, ROUND_MS) == 0);
	if (end.fd >= 0)
		close(end.fd);
	return result == -EAGAIN ? refuse_threads(in, stuck) : result;
}

/* --- handing over --------------------------------------------------------------------------- */

static bool is_same(pid_t pid, const char *name)
{
	struct stat ours, theirs;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	if (stat(path, &theirs))
		return false;
	snprintf(path, sizeof(path), "/proc/self/%s", name);
	return !stat(path, &ours) && ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/*
 * The target's own directory in procfs, for one that may not see it by itself. As a mount of its
 * own: from a plain descriptor ".." would lead to our /proc, and so out of a container or a chroot,
 * for the process and all that it ever forks. Who may not make mounts gives none. -1: none.
 */
static int open_own_directory(pid_t pid)
{
	char path[32];

	if ((is_same(pid, "ns/mnt") && is_same(pid, "root")) || !is_same(pid, "ns/pid"))
		return -1;
	snprintf(path, sizeof(path), "/proc/%d", pid);
	return (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

static int give_files(struct injection *in, int channel, int agent_file)
{
	struct lp_boot_order order = { .magic = LP_BOOT_MAGIC };
	struct lp_boot_report report = { 0 };
	int fds[2] = { agent_file, open_own_directory(in->target.pid) };
	int result;

	result = lp_channel_send(channel, &order, sizeof(order), fds, fds[1] < 0 ? 1 : 2);
	if (fds[1] >= 0)
		close(fds[1]);
	if (!result)
		result = lp_channel_receive(channel, &report, sizeof(report), NULL,
					    step_deadline(in));
	if (result < 0)
		return fail(in, result, "loading the agent");
	if (result != sizeof(report))
		return fail(in, -EPROTO, "loading the agent");
	report.text[LP_BOOT_TEXT - 1] = 0;
	if (report.result)
		return lp_error_set(in->error, report.result, "no-dlopen",
				    "process %d cannot load the agent: %s", in->target.pid,
				    report.text[0] ? report.text : "it is not an agent");
	return 0;
}

/* What the agent found when it looked around. */
static int refuse(struct injection *in, int refusal)
{
	const char *why = strerror(-refusal);

	if (refusal == -ENOENT)
		why = "it sees no /proc of its own pid namespace, not even through ours";
	if (refusal == -ENOTSUP)
		why = "its C library keeps its threads in a way that the agent does not know";
	if (refusal == -EACCES || refusal == -EPERM)
		why = "it may not look at itself in /proc";
	if (refusal == -ENOMEM)
		return lp_error_set(in->error, -ENOMEM, "no-memory",
				    "process %d has no memory for the agent", in->target.pid);
	return lp_error_set(in->error, -EOPNOTSUPP, "unsupported-target",
			    "the agent cannot work in process %d: %s", in->target.pid, why);
}

static int hand_over(struct injection *in, int agent_file)
{
	int channel = lp_sys_fetch_fd(in->target.pid, in->boot.client_fd), connection, result;
	int refusal;

	if (channel < 0)
		return fail(in, channel, "fetching the control channel");
	result = give_files(in, channel, agent_file);
	if (!result) {
		connection = lp_channel_hello(channel, step_deadline(in), &refusal);
		if (connection < 0 && refusal)
			result = refuse(in, refusal);
		else if (connection < 0)
			result = fail(in, connection, "starting the agent");
		else
			close(connection);
	}
	close(channel);
	return result;
}

/* The new thread is on its way out, or will be when it gets no message. */
static void undo_thread(struct injection *in)
{
	struct lp_boot boot;
	pid_t tid = -ESRCH, live = lp_task_live(in->target.pid);

	if (live > 0 && !lp_sys_read(live, in->boot.self, &boot, sizeof(boot)) &&
	    boot.magic == LP_BOOT_MAGIC)
		tid = lp_task_by_ns(in->target.pid, boot.tid);
	/* the first error is the one to report */
	if (tid > 0)
		lp_leave(tid, lp_sys_now_ns() + 2000000ull * in->options->timeout_ms, NULL);
}

/*
 * One client at a time: a lock on a file of the process's that other users may not open, so that
 * nobody else can keep us out. A descriptor, or -errno.
 */
static int lock(const struct injection *in, pid_t pid)
{
	char path[32];
	int fd, err;

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		err = errno;
		if (err != EWOULDBLOCK || !lp_sys_left_ms(in->deadline_ns)) {
			close(fd);
			return err == EWOULDBLOCK ? -ETIMEDOUT : -err;
		}
		poll(NULL, 0, ROUND_MS); /* flock(2) itself has no deadline */
	}
	return fd < 0 ? -errno : fd;
}

static int inject(struct injection *in, pid_t pid, int agent_file)
{
	int result = lp_target_init(&in->target, pid, in->error);

	if (result)
		return result;
	in->frames = lp_frames_create(&in->target);
	if (!in->frames)
		result = lp_error_set(in->error, -ENOMEM, "no-memory", "out of memory");
	if (!result)
		result = make_thread_somehow(in);
	if (!result) {
		result = hand_over(in, agent_file);
		if (result)
			undo_thread(in);
	}
	lp_frames_destroy(in->frames);
	lp_target_deinit(&in->target);
	return result;
}

static int inject_locked(struct injection *in, pid_t pid)
{
	struct suture_agent agent;
	int file, result;

	if (!lp_agent_find(pid, &agent, in->error))
		return lp_error_set(in->error, -EALREADY, "none",
				    "there is an agent in process %d already", pid);
	file = lp_agent_file(in->options->agent_path, in->error);
	if (file < 0)
		return file;
	result = inject(in, pid, file);
	close(file);
	return result;
}

int lp_agent_inject(pid_t pid, const struct lp_inject_options *options,
		    struct lp_inject_result *result, struct lp_inject_error *error)
{
	struct injection *in = calloc(1, sizeof(*in));
	struct lp_inject_result used = { 0 };
	int guard, outcome;

	if (!in)
		return lp_error_set(error, -ENOMEM, "no-memory", "out of memory");
	in->options = options;
	in->result = &used;
	in->error = error;
	in->deadline_ns = lp_sys_now_ns() + options->timeout_ms * 1000000ull;
	guard = lock(in, pid);
	if (guard == -ENOENT || guard == -ESRCH)
		outcome = lp_error_set(error, -ESRCH, "no-such-process", "there is no process %d",
				       pid);
	else if (guard == -EACCES || guard == -EPERM)
		outcome = lp_error_set(error, -EACCES, "no-permission",
				       "process %d may not be traced: be its user (and it "
				       "dumpable), or have CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH",
				       pid);
	else if (guard == -ETIMEDOUT)
		outcome = lp_error_set(error, guard, "system",
				       "another client is busy with process %d", pid);
	else if (guard < 0)
		outcome = lp_error_set(error, guard, "system", "locking process %d: %s", pid,
				       strerror(-guard));
	else
		outcome = inject_locked(in, pid);
	if (guard >= 0)
		close(guard);
	free(in);
	if (!outcome && result)
		*result = used;
	return outcome;
}
