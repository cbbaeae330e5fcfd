// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * driver.c - patches the victim, at random, and turns transitions around; the victim checks.
 * scripts/oracle.sh says how it is run. Exit status: 0 all held; 1 a violation, a crash, or a
 * transition that does not end; 2 usage, or the test itself failed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "board.h"
#include "cli/assist.h"
#include "cli/client.h"

#define STUCK_MS 60000
#define STEP_MS 100 /* between helping tasks that block signals */

enum { HELD = 0, BROKEN = 1, UNUSABLE = 2 };

struct counts {
	unsigned int applied, disabled, replaced, undone, reversed, late, refused, timed_out;
	uint64_t slowest_ms, total_ms;
};

static struct {
	const char *victim, *suture, *agent, *fixes, *preload, *threads;
	double seconds;
	uint64_t seed;
	bool verbose;
} options = { .seconds = 60, .seed = 1, .threads = "40" };

static struct board *board;
static int board_fd;
static pid_t victim;
static int victim_pidfd, victim_output;
static struct lp_client client = { .fd = -1 };
static int fix_fds[N_PATCHES];
static struct counts counts;
static unsigned int actual; /* the patch that is in */
static pid_t agent_tid;

/* --- the ends of it --- */

static void kill_victim(void)
{
	if (victim <= 0)
		return;
	kill(victim, SIGKILL);
	waitpid(victim, NULL, 0);
	if (board->semaphores)
		semctl(board->semaphores - 1, 0, IPC_RMID);
}

__attribute__((noreturn, format(printf, 2, 3))) static void end(int status, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "oracle: ");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, " (seed %llu, change %u)\n", (unsigned long long)options.seed,
		board ? board->changes : 0);
	kill_victim();
	exit(status);
}

static bool victim_has_ended(int wait_ms)
{
	struct pollfd poller = { .fd = victim_pidfd, .events = POLLIN };

	return poll(&poller, 1, wait_ms) > 0;
}

/* How the victim ended; only called when it has, or is about to. */
__attribute__((noreturn)) static void end_with_victim(void)
{
	int status;

	if (!victim_has_ended(5000))
		end(BROKEN, "the victim lives, but its agent does not answer");
	waitpid(victim, &status, 0);
	victim = 0;
	if (board->semaphores)
		semctl(board->semaphores - 1, 0, IPC_RMID);
	if (WIFSIGNALED(status))
		end(BROKEN, "violation: the victim crashed: %s", strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) == VICTIM_VIOLATION)
		end(BROKEN, "violation: found by the victim");
	end(UNUSABLE, "the victim ended with status %d", WEXITSTATUS(status));
}

static void need(bool good, const char *what)
{
	if (!good)
		end(UNUSABLE, "%s: %s", what, strerror(errno));
}

/* --- chance and time --- */

static uint64_t chance(uint64_t below)
{
	static uint64_t state;

	if (!state)
		state = options.seed * 2 + 1;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state * 0x2545f4914f6cdd1dull >> 32) % below;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* 0 to 20 ms, short ones more often. */
static void pause_a_while(void)
{
	uint64_t us = chance(1ull << chance(15)) + (chance(4) ? 0 : chance(4000));
	struct timespec time = { .tv_nsec = (long)(us < 20000 ? us : 20000) * 1000 };

	nanosleep(&time, NULL);
}

/* --- the victim --- */

static void say(const char *format, ...)
{
	va_list arguments;

	if (!options.verbose)
		return;
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
}

static void start_victim(void)
{
	char fd_text[16], preload[4200];
	char *arguments[] = { (char *)options.victim, fd_text, (char *)options.threads, NULL };
	char *environment[] = { NULL, NULL };
	posix_spawn_file_actions_t actions;
	int output[2];
	char line[6];

	need(!pipe2(output, O_CLOEXEC), "pipe");
	snprintf(fd_text, sizeof(fd_text), "%d", board_fd);
	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", options.preload ? options.preload : "");
	environment[0] = options.preload ? preload : NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
	errno = posix_spawn(&victim, options.victim, &actions, NULL, arguments, environment);
	need(!errno, options.victim);
	posix_spawn_file_actions_destroy(&actions);
	close(output[1]);
	victim_output = output[0];
	victim_pidfd = (int)syscall(SYS_pidfd_open, victim, 0);
	need(victim_pidfd >= 0, "pidfd_open");
	if (read(victim_output, line, sizeof(line)) != sizeof(line))
		end_with_victim();
}

