// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * claim.c - see claim.h. Locks on /proc/PID/fd, which only the owner of the process and root can open,
 * also when its main thread has ended. Bringing the agent in takes a lock of its own, on another file,
 * below a claim; nobody waits for a claim who holds that one.
 *
 * Why nobody loses the agent: who takes it out is alone before he asks it to leave, and until it has
 * left; who uses it shares before he looks for it. So the latter either has his share first, and the
 * former is not alone, or he looks for the agent when it is gone.
 *
 * Why it does not stay: who finds an agent that is to go takes the duty over besides. Before his share
 * or behind it he has seen that somebody has it: nobody who has it leaves the agent there but for a
 * share that he could not get past. Each of those gives his share up in the attempt to be alone (flock(2) converts in two steps), so of several that
 * try at the same time one at least finds the others gone, and the last one always does. It does stay
 * if the last one had no duty (`status --watch`, say), or a client was killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "claim.h"

#define WAIT_MS 15000 /* longer than the agent takes to leave */
#define ROUND_MS 20 /* flock(2) has no deadline */

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void wait_a_round(pid_t pid)
{
	struct pollfd end = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };

	(void)poll(&end, 1, ROUND_MS);
	if (end.fd >= 0)
		close(end.fd);
}

void lp_claim_share(struct lp_claim *claim, pid_t pid)
{
	uint64_t deadline_ms = now_ms() + WAIT_MS;
	char path[32];

	if (claim->fd >= 0)
		return;
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	claim->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (claim->fd >= 0) {
		claim->found_passing = lp_claim_is_passing(claim);
		if (!flock(claim->fd, LOCK_SH | LOCK_NB))
			return;
		if (errno == EWOULDBLOCK && now_ms() < deadline_ms)
			wait_a_round(pid);
		else
			lp_claim_drop(claim);
	}
}

/*
 * The duty is a lock of the other kind on the same file. Shared ones suffice: whether there is one is
 * asked by the question whether an exclusive one would be refused. The one asked about is never ours.
 */
static struct flock duty(short type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_len = 1 };
}

bool lp_claim_is_passing(const struct lp_claim *claim)
{
	struct flock lock = duty(F_WRLCK);

	return claim->fd >= 0 && !fcntl(claim->fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;
}

void lp_claim_set_for_now(struct lp_claim *claim, bool for_now)
{
	struct flock lock = duty(for_now ? F_RDLCK : F_UNLCK);

	claim->for_now = for_now;
	if (claim->fd >= 0)
		(void)fcntl(claim->fd, F_OFD_SETLK, &lock);
}

bool lp_claim_try_alone(struct lp_claim *claim)
{
	if (claim->fd < 0 || !flock(claim->fd, LOCK_EX | LOCK_NB))
		return true;
	lp_claim_drop(claim);
	return false;
}

void lp_claim_drop(struct lp_claim *claim)
{
	if (claim->fd >= 0)
		close(claim->fd);
	*claim = (struct lp_claim){ .fd = -1 };
}
