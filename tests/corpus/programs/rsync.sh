# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='the daemon; a process for each connection, which has the patch from it'

targets() { echo rsync; }

start() {
	choose_port
	mkdir -p "$run/from/deep" "$run/upload"
	cp "$base"/*.[ch] "$run/from"
	head -c 300000 /dev/urandom >"$run/from/deep/noise"
	head -c 300000 /dev/zero >"$run/from/deep/zeros"
	ln -s deep/noise "$run/from/link"
	cat >"$run/rsyncd.conf" <<-EOF
		use chroot = no
		uid = root
		gid = root
		munge symlinks = no
		pid file = $run/rsyncd.pid
		log file = $run/rsyncd.log
		[from]
		    path = $run/from
		    read only = yes
		[upload]
		    path = $run/upload
		    read only = no
	EOF
	spawn rsync "$base/rsync" --daemon --no-detach --config="$run/rsyncd.conf" \
		--address=127.0.0.1 --port="$port"
}

load() {
	again download download
	again deltas deltas -z
	again upload upload
}

download() {
	rm -rf "$run/to"
	"$base/rsync" -aH "rsync://127.0.0.1:$port/from/" "$run/to" && diff -r "$run/from" "$run/to"
}

# What changed a little is made right again, with compression.
deltas() {
	mkdir -p "$run/delta/deep"
	head -c 150000 "$run/from/deep/noise" >"$run/delta/deep/noise"
	echo more >>"$run/delta/deep/noise"
	"$base/rsync" -a --delete "$@" --compress-choice=zlib "rsync://127.0.0.1:$port/from/" "$run/delta" &&
		diff -r "$run/from" "$run/delta" &&
		"$base/rsync" -a --ignore-times "$@" "rsync://127.0.0.1:$port/from/deep/" "$run/delta/deep"
}

upload() {
	rm -f "$run/upload/rsync.h"
	"$base/rsync" -a --delete -z "$run/from/" "rsync://127.0.0.1:$port/upload/" &&
		diff -r "$run/from" "$run/upload"
}

alive() { "$base/rsync" "rsync://127.0.0.1:$port/" | grep -q '^from'; } 2>/dev/null
