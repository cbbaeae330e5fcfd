/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* connect.c - finds the agent in a process, and opens a connection to it. */
#include "channel.h"
#include "error.h"
#include "inject.h"
#include "module.h"
#include "sys.h"
#include "task.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CONNECT_MS 3000
#define CALLBACK_MS 1000 /* a callback that runs longer is told of */
#define AGAIN_MS 20 /* the agent has no way to tell us that it has made a new pair */

static int read_agent(pid_t tid, const struct lp_map *map, struct suture_agent *agent)
{
	struct lp_module module;
	uint64_t addr;

	if (!map->read || map->offset || !strstr(map->path, SUTURE_AGENT_FILE) ||
	    lp_module_open(&module, tid, map->lo))
		return -ENOENT;
	addr = lp_module_symbol(&module, "suture_agent");
	if (!addr || lp_sys_read(tid, addr, agent, sizeof(*agent)))
		return -ENOENT;
	return agent->magic == SUTURE_AGENT_MAGIC && agent->version == SUTURE_CONTROL_VERSION ?
		       0 :
		       -ENOENT;
}

/* The process's own agent if there is one, else the copy of one that a fork left. */
static int read_any(pid_t tid, pid_t ns_pid, struct suture_agent *agent)
{
	struct suture_agent found;
	struct lp_maps maps;
	int result = lp_maps_read(&maps, tid);

	if (result)
		return result;
	result = -ENOENT;
	for (size_t i = 0; i < maps.count; i++) {
		if (read_agent(tid, &maps.maps[i], &found))
			continue;
		*agent = found;
		result = 0;
		if (found.pid == ns_pid)
			break;
	}
	lp_maps_deinit(&maps);
	return result;
}

/* The process's own number, also when its main thread is a zombie. */
static int own_pid(pid_t pid, pid_t *ns_pid)
{
	struct lp_task_status status;
	int result = lp_task_status(pid, &status);

	if (!result)
		*ns_pid = status.ns_tid;
	return result;
}

int lp_agent_find(pid_t pid, struct suture_agent *agent, struct lp_inject_error *error)
{
	struct suture_agent found;
	pid_t live = lp_task_live(pid), ns_pid = 0;
	int result = live < 0 ? live : own_pid(pid, &ns_pid);

	if (!result) /* a kernel thread has no memory at all; not to be taken for one that ends */
		result = lp_task_flags(live) & LP_TASK_KTHREAD ? -ENOENT :
								 read_any(live, ns_pid, &found);
	switch (result) {
	case 0:
		break;
	case -ESRCH:
		return lp_error_set(error, result, "no-such-process", "there is no process %d",
				    pid);
	case -EACCES:
	case -EPERM:
		return lp_error_set(error, -EACCES, "no-permission",
				    "process %d may not be traced, and so not be patched", pid);
	case -ENOENT:
		return lp_error_set(error, result, "not-attached",
				    "there is no agent in process %d", pid);
	default:
		return lp_error_set(error, result, "system", "process %d cannot be read: %s", pid,
				    strerror(-result));
	}
	if (found.pid != ns_pid)
		return lp_error_set(error, -EOWNERDEAD, "not-attached",
				    "process %d was forked from one with an agent; its own copy "
				    "does not run",
				    pid);
	*agent = found;
	return 0;
}

static int fetch_end(pid_t pid, const struct suture_agent *agent)
{
	int fd = lp_sys_fetch_fd(pid, agent->client_fd);
	struct stat stat;

	/* the program may have closed it, and opened another file at its place */
	if (fd >= 0 && (fstat(fd, &stat) || stat.st_ino != agent->client_ino)) {
		close(fd);
		return -EBADF;
	}
	return fd;
}

/* Waits a little, but not if the process ends. */
static void wait_a_little(pid_t pid)
{
	struct pollfd poll_fd = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };

	poll(&poll_fd, 1, AGAIN_MS);
	if (poll_fd.fd >= 0)
		close(poll_fd.fd);
}

/* While a callback runs the agent answers nobody; what it is in, can be read. */
static int refuse_in_callback(const struct suture_agent *agent, struct lp_inject_error *error)
{
	uint64_t now_ns = lp_sys_now_ns(), since_ns = agent->calling_since_ns;

	if (!since_ns || now_ns < since_ns + CALLBACK_MS * 1000000ull)
		return 0;
	return lp_error_set(error, -EBUSY, "in-callback",
			    "the agent is in a callback for %llu ms: %.*s",
			    (unsigned long long)(now_ns - since_ns) / 1000000,
			    SUTURE_CALLING_MAX - 1, agent->calling);
}

int lp_agent_connect(pid_t pid, struct lp_inject_error *error)
{
	uint64_t deadline_ns = lp_sys_now_ns() + CONNECT_MS * 1000000ull;
	struct suture_agent agent;
	int result, end;

	for (;;) {
		result = lp_agent_find(pid, &agent, error);
		if (!result)
			result = refuse_in_callback(&agent, error);
		if (result)
			return result;
		end = fetch_end(pid, &agent);
		if (end >= 0) {
			result = lp_channel_hello(end, deadline_ns, NULL);
			close(end);
			if (result >= 0)
				return result;
		} else {
			result = end;
		}
		if (result == -EPERM)
			return lp_error_set(error, -EACCES, "no-permission",
					    "process %d may not be traced, and so not be patched",
					    pid);
		if (!lp_sys_left_ms(deadline_ns))
			return lp_error_set(error, result, "system",
					    "the agent in process %d does not answer: %s", pid,
					    strerror(-result));
		wait_a_little(pid);
	}
}
