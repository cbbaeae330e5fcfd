/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_inject.c - the agent goes into processes that know nothing of it, and out again: nothing of
 * it may be seen. Arguments: the victim program and the stub agent.
 */
#include <core/reason.h>
#include <inject/inject.h>
#include <inject/names.h>
#include <inject/pick.h>
#include <inject/seccomp.h>
#include <inject/sys.h>
#include <inject/task.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_inject_victim.h"

#define DEADLINE_MS 20000

static const char *victim_path, *agent_path;

struct victim {
	pid_t pid;
	int memory;
	struct victim_report *report;
};

static void pass_a_moment(void)
{
	poll(NULL, 0, 1);
}

static bool is_asleep(pid_t pid)
{
	struct lp_task_status status;
	struct lp_task_call call;
	pid_t tid = lp_task_live(pid);

	return !lp_task_status(tid, &status) && status.state == 'S' &&
	       !lp_task_call(pid, tid, &call);
}

/* Until so many threads are ready, and the main thread sleeps in a system call. */
static void await_ready(struct victim *victim, unsigned int threads, bool asleep)
{
	uint64_t deadline = lp_sys_now_ns() + DEADLINE_MS * 1000000ull;

	while (__atomic_load_n(&victim->report->ready, __ATOMIC_SEQ_CST) < threads ||
	       (asleep && !is_asleep(victim->pid))) {
		assert_true(lp_sys_left_ms(deadline) > 0);
		pass_a_moment();
	}
}

static struct victim start(const char *mode, bool asleep)
{
	struct victim victim = { .memory = memfd_create("report", 0) };
	char fd[16];

	assert_true(victim.memory >= 0);
	assert_int_equal(ftruncate(victim.memory, sizeof(struct victim_report)), 0);
	victim.report = victim_report_map(victim.memory);
	assert_non_null(victim.report);
	victim.report->semaphores = victim.report->queue = -1;
	snprintf(fd, sizeof(fd), "%d", victim.memory);
	victim.pid = fork();
	if (!victim.pid) {
		execl(victim_path, victim_path, mode, fd, (char *)NULL);
		_exit(127);
	}
	await_ready(&victim, strcmp(mode, "threads") ? 1 : 101, asleep);
	return victim;
}

static void stop(struct victim *victim)
{
	kill(victim->pid, SIGKILL);
	waitpid(victim->pid, NULL, 0);
	if (victim->report->semaphores >= 0)
		semctl(victim->report->semaphores, 0, IPC_RMID);
	if (victim->report->queue >= 0)
		msgctl(victim->report->queue, IPC_RMID, NULL);
	munmap(victim->report, sizeof(*victim->report));
	close(victim->memory);
}

static int inject_for(pid_t pid, unsigned int timeout_ms, struct lp_inject_error *error)
{
	const struct lp_inject_options options = { .agent_path = agent_path,
						   .timeout_ms = timeout_ms };

	memset(error, 0, sizeof(*error));
	return lp_agent_inject(pid, &options, NULL, error);
}

static void inject(const struct victim *victim)
{
	struct lp_inject_error error;

	if (inject_for(victim->pid, 10000, &error))
		fail_msg("%s: %s", error.reason, error.message);
}

static void eject(const struct victim *victim)
{
	struct lp_inject_error error = { .reason = "" };
	int connection = lp_agent_connect(victim->pid, &error);

	if (connection < 0 || lp_agent_eject(victim->pid, connection, NULL, &error))
		fail_msg("%s: %s", error.reason, error.message);
	close(connection);
}

static size_t append_file(char *text, size_t size, const char *path)
{
	FILE *file = fopen(path, "re");
	size_t n = file ? fread(text, 1, size - 1, file) : 0;

	if (file)
		fclose(file);
	text[n] = 0;
	return n;
}

