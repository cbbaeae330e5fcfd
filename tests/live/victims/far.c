// SPDX-License-Identifier: LGPL-2.1-or-later
/* The shared object of tls.c; far_ticks is private to it, far_total is not. */
static __thread int far_ticks = 100;
__thread int far_total;

__attribute__((noipa)) int far_tick(void)
{
	far_total += 1000;
	return far_ticks++;
}
