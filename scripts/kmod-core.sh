#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds src/core, unchanged, into a kernel module (kmod/) against the headers of a Debian kernel:
# docs/design/kmod.md. No kernel has to run; nothing is loaded.
#	kmod-core.sh			the headers are installed by apt if there are none
#	kmod-core.sh --self-test	and then with planted faults: each must be found
#	KDIR=/usr/src/linux-headers-...	against exactly these headers
# Exit status 0: built without a warning, and the core needs no symbol that it should not.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."
work=$(realpath -m "${BUILD:-build}")/kmod
log=$work/log

# What the core may leave undefined. The first line is its own, as in user space; the others are
# put in by the compiler, by flags of the kernel's build:
#	__fentry__		-pg -mfentry: the entry of each function, where ftrace and livepatch hook in
#	__stack_chk_fail	-fstack-protector-strong: a canary was overwritten
#	__x86_return_thunk	-mfunction-return=thunk-extern: each return
#	__x86_indirect_thunk_*	-mindirect-branch=thunk-extern: each call of a host's operation
#	fortify_panic		FORTIFY_SOURCE: an inline memcpy or memset of too much
#	__fortify_panic		the same, in newer kernels
allowed='memcpy memset memcmp
	__fentry__ __stack_chk_fail __x86_return_thunk
	__x86_indirect_thunk_rax __x86_indirect_thunk_rbx __x86_indirect_thunk_rcx
	__x86_indirect_thunk_rdx __x86_indirect_thunk_rsi __x86_indirect_thunk_rdi
	__x86_indirect_thunk_rbp __x86_indirect_thunk_r8 __x86_indirect_thunk_r9
	__x86_indirect_thunk_r10 __x86_indirect_thunk_r11 __x86_indirect_thunk_r12
	__x86_indirect_thunk_r13 __x86_indirect_thunk_r14 __x86_indirect_thunk_r15
	fortify_panic __fortify_panic'

# Lines of the kernel's build that say "warning" and are not about the code.
harmless='^warning: the compiler differs from the one used to build the kernel'

say() {
	echo "kmod-core: $*" >&2
}

# The newest installed headers of the plain amd64 kernel, 6.1 before any other; "" if none.
installed_headers() {
	local series found
	for series in 6.1. ''; do
		found=$(find /usr/src -maxdepth 1 -name "linux-headers-${series}[0-9]*-amd64" \
			! -name '*-cloud-amd64' ! -name '*-rt-amd64' | sort -V | tail -n 1)
		[ -z "$found" ] || break
	done
	echo "$found"
}

install_headers() {
	command -v apt-get >/dev/null || {
		say "no kernel headers in /usr/src; set KDIR"
		return 1
	}
	[ "$(id -u)" -eq 0 ] || {
		say "missing, to be installed as root: linux-headers-amd64"
		return 1
	}
	say "installing linux-headers-amd64"
	apt-get -qq update
	DEBIAN_FRONTEND=noninteractive \
		apt-get -qq install -y --no-install-recommends linux-headers-amd64 >/dev/null
}

find_headers() {
	KDIR=${KDIR:-$(installed_headers)}
	if [ -z "$KDIR" ]; then
		install_headers
		KDIR=$(installed_headers)
	fi
	[ -e "$KDIR/Makefile" ] || {
		say "no kernel headers in ${KDIR:-/usr/src}"
		return 1
	}
}

# The kernel's build writes next to the sources, so it gets a copy of its own: $work/{kmod,src/core}
copy_sources() {
	case $work in
	*[[:space:]:]*)
		say "the kernel's build cannot have blanks or colons in a path: $work"
		return 1
		;;
	esac
	rm -rf "$work"
	mkdir -p "$work/src"
	cp -r kmod "$work/kmod"
	cp -r src/core "$work/src/core"
}

# kmod/core.c names each file of the core once, and nothing else.
unit_is_complete() {
	local missing
	missing=$(diff <(cd "$work/src/core" && printf '%s\n' *.c) \
		<(sed -n 's,^#include "\.\./src/core/\(.*\)"$,\1,p' "$work/kmod/core.c" | sort)) || {
		say "kmod/core.c does not have all files of src/core (<), or others (>):"
		sed -n 's/^\([<>].*\)/\t\1/p' <<<"$missing" >&2
		return 1
	}
}

# Nothing of our own make, or of who called it, may reach the kernel's. -k: all errors at once.
build_module() {
	env -i PATH="$PATH" LC_ALL=C ${TMPDIR:+TMPDIR="$TMPDIR"} \
		make -k -C "$KDIR" M="$work/kmod" modules >"$log" 2>&1 || {
		say "the module cannot be built against $KDIR:"
		grep -iE 'error|warning|undefined|not found' "$log" >&2 || tail -n 20 "$log" >&2
		return 1
	}
	[ -e "$work/kmod/suture_core.ko" ] || {
		say "the build made no module: $log"
		return 1
	}
}

