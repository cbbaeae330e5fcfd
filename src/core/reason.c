/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reason.h"

struct wording {
	const char *word;
	const char *text;
};

static const struct wording reasons[LP_REASON_COUNT] = {
#define REASON_WORDING(id, word, text) [LP_REASON_##id] = { word, text },
	LP_REASONS(REASON_WORDING)
#undef REASON_WORDING
};

static const struct wording blockings[LP_BLOCKING_COUNT] = {
#define BLOCKING_WORDING(id, word, text) [LP_BLOCKING_##id] = { word, text },
	LP_BLOCKERS(BLOCKING_WORDING)
#undef BLOCKING_WORDING
};

static const struct wording unknown = { "unknown", "unknown reason" };

static const struct wording *reason_wording(enum lp_reason reason)
{
	return (unsigned int)reason < LP_REASON_COUNT ? &reasons[reason] : &unknown;
}

static const struct wording *blocking_wording(enum lp_blocking blocking)
{
	return (unsigned int)blocking < LP_BLOCKING_COUNT ? &blockings[blocking] : &unknown;
}

const char *lp_reason_word(enum lp_reason reason)
{
	return reason_wording(reason)->word;
}

const char *lp_reason_text(enum lp_reason reason)
{
	return reason_wording(reason)->text;
}

const char *lp_blocking_word(enum lp_blocking blocking)
{
	return blocking_wording(blocking)->word;
}

const char *lp_blocking_text(enum lp_blocking blocking)
{
	return blocking_wording(blocking)->text;
}

void lp_report_patch(struct lp_report *report, enum lp_reason reason, const char *patch)
{
	struct lp_refusal refusal = { .reason = reason, .patch = patch };

	lp_report_add(report, refusal);
}

void lp_report_errno(struct lp_report *report, int error, const char *patch)
{
	lp_report_patch(report, error == -ENOMEM ? LP_REASON_NO_MEMORY : LP_REASON_SYSTEM, patch);
}

void lp_report_add(struct lp_report *report, struct lp_refusal refusal)
{
	if (report->total < report->capacity)
		report->refusals[report->total] = refusal;
	report->total++;
}