/* Everything of the process that the injection might leave something in. */
static char *picture(pid_t pid)
{
	size_t room = 1 << 20, n;
	char *text = malloc(room), path[64], link[128];
	pid_t *tids, live = lp_task_live(pid);
	int count = lp_task_list(pid, &tids);

	assert_non_null(text);
	assert_true(count > 0);
	snprintf(path, sizeof(path), "/proc/%d/maps", live);
	n = append_file(text, room, path);
	for (int i = 0; i < count; i++)
		n += (size_t)snprintf(text + n, room - n, "task %d\n", tids[i]);
	free(tids);
	for (int fd = 0; fd < 64; fd++) {
		ssize_t size;

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", live, fd);
		size = readlink(path, link, sizeof(link) - 1);
		if (size > 0)
			n += (size_t)snprintf(text + n, room - n, "%d %.*s\n", fd, (int)size, link);
	}
	snprintf(path, sizeof(path), "/proc/%d/status", live);
	append_file(text + n, room - n, path);
	/* of the status: the signal masks and dispositions */
	{
		char *from = strstr(text + n, "SigPnd:"), *to = strstr(text + n, "CapInh:");

		assert_true(from && to);
		memmove(text + n, from, (size_t)(to - from));
		text[n + (size_t)(to - from)] = 0;
		/* glibc's own SIGSETXID, from the first pthread_create() of a process on */
		from = strstr(text + n, "SigCgt:\t");
		assert_non_null(from);
		from[8 + 7] = (char)('0' | (from[8 + 7] & 14));
	}
	return text;
}

/* Fails with the first line that differs; frees what is `after`. */
static void assert_same(const char *before, char *after)
{
	size_t line = 0, i = 0;

	for (; before[i] && before[i] == after[i]; i++)
		if (before[i] == '\n')
			line = i + 1;
	if (before[i] != after[i])
		fail_msg("was: %.120s\nis: %.120s", before + line, after + line);
	free(after);
}

static void assert_undisturbed(const struct victim *victim)
{
	assert_int_equal(waitpid(victim->pid, NULL, WNOHANG), 0);
	assert_int_equal(victim->report->interrupted, 0);
	assert_int_equal(victim->report->returned, 0);
	assert_int_equal(victim->report->corrupted, 0);
}

/* In and out `times` times; after the first time the picture must always be the same. */
static void go_through(const char *mode, int times)
{
	struct victim victim = start(mode, true);
	char *before = picture(victim.pid);

	for (int i = 0; i < times; i++) {
		inject(&victim);
		assert_undisturbed(&victim);
		eject(&victim);
		assert_undisturbed(&victim);
		/* its signal mask is that of the call it sleeps in */
		await_ready(&victim, 1, true);
		assert_same(before, picture(victim.pid));
	}
	free(before);
	stop(&victim);
}

