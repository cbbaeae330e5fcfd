/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entries.h"

#include <errno.h>

#include "clock.h"
#include "gate.h"
#include "grave.h"
#include "nudge.h"
#include "text.h"

#define BUDGET_NS 5000000ull /* of the first try; doubled with each */
#define DOUBLINGS_MAX 8
#define PAUSE_NS 10000ull

/* Closes or redirects every entry. Returns how many are closed, or a negative errno. */
static int redirect_heads(const struct lp_transition *tr)
{
	struct lp_site *site;
	int closed = 0;

	lp_for_each_site(site, tr)
	{
		int r = lp_gate_redirect(site->host);

		if (r < 0)
			return r;
		closed += r;
	}
	lp_text_barrier();
	return closed;
}

static void reopen_closed(const struct lp_transition *tr)
{
	struct lp_site *site;

	lp_for_each_site(site, tr)
	{
		struct lp_gate *gate = site->host;

		if (gate->text == LP_GATE_CLOSED)
			(void)lp_gate_restore(gate);
	}
	lp_text_barrier();
}

/* Addresses where no task may stand while the entries that have to be closed are rewritten. */
static int collect_boundaries(const struct lp_transition *tr, struct lp_ranges *ranges)
{
	struct lp_site *site;
	int r = 0;

	lp_for_each_site(site, tr)
	{
		const struct lp_gate *gate = site->host;

		if (r == 0 && lp_gate_has_boundaries(gate) && gate->text != LP_GATE_REDIRECTED)
			r = lp_gate_boundaries(gate, ranges);
	}
	return r < 0 ? r : lp_ranges_sort(ranges);
}

/*
 * New calls wait at the closed entries; who was past the first instruction must come out. Tried for
 * a bounded time, longer at each try; then the entries are opened again.
 */
static int see_boundaries_empty(struct lp_ranges *ranges, struct lp_quiesce *quiesce,
				const struct lp_unwind_space *space, uint64_t until_ns,
				struct lp_verdict *verdict)
{
	long left;
	int r;

	if (!ranges->count)
		return 0;
	quiesce->urgent = true;
	r = lp_quiesce_start(quiesce, ranges);
	quiesce->urgent = r == 0;
	if (r < 0)
		return r;
	while ((left = lp_quiesce_pass(quiesce, space)) > 0 && lp_clock_ns() < until_ns)
		lp_clock_pause(PAUSE_NS); /* the tasks may need this processor */
	verdict->blocking = LP_BLOCKING_IN_ENTRY;
	lp_quiesce_stop(quiesce, ranges);
	quiesce->urgent = false;
	return left == 0 ? 0 : -EAGAIN;
}

static int finish_closed(const struct lp_transition *tr, struct lp_ranges *boundaries,
			 uint64_t budget_ns, struct lp_quiesce *quiesce,
			 const struct lp_unwind_space *space, struct lp_verdict *verdict)
{
	struct lp_site *site;
	int r = see_boundaries_empty(boundaries, quiesce, space, lp_clock_ns() + budget_ns,
				     verdict);

	lp_for_each_site(site, tr) if (r == 0) r = lp_gate_finish(site->host);
	if (r < 0)
		reopen_closed(tr);
	else
		lp_text_barrier();
	return r;
}

static int prepare_gates(const struct lp_transition *tr)
{
	struct lp_site *site;
	int r = 0;

	lp_for_each_site(site, tr) if (r == 0) r = lp_gate_prepare(site->host);
	return r;
}

int lp_entries_redirect(const struct lp_transition *tr, unsigned int tries,
			struct lp_quiesce *quiesce, const struct lp_unwind_space *space,
			uint64_t *pause_us, struct lp_verdict *verdict)
{
	unsigned int doublings = tries < DOUBLINGS_MAX ? tries : DOUBLINGS_MAX;
	struct lp_ranges boundaries = { 0 };
	int r = prepare_gates(tr);
	uint64_t start_ns;

	lp_text_barrier();
	if (r == 0)
		r = collect_boundaries(tr, &boundaries);
	if (r == 0 && boundaries.count)
		(void)lp_quiesce_prepare(quiesce, &boundaries, space);
	start_ns = lp_clock_ns();
	if (r == 0)
		r = redirect_heads(tr);
	if (r < 0)
		reopen_closed(tr);
	if (r > 0) {
		r = finish_closed(tr, &boundaries, BUDGET_NS << doublings, quiesce, space, verdict);
		*pause_us += (lp_clock_ns() - start_ns) / 1000;
	}
	lp_nudge_end();
	if (boundaries.count)
		lp_grave_park(&boundaries); /* a handler may be reading them */
	return r;
}
