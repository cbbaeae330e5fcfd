/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * claim.h - who uses the agent of a process, so that a command that brought it in only for itself
 * does not take it away from another one.
 *
 *	none -> shared: uses it -> [for now: and is to take it out] -> alone: takes it out -> none
 *
 * Every client is at least "shared" before it looks for the agent, and until it has no connection to
 * it any more. The kernel keeps the claims, as locks: those of a client that dies are gone. They bind
 * nobody but those who ask for them: `suture detach` does what it is told.
 */
#ifndef LP_CLI_CLAIM_H
#define LP_CLI_CLAIM_H

#include <stdbool.h>
#include <sys/types.h>

struct lp_claim {
	int fd; /* -1: none */
	bool found_passing; /* just before we had our share; who had the duty may have left since */
	bool for_now; /* we have it */
};

/*
 * Shared. Waits while another client takes the agent out, for some seconds at most. A failure, that
 * is no claim, is no reason to stop: it is as if nobody else were there.
 */
void lp_claim_share(struct lp_claim *claim, pid_t pid);

/* Whether another client is to take the agent out, now. */
bool lp_claim_is_passing(const struct lp_claim *claim);
/* Whether we are, too: the agent is there only for a while. */
void lp_claim_set_for_now(struct lp_claim *claim, bool for_now);

/*
 * Alone, without waiting: nobody else uses the agent, and nobody will before the claim is dropped.
 * False: another one does, and the claim is dropped.
 */
bool lp_claim_try_alone(struct lp_claim *claim);

void lp_claim_drop(struct lp_claim *claim);

#endif