static void restarts_every_call_unseen(void **state)
{
	static const char *const modes[] = {
		"epoll",  "epoll-timed", "epoll-pwait", "poll",	      "poll-timed",   "ppoll",
		"select", "read",	 "recv",	"recv-timed", "accept",	      "nanosleep",
		"until",  "futex",	 "futex-timed", "condition",  "sigtimedwait", "sigwaitinfo",
		"pause",  "sigsuspend",	 "semop",	"semtimedop", "msgrcv",	      "wait",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		go_through(modes[i], 3);
}

static void works_without_proc(void **state)
{
	(void)state;
	go_through("chroot", 3);
}

static void works_in_another_mount_namespace(void **state)
{
	(void)state;
	go_through("namespace", 3);
}

static void works_under_a_harmless_filter(void **state)
{
	(void)state;
	go_through("filter-harmless", 3);
}

static void leaves_nothing_behind(void **state)
{
	(void)state;
	go_through("epoll", 200);
}

static void disturbs_none_of_100_threads(void **state)
{
	(void)state;
	go_through("threads", 20);
}

/* Sends one signal after the other, each when the one before was seen; exits 0 when told to. */
static void ping(const struct victim *victim, const uint32_t *end)
{
	while (!__atomic_load_n(end, __ATOMIC_SEQ_CST)) {
		uint64_t seen = __atomic_load_n(&victim->report->rounds, __ATOMIC_SEQ_CST);
		uint64_t deadline = lp_sys_now_ns() + DEADLINE_MS * 1000000ull;

		kill(victim->pid, SIGUSR1);
		while (__atomic_load_n(&victim->report->rounds, __ATOMIC_SEQ_CST) == seen)
			if (!lp_sys_left_ms(deadline))
				_exit(1);
	}
	_exit(0);
}

static void loses_no_signal(void **state)
{
	struct victim victim = start("signals", true);
	uint32_t *end = &victim.report->ready;
	pid_t pinger;
	int status;

	(void)state;
	*end = 0;
	pinger = fork();
	if (!pinger)
		ping(&victim, end);
	for (int i = 0; i < 30; i++) {
		inject(&victim);
		eject(&victim);
	}
	__atomic_store_n(end, 1, __ATOMIC_SEQ_CST);
	assert_int_equal(waitpid(pinger, &status, 0), pinger);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	stop(&victim);
}

static void works_when_the_main_thread_has_exited(void **state)
{
	struct victim victim = start("leaderless", true);
	uint64_t deadline = lp_sys_now_ns() + DEADLINE_MS * 1000000ull;

	(void)state;
	while (lp_task_live(victim.pid) == victim.pid && lp_sys_left_ms(deadline))
		pass_a_moment();
	for (int i = 0; i < 3; i++) {
		inject(&victim);
		eject(&victim);
	}
	assert_undisturbed(&victim);
	stop(&victim);
}

static void assert_progress(const struct victim *victim)
{
	uint64_t deadline = lp_sys_now_ns() + DEADLINE_MS * 1000000ull;
	uint64_t before = __atomic_load_n(&victim->report->rounds, __ATOMIC_SEQ_CST);

	while (__atomic_load_n(&victim->report->rounds, __ATOMIC_SEQ_CST) < before + 10) {
		assert_true(lp_sys_left_ms(deadline) > 0);
		pass_a_moment();
	}
}

static void borrow_running(const char *mode)
{
	struct victim victim = start(mode, false);

	for (int i = 0; i < 20; i++) {
		inject(&victim);
		assert_progress(&victim);
		eject(&victim);
		assert_progress(&victim);
	}
	assert_undisturbed(&victim);
	stop(&victim);
}

static void borrows_a_computing_thread(void **state)
{
	(void)state;
	borrow_running("compute");
}

static void avoids_malloc(void **state)
{
	(void)state;
	borrow_running("malloc");
}

/* --- refusals ------------------------------------------------------------------------------- */

static bool is_reason(const char *word)
{
	for (int i = 0; i < LP_REASON_COUNT; i++)
		if (!strcmp(lp_reason_word((enum lp_reason)i), word))
			return true;
	return false;
}

static void assert_refused(pid_t pid, int result, const char *reason)
{
	struct lp_inject_error error;
	int got = inject_for(pid, 300, &error);

	if (got != result || strcmp(error.reason, reason))
		fail_msg("%d %s: %s", got, error.reason, error.message);
	assert_true(is_reason(error.reason));
	assert_true(strlen(error.message) > 10);
}

static void refuses_what_is_no_process(void **state)
{
	pid_t child = fork();

	(void)state;
	if (!child)
		_exit(0);
	siginfo_t info;
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
	assert_refused(child, -ESRCH, "no-such-process"); /* a zombie */
	waitpid(child, NULL, 0);
	assert_refused(child, -ESRCH, "no-such-process");
	if (lp_task_flags(2) & 0x00200000)
		assert_refused(2, -EOPNOTSUPP, "unsupported-target"); /* kthreadd */
}

static void refuses_a_stopped_process(void **state)
{
	struct victim victim = start("pause", true);
	int status;

	(void)state;
	kill(victim.pid, SIGSTOP);
	waitpid(victim.pid, &status, WUNTRACED);
	assert_refused(victim.pid, -EOPNOTSUPP, "unsupported-target");
	kill(victim.pid, SIGCONT);
	inject(&victim);
	eject(&victim);
	assert_undisturbed(&victim);
	stop(&victim);
}

static void refuses_a_traced_process(void **state)
{
	struct victim victim = start("pause", true);

	(void)state;
	assert_int_equal(ptrace(PTRACE_SEIZE, victim.pid, 0, 0), 0);
	assert_refused(victim.pid, -EBUSY, "traced");
	stop(&victim);
}

static void refuses_a_thread_in_stdio(void **state)
{
	int input[2];
	struct victim victim;

	(void)state;
	assert_int_equal(pipe(input), 0);
	int saved = dup(0);
	dup2(input[0], 0);
	victim = start("stdio", true);
	dup2(saved, 0);
	close(saved);
	assert_refused(victim.pid, -ETIMEDOUT, "unsupported-target");
	assert_undisturbed(&victim);
	stop(&victim);
	close(input[0]);
	close(input[1]);
}

static void refuses_a_killing_filter(void **state)
{
	struct victim victim = start("filter-socketpair", true);
	struct lp_inject_error error;

	(void)state;
	assert_refused(victim.pid, -EOPNOTSUPP, "unsupported-target");
	inject_for(victim.pid, 300, &error);
	assert_non_null(strstr(error.message, "socketpair"));
	assert_undisturbed(&victim);
	stop(&victim);
}

static void undoes_a_failed_load(void **state)
{
	struct victim victim = start("epoll", true);
	char *before = picture(victim.pid);
	const char *agent = agent_path;

	(void)state;
	for (int i = 0; i < 3; i++) {
		agent_path = "/proc/self/exe"; /* ELF, but no agent */
		assert_refused(victim.pid, -ELIBACC, "no-dlopen");
		agent_path = agent;
		await_ready(&victim, 1, true);
		assert_same(before, picture(victim.pid));
	}
	free(before);
	assert_undisturbed(&victim);
	stop(&victim);
}

static void knows_that_it_is_there(void **state)
{
	struct victim victim = start("epoll", true);
	struct lp_inject_error error = { 0 };
	struct suture_agent agent;

	(void)state;
	assert_int_equal(lp_agent_find(victim.pid, &agent, &error), -ENOENT);
	assert_string_equal(error.reason, "not-attached");
	inject(&victim);
	assert_int_equal(lp_agent_find(victim.pid, &agent, &error), 0);
	assert_int_equal(agent.pid, victim.pid);
	assert_int_equal(inject_for(victim.pid, 300, &error), -EALREADY);
	eject(&victim);
	assert_int_equal(lp_agent_find(victim.pid, &agent, &error), -ENOENT);
	assert_undisturbed(&victim);
	stop(&victim);
}

/* --- holding -------------------------------------------------------------------------------- */

static int look_at_it(void *context)
{
	struct lp_task_status status;
	const struct victim *victim = context;

	return lp_task_status(victim->pid, &status) || status.state != 't' ? -EINVAL : 0;
}

static void holds_a_task_unseen(void **state)
{
	static const char *const modes[] = { "epoll", "recv-timed", "sigtimedwait",
					     "semop", "nanosleep",  "compute" };
	struct lp_inject_error error;

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		struct victim victim = start(modes[i], strcmp(modes[i], "compute"));

		for (int n = 0; n < 20; n++)
			assert_int_equal(lp_task_hold(victim.pid, victim.pid, look_at_it, &victim,
						      &error),
					 0);
		assert_undisturbed(&victim);
		stop(&victim);
	}
}

