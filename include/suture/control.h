/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * suture/control.h - how a client talks to the agent inside a process.
 *
 * The agent publishes struct suture_agent under the symbol `suture_agent` in its own image, whose
 * mapping is named "suture-agent" ("/memfd:suture-agent (deleted)" or ".../suture-agent.so").
 * A client reads it, fetches the descriptor client_fd out of the process with pidfd_getfd(2) and
 * sends SUTURE_HELLO over it with one end of a fresh AF_UNIX SOCK_SEQPACKET pair attached
 * (SCM_RIGHTS). From then on it talks over its own pair: one request, one reply, in order. When
 * the client goes away the agent closes that end and nothing else changes.
 *
 * Every packet is struct suture_message and `length` bytes of payload. Requests carry the
 * struct of their type; strings are NUL-terminated and follow it. Replies carry a JSON text (UTF-8,
 * not NUL-terminated); one longer than SUTURE_INLINE_MAX travels in a memfd attached to the reply
 * (length 0, the text is the whole file). `status` of a reply is an exit status of the command line.
 */
#ifndef SUTURE_CONTROL_H
#define SUTURE_CONTROL_H

#include <stdint.h>

#define SUTURE_CONTROL_MAGIC 0x52545553u /* "SUTR" */
#define SUTURE_CONTROL_VERSION 1
#define SUTURE_AGENT_MAGIC 0x31544e4741525553ull
#define SUTURE_INLINE_MAX 4096
#define SUTURE_NAME_MAX 255
#define SUTURE_CALLING_MAX 320
#define SUTURE_AGENT_FILE "suture-agent" /* substring of the mapping's name */

/* Exported by the agent as `suture_agent`; written once before the agent answers. */
struct suture_agent {
	uint64_t magic;
	uint32_t version; /* SUTURE_CONTROL_VERSION */
	int32_t pid; /* getpid() of the process whose agent runs; another one: a fork's copy */
	int32_t tid; /* gettid() of the agent's thread, 0 while none runs */
	int32_t client_fd; /* to be fetched with pidfd_getfd */
	uint64_t client_ino; /* its inode number, for checking what was fetched */
	/*
	 * While a callback of a patch runs the agent answers nobody. Which one it is, as text ("fix:
	 * pre_patch of state 5"), and since when (CLOCK_MONOTONIC, ns; 0: none runs).
	 */
	uint64_t calling_since_ns;
	char calling[SUTURE_CALLING_MAX];
};

/* How the agent is started: by injection (the caller's thread becomes the agent's) ... */
struct suture_start {
	uint32_t size; /* sizeof(struct suture_start) */
	int32_t agent_fd; /* the agent's end of the control pair; the agent owns both now */
	int32_t client_fd; /* the clients' end */
	/* this process's directory in procfs, for one that sees no /proc; -1: none. The agent's */
	int32_t proc_fd;
};
/* ... returns when detached: 0, or -errno if it could not start (then it closed both ends). */
int suture_agent_run(const struct suture_start *start);
/* ... or by a program that preloads or links it. 0 or -errno. */
int suture_agent_start(void);

enum suture_type {
	SUTURE_HELLO = 1, /* + descriptor; no payload; the reply comes over the new pair */
	SUTURE_STATUS, /* struct suture_named; "" = all patches */
	SUTURE_APPLY, /* struct suture_apply, file name without directory; + descriptor of the .lp */
	SUTURE_DISABLE, /* struct suture_disable, name */
	SUTURE_REVERSE, /* no payload */
	SUTURE_FORCE, /* no payload */
	SUTURE_WAIT, /* struct suture_wait; answered when the transition ended or the time is up,
			with the status text */
	SUTURE_LOG, /* no payload */
	SUTURE_ASSIST, /* struct suture_assist: the client holds this task stopped; answered
			  after the agent looked at it, then the client lets go */
	SUTURE_DETACH, /* no payload; refused while a patch is enabled or in transition */
	SUTURE_SET, /* struct suture_set, name */
	SUTURE_UNDO, /* struct suture_disable, "" */
	SUTURE_TYPE_COUNT
};

struct suture_message {
	uint32_t magic;
	uint16_t version;
	uint16_t type;
	uint32_t length; /* bytes that follow */
	int32_t status; /* replies: 0 done, 1 refused, 3 failed, 4 not complete in time */
};

enum suture_on_timeout { SUTURE_LEAVE, SUTURE_REVERSE_IT, SUTURE_FORCE_IT };

enum suture_apply_flag {
	SUTURE_APPLY_REPLACE_CONFLICTING = 1 << 0,
	SUTURE_APPLY_OVERRIDE = 1 << 1,
	SUTURE_APPLY_DRY_RUN = 1 << 2, /* check: decides, lists the blockers, changes nothing */
	SUTURE_APPLY_NO_UNDO = 1 << 3, /* what it replaces is not kept for an undo */
};

struct suture_apply {
	uint32_t flags; /* enum suture_apply_flag */
	uint32_t timeout_ms; /* 0: none */
	uint32_t on_timeout; /* enum suture_on_timeout */
	uint32_t reserved;
};

struct suture_disable {
	uint32_t timeout_ms;
	uint32_t on_timeout;
};

struct suture_wait {
	uint32_t timeout_ms; /* at most 60000 */
};

struct suture_assist {
	int32_t tid; /* as the client's pid namespace sees the task */
	int32_t ns_tid; /* as the process sees it: the last NSpid of /proc/PID/task/TID/status */
};

struct suture_set {
	uint32_t replaceable; /* 0 or 1 */
};

_Static_assert(sizeof(struct suture_message) == 16, "layout of struct suture_message");
_Static_assert(sizeof(struct suture_agent) == 40 + SUTURE_CALLING_MAX,
	       "layout of struct suture_agent");

/*
 * Reply texts. STATUS and WAIT: one object as in suture(1) "status --json" without "pid", "comm";
 * "lingering" has the tasks that keep code from being removed until a client assists with them.
 * APPLY with status 0: {"name":"fix","replaces":["old"],"reverts":["f"]} ("reverts": functions of
 * replaced patches that go back to the original). UNDO: {"name":"new","returns":["old"]}. DISABLE, REVERSE, FORCE, SET, DETACH with status
 * 0: {}. Dry run: {"fits":true,"reasons":[],"conflicts":[],"replaces":[],"blockers":[]}.
 * Refused or failed: {"reasons":[{"reason":"conflict-function","message":"...","patch":"p",
 * "object":"o","function":"f"}]}, where all but reason and message are optional.
 * LOG: {"events":[{"time":seconds since the epoch as a number,"event":"word","patch":"p",...}]}.
 */
#endif
