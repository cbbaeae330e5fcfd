/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inject.h - from outside: bring the agent into a running process, reach it, see it out.
 *
 * May be used by src/cli and tests. Never prints, never exits. All functions return 0 or a
 * negative errno; a failure that the user can do something about is described in *error, with one
 * of the reasons of src/core/reason.h by its word.
 */
#ifndef LP_INJECT_INJECT_H
#define LP_INJECT_INJECT_H

#include <stdint.h>
#include <sys/types.h>
#include <suture/control.h>

struct lp_inject_error {
	const char *reason; /* fixed word, static storage */
	char message[512]; /* one sentence: why, and what to do */
};

struct lp_inject_options {
	const char *agent_path; /* suture-agent.so in the caller's file system */
	unsigned int timeout_ms; /* for finding a thread that may be used, and for each step */
};

struct lp_inject_result {
	pid_t tid; /* the thread that was used */
	uint64_t stopped_us; /* how long it was stopped */
};

/* Reads the agent's published struct. 0, -ESRCH (no such process), -ENOENT (no agent mapped),
 * -EOWNERDEAD (a fork's copy: its agent does not run), -EACCES. */
int lp_agent_find(pid_t pid, struct suture_agent *agent, struct lp_inject_error *error);

/* Brings the agent in. -EALREADY: it is there. On failure the process is as it was. */
int lp_agent_inject(pid_t pid, const struct lp_inject_options *options,
		    struct lp_inject_result *result, struct lp_inject_error *error);

/*
 * Opens a connection of one's own to the agent (HELLO done): a SOCK_SEQPACKET descriptor. -EBUSY: a
 * callback of a patch, which *error names, keeps the agent from answering for more than a second.
 */
int lp_agent_connect(pid_t pid, struct lp_inject_error *error);

/*
 * Detaches: sends SUTURE_DETACH over the connection and, when the agent agrees, leads its thread
 * out so that nothing is left: not even its stack. *reply gets the agent's refusal (malloc'ed
 * text; NULL: none). Returns 0, -ECANCELED (refused by the agent), or a negative errno.
 */
int lp_agent_eject(pid_t pid, int connection, char **reply, struct lp_inject_error *error);

/*
 * Holds one task stopped while `call` runs, then lets it go: the system call it was in, if any,
 * is restarted without the program seeing it. Signals that would stop or end the client (Ctrl-Z, ...)
 * wait meanwhile, so `call` must be short; it runs in a thread of its own.
 */
int lp_task_hold(pid_t pid, pid_t tid, int (*call)(void *context), void *context,
		 struct lp_inject_error *error);

#endif
