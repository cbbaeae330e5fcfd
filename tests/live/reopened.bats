#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# A library that is closed and opened again at the same place: nothing of a patch is there then. What is applied
# next is.
load helpers2

setup_case() {
	local n
	# by one instruction, by the padding in front of it, by several instructions
	gcc -O2 -g -fPIC -shared -Wl,--build-id -Wl,-soname,libshort.so -o "$work/libshort.so" \
		-x c - <<-'END'
		__asm__(".text\n.p2align 4\n.globl one, pad, more\n"
			".type one, @function\none: mov $1, %eax\nret\n.size one, .-one\n.p2align 4\n"
			".type pad, @function\npad: xor %eax, %eax\ninc %eax\nret\n.size pad, .-pad\n"
			".byte 0xc3, 0xc3, 0xc3\n"
			".type more, @function\nmore: xor %eax, %eax\nadd $1, %eax\nret\n"
			".size more, .-more\n");
	END
	victim_build - -D_GNU_SOURCE -I"$victims_dir" -ldl <<-'END'
		#include "victim.h"
		#include <dlfcn.h>

		static void *library, *first;

		static void *find(const char *name)
		{
			return dlsym(library, name);
		}

		static void open_it(const char *path)
		{
			library = dlopen(path, RTLD_NOW);
			if (!library)
				say("%s", dlerror());
			else if (first && first != find("one"))
				say("elsewhere");
			else
				say("opened");
			first = find("one");
		}

		static void close_it(const char *argument)
		{
			(void)argument;
			dlclose(library);
			say("closed");
		}

		static void call(const char *argument)
		{
			int (*one)(void) = (int (*)(void))find("one");
			int (*pad)(void) = (int (*)(void))find("pad");
			int (*more)(void) = (int (*)(void))find("more");

			(void)argument;
			say("%d %d %d", one(), pad(), more());
		}

		int main(void)
		{
			static const struct victim_command commands[] = {
				{ "open", open_it }, { "close", close_it }, { "call", call }, { 0 }
			};

			return victim_run(commands);
		}
	END
	for n in 2 3; do
		patch_make "fix$n" --target "$victim" --target "$work/libshort.so" <<-END
			#include <suture/livepatch.h>
			static int lp_one(void) { return $n; }
			static int lp_pad(void) { return $n; }
			static int lp_more(void) { return $n; }
			static struct klp_func funcs[] = {
				{ .old_name = "one", .new_func = lp_one },
				{ .old_name = "pad", .new_func = lp_pad },
				{ .old_name = "more", .new_func = lp_more }, { }
			};
			static struct klp_object objs[] = {
				{ .name = "libshort.so", .funcs = funcs }, { }
			};
			KLP_PATCH(.objs = objs, .name = "fix$n");
		END
	done
	suture info "$work/fix2.lp" >"$work/info"
	grep -q "one.*entry single" "$work/info"
	grep -q "pad.*entry pad" "$work/info"
	grep -q "more.*entry multi" "$work/info"
	victim_start
	victim_says "open $work/libshort.so" opened
	suture apply "$work/fix2.lp" --pid "$pid"
	victim_says call "2 2 2"
	victim_says close closed
}

reopened() {
	victim_says "open $work/libshort.so" opened
	victim_says call "1 1 1"
}

@test "a newer patch is there when it is said to be" {
	reopened
	suture apply "$work/fix3.lp" --pid "$pid"
	victim_says call "3 3 3"
	suture disable fix3 --pid "$pid"
	victim_says call "1 1 1"
	text_same "$work/libshort.so"
	suture detach --pid "$pid"
}

@test "disabled, it can be applied again" {
	reopened
	suture disable fix2 --pid "$pid"
	victim_says call "1 1 1"
	suture apply "$work/fix2.lp" --pid "$pid"
	victim_says call "2 2 2"
	suture disable fix2 --pid "$pid"
	text_same "$work/libshort.so"
	suture detach --pid "$pid"
}

@test "disabled while it is closed, it can be applied when it is open" {
	suture disable fix2 --pid "$pid"
	# its gates are gone, or it is not to be detached
	suture detach --pid "$pid"
	reopened
	suture apply "$work/fix2.lp" --pid "$pid"
	victim_says call "2 2 2"
}