static void assert_free(pid_t tid)
{
	struct lp_task_status status;

	assert_int_equal(lp_task_status(tid, &status), 0);
	assert_int_equal(status.tracer, 0);
	assert_int_not_equal(status.state, 't');
}

/* Comes back when the signal waits; where it is not held back, it does not come back before it. */
static int interrupt_it(void *signal)
{
	sigset_t pending;

	sigemptyset(&pending);
	kill(getpid(), *(int *)signal);
	while (!sigismember(&pending, *(int *)signal)) {
		pass_a_moment();
		sigpending(&pending);
	}
	return 0;
}

/* A client that gets the signal while it holds the task; its wait status. */
static int hold_interrupted(const struct victim *victim, int signal)
{
	struct lp_inject_error error;
	int status;
	pid_t client = fork();

	if (!client) {
		setpgid(0, 0); /* in an orphaned process group nothing stops by SIGTSTP */
		_exit(lp_task_hold(victim->pid, victim->pid, interrupt_it, &signal, &error) ? 1 :
											      0);
	}
	assert_int_equal(waitpid(client, &status, WUNTRACED), client);
	assert_free(victim->pid);
	if (WIFSTOPPED(status)) {
		int after;

		kill(client, SIGCONT);
		assert_int_equal(waitpid(client, &after, 0), client);
		assert_int_equal(after, 0);
	}
	return status;
}

