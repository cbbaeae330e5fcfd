// SPDX-License-Identifier: LGPL-2.1-or-later
/* looks.c - see looks.h. */
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "interrupt.h"
#include "looks.h"
#include "output.h"
#include "task.h"

#define LOOKS 20 /* in the time that is given, if it is short */
#define LOOKS_MAX 100
#define LOOKS_MIN 15 /* fewer prove nothing; on a busy machine they take longer */
#define LATE 8 /* so many times that time at most */
#define PATIENCE 3 /* likewise, for tasks that hardly ran: they are where they were */
#define PAUSE_MIN_MS 5 /* between looks, in the mean */
#define PAUSE_MS 50
#define REST 20 /* of the time the agent works for one part of so many at most */
#define HOLDS_MAX 64 /* per look */
#define HELD_TIMEOUT_MS                                                                            \
	200 /* a task stands still for so long at most, if the agent needs its lock */

struct lp_looked_at {
	pid_t tid;
	uint64_t first, before; /* times it got a processor, at the start and before this look */
	unsigned int found, unseen; /* looks at which it blocked; that failed */
	unsigned int runs; /* looks at which it blocked, having run since the one before */
	bool ran; /* since the last look that counts in `runs` */
	bool asleep; /* before this look, after `before` was read */
	long sleeps; /* at the first look that failed: how often it had gone to sleep */
	bool elsewhere; /* it was seen where it does not block */
	json_t *blocker; /* at this look: borrowed; NULL: not named */
	json_t *last; /* the last one, ours */
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool is_running(pid_t pid, pid_t tid)
{
	char name[64], line[512], *state = NULL;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/task/%d/stat", (int)pid, (int)tid);
	file = fopen(name, "re");
	if (!file)
		return false;
	if (fgets(line, sizeof(line), file))
		state = strrchr(line, ')');
	fclose(file);
	return state && !strncmp(state, ") R", 3);
}

/* Times that it got a processor. worked_ns: what it did with them; may be NULL. */
static bool read_switches(pid_t pid, pid_t tid, uint64_t *switches, uint64_t *worked_ns)
{
	unsigned long long ns, times;
	char name[64];
	bool good;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/task/%d/schedstat", (int)pid, (int)tid);
	file = fopen(name, "re");
	if (!file)
		return false;
	good = fscanf(file, "%llu %*u %llu", &ns, &times) == 2;
	fclose(file);
	if (good && worked_ns)
		*worked_ns = ns;
	if (good)
		*switches = times;
	return good;
}

static int by_tid(const void *a, const void *b)
{
	const struct lp_looked_at *x = a, *y = b;

	return (x->tid > y->tid) - (x->tid < y->tid);
}

static struct lp_looked_at *find(const struct lp_looks *looks, pid_t tid)
{
	struct lp_looked_at key = { .tid = tid };