static int run_suture(const char *command)
{
	char pid[16], agent[4200];
	char *arguments[] = { (char *)options.suture, (char *)command, "--pid", pid, NULL };
	char *environment[] = { agent, NULL };
	int status;
	pid_t child;

	snprintf(pid, sizeof(pid), "%d", victim);
	snprintf(agent, sizeof(agent), "SUTURE_AGENT=%s", options.agent);
	errno = posix_spawn(&child, options.suture, NULL, NULL, arguments, environment);
	need(!errno, options.suture);
	need(waitpid(child, &status, 0) == child, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void attach(void)
{
	struct suture_agent agent;
	struct lp_inject_error error = { 0 };
	uint64_t end_ms = now_ms() + 5000;

	if (!options.preload && run_suture("attach"))
		end(BROKEN, "attach failed");
	/* preloaded, it may still be starting */
	while (lp_client_connect(&client, victim, &error)) {
		if (victim_has_ended(10))
			end_with_victim();
		if (now_ms() > end_ms)
			end(BROKEN, "cannot connect: %s", error.message);
	}
	need(!lp_agent_find(victim, &agent, &error), "the agent");
	agent_tid = agent.tid;
}

/* --- requests --- */

/* Status of the reply; *json is the caller's. */
static int ask(const struct lp_request *request, json_t **json)
{
	struct lp_inject_error error = { 0 };
	struct lp_reply reply;

	if (lp_client_request(&client, request, &reply, &error)) {
		fprintf(stderr, "oracle: request %d: %s\n", request->type, error.message);
		end_with_victim();
	}
	*json = reply.json;
	return reply.status;
}

static const char *first_reason(const json_t *json)
{
	const json_t *reason = json_array_get(json_object_get(json, "reasons"), 0);
	const char *word = json_string_value(json_object_get(reason, "reason"));

	return word ? word : "?";
}

/* A refusal is an error unless it is the one that may be. */
static bool ask_may_refuse(const struct lp_request *request, const char *allowed)
{
	json_t *json;
	int status = ask(request, &json);

	if (status && (!allowed || strcmp(first_reason(json), allowed) != 0)) {
		json_dumpf(json, stderr, 0);
		end(BROKEN, "request %d: status %d", request->type, status);
	}
	json_decref(json);
	return status == 0;
}

static void publish(unsigned int target)
{
	uint32_t next = board->changes + 1;

	if (next >= BOARD_CHANGES_MAX)
		end(UNUSABLE, "more changes than the board holds");
	board->targets[next] = (uint8_t)target;
	__atomic_store_n(&board->changes, next, __ATOMIC_SEQ_CST);
}

static bool apply(unsigned int patch, unsigned int timeout_ms, const char *allowed)
{
	struct suture_apply payload = { .timeout_ms = timeout_ms, .on_timeout = SUTURE_REVERSE_IT };
	char name[16];

	snprintf(name, sizeof(name), "fix%u.lp", patch);
	return ask_may_refuse(&(struct lp_request){ .type = SUTURE_APPLY,
						    .payload = &payload,
						    .payload_size = sizeof(payload),
						    .string = name,
						    .has_fd = true,
						    .fd = fix_fds[patch] },
			      allowed);
}

static void disable(unsigned int patch)
{
	struct suture_disable payload = { 0 };
	char name[16];

	snprintf(name, sizeof(name), "fix%u", patch);
	ask_may_refuse(&(struct lp_request){ .type = SUTURE_DISABLE,
					     .payload = &payload,
					     .payload_size = sizeof(payload),
					     .string = name },
		       NULL);
}

/* The patch that an undo would bring back; 0: there is nothing to undo. */
static unsigned int ask_undo_target(void)
{
	const json_t *undo, *name;
	unsigned int target = 0;
	json_t *status;

	ask(&(struct lp_request){ .type = SUTURE_STATUS, .string = "" }, &status);
	undo = json_object_get(status, "undo");
	name = json_array_get(json_object_get(undo, "returns"), 0);
	if (json_is_string(name))
		target = (unsigned int)atoi(json_string_value(name) + strlen("fix"));
	json_decref(status);
	return target;
}

static void undo(void)
{
	struct suture_disable payload = { 0 };

	ask_may_refuse(&(struct lp_request){ .type = SUTURE_UNDO,
					     .payload = &payload,
					     .payload_size = sizeof(payload),
					     .string = "" },
		       NULL);
	counts.undone++;
}

/* --- one transition --- */

static unsigned int enabled_patch(const json_t *status)
{
	const json_t *patches = json_object_get(status, "patches"), *patch;
	unsigned int found = 0;
	size_t i;

	json_array_foreach(patches, i, patch) {
		const char *name = json_string_value(json_object_get(patch, "name"));

		if (!json_is_true(json_object_get(patch, "enabled")))
			continue;
		if (found || !name || strncmp(name, "fix", 3) != 0)
			end(BROKEN, "two patches of one scope are enabled");
		found = (unsigned int)atoi(name + 3);
	}
	return found;
}

/* Until no transition is in progress. Returns the patch that is in then. */
static unsigned int settle(void)
{
	const struct suture_wait payload = { .timeout_ms = STEP_MS };
	uint64_t start_ms = now_ms(), took_ms;
	unsigned int patch;
	json_t *status;

	for (;;) {
		const json_t *transition;

		ask(&(struct lp_request){ .type = SUTURE_WAIT,
					  .payload = &payload,
					  .payload_size = sizeof(payload) },
		    &status);
		transition = json_object_get(status, "transition");
		if (!json_is_object(transition))
			break;
		if (now_ms() - start_ms > STUCK_MS) {
			json_dumpf(transition, stderr, JSON_INDENT(1));
			end(BROKEN, "the transition does not end");
		}
		if (options.verbose)
			json_dumpf(json_object_get(transition, "blockers"), stderr, 0);
		lp_assist_blockers(victim, json_object_get(transition, "blockers"));
		json_decref(status);
		if (victim_has_ended(0))
			end_with_victim();
	}
	patch = enabled_patch(status);
	json_decref(status);
	took_ms = now_ms() - start_ms;
	counts.total_ms += took_ms;
	if (took_ms > counts.slowest_ms)
		counts.slowest_ms = took_ms;
	return patch;
}

/* Tells the victim where everybody is. What was published but did not happen is taken back. */
static void publish_settled(unsigned int patch)
{
	actual = patch;
	if (board->targets[board->changes] != patch)
		publish(patch);
	__atomic_store_n(&board->settled, board->changes, __ATOMIC_SEQ_CST);
}

static void reverse(unsigned int target)
{
	publish(target);
	if (ask_may_refuse(&(struct lp_request){ .type = SUTURE_REVERSE }, "no-transition"))
		counts.reversed++;
	else
		counts.late++;
}

/* Applies a patch that is in the way of nobody, while a transition may be in progress. */
static void apply_midway(unsigned int from, unsigned int to)
{
	unsigned int patch = 1;

	while (patch == from || patch == to)
		patch++;
	/* it may have ended just before: then this one starts */
	publish(patch);
	if (!apply(patch, 0, "busy-transition"))
		counts.refused++;
}

/* The others come first, so that between two steps of the agent much happens in them. */
static void set_pace(bool slow)
{
	setpriority(PRIO_PROCESS, (id_t)agent_tid, slow ? 5 : 0);
}

static void start(unsigned int from, unsigned int to, bool by_undo)
{
	bool timed = to && !by_undo && chance(16) == 0;

	publish(to);
	if (by_undo) {
		undo();
		return;
	}
	if (timed)
		publish(from); /* the agent itself may turn it around */
	if (!to) {
		disable(from);
		counts.disabled++;
		return;
	}
	apply(to, timed ? 1 + (unsigned int)chance(10) : 0, NULL);
	counts.timed_out += timed;
	counts.replaced += from != 0;
	counts.applied++;
}

/* None, some, or back and forth so often that tasks are met in the midst of it. */
static unsigned int choose_reverses(void)
{
	if (chance(2))
		return 0;
	if (chance(4) == 0)
		return 2 + (unsigned int)chance(20);
	return 1 + (unsigned int)(chance(3) == 0) + (unsigned int)(chance(8) == 0);
}

static void transition(unsigned int to)
{
	unsigned int from = actual, reverses = choose_reverses(), patch, back = 0;

	if (chance(4) == 0)
		back = ask_undo_target();
	if (back)
		to = back;
	set_pace(chance(4) == 0);
	start(from, to, back != 0);
	for (unsigned int i = 0; i < reverses; i++) {
		pause_a_while();
		reverse(i % 2 ? to : from);
	}
	if (!reverses && chance(8) == 0) {
		pause_a_while();
		apply_midway(from, to);
	}
	patch = settle();
	say("%u -> %u, %u reverses: %u\n", from, to, reverses, patch);
	if (!reverses && patch != to && board->targets[board->changes] == to)
		end(BROKEN, "applied %u, but %u is in", to, patch);
	publish_settled(patch);
}

static unsigned int choose_target(void)
{
	unsigned int to = (unsigned int)chance(N_PATCHES);

	if (to == actual)
		to = actual && chance(2) ? 0 : 1 + (actual + (unsigned int)chance(2)) % 3;
	return to;
}

static void patch_at_random(void)
{
	uint64_t end_ms = now_ms() + (uint64_t)(options.seconds * 1000);

	while (now_ms() < end_ms) {
		transition(choose_target());
		if (victim_has_ended(0))
			end_with_victim();
		if (chance(3))
			pause_a_while();
	}
	set_pace(false);
	while (actual) {
		start(actual, 0, false);
		publish_settled(settle());
	}
}

/* --- the end --- */

static void detach(void)
{
	lp_client_disconnect(&client);
	if (run_suture("detach"))
		end(BROKEN, "detach failed");
}

static void stop_victim(void)
{
	char text[512];
	ssize_t n = 0;
	int status;

	__atomic_store_n(&board->stop, 1, __ATOMIC_SEQ_CST);
	if (!victim_has_ended(10000))
		end(BROKEN, "the victim does not stop");
	n = read(victim_output, text, sizeof(text));
	need(n > 0 && write(STDOUT_FILENO, text, (size_t)n) == n, "the victim's summary");
	waitpid(victim, &status, 0);
	victim = 0;
	semctl(board->semaphores - 1, 0, IPC_RMID);
	if (status)
		end(BROKEN, "the victim ended with status %#x", (unsigned int)status);
}

static void print_summary(void)
{
	unsigned int n = counts.applied + counts.disabled + counts.undone;

	printf("driver: %u applied (%u replaced another), %u disabled, %u undone, %u reversed, "
	       "%u too late, %u refused, %u with a deadline\n",
	       counts.applied, counts.replaced, counts.disabled, counts.undone, counts.reversed,
	       counts.late, counts.refused, counts.timed_out);
	printf("oracle: seed %llu, %llu entries, %u transitions, %u reversed, %llu ms in the mean, "
	       "%llu ms at most, %u violations\n",
	       (unsigned long long)options.seed, (unsigned long long)board->entries, n,
	       counts.reversed, (unsigned long long)(n ? counts.total_ms / n : 0),
	       (unsigned long long)counts.slowest_ms, board->violations);
}

static void prepare(void)
{
	char path[4200];

	board_fd = memfd_create("oracle-board", 0);
	need(board_fd >= 0 && !ftruncate(board_fd, sizeof(*board)), "memfd");
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED, board_fd, 0);
	need(board != MAP_FAILED, "mmap");
	for (unsigned int i = 1; i < N_PATCHES; i++) {
		snprintf(path, sizeof(path), "%s/fix%u.lp", options.fixes, i);
		fix_fds[i] = open(path, O_RDONLY | O_CLOEXEC);
		need(fix_fds[i] >= 0, path);
	}
}

static void parse(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "victim", required_argument, NULL, 'v' },
		{ "suture", required_argument, NULL, 's' },
		{ "agent", required_argument, NULL, 'a' },
		{ "preload", required_argument, NULL, 'p' },
		{ "fixes", required_argument, NULL, 'f' },
		{ "seconds", required_argument, NULL, 't' },
		{ "threads", required_argument, NULL, 'n' },
		{ "seed", required_argument, NULL, 'r' },
		{ "verbose", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (option) {
		case 'v':
			options.victim = optarg;
			break;
		case 's':
			options.suture = optarg;
			break;
		case 'a':
			options.agent = optarg;
			break;
		case 'p':
			options.preload = optarg;
			break;
		case 'f':
			options.fixes = optarg;
			break;
		case 't':
			options.seconds = atof(optarg);
			break;
		case 'n':
			options.threads = optarg;
			break;
		case 'r':
			options.seed = strtoull(optarg, NULL, 0);
			break;
		case 'V':
			options.verbose = true;
			break;
		default:
			exit(UNUSABLE);
		}
	}
	if (options.victim && options.suture && options.agent && options.fixes)
		return;
	fprintf(stderr, "usage: driver --victim V --suture S --agent A.so --fixes DIR "
			"[--preload P.so] [--seconds N] [--threads N] [--seed N] [--verbose]\n");
	exit(UNUSABLE);
}

int main(int argc, char **argv)
{
	parse(argc, argv);
	prepare();
	start_victim();
	attach();
	patch_at_random();
	detach();
	stop_victim();
	print_summary();
	return HELD;
}
