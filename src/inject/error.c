/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>

int lp_error_set(struct lp_inject_error *error, int result, const char *reason, const char *format,
		 ...)
{
	va_list arguments;

	if (!error)
		return result;
	error->reason = reason;
	va_start(arguments, format);
	vsnprintf(error->message, sizeof(error->message), format, arguments);
	va_end(arguments);
	return result;
}