# Of the compiler, of objtool, and of modpost, which also tells of symbols that no kernel has.
no_warnings() {
	local found
	found=$(grep -iE 'warning|undefined!' "$log" | grep -vE "$harmless") || return 0
	say "the build warns:"
	echo "$found" >&2
	return 1
}

# Sets `undefined`, for the last line.
symbols_are_known() {
	local object=$work/kmod/core.o symbol bad=0
	nm --defined-only "$object" | grep ' T lp_core_apply$' >/dev/null || {
		say "this is not the core: lp_core_apply is missing"
		return 1
	}
	undefined=
	for symbol in $(nm -u "$object" | awk '{ print $NF }'); do
		if grep -qwF -- "$symbol" <<<"$allowed"; then
			undefined="$undefined $symbol"
		else
			say "the core needs $symbol: $(symbol_users "$object" "$symbol")"
			bad=1
		fi
	done
	return $bad
}

# symbol_users OBJECT SYMBOL: the functions that use it, by the relocations.
symbol_users() {
	objdump -dr "$1" | awk -v symbol="$2" '
		/^[0-9a-f]+ <.*>:$/ { function_name = substr($2, 2, length($2) - 3) }
		$2 ~ /^R_/ && $3 ~ "^" symbol "([-+]|$)" && !seen[function_name]++ {
			printf "%s%s", sep, function_name; sep = ", "
		}'
}

# Did objtool look at it, or only the compiler? It leaves tables for the kernel's unwinder. Newer
# kernels run it on the whole module, not on each object.
objtool_was_here() {
	objdump -h "$work/kmod/suture_core.ko" | grep -w '\.orc_unwind' >/dev/null || {
		say "objtool has not been run on the module"
		return 1
	}
}

# The steps after copy_sources.
check_copy() {
	unit_is_complete && build_module && no_warnings && objtool_was_here && symbols_are_known
}

check() {
	local files=(src/core/*.c)
	copy_sources
	check_copy || return 1
	echo "kmod-core: ok, ${#files[@]} files, against ${KDIR##*/}, undefined:$undefined"
}

# planted NAME FILE CODE PATTERN: with the code at the end of the file, the check must fail and say
# the pattern.
planted() {
	local name=$1 file=$2 code=$3 pattern=$4
	copy_sources
	printf '%s\n' "$code" >>"$work/$file"
	if (check_copy) >"$work/said" 2>&1; then
		say "self-test: $name: NOT FOUND"
		return 1
	elif ! grep -q -- "$pattern" "$work/said"; then
		say "self-test: $name: failed, but not for \"$pattern\":"
		cat "$work/said" >&2
		return 1
	fi
	echo "kmod-core: self-test: $name: found:" "$(grep -m 1 -- "$pattern" "$work/said")"
}

# In a folder of its own, so that no planted fault is left in a module.
self_test() {
	local status=0 work=$work/planted log
	log=$work/log
	planted "a function of libc that the kernel has too" src/core/event.c \
		'size_t lp_planted(const char *s);
		size_t lp_planted(const char *s) { return strlen(s); }' \
		'the core needs strlen: lp_planted$' || status=1
	planted "a symbol that nobody has" src/core/patch.c \
		'void lp_nowhere(void); void lp_planted(void); void lp_planted(void) { lp_nowhere(); }' \
		'"lp_nowhere".*undefined!' || status=1
	planted "a header of libc" src/core/name.h '#include <stdlib.h>' \
		'stdlib.h: No such file' || status=1
	planted "a type that the kernel does not have" src/core/site.c \
		'uint_fast8_t lp_planted;' "unknown type name 'uint_fast8_t'" || status=1
	planted "floating point" src/core/pass.c \
		'double lp_planted(double x); double lp_planted(double x) { return x * 2; }' \
		'SSE' || status=1
	planted "a declaration after a statement" src/core/undo.c \
		'int lp_planted(int a); int lp_planted(int a) { a++; int b = a * a; return b; }' \
		'mixed declarations and code' || status=1
	planted "an array of variable length" src/core/hold.c \
		'int lp_planted(int a); int lp_planted(int a)
		{ volatile char s[a]; s[0] = 1; return s[0]; }' \
		'variable length array' || status=1
	planted "too much stack" src/core/state.c \
		'int lp_planted(int a); int lp_planted(int a)
		{ volatile char s[3000]; s[a] = 1; return s[0]; }' \
		'frame size' || status=1
	planted "a stack that only objtool sees" src/core/blocker.c \
		'void lp_planted(void); void lp_planted(void) { asm volatile("push %rax"); }' \
		'objtool: lp_planted' || status=1
	planted "a new file that is not in the module" src/core/planted.c '' \
		'< planted.c$' || status=1
	rm -rf "$work"
	return $status
}

case ${1:-} in
'' | --self-test) ;;
*)
	say "usage: kmod-core.sh [--self-test]"
	exit 2
	;;
esac
find_headers
check
if [ "${1:-}" = --self-test ]; then self_test; fi
