/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report.h - where messages of the builder go.
 */
#ifndef LP_BUILD_REPORT_H
#define LP_BUILD_REPORT_H

#include <stdarg.h>

#include "pack.h"

struct lp_report_to {
	void (*report)(void *context, enum lp_pack_severity severity, const char *reason,
		       const char *text);
	void *context;
};

/* reason: NULL but for LP_PACK_ERROR. */
void lp_report_message(const struct lp_report_to *to, enum lp_pack_severity severity,
		       const char *reason, const char *format, va_list args);
/* Always -ECANCELED. reason: a fixed word (refusal.h). */
__attribute__((format(printf, 3, 4))) int
lp_report_refusal(const struct lp_report_to *to, const char *reason, const char *format, ...);
/* LP_PACK_NOTE or LP_PACK_WARNING. */
__attribute__((format(printf, 3, 4))) void lp_report_say(const struct lp_report_to *to,
							 enum lp_pack_severity severity,
							 const char *format, ...);

#endif
