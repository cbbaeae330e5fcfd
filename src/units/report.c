/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

void lp_report_message(const struct lp_report_to *to, enum lp_severity severity, const char *reason,
		       const char *format, va_list args)
{
	char *text;

	if (!to->report || vasprintf(&text, format, args) < 0)
		return;
	to->report(to->context, severity, reason, text);
	free(text);
}

int lp_report_refusal(const struct lp_report_to *to, const char *reason, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	lp_report_message(to, LP_ERROR, reason, format, args);
	va_end(args);
	return -ECANCELED;
}

void lp_report_say(const struct lp_report_to *to, enum lp_severity severity, const char *format,
		   ...)
{
	va_list args;

	va_start(args, format);
	lp_report_message(to, severity, NULL, format, args);
	va_end(args);
}
