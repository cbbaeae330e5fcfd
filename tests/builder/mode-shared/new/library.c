// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <string.h>

extern long exported;
extern long hidden __attribute__((visibility("hidden")));
__attribute__((visibility("hidden"))) long helper(long n);
long change(long n);
long of_program(long n);

long exported = 1000;
long hidden = 7;
static long calls;

__attribute__((noinline)) long helper(long n)
{
	return n + hidden;
}

long change(long n)
{
	calls++;
	exported += n;
	hidden++;
	return helper(n) * 1000 + of_program(n) + calls + labs(-n) + (long)strlen("abc");
}