	return looks->n_tasks ? bsearch(&key, looks->tasks, looks->n_tasks, sizeof(key), by_tid) :
				NULL;
}

/* The agent's own thread answers us: it must never be held. */
static bool is_agent(pid_t pid, pid_t tid, const struct suture_agent *agent)
{
	return tid == agent->tid || lp_task_inner(pid, tid) == agent->tid;
}

static void read_before(const struct lp_looks *looks, struct lp_looked_at *task)
{
	task->asleep = read_switches(looks->session->pid, task->tid, &task->before, NULL) &&
		       !is_running(looks->session->pid, task->tid);
}

static void add_task(struct lp_looks *looks, pid_t tid)
{
	struct lp_looked_at *grown = reallocarray(looks->tasks, looks->n_tasks + 1, sizeof(*grown));

	if (!grown)
		return;
	looks->tasks = grown;
	grown[looks->n_tasks] = (struct lp_looked_at){ .tid = tid };
	read_before(looks, &grown[looks->n_tasks]);
	grown[looks->n_tasks].first = grown[looks->n_tasks].before;
	looks->n_tasks++;
}

void lp_looks_open(struct lp_looks *looks)
{
	struct lp_inject_error error;
	struct suture_agent agent;
	struct dirent *entry;
	char name[32];
	DIR *tasks;

	looks->start_ms = now_ms();
	if (!looks->session->options->for_ms || lp_agent_find(looks->session->pid, &agent, &error))
		return;
	snprintf(name, sizeof(name), "/proc/%d/task", (int)looks->session->pid);
	tasks = opendir(name);
	if (!tasks)
		return;
	while ((entry = readdir(tasks))) {
		pid_t tid = (pid_t)atoi(entry->d_name);

		if (tid <= 0)
			continue;
		if (is_agent(looks->session->pid, tid, &agent))
			looks->agent = tid;
		else
			add_task(looks, tid);
	}
	closedir(tasks);
	if (looks->n_tasks)
		qsort(looks->tasks, looks->n_tasks, sizeof(*looks->tasks), by_tid);
}

void lp_looks_close(struct lp_looks *looks)
{
	for (size_t i = 0; i < looks->n_tasks; i++)
		json_decref(looks->tasks[i].last);
	free(looks->tasks);
	looks->tasks = NULL;
	looks->n_tasks = 0;
}

/* --- a task that runs ------------------------------------------------------------------------- */

struct held_look {
	struct lp_client *client;
	const struct lp_request *request;
	struct lp_reply reply;
};

static int look_held(void *context)
{
	struct held_look *look = context;
	struct lp_request request = *look->request;
	struct lp_inject_error error;

	request.timeout_ms = HELD_TIMEOUT_MS;
	return lp_client_request(look->client, &request, &look->reply, &error);
}

/* 1 and the task's ->blocker (to be dropped), 0: it was seen elsewhere, or -1: not seen. */
static int look_at(struct lp_looks *looks, struct lp_client *client, struct lp_looked_at *task)
{
	struct held_look look = { .client = client, .request = looks->request };
	struct lp_inject_error error;
	const json_t *blockers;
	json_t *blocker;
	size_t i;

	if (client->fd < 0 && lp_client_connect(client, looks->session->pid, &error))
		return -1;
	if (lp_task_hold(looks->session->pid, task->tid, look_held, &look, &error))
		return -1;
	blockers = json_object_get(look.reply.json, "blockers");
	lp_task_translate(looks->session->pid, (json_t *)blockers);
	json_array_foreach(blockers, i, blocker)
		if (lp_reply_integer(blocker, "tid") == task->tid)
			task->blocker = json_incref(blocker);
	json_decref(look.reply.json);
	return task->blocker ? 1 : 0;
}

/* --- one look --------------------------------------------------------------------------------- */

/*
 * Throughout this look: it did before, it does now, and to be awake between it must have got a
 * processor, or wait for one now. Any less, and the agent may have passed it over because it ran.
 */
static bool slept(const struct lp_looks *looks, const struct lp_looked_at *task)
{
	uint64_t after;

	return task->asleep && !is_running(looks->session->pid, task->tid) &&
	       read_switches(looks->session->pid, task->tid, &after, NULL) && after == task->before;
}

static void note(struct lp_looked_at *task)
{
	task->found++;
	task->runs += task->ran;
	task->ran = false;
	json_decref(task->last);
	task->last = json_incref(task->blocker);
}

/*
 * There is no use in looking for it any more: it has ended, or it could not be seen so far, and did
 * not sleep all the time.
 */
static bool is_lost(const struct lp_looks *looks, struct lp_looked_at *task)
{
	long sleeps = lp_task_sleeps(looks->session->pid, task->tid);

	if (!task->unseen)
		task->sleeps = sleeps;
	return sleeps < 0 ||
	       (!task->found && sleeps == task->sleeps &&
		now_ms() - looks->start_ms >= (uint64_t)looks->session->options->for_ms);
}

/* The agent did not name it. */
static void look_closer(struct lp_looks *looks, struct lp_client *client, struct lp_looked_at *task,
			unsigned int *holds)
{
	int seen = -1;

	if (slept(looks, task))
		seen = 0;
	else if (looks->session->options->hold && (*holds)++ < HOLDS_MAX)
		seen = look_at(looks, client, task);
	if (seen < 0 && is_lost(looks, task))
		seen = 0;
	if (seen < 0)
		task->unseen++;
	else if (!seen)
		task->elsewhere = true;
	else
		note(task);
	if (seen > 0)
		json_decref(task->blocker);
	task->blocker = NULL;
}

/* What the answer says of the tasks that are followed, and what it could not see. */
static void judge(struct lp_looks *looks, const json_t *blockers)
{
	struct lp_client client = { .pid = looks->session->pid, .fd = -1 };
	unsigned int holds = 0;
	json_t *blocker;
	size_t i;

	looks->count++;
	for (i = 0; i < looks->n_tasks; i++)
		looks->tasks[i].blocker = NULL;
	json_array_foreach(blockers, i, blocker) {
		struct lp_looked_at *task = find(looks, (pid_t)lp_reply_integer(blocker, "tid"));

		if (task)
			task->blocker = blocker;
	}
	for (i = 0; i < looks->n_tasks; i++) {
		struct lp_looked_at *task = &looks->tasks[i];

		if (!task->blocker && !task->elsewhere)
			look_closer(looks, &client, task, &holds);
		else if (task->blocker)
			note(task);
	}
	lp_client_disconnect(&client);
}

/* Only a task that blocks at the first look, or could not be seen, can block at all of them. */
static void keep_found(struct lp_looks *looks)
{
	size_t kept = 0;

	for (size_t i = 0; i < looks->n_tasks; i++)
		if (looks->tasks[i].found || !looks->tasks[i].elsewhere)
			looks->tasks[kept++] = looks->tasks[i];
	looks->n_tasks = kept;
}

static bool any_left(const struct lp_looks *looks)
{
	for (size_t i = 0; i < looks->n_tasks; i++)
		if (!looks->tasks[i].elsewhere)
			return true;
	return false;
}

/* --- the others ------------------------------------------------------------------------------- */

/* What the agent has worked since it came. */
static uint64_t agent_ms(const struct lp_looks *looks)
{
	uint64_t switches, ns = 0;

	if (looks->agent)
		read_switches(looks->session->pid, looks->agent, &switches, &ns);
	return ns / 1000000;
}

/*
 * Irregular, so that a task with a rhythm of its own is not met at the same point of it again and
 * again: between half of the mean and one and a half, by the golden ratio.
 */
static uint64_t pause_ms(const struct lp_looks *looks, uint64_t worked_ms)
{
	uint64_t for_ms = looks->session->options->for_ms, mean = for_ms / LOOKS;
	double turn = 0.6180339887498949 * looks->count;

	if (mean > PAUSE_MS)
		mean = for_ms / LOOKS_MAX > PAUSE_MS ? for_ms / LOOKS_MAX : PAUSE_MS;
	mean = mean > PAUSE_MIN_MS ? mean : PAUSE_MIN_MS;
	mean = mean > worked_ms * REST ? mean : worked_ms * REST;
	return (uint64_t)((double)mean * (0.5 + turn - (double)(unsigned int)turn));
}

/* Until the next look, the end of the process, or a signal for us. */
static void wait_ms(int pidfd, uint64_t ms)
{
	struct pollfd process = { .fd = pidfd, .events = POLLIN };

	(void)poll(&process, 1, (int)ms);
}

static int look_again(struct lp_looks *looks)
{
	struct lp_reply reply;
	int status;

	for (size_t i = 0; i < looks->n_tasks; i++) {
		struct lp_looked_at *task = &looks->tasks[i];
		uint64_t last = task->before;

		read_before(looks, task);
		task->ran |= task->before != last;
	}
	status = lp_session_ask(looks->session, looks->request, &reply);
	if (status)
		return status;
	judge(looks, json_object_get(reply.json, "blockers"));
	json_decref(reply.json);
	return LP_EXIT_DONE;
}

/* How clear it is by now: of each task that is left. */
enum clarity {
	TOO_FEW, /* looks that it was found at */
	HARDLY_RAN, /* between them, but did */
	CLEAR,
};

static enum clarity clarity(const struct lp_looks *looks)
{
	enum clarity least = CLEAR;

