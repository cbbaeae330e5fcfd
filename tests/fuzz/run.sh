#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# run.sh [SECONDS]: runs each fuzz_*.c (F=name: fuzz_name.c only) so long, with ASan and UBSan.
# Inputs found so far are kept in build-fuzz/NAME; a crash is left there as crash-*.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
work=build-fuzz
flags='-std=gnu11 -g -O1 -D_GNU_SOURCE= -fsanitize=address,undefined -fno-sanitize-recover=all
	-Iinclude -Isrc'
mkdir -p $work/objects

echo "fuzz: compiling"
for source in src/agent/*.[cS] src/core/*.c src/x86_64/*.c; do
	object=$work/objects/$(echo "$source" | tr / _).o
	[ "$object" -nt "$source" ] && continue
	# shellcheck disable=SC2086 # a list of words
	clang $flags -fsanitize=fuzzer-no-link -c "$source" -o "$object"
done
rm -f $work/libtarget.a
ar rcs $work/libtarget.a $work/objects/*.o

# A seed that is a whole patch.
if [ ! -e $work/seed.lp ]; then
	cat >$work/seed.c <<-'EOF'
	#include <suture/livepatch.h>
	static int lp_answer(void) { return 2; }
	static struct klp_func funcs[] = { { .old_name = "answer", .new_func = lp_answer }, { } };
	static struct klp_object objs[] = { { .funcs = funcs }, { } };
	KLP_PATCH(.objs = objs);
	EOF
	cc -O2 -pthread -Wl,--build-id -o $work/victim tests/live/victim.c
	"${BUILD:-build}/src/suture" pack $work/seed.c --target $work/victim -o $work/seed.lp
fi

found=0
for source in tests/fuzz/fuzz_*.c; do
	name=$(basename "$source" .c)
	name=${name#fuzz_}
	[ -z "${F:-}" ] || [ "$F" = "$name" ] || continue
	found=1
	# shellcheck disable=SC2086
	clang $flags -fsanitize=fuzzer "$source" $work/libtarget.a -lpthread -ldl \
		-o "$work/fuzz_$name"
	mkdir -p "$work/$name"
	[ "$name" != patch_file ] || cp $work/seed.lp "$work/$name/"
	echo "fuzz: $name for $seconds s"
	"$work/fuzz_$name" -max_total_time="$seconds" -max_len=65536 -verbosity=0 \
		-print_final_stats=1 -artifact_prefix="$work/$name/" "$work/$name"
done
[ $found -eq 1 ] || { echo "fuzz: no target ${F:-}" >&2; exit 1; }
