/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tracer.h - a thread of the client's own, that traces for a moment and ends. Used by src/inject
 * only.
 *
 * A thread of the target that is seized and does not stop (it waits in the kernel for a file system
 * that hangs, say) cannot be let go: PTRACE_DETACH is for stopped ones. It would stop when that is
 * over, and stay stopped for as long as the client lives. But whatever a thread has seized is let
 * go by the kernel when that thread ends, and an interrupt that is under way is taken back.
 */
#ifndef LP_INJECT_TRACER_H
#define LP_INJECT_TRACER_H

/*
 * Runs work(context) in a thread of its own, and waits for its end: then nothing that it traced is
 * traced any more. Returns what `work` returned, or -EAGAIN: no thread. SIGCHLD is blocked
 * meanwhile, in both threads.
 */
int lp_tracer_run(int (*work)(void *context), void *context);

#endif