	for (size_t i = 0; i < looks->n_tasks; i++) {
		const struct lp_looked_at *task = &looks->tasks[i];

		if (task->elsewhere)
			continue;
		if (task->found < LOOKS_MIN)
			return TOO_FEW;
		if (task->runs && task->runs < LOOKS_MIN - 1)
			least = HARDLY_RAN;
	}
	return least;
}

static bool is_over(const struct lp_looks *looks, uint64_t elapsed_ms)
{
	static const unsigned int factors[] = {
		[TOO_FEW] = LATE, [HARDLY_RAN] = PATIENCE, [CLEAR] = 1
	};

	return elapsed_ms >= (uint64_t)looks->session->options->for_ms * factors[clarity(looks)];
}

static int look_on(struct lp_looks *looks)
{
	int pidfd = (int)syscall(SYS_pidfd_open, looks->session->pid, 0);
	uint64_t worked_ms = 0;
	int status = LP_EXIT_DONE;

	while (!status && any_left(looks) && !is_over(looks, now_ms() - looks->start_ms)) {
		uint64_t before_ms = agent_ms(looks);

		if (lp_interrupt_count()) {
			looks->interrupted = true;
			break;
		}
		wait_ms(pidfd, pause_ms(looks, worked_ms));
		status = look_again(looks);
		worked_ms = agent_ms(looks) - before_ms;
	}
	if (pidfd >= 0)
		close(pidfd);
	return status;
}

static bool ran(const struct lp_looks *looks, const struct lp_looked_at *task)
{
	uint64_t now;

	return !read_switches(looks->session->pid, task->tid, &now, NULL) || now != task->first;
}

static json_t *found_blockers(const struct lp_looks *looks)
{
	json_t *blockers = json_array();

	for (size_t i = 0; i < looks->n_tasks; i++) {
		const struct lp_looked_at *task = &looks->tasks[i];
		bool always = !task->elsewhere && task->found >= LOOKS_MIN;

		if (!task->last)
			continue;
		json_object_set_new(task->last, "always", json_boolean(always));
		if (always)
			json_object_set_new(task->last, "asleep", json_boolean(!ran(looks, task)));
		json_array_append(blockers, task->last);
	}
	return blockers;
}

/* Tasks that began too late to be followed, and all of them if none was: as they were named. */
static void mark_others(json_t *blockers)
{
	json_t *blocker;
	size_t i;

	json_array_foreach(blockers, i, blocker)
		if (!json_object_get(blocker, "always"))
			json_object_set_new(blocker, "always", json_false());
}

int lp_looks_run(struct lp_looks *looks, json_t *answer)
{
	json_t *blockers = json_object_get(answer, "blockers");
	int status;

	judge(looks, blockers);
	keep_found(looks);
	status = look_on(looks);
	if (status)
		return status;
	if (looks->n_tasks)
		json_object_set_new(answer, "blockers", found_blockers(looks));
	mark_others(json_object_get(answer, "blockers"));
	json_object_set_new(answer, "interrupted", json_boolean(looks->interrupted));
	json_object_set_new(answer, "looks", json_integer(looks->count));
	json_object_set_new(answer, "looked_ms",
			    json_integer((json_int_t)(now_ms() - looks->start_ms)));
	return LP_EXIT_DONE;
}
