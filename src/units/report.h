/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report.h - what the makers of a .lp have to say, and where it goes.
 */
#ifndef LP_UNITS_REPORT_H
#define LP_UNITS_REPORT_H

#include <stdarg.h>

enum lp_severity {
	LP_NOTE, /* good to know; reason is NULL */
	LP_WARNING, /* look at it; reason is NULL */
	LP_ERROR, /* why there is no .lp */
};

struct lp_report_to {
	void (*report)(void *context, enum lp_severity severity, const char *reason,
		       const char *text);
	void *context;
};

/* reason: NULL but for LP_ERROR. */
void lp_report_message(const struct lp_report_to *to, enum lp_severity severity, const char *reason,
		       const char *format, va_list args);
/* Always -ECANCELED. reason: a fixed word (refusal.h). */
__attribute__((format(printf, 3, 4))) int
lp_report_refusal(const struct lp_report_to *to, const char *reason, const char *format, ...);
/* LP_NOTE or LP_WARNING. */
__attribute__((format(printf, 3, 4))) void
lp_report_say(const struct lp_report_to *to, enum lp_severity severity, const char *format, ...);

#endif
