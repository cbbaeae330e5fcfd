# SPDX-License-Identifier: LGPL-2.1-or-later
# From a source tree, a diff and the build's own command to pairs of objects, for what builds
# programs: each a small project, generated here, finished or not.
#
#	project DIRECTORY	a program of three sources in src/ and a library of one in lib/
#	fix DIRECTORY		makes the diff
#	pairs MAKE		runs it; the user's tree must not change; $list has the pairs
#	pair SOURCE OUTPUT	there is such a pair, and it is good
bats_require_minimum_version 1.5.0

UNITS_MAKE=${UNITS_MAKE:-$BATS_TEST_DIRNAME/../../build/tests/units-make}
RECORDER=${RECORDER:-$BATS_TEST_DIRNAME/../../build/src/suture-recorder.so}
unset MAKEFLAGS MAKELEVEL MFLAGS CC CXX CFLAGS

setup() {
	work=$BATS_TEST_TMPDIR
	tree=$work/tree
	runs=0
	mkdir "$tree"
}

need() {
	local one
	for one in "$@"; do
		command -v "$one" >/dev/null || skip "$one is not installed"
	done
}

project() {
	mkdir -p "$tree/src" "$tree/lib" "$tree/inc"
	cat >"$tree/inc/limit.h" <<-'END'
		#ifndef LIMIT_H
		#define LIMIT_H
		#define LIMIT 10
		int first(int), second(int), in_library(int);
		#endif
	END
	cat >"$tree/src/first.c" <<-'END'
		#include <assert.h>
		#include "limit.h"
		static int counter;

		__attribute__((noinline)) int first(int x)
		{
			return x + counter++;
		}

		int checked(int x)
		{
			assert(x > 0);
			return first(x) + __LINE__;
		}
	END
	cat >"$tree/src/second.c" <<-'END'
		#include "limit.h"
		int second(int x)
		{
			return x > LIMIT;
		}
	END
	cat >"$tree/src/main.c" <<-'END'
		int first(int), second(int), in_library(int);
		int main(int argc, char **argv)
		{
			(void)argv;
			return first(argc) + second(argc) + in_library(argc) < 0;
		}
	END
	cat >"$tree/lib/library.c" <<-'END'
		#include "limit.h"
		int in_library(int x)
		{
			return x % LIMIT;
		}
	END
}

# first.c has a change; limit.h another, which second.c and library.c use
fix() {
	rm -rf "$work/new"
	mkdir "$work/new"
	cp -a "$tree" "$work/new/b"
	sed -i 's/return x + counter++;/if (x < 0)\n\t\treturn 0;\n\treturn x + counter++;/' \
		"$work/new/b/src/first.c"
	sed -i 's/LIMIT 10/LIMIT 12/' "$work/new/b/inc/limit.h"
	cp -a "$tree" "$work/new/a"
	(
		cd "$work/new" || exit
		diff -u a/src/first.c b/src/first.c
		diff -u a/inc/limit.h b/inc/limit.h
	) >"$work/fix.patch" || true
	rm -rf "$work/new"
}

# name, inode, mode, size, times; content
fingerprint() {
	(
		cd "$1" || exit
		find . -printf '%p %i %m %s %T@ %C@ %l\n' | sort
		find . -type f -print0 | sort -z | xargs -0 -r sha256sum
	)
}

# pairs_of MAKE...: with the diff that is there already
pairs_of() {
	runs=$((runs + 1))
	kept=$work/kept.$runs
	mkdir "$kept"
	fingerprint "$tree" >"$work/before"
	list=$("$UNITS_MAKE" "$RECORDER" "$tree" "$work/fix.patch" "$kept" "$@")
	fingerprint "$tree" >"$work/after"
	cmp "$work/before" "$work/after"
}

pairs() {
	fix
	pairs_of "$@"
}

sections() {
	readelf -SW "$1" | grep -o '\.\(text\|bss\|data\)\.[a-z_]*'
}

# Both objects are there, parted into sections; what the diff leaves alone is the same to the byte.
pair() {
	local source output original patched function one
	IFS=$'\t' read -r source output original patched < <(
		awk -F'\t' -v source="$1" -v output="$2" '$1 == source && $2 == output' <<<"$list")
	[ "$source" = "$1" ] || { echo "no pair $1 $2 in:"; echo "$list"; return 1; }
	case $1 in
	*first.c) function=first ;;
	*second.c) function=second ;;
	*) function=in_library ;;
	esac
	for one in "$original" "$patched"; do
		sections "$one" | grep -qx ".text.$function"
		readelf -SW "$one" | grep -q '\.debug_info'
		readelf -SW "$one" | grep -q '\.eh_frame'
		objcopy -O binary -j ".text.$function" "$one" "$one.function"
	done
	! cmp -s "$original.function" "$patched.function"
	[ "$function" = first ] || return 0
	for one in "$original" "$patched"; do
		sections "$one" | grep -qx '\.bss\.counter'
		objcopy -O binary -j .text.checked "$one" "$one.checked"
	done
	cmp "$original.checked" "$patched.checked"
}

