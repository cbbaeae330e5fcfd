#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The checks of the tree must be able to fail: each is run on copies with a planted fault.
set -eu
tests=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bad=0

# passes NAME COMMAND...; fails NAME PATTERN COMMAND...
passes() {
	name=$1
	shift
	if ! "$@" > "$scratch/out" 2>&1; then
		echo "not ok: $name is refused"
		cat "$scratch/out"
		bad=1
	fi
}

fails() {
	name=$1 pattern=$2
	shift 2
	if "$@" > "$scratch/out" 2>&1; then
		echo "not ok: $name is not found"
		bad=1
	elif ! grep -qF -- "$pattern" "$scratch/out"; then
		echo "not ok: $name fails, but does not say \"$pattern\""
		cat "$scratch/out"
		bad=1
	fi
}

# a small tree that follows all rules
spdx="/* SPDX-License-Identifier: LGPL-2.1-or-later */"
plant_tree() {
	rm -rf "$scratch/tree"
	mkdir -p "$scratch/tree/include/suture" "$scratch/tree/kmod" "$scratch/tree/tests"
	for layer in core x86_64 elf agent build inject cli; do
		mkdir -p "$scratch/tree/src/$layer"
		echo "$spdx" > "$scratch/tree/src/$layer/$layer.h"
		echo "$spdx" > "$scratch/tree/src/$layer/$layer.c"
		add "src/$layer/$layer.c" "#include \"$layer.h\""
		add "src/$layer/$layer.c" '#include <suture/livepatch.h>'
	done
	echo "$spdx" > "$scratch/tree/include/suture/livepatch.h"
	echo "$spdx" > "$scratch/tree/src/core/host.h"
	echo "$spdx" > "$scratch/tree/src/core/reason.h"
	add src/core/host.h '#include <string.h>'
	add src/agent/agent.c '#include "../core/core.h"'
	add src/agent/agent.c '#include "x86_64/x86_64.h"'
	add src/build/build.c '#include "../elf/elf.h"'
	add src/cli/cli.c '#include "core/reason.h"'
	add src/cli/cli.c '#include <stdio.h>'
	echo '/* SPDX-License-Identifier: GPL-2.0-or-later */' > "$scratch/tree/kmod/core.c"
	add kmod/core.c '#include "../src/core/core.c"'
	printf '#!/bin/sh\n# %s\n' "${spdx#/\* }" > "$scratch/tree/tests/run"
}

add() {
	echo "$2" >> "$scratch/tree/$1"
}

layers() { # FILE LINE PATTERN
	plant_tree
	add "$1" "$2"
	fails "layers: $2 in $1" "$3" "$tests/check-layers.sh" "$scratch/tree"
}

spdx_of() { # NAME FILE TEXT PATTERN
	plant_tree
	printf '%s\n' "$3" > "$scratch/tree/$2"
	fails "spdx: $1" "$4" "$tests/check-spdx.sh" "$scratch/tree"
}

plant_tree
passes "layers: a good tree" "$tests/check-layers.sh" "$scratch/tree"
passes "spdx: a good tree" "$tests/check-spdx.sh" "$scratch/tree"

layers src/core/core.c '#include "../agent/agent.h"' "core may not use agent"
layers src/core/core.c '#include "x86_64/x86_64.h"' "core may not use x86_64"
layers src/core/core.c '#include <elf/elf.h>' "core may not use elf"
layers src/core/core.c '#include <stdlib.h>' "core includes <stdlib.h>"
layers src/x86_64/x86_64.h '  #  include "../agent/agent.h"' "x86_64 may not use agent"
layers src/elf/elf.c '#include "../core/core.h"' "elf may not use core"
layers src/agent/agent.c '#include "../elf/elf.h"' "agent may not use elf"
layers src/build/build.c '#include "../core/reason.h"' "build may not use core"
layers src/inject/inject.c '#include "../../src/build/build.h"' "inject may not use build"
layers src/cli/cli.c '#include "../core/core.h"' "cli may not use core"
layers src/cli/cli.c '#include "agent/agent.h"' "cli may not use agent"
layers kmod/core.c '#include "../src/x86_64/x86_64.h"' "kmod may not use x86_64"
layers include/suture/livepatch.h '#include "../../src/core/core.h"' "include may not use core"
layers src/cli/cli.c '#include "nowhere.h"' "is not in the tree"
layers src/cli/cli.c '#include HEADER' "cannot tell"

spdx_of "none" src/cli/cli.c 'int x;' "no SPDX-License-Identifier"
spdx_of "too far down" src/cli/cli.c "$(printf '\n\n\n%s' "$spdx")" "no SPDX-License-Identifier"
spdx_of "the wrong one" src/cli/cli.c '/* SPDX-License-Identifier: GPL-2.0-or-later */' \
	"should be LGPL-2.1-or-later"
spdx_of "the wrong one in kmod" kmod/core.c "$spdx" "should be GPL-2.0-or-later"
spdx_of "a script" tests/run '#!/bin/sh' "no SPDX-License-Identifier"
spdx_of "a build file" src/cli/meson.build 'x = 1' "no SPDX-License-Identifier"

for source in "$tests"/../src/core/*.c; do
	${CC:-cc} -std=gnu11 -O2 -c -o "$scratch/core_$(basename "$source").o" "$source"
done
set -- "$scratch"/core_*.o
passes "symbols: the core" "$tests/check-core-symbols.sh" "$@"
passes "symbols: the core of the build" "$tests/check-core-symbols.sh"
plant_object() { # C-CODE
	echo "$1" > "$scratch/planted.c"
	${CC:-cc} -O0 -fno-builtin -c -o "$scratch/planted.o" "$scratch/planted.c"
}
plant_object 'unsigned long strlen(const char *); unsigned long f(char *x) { return strlen(x); }'
fails "symbols: strlen" "core needs strlen" "$tests/check-core-symbols.sh" "$@" "$scratch/planted.o"
plant_object 'static int n; int f(void) { return n++; }'
fails "symbols: data" "writable data: n" "$tests/check-core-symbols.sh" "$@" "$scratch/planted.o"
fails "symbols: another library" "not the core" "$tests/check-core-symbols.sh" "$scratch/planted.o"

[ $bad -eq 0 ] && echo "every planted fault is found"
exit $bad
