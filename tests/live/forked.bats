#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# A process that was forked by a patched one has the patch, and whoever tries to apply it again is told so.
load helpers2

setup_case() {
	victim_build - -D_GNU_SOURCE -I"$victims_dir" <<-'END'
		#include "victim.h"
		#include <signal.h>
		#include <sys/prctl.h>

		static volatile int one = 1;

		ENTRY int answer(void)
		{
			return one;
		}

		static void call(const char *argument)
		{
			(void)argument;
			say("%d", answer());
		}

		static void fork_it(const char *argument)
		{
			pid_t child;

			(void)argument;
			child = fork();
			if (!child) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				for (;;)
					pause();
			}
			say("%d", child);
		}

		int main(void)
		{
			static const struct victim_command commands[] = {
				{ "call", call }, { "fork", fork_it }, { 0 }
			};

			return victim_run(commands);
		}
	END
	patch_of answer 'return 2;' '.name = "fix"' | patch_make fix --target "$victim"
	victim_start
}

@test "the hint names the parent, if it has the patch" {
	local child
	suture apply "$work/fix.lp" --pid "$pid"
	victim_says call 2
	child=$(victim_ask fork)
	run -1 --separate-stderr suture apply "$work/fix.lp" --pid "$child"
	[[ "$stderr" == *"(bytes-differ)"*"hint: its parent, process $pid, has the patch fix of this function"* ]]
	run -1 --separate-stderr suture check "$work/fix.lp" --pid "$child" --json
	reply '.reasons[0].reason' bytes-differ
}

@test "the hint says what may be, if the parent is gone or has no patch" {
	local child
	suture apply "$work/fix.lp" --pid "$pid"
	child=$(victim_ask fork)
	suture disable fix --pid "$pid"
	run -1 --separate-stderr suture apply "$work/fix.lp" --pid "$child"
	[[ "$stderr" == *"(bytes-differ)"*"hint: another tool has changed this function, or the process was forked by a patched one"* ]]
}

@test "a child that was forked before can be patched" {
	local child
	suture attach --pid "$pid"
	child=$(victim_ask fork)
	suture apply "$work/fix.lp" --pid "$child"
	victim_says call 1
}
