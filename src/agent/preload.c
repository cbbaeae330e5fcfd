/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * suture-preload.so: for LD_PRELOAD, or linked by a program: starts the agent before main(), so that
 * no ptrace is needed later. A library of its own, so that the injected agent does not do this.
 */
#include <suture/control.h>

__attribute__((constructor)) static void preload(void)
{
	/* without it the program runs as ever, and `suture attach` will say what is wrong */
	(void)suture_agent_start();
}
