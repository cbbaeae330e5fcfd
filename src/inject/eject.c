/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* eject.c - sees the agent out. */
#include "channel.h"
#include "error.h"
#include "inject.h"
#include "leave.h"
#include "sys.h"
#include "task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EJECT_MS 10000
#define REPLY_MAX (1 << 20)

struct reply {
	struct suture_message message;
	char text[SUTURE_INLINE_MAX];
};

/* The text of a reply: behind the header, or a file of its own. malloc'ed, or NULL. */
static char *text_of(const struct reply *reply, size_t size, int fd)
{
	struct stat stat = { 0 };
	size_t length = size - sizeof(reply->message);
	char *text;

	if (fd >= 0 && (fstat(fd, &stat) || stat.st_size < 0 || stat.st_size > REPLY_MAX))
		return NULL;
	if (fd >= 0)
		length = (size_t)stat.st_size;
	text = malloc(length + 1);
	if (!text)
		return NULL;
	if (fd < 0)
		memcpy(text, reply->text, length);
	else if (pread(fd, text, length, 0) != (ssize_t)length)
		length = 0;
	text[length] = 0;
	return text;
}

/* 0, -ECANCELED with *text, or another negative errno. */
static int ask(int connection, char **text, uint64_t deadline_ns)
{
	struct suture_message message = { .magic = SUTURE_CONTROL_MAGIC,
					  .version = SUTURE_CONTROL_VERSION,
					  .type = SUTURE_DETACH };
	struct reply reply;
	int fd = -1, result;

	result = lp_channel_send(connection, &message, sizeof(message), NULL, 0);
	if (!result)
		result = lp_channel_receive(connection, &reply, sizeof(reply), &fd, deadline_ns);
	if (result >= (int)sizeof(message) && reply.message.magic == SUTURE_CONTROL_MAGIC &&
	    reply.message.version == SUTURE_CONTROL_VERSION) {
		if (reply.message.status)
			*text = text_of(&reply, (size_t)result, fd);
		result = reply.message.status ? -ECANCELED : 0;
	} else if (result >= 0) {
		result = -EPROTO;
	}
	if (fd >= 0)
		close(fd);
	return result;
}

int lp_agent_eject(pid_t pid, int connection, char **reply, struct lp_inject_error *error)
{
	uint64_t deadline_ns = lp_sys_now_ns() + EJECT_MS * 1000000ull;
	struct lp_task_status status;
	struct suture_agent agent;
	char *text = NULL;
	pid_t tid;
	int result = lp_agent_find(pid, &agent, error);

	if (result)
		return result;
	tid = lp_task_by_ns(pid, agent.tid);
	if (tid > 0 && !lp_task_status(tid, &status) && status.tracer)
		return lp_error_set(error, -EBUSY, "traced",
				    "process %d is being traced by process %d", pid, status.tracer);
	result = ask(connection, &text, deadline_ns);
	if (reply)
		*reply = text;
	else
		free(text);
	if (result == -ECANCELED)
		return lp_error_set(error, result, "patch-enabled",
				    "the agent in process %d did not agree to leave", pid);
	if (result)
		return lp_error_set(error, result, "system",
				    "the agent in process %d does not answer: %s", pid,
				    strerror(-result));
	/* it waits for us, if we brought it in: leave() in boot.c */
	return tid > 0 ? lp_leave(tid, deadline_ns, error) : 0;
}
