// SPDX-License-Identifier: LGPL-2.1-or-later
/* stage.c - see stage.h. */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "family.h"
#include "keeper.h"
#include "stage.h"
#include "units/disk.h"
#include "units/spawn.h"

#define STEP_MS 20
#define REST_STEPS 10 /* at rest: nothing runs at so many looks, one after the other */
#define BUSY_MS 10000 /* a program that never rests is up after so long */
#define TAIL 20 /* lines of what it said */

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* With what the program has said last. */
static int fail(struct lp_stage *stage, const char *why)
{
	char *tail = lp_spawn_tail(stage->log, TAIL);
	bool said = tail && *tail;

	snprintf(stage->problem, sizeof(stage->problem), "%s: %s%s%s", stage->name, why,
		 said ? "; it said: " : "", said ? tail : "");
	free(tail);
	return -ECANCELED;
}

int lp_stage_open(struct lp_stage *stage)
{
	int ends[2], err = lp_disk_write(stage->log, "", 0);

	stage->fd = -1;
	err = err ? err : lp_disk_write(stage->output, "", 0);
	if (err)
		return err;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	fflush(NULL);
	stage->keeper = fork();
	if (!stage->keeper) {
		close(ends[0]);
		lp_keeper_run(stage, ends[1]);
	}
	err = stage->keeper < 0 ? -errno : 0;
	close(ends[1]);
	if (err)
		close(ends[0]);
	else
		stage->fd = ends[0];
	return err;
}

static int take(struct lp_stage *stage, const struct lp_keeper_message *message)
{
	switch (message->event) {
	case LP_KEEPER_STARTED:
		stage->started = true;
		stage->start_status = message->value;
		return 0;
	case LP_KEEPER_TESTED:
		stage->tested = true;
		stage->test_status = message->value;
		return 0;
	case LP_KEEPER_CRASH:
		stage->crash = message->value;
		return 0;
	}
	snprintf(stage->problem, sizeof(stage->problem), "%s: %.255s: %s", stage->name,
		 message->text, strerror(message->value));
	return -ECANCELED;
}

/* What the keeper has to say, for so long at most. */
static int listen_for(struct lp_stage *stage, int timeout_ms)
{
	struct pollfd polled = { .fd = stage->fd, .events = POLLIN };
	struct lp_keeper_message message;
	int err = 0;

	while (!err && poll(&polled, 1, timeout_ms) > 0) {
		if (recv(stage->fd, &message, sizeof(message), 0) != sizeof(message))
			return fail(stage, "the process that keeps it has ended");
		message.text[sizeof(message.text) - 1] = '\0';
		err = take(stage, &message);
		timeout_ms = 0;
	}
	return err;
}

int lp_stage_processes(const struct lp_stage *stage, pid_t **pids, size_t *count)
{
	size_t kept = 0;
	int err = lp_family_list(stage->keeper, pids, count);

	for (size_t i = 0; !err && i < *count; i++)
		if (lp_build_ids_mapped(stage->ids, stage->n_ids, (*pids)[i]))
			(*pids)[kept++] = (*pids)[i];
	*count = err ? 0 : kept;
	return err;
}

static bool task_rests(pid_t pid, const char *tid)
{
	char name[64], line[512], *state = NULL;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/task/%.20s/stat", (int)pid, tid);
	file = fopen(name, "re");
	if (!file)
		return true;
	if (fgets(line, sizeof(line), file))
		state = strrchr(line, ')');
	fclose(file);
	return !state || strncmp(state, ") S", 3) == 0;
}

static bool rests(pid_t pid)
{
	struct dirent *entry;
	bool rest = true;
	char name[32];
	DIR *tasks;

	snprintf(name, sizeof(name), "/proc/%d/task", (int)pid);
	tasks = opendir(name);
	while (tasks && rest && (entry = readdir(tasks)))
		rest = atoi(entry->d_name) <= 0 || task_rests(pid, entry->d_name);
	if (tasks)
		closedir(tasks);
	return rest;
}

/* *there: its processes; *resting: all of them. */
static int look(const struct lp_stage *stage, size_t *there, bool *resting)
{
	pid_t *pids;
	int err = lp_stage_processes(stage, &pids, there);

	*resting = true;
	for (size_t i = 0; !err && i < *there && *resting; i++)
		*resting = rests(pids[i]);
	free(pids);
	return err;
}

static int judge_start(struct lp_stage *stage, size_t there)
{
	char why[128];

	if (!stage->started || (there && !stage->start_status))
		return 0;
	if (!stage->start_status)
		return fail(stage, "--start has ended, and no process runs a target");
	snprintf(why, sizeof(why), "--start has ended with status %d", stage->start_status);
	return fail(stage, why);
}

int lp_stage_await(struct lp_stage *stage, uint32_t timeout_ms)
{
	const uint64_t start_ms = now_ms();
	uint64_t seen_ms = 0;
	unsigned int calm = 0;

	for (;;) {
		bool resting;
		size_t there;
		int err = listen_for(stage, STEP_MS);

		err = err ? err : look(stage, &there, &resting);
		err = err ? err : judge_start(stage, there);
		if (err)
			return err;
		calm = there && resting ? calm + 1 : 0;
		if (there && !seen_ms)
			seen_ms = now_ms();
		if (calm >= REST_STEPS || (there && now_ms() - seen_ms >= BUSY_MS))
			return 0;
		if (!there && now_ms() - start_ms >= timeout_ms)
			return fail(stage, "no process of what --start has started runs a target");
	}
}

int lp_stage_test(struct lp_stage *stage, uint32_t timeout_ms)
{
	const uint64_t end_ms = now_ms() + timeout_ms;
	int err = send(stage->fd, "t", 1, MSG_NOSIGNAL) == 1 ? 0 : -errno;

	while (!err && !stage->tested) {
		uint64_t now = now_ms();

		if (now >= end_ms)
			return fail(stage, "--test has not ended within --test-timeout");
		err = listen_for(stage, end_ms - now > INT32_MAX ? INT32_MAX : (int)(end_ms - now));
	}
	/* A crash that the test has not waited for is told a moment later. */
	return err ? err : listen_for(stage, STEP_MS);
}

void lp_stage_close(struct lp_stage *stage)
{
	if (stage->fd < 0)
		return;
	/* It ends the others first. */
	shutdown(stage->fd, SHUT_WR);
	while (waitpid(stage->keeper, NULL, 0) < 0 && errno == EINTR)
		;
	close(stage->fd);
	stage->fd = -1;
}