/* It comes to the end of it first, and then stops, or ends. */
static void holds_no_task_while_it_is_stopped(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct victim victim = start("epoll", true);
	int status = hold_interrupted(&victim, SIGTSTP);

	(void)state;
	assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		status = hold_interrupted(&victim, signals[i]);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == signals[i]);
	}
	assert_undisturbed(&victim);
	stop(&victim);
}

/* What holds the main thread up is over. */
static void release(const struct victim *victim)
{
	__atomic_store_n(&victim->report->release, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &victim->report->release, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void lets_go_of_a_task_that_does_not_stop(void **state)
{
	struct victim victim = start("vfork", false);
	struct lp_inject_error error;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(lp_task_hold(victim.pid, victim.pid, look_at_it, &victim, &error),
				 -ETIMEDOUT);
		assert_free(victim.pid);
	}
	release(&victim);
	assert_progress(&victim);
	assert_free(victim.pid);
	stop(&victim);
}

/* The first thread that it tries looks as good as the second, and is not. */
static void takes_another_than_one_that_does_not_stop(void **state)
{
	const struct lp_inject_options options = { .agent_path = agent_path, .timeout_ms = 4000 };
	int faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	struct lp_inject_result result;
	struct lp_inject_error error;
	struct victim victim;

	(void)state;
	if (faults < 0)
		skip(); /* a kernel without it */
	close(faults);
	victim = start("page", true);
	if (lp_agent_inject(victim.pid, &options, &result, &error))
		fail_msg("%s: %s", error.reason, error.message);
	assert_int_not_equal(result.tid, victim.pid);
	assert_free(victim.pid);
	release(&victim);
	assert_progress(&victim);
	assert_free(victim.pid);
	eject(&victim);
	stop(&victim);
}

static pid_t best_candidate(const struct lp_target *target, struct lp_frames *frames,
			    const struct lp_pick_failed *failed)
{
	struct lp_candidate *list;
	int count = lp_pick_candidates(target, frames, failed, &list);
	pid_t tid;

	assert_true(count > 0);
	tid = list[0].tid;
	free(list);
	return tid;
}

static void tries_those_that_failed_last(void **state)
{
	struct victim victim = start("threads", true);
	struct lp_pick_failed failed = { .count = 0 };
	struct lp_inject_error error;
	struct lp_frames *frames;
	struct lp_target target;
	pid_t first, second;

	(void)state;
	assert_int_equal(lp_target_init(&target, victim.pid, &error), 0);
	frames = lp_frames_create(&target);
	assert_non_null(frames);
	first = best_candidate(&target, frames, &failed);
	lp_pick_fail(&failed, first);
	second = best_candidate(&target, frames, &failed);
	assert_int_not_equal(second, first);
	lp_pick_fail(&failed, second);
	lp_pick_fail(&failed, first);
	assert_int_equal(failed.count, 2);
	assert_int_equal(failed.tids[0], second);
	/* more than there is room for: those of longest ago are forgotten */
	for (pid_t other = 1; other <= LP_PICK_FAILED_MAX - 1; other++)
		lp_pick_fail(&failed, -other);
	assert_int_equal(failed.count, LP_PICK_FAILED_MAX);
	assert_int_equal(failed.tids[0], first);
	lp_frames_destroy(frames);
	lp_target_deinit(&target);
	stop(&victim);
}

static void names_the_thread_that_does_not_stop(void **state)
{
	struct victim victim = start("vfork", false);
	struct lp_inject_error error;
	char words[64];

	(void)state;
	assert_int_equal(inject_for(victim.pid, 300, &error), -ETIMEDOUT);
	assert_string_equal(error.reason, "unsupported-target");
	snprintf(words, sizeof(words), "thread %d does not stop", victim.pid);
	if (!strstr(error.message, words))
		fail_msg("%s", error.message);
	assert_free(victim.pid);
	release(&victim);
	assert_progress(&victim);
	inject(&victim);
	eject(&victim);
	stop(&victim);
}

/* --- a client that dies --------------------------------------------------------------------- */

#ifdef LP_FAULTS
/* A client that dies before its n-th step; false: it came to its end. */
static bool inject_and_die(const struct victim *victim, long n)
{
	struct lp_inject_error error;
	int status;
	pid_t client = fork();

	if (!client) {
		lp_inject_die_at = n;
		_exit(inject_for(victim->pid, 2000, &error) ? 1 : 0);
	}
	assert_int_equal(waitpid(client, &status, 0), client);
	if (WIFEXITED(status) && WEXITSTATUS(status) && WEXITSTATUS(status) != 1)
		fail_msg("client: %d", WEXITSTATUS(status));
	return WIFSIGNALED(status);
}

static bool is_healthy(const struct victim *victim)
{
	struct lp_task_status status;

	return !waitpid(victim->pid, NULL, WNOHANG) && !lp_task_status(victim->pid, &status) &&
	       !status.tracer && status.state != 'T' && status.state != 't' &&
	       !victim->report->corrupted;
}

static void mask_of(pid_t pid, char mask[17])
{
	char path[64], text[8192];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	append_file(text, sizeof(text), path);
	assert_non_null(strstr(text, "SigBlk:\t"));
	memcpy(mask, strstr(text, "SigBlk:\t") + 8, 16);
	mask[16] = 0;
}

/* Until it is back where it was: asleep in the same call, with its own signal mask. */
static void await_return(const struct victim *victim, const struct lp_task_call *was,
			 const char *mask)
{
	uint64_t deadline = lp_sys_now_ns() + DEADLINE_MS * 1000000ull;
	struct lp_task_call is;
	char now[17];

	for (;;) {
		mask_of(victim->pid, now);
		if (!lp_task_call(victim->pid, victim->pid, &is) && is.pc == was->pc &&
		    is.sp == was->sp && !strcmp(now, mask))
			return;
		if (!lp_sys_left_ms(deadline))
			fail_msg("it is not back: mask %s, was %s", now, mask);
		pass_a_moment();
	}
}

static void survives_at_every_step(const char *mode, uint32_t interrupted)
{
	struct victim victim = start(mode, true);
	struct lp_task_call was;
	char mask[17];
	bool died = true;

	assert_int_equal(lp_task_call(victim.pid, victim.pid, &was), 0);
	mask_of(victim.pid, mask);
	for (long n = 1; died; n++) {
		died = inject_and_die(&victim, n);
		assert_true(is_healthy(&victim));
		await_return(&victim, &was, mask);
	}
	if (victim.report->interrupted > interrupted || victim.report->returned > interrupted)
		fail_msg("%s: %u of %u calls that returned were interrupted", mode,
			 victim.report->interrupted, victim.report->returned);
	stop(&victim);
}

static void survives_the_client_asleep(void **state)
{
	(void)state;
	survives_at_every_step("nanosleep", 0);
	survives_at_every_step("futex", 0);
	/* the moments between the stop and the first SETREGS, see docs/design/inject.md */
	survives_at_every_step("epoll", 2);
	survives_at_every_step("sigsuspend", 0);
}

static void survives_the_client_computing(void **state)
{
	struct victim victim = start("compute", false);
	bool died = true;

	(void)state;
	for (long n = 1; died || n < 20; n++) {
		died = inject_and_die(&victim, n);
		assert_true(is_healthy(&victim));
		assert_progress(&victim);
	}
	stop(&victim);
}
#endif

/* --- parts ---------------------------------------------------------------------------------- */

static void runs_filters(void **state)
{
	const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 1),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
		BPF_STMT(BPF_ST, 3),
		BPF_STMT(BPF_LD | BPF_IMM, 0),
		BPF_STMT(BPF_LDX | BPF_MEM, 3),
		BPF_STMT(BPF_MISC | BPF_TXA, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 21, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	struct seccomp_data data = { .nr = 7 };

	(void)state;
	assert_int_equal(lp_seccomp_run(code, 11, &data), SECCOMP_RET_ALLOW);
	data.nr = 8;
	assert_int_equal(lp_seccomp_run(code, 11, &data), 24);
	assert_int_equal(lp_seccomp_run(code, 9, &data), SECCOMP_RET_KILL_PROCESS);
}

static void knows_names(void **state)
{
	(void)state;
	assert_true(lp_name_harmless("epoll_wait"));
	assert_true(lp_name_harmless("__GI___clock_nanosleep_time64"));
	assert_true(lp_name_harmless("__pthread_cond_wait_common"));
	assert_false(lp_name_harmless("malloc"));
	assert_false(lp_name_harmless("__lll_lock_wait_private"));
	assert_false(lp_name_harmless("fgets"));
	assert_true(lp_name_forbidden("_Znwm"));
	assert_true(lp_name_forbidden("free"));
	assert_false(lp_name_forbidden("freeze"));
	assert_true(lp_name_allocator("/usr/lib/libjemalloc.so.2"));
	assert_false(lp_name_allocator("/usr/lib/libc.so.6"));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_names),
		cmocka_unit_test(runs_filters),
		cmocka_unit_test(restarts_every_call_unseen),
		cmocka_unit_test(works_without_proc),
		cmocka_unit_test(works_in_another_mount_namespace),
		cmocka_unit_test(works_under_a_harmless_filter),
		cmocka_unit_test(works_when_the_main_thread_has_exited),
		cmocka_unit_test(disturbs_none_of_100_threads),
		cmocka_unit_test(loses_no_signal),
		cmocka_unit_test(borrows_a_computing_thread),
		cmocka_unit_test(avoids_malloc),
		cmocka_unit_test(knows_that_it_is_there),
		cmocka_unit_test(undoes_a_failed_load),
		cmocka_unit_test(refuses_what_is_no_process),
		cmocka_unit_test(refuses_a_stopped_process),
		cmocka_unit_test(refuses_a_traced_process),
		cmocka_unit_test(refuses_a_thread_in_stdio),
		cmocka_unit_test(refuses_a_killing_filter),
		cmocka_unit_test(holds_a_task_unseen),
		cmocka_unit_test(holds_no_task_while_it_is_stopped),
		cmocka_unit_test(lets_go_of_a_task_that_does_not_stop),
		cmocka_unit_test(takes_another_than_one_that_does_not_stop),
		cmocka_unit_test(tries_those_that_failed_last),
		cmocka_unit_test(names_the_thread_that_does_not_stop),
		cmocka_unit_test(leaves_nothing_behind),
#ifdef LP_FAULTS
		cmocka_unit_test(survives_the_client_asleep),
		cmocka_unit_test(survives_the_client_computing),
#endif
	};

	if (argc < 3)
		return 2;
	victim_path = argv[1];
	agent_path = argv[2];
	if (argc > 3)
		cmocka_set_test_filter(argv[3]);
	return cmocka_run_group_tests_name("inject", tests, NULL, NULL);
}
