/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * session.h - one command at work on one process, and the loop over all of them.
 *
 * The functions below print what went wrong and return an exit status (command.h).
 */
#ifndef LP_CLI_SESSION_H
#define LP_CLI_SESSION_H

#include "claim.h"
#include "client.h"
#include "command.h"
#include "target.h"

struct lp_session {
	const struct lp_options *options;
	pid_t pid;
	char comm[64];
	struct lp_client client; /* fd -1 until connected */
	struct lp_claim claim; /* on the agent, while we use it */
	bool injected; /* by this command */
	struct lp_inject_result inject; /* valid if injected */
};

typedef int (*lp_session_command)(struct lp_session *session, void *context);

/*
 * Runs the command for every selected process, in order, and returns the worst exit status. Of those
 * that an interrupt leaves out, each is told of. No process at all: a refusal, unless the command accepts it (reports about none).
 */
int lp_session_each(const struct lp_options *options, lp_session_command command, void *context);
/* The same with another meaning of --all, and with `none` as the status if there is no process. */
int lp_session_each_of(const struct lp_options *options, lp_target_filter filter,
		       void *filter_context, int none, lp_session_command command, void *context);

/*
 * The processes of the command; `none` is what it means that there is no one (printed, unless
 * LP_EXIT_DONE). *targets is the caller's in any case.
 */
int lp_session_select(struct lp_targets *targets, const struct lp_options *options,
		      lp_target_filter filter, void *filter_context, int none);

/* A session of one's own. False, and the error printed: there is no such process. */
bool lp_session_init(struct lp_session *session, const struct lp_options *options, pid_t pid);
void lp_session_deinit(struct lp_session *session);

/*
 * A process of --all that has ended meanwhile: nothing is printed, and it does not count. One answer more
 * of all that talk to the agent.
 */
#define LP_SESSION_VANISHED (-1)

/* Connects to the agent. */
int lp_session_connect(struct lp_session *session);
/* Connects; brings the agent in first if there is none, to stay. */
int lp_session_attach(struct lp_session *session);
/* The same, but the agent is to go again with lp_session_undo_attach(). */
int lp_session_attach_for_now(struct lp_session *session);
/* Takes the agent out. */
int lp_session_detach(struct lp_session *session);
/*
 * Takes the agent out again, silently, if it was brought in for now, by us or by another command, and
 * nobody else uses it. Who does, and is to take it out, does it later.
 */
void lp_session_undo_attach(struct lp_session *session);

/*
 * Asks, and leaves it to the caller what a refusal means: LP_EXIT_DONE with *reply, whatever its
 * status, or LP_EXIT_FAILED (printed), or LP_SESSION_VANISHED.
 */
int lp_session_ask(struct lp_session *session, const struct lp_request *request,
		   struct lp_reply *reply);
/* Prints the refusal and drops the reply; returns its status. */
int lp_session_refuse(const struct lp_session *session, struct lp_reply *reply);
/*
 * Asks, and prints a refusal: LP_EXIT_DONE with *json (the caller's), or what was printed. A reply
 * with LP_EXIT_INCOMPLETE is a reply like any other.
 */
int lp_session_request(struct lp_session *session, const struct lp_request *request, json_t **json);
/* The status text, for one patch or "" for all; task numbers as we see them. */
int lp_session_status(struct lp_session *session, const char *patch, json_t **json);

/* Prints that the command was interrupted before it did anything with the process. */
int lp_session_interrupted(const struct lp_session *session);

/* Prints the error and says which exit status it means. */
int lp_session_fail(const struct lp_session *session, const struct lp_inject_error *error);

/* The worse of two: done, not complete, refused, failed. */
int lp_exit_worse(int a, int b);

#endif
