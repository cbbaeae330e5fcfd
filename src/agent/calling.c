/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "calling.h"

#include <string.h>
#include <suture/control.h>

#include "clock.h"

extern struct suture_agent suture_agent;

static char *put(char *at, const char *text)
{
	const char *end = suture_agent.calling + SUTURE_CALLING_MAX - 1;

	while (*text && at < end)
		*at++ = *text++;
	return at;
}

static char *put_number(char *at, uint64_t number)
{
	char digits[21], *p = digits + sizeof(digits) - 1;

	*p = '\0';
	do
		*--p = (char)('0' + number % 10);
	while (number /= 10);
	return put(at, p);
}

void lp_calling_begin(const struct lp_patch *patch, const struct lp_callback_call *call)
{
	char *at = put(suture_agent.calling, patch->name);

	at = put(at, ": ");
	at = put(at, lp_callback_word(call->which));
	if (call->state)
		at = put_number(put(at, " of state "), call->state->id);
	else
		at = put(put(at, " of "), call->object->name ? call->object->name : "the program");
	*at = '\0';
	__atomic_store_n(&suture_agent.calling_since_ns, lp_clock_ns(), __ATOMIC_RELEASE);
}

void lp_calling_end(void)
{
	__atomic_store_n(&suture_agent.calling_since_ns, 0, __ATOMIC_RELEASE);
}