count() {
	[ "$(grep -c . <<<"$list")" -eq "$1" ] || { echo "not $1 pairs:"; echo "$list"; return 1; }
}

make_project() {
	project
	cat >"$tree/Makefile" <<-'END'
		.RECIPEPREFIX = >
		CC = gcc
		CFLAGS = -O2 -g -Wall -Wextra -Werror
		objects = src/main.o src/first.o src/second.o
		prog: $(objects) libl.a
		> $(CC) -o $@ $^
		libl.a: lib/library.o
		> $(AR) rcs $@ $^
		%.o: %.c
		> $(CC) $(CFLAGS) -Iinc -MD -MP -MF $*.d -MT $@ -c $< -o $@
		-include $(wildcard */*.d)
	END
}

check_make() {
	pair src/first.c src/first.o
	pair src/second.c src/second.o
	pair lib/library.c lib/library.o
	count 3
}

@test "make, finished tree" {
	make_project
	make -s -C "$tree"
	pairs
	check_make
}

# edit FILE SED-SCRIPT...: the diff, by what it does to files of the tree
edit() {
	rm -rf "$work/new"
	mkdir "$work/new"
	cp -a "$tree" "$work/new/a"
	cp -a "$tree" "$work/new/b"
	while [ $# -gt 0 ]; do
		sed -i "$2" "$work/new/b/$1"
		shift 2
	done
	(cd "$work/new" && diff -ru a b >"$work/fix.patch") || true
	rm -rf "$work/new"
}

@test "make, finished tree: what the diff leaves the same is compiled once" {
	make_project
	make -s -C "$tree"
	edit inc/limit.h '3i int third(int);\nint fourth(int);' src/first.c 's/counter++/++counter/'
	pairs_of
	pair src/first.c src/first.o
	count 1
	[ ! -e "$kept/log/make.original" ]
	grep -q second.c "$kept/log/make.patched"
}

@test "make, the diff changes the Makefile: what it touches is built as it was, too" {
	make_project
	make -s -C "$tree"
	edit Makefile 's/-Wextra/& -DEXTRA/' src/first.c 's/counter++/++counter/'
	pairs_of
	pair src/first.c src/first.o
	count 1
	[ -e "$kept/log/make.original" ]
}

@test "make, an object of the tree that is not what its source says" {
	make_project
	make -s -C "$tree"
	cp -a "$tree/src/first.c" "$work/first.c"
	edit src/first.c 's/counter++/++counter/'
	sed -i 's/counter++/++counter/' "$tree/src/first.c"
	make -s -C "$tree"
	cp -a "$work/first.c" "$tree/src/first.c" # with its old time
	make -q -C "$tree"
	pairs_of
	pair src/first.c src/first.o
	count 1
}

@test "make, names made of line numbers that come twice" {
	make_project
	cat >>"$tree/inc/limit.h" <<-'END'
		#define NAME2(line) unused_##line
		#define NAME1(line) NAME2(line)
		#define UNUSED enum { NAME1(__LINE__) }
		UNUSED; /* 1 */
		UNUSED; /* 2 */
	END
	make -s -C "$tree"
	edit inc/limit.h '/^UNUSED.* 1/a UNUSED;' src/first.c 's/counter++/++counter/'
	pairs_of "make -s CFLAGS='-O2 -g'"
	pair src/first.c src/first.o
	[ -e "$kept/log/make.patched" ]
}

@test "make, unbuilt tree, clang" {
	need clang
	make_project
	sed -i 's/^CC = .*/CC = clang/' "$tree/Makefile"
	pairs "make -s"
	check_make
	[ ! -e "$tree/prog" ]
}

@test "make, build directory in the tree, recursive, sources by absolute names" {
	project
	mkdir "$tree/out"
	cat >"$tree/out/Makefile" <<-'END'
		.RECIPEPREFIX = >
		VPATH = $(abspath ../src):$(abspath ../lib)
		CFLAGS = -O2 -I$(abspath ../inc) -MMD
		prog: main.o first.o second.o library.o
		> $(CC) -o $@ $^
		-include *.d
	END
	printf 'all:\n\t+$(MAKE) -C out\n' >"$tree/Makefile"
	make -s -C "$tree"
	pairs "make"
	pair src/first.c out/first.o
	pair src/second.c out/second.o
	pair lib/library.c out/library.o
	count 3
}

@test "compiled and linked by one command" {
	project
	cat >"$tree/Makefile" <<-'END'
		.RECIPEPREFIX = >
		prog: src/main.c src/first.c src/second.c lib/library.c inc/limit.h
		> $(CC) -O2 -Iinc -o $@ $(filter %.c,$^) -lm
	END
	make -s -C "$tree"
	pairs
	pair src/first.c src/first.c
	pair src/second.c src/second.c
	pair lib/library.c lib/library.c
	count 4 # main.c is compiled with them
}

@test "several sources in one command, response file" {
	project
	cat >"$tree/Makefile" <<-'END'
		.RECIPEPREFIX = >
		prog: src/main.c src/first.c src/second.c lib/library.c inc/limit.h
		> echo '-O2 "-Iinc"' >flags.rsp
		> cd src && $(CC) -O2 -I../inc -c first.c second.c main.c
		> $(CC) @flags.rsp -c lib/library.c -o lib/library.o
		> rm flags.rsp
		> $(CC) -o $@ src/*.o lib/*.o
	END
	make -s -C "$tree"
	pairs
	pair src/first.c src/first.o
	pair src/second.c src/second.o
	pair lib/library.c lib/library.o
	count 3
}

@test "ccache, its cache warm" {
	need ccache
	export CCACHE_DIR=$work/ccache
	make_project
	sed -i 's/^CC = .*/CC = ccache gcc/' "$tree/Makefile"
	make -s -C "$tree"
	pairs
	check_make
	pairs
	check_make
}

@test "ccache by links with the compiler's name" {
	need ccache
	export CCACHE_DIR=$work/ccache
	mkdir "$work/bin"
	ln -s "$(command -v ccache)" "$work/bin/gcc"
	make_project
	PATH=$work/bin:$PATH make -s -C "$tree"
	PATH=$work/bin:$PATH pairs
	check_make
}

autotools_project() {
	need autoreconf automake libtoolize
	project
	cat >"$tree/configure.ac" <<-'END'
		AC_INIT([tiny], [1])
		AM_INIT_AUTOMAKE([foreign subdir-objects])
		AC_PROG_CC
		AM_PROG_AR
		LT_INIT
		AC_CONFIG_FILES([Makefile])
		AC_OUTPUT
	END
	cat >"$tree/Makefile.am" <<-'END'
		AM_CPPFLAGS = -I$(top_srcdir)/inc
		lib_LTLIBRARIES = libl.la
		libl_la_SOURCES = lib/library.c inc/limit.h
		bin_PROGRAMS = prog
		prog_SOURCES = src/main.c src/first.c src/second.c
		prog_LDADD = libl.la
	END
	(cd "$tree" && autoreconf -i) >"$work/autoreconf.log" 2>&1
}

# each source of a library is compiled twice: position-independent, and not
check_autotools() {
	pair src/first.c "$1src/first.o"
	pair src/second.c "$1src/second.o"
	pair lib/library.c "$1lib/library.o"
	pair lib/library.c "$1lib/.libs/library.o"
	count 4
}

@test "autotools and libtool, finished tree" {
	autotools_project
	(cd "$tree" && ./configure -q && make -s) >"$work/make.log" 2>&1
	pairs
	check_autotools ""
}

# as packages are built
@test "autotools and libtool, dependencies not tracked" {
	autotools_project
	(cd "$tree" && ./configure -q --disable-dependency-tracking && make -s) >"$work/make.log" 2>&1
	pairs
	check_autotools ""
}

@test "autotools, the diff changes configure.ac, and there are no autotools" {
	autotools_project
	(cd "$tree" && ./configure -q && make -s) >"$work/make.log" 2>&1
	edit configure.ac '$a # nothing' src/first.c 's/counter++/++counter/'
	pairs_of "make -s ACLOCAL=false AUTOCONF=false AUTOMAKE=false AUTOHEADER=false"
	pair src/first.c src/first.o
}

@test "autotools and libtool, configured tree, build directory" {
	autotools_project
	mkdir "$tree/out"
	(cd "$tree/out" && ../configure -q) >"$work/configure.log" 2>&1
	pairs "make -s -C out"
	check_autotools out/
}

cmake_project() {
	need cmake
	project
	cat >"$tree/CMakeLists.txt" <<-'END'
		cmake_minimum_required(VERSION 3.13)
		project(tiny C)
		include_directories(inc)
		add_library(l SHARED lib/library.c)
		add_executable(prog src/main.c src/first.c src/second.c)
		target_link_libraries(prog l)
	END
}

check_cmake() {
	pair src/first.c out/CMakeFiles/prog.dir/src/first.c.o
	pair src/second.c out/CMakeFiles/prog.dir/src/second.c.o
	pair lib/library.c out/CMakeFiles/l.dir/lib/library.c.o
	count 3
}

configure_cmake() {
	cmake -S "$tree" -B "$tree/out" -DCMAKE_BUILD_TYPE=RelWithDebInfo "$@" >"$work/cmake.log"
}

@test "cmake with make, finished tree" {
	cmake_project
	configure_cmake -G "Unix Makefiles"
	make -s -C "$tree/out" >"$work/make.log"
	pairs "make -C out"
	check_cmake
}

@test "cmake with ninja, finished tree" {
	need ninja
	cmake_project
	configure_cmake -G Ninja
	ninja -C "$tree/out" >"$work/ninja.log"
	pairs "ninja -C out"
	check_cmake
}

@test "cmake, nothing configured" {
	need ninja
	cmake_project
	pairs "cmake -S . -B out -G Ninja && ninja -C out"
	check_cmake
	[ ! -e "$tree/out" ]
}

@test "cmake, the diff changes CMakeLists.txt, too" {
	need ninja
	cmake_project
	configure_cmake -G Ninja
	ninja -C "$tree/out" >"$work/ninja.log"
	pairs "ninja -C out"
	cat >>"$work/fix.patch" <<-'END'
		--- a/CMakeLists.txt
		+++ b/CMakeLists.txt
		@@ -4,3 +4,4 @@
		 add_library(l SHARED lib/library.c)
		 add_executable(prog src/main.c src/first.c src/second.c)
		 target_link_libraries(prog l)
		+add_compile_definitions(NEW)
	END
	mkdir "$work/more"
	list=$("$UNITS_MAKE" "$RECORDER" "$tree" "$work/fix.patch" "$work/more" "ninja -C out")
	pair src/first.c out/CMakeFiles/prog.dir/src/first.c.o
	pair lib/library.c out/CMakeFiles/l.dir/lib/library.c.o
	count 3 # main.c has new flags, but the same code
}

meson_project() {
	need meson ninja
	project
	cat >"$tree/meson.build" <<-'END'
		project('tiny', 'c', default_options: ['buildtype=debugoptimized'])
		inc = include_directories('inc')
		l = shared_library('l', 'lib/library.c', include_directories: inc)
		executable('prog', 'src/main.c', 'src/first.c', 'src/second.c',
			include_directories: inc, link_with: l)
	END
}

check_meson() {
	pair src/first.c out/prog.p/src_first.c.o
	pair src/second.c out/prog.p/src_second.c.o
	pair lib/library.c out/libl.so.p/lib_library.c.o
	count 3
}

@test "meson, finished tree" {
	meson_project
	meson setup "$tree/out" "$tree" >"$work/meson.log"
	ninja -C "$tree/out" >"$work/ninja.log"
	pairs "ninja -C out"
	check_meson
}

@test "meson, nothing configured" {
	meson_project
	pairs "meson setup out && meson compile -C out"
	check_meson
	[ ! -e "$tree/out" ]
}

@test "as a user, in a namespace of users" {
	[ "$(id -u)" -eq 0 ] || skip "only root can become somebody else"
	make_project
	make -s -C "$tree"
	fix
	mkdir "$work/kept"
	chmod 755 "$BATS_RUN_TMPDIR" "$work"
	chown -R 65534:65534 "$tree" "$work/kept"
	cp "$UNITS_MAKE" "$RECORDER" "$work"
	setpriv --reuid=65534 --regid=65534 --clear-groups unshare -Um true ||
		skip "no user namespaces here"
	list=$(cd / && setpriv --reuid=65534 --regid=65534 --clear-groups "$work/units-make" \
		"$work/suture-recorder.so" "$tree" "$work/fix.patch" "$work/kept" 2>"$work/said")
	cat "$work/said"
	[ ! -s "$work/said" ]
	check_make
}

# unshare: runs without any right to a namespace
without_namespaces() {
	unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces &&
		exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$@"' sh "$@"
}

@test "without a namespace: a warning" {
	without_namespaces true || skip "no user namespaces here"
	make_project
	make -s -C "$tree"
	fix
	mkdir "$work/kept"
	fingerprint "$tree" >"$work/before"
	list=$(without_namespaces "$UNITS_MAKE" "$RECORDER" "$tree" "$work/fix.patch" \
		"$work/kept" 2>"$work/said")
	fingerprint "$tree" >"$work/after"
	cmp "$work/before" "$work/after"
	cat "$work/said"
	grep -q 'no permission for a mount namespace' "$work/said"
	check_make
}

@test "without a namespace, a tree that knows its place is refused and not touched" {
	without_namespaces true || skip "no user namespaces here"
	cmake_project
	configure_cmake
	make -s -C "$tree/out" >"$work/make.log"
	fix
	mkdir "$work/kept"
	fingerprint "$tree" >"$work/before"
	run -1 without_namespaces "$UNITS_MAKE" "$RECORDER" "$tree" "$work/fix.patch" \
		"$work/kept" "make -C out"
	fingerprint "$tree" >"$work/after"
	cmp "$work/before" "$work/after"
	[[ $output = *build-failed*"name the tree itself"*out/CMakeCache.txt* ]]
}
