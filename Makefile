# SPDX-License-Identifier: LGPL-2.1-or-later
# The front door; meson does the work. `make help` lists the targets.
BUILD ?= build
prefix ?= /usr/local
DESTDIR ?=
SECONDS ?= 60
SEED ?=
MESON_ARGS ?=
export BUILD SEED BUG T F SET ID

all: deps $(BUILD)/build.ninja ## build everything
	@meson compile -C $(BUILD)

$(BUILD)/build.ninja:
	@meson setup $(BUILD) --prefix=$(prefix) $(MESON_ARGS)

install: all ## install below DESTDIR and prefix
	@meson configure $(BUILD) -Dprefix=$(prefix)
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD)

check: all ## run the tests; T=name runs those whose name contains it
	@scripts/check.sh

demo: all ## the fix of a CVE goes from its diff into a redis under load, and out again
	@demo/cve.sh

demo-pack: all ## patches written by hand go into Debian's memcached under load, and out again
	@demo/pack.sh

oracle: all ## random patching under load for SECONDS=60; BUGS=1: each planted fault must be found
	@scripts/oracle.sh $(if $(BUGS),--bugs) $(SECONDS)

sim: deps ## simulate the core: 10 million steps, then each planted bug; SEED=n replays one run
	@scripts/sim.sh $(if $(SEED)$(BUG),,--long)

kmod-core: deps ## build src/core, unchanged, into a kernel module against Debian's linux-headers
	@scripts/kmod-core.sh

model: deps ## verify the protocol by which tasks switch with spin (FULL=1: larger)
	@tests/model/run.sh

fuzz: all ## fuzz the parsers of untrusted bytes for SECONDS=60; F=name runs one
	@tests/fuzz/run.sh $(SECONDS)

faults: all ## make each system call of the agent fail in turn, in a live process
	@LP_FAIL_STEP=1 LP_SOURCE_ROOT=$(CURDIR) LP_BUILD_ROOT=$(abspath $(BUILD)) \
		SUTURE=$(abspath $(BUILD))/src/suture bats tests/live/faults.bats

situations: all ## suture build in each situation, with each compiler, at each level
	@BUILDER_FULL=1 SUTURE=$(abspath $(BUILD))/src/suture tests/builder/run.sh --jobs $$(nproc)

corpus: all ## real security fixes into running programs; SET=full, T=program, ID=CVE
	@tests/corpus/run

bench: all ## measure against the limits
	@bench/run.sh

lint: deps ## formatting, shell scripts, rules of the tree
	@scripts/lint.sh

asan: ## make check with AddressSanitizer and UBSan
	@$(MAKE) check BUILD=build-asan MESON_ARGS='-Db_sanitize=address,undefined -Db_lundef=false'

tsan: ## make check T=$(T) with ThreadSanitizer
	@$(MAKE) check BUILD=build-tsan MESON_ARGS='-Db_sanitize=thread -Db_lundef=false'

deps: ## install the packages that are missing
	@scripts/deps.sh

clean: ## remove what was built
	@rm -rf $(BUILD) build-ci build-asan build-tsan build-fuzz

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' Makefile | expand -t 12

.PHONY: all install check demo demo-pack oracle model fuzz faults situations corpus bench sim kmod-core lint asan tsan deps clean help
