# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Debian's sources, from the mirrors that this machine uses, with lists of their own: nothing of
# the machine's apt configuration is changed. Sourced after data.bash.

source_releases='bookworm bullseye trixie'
apt_dir=$CORPUS_CACHE/apt

# mirror LABEL: the address from which this machine has Debian or Debian-Security
mirror() {
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(LABEL)|$(REPO_URI)|$(CREATED_BY)' |
		awk -F '|' -v l="$1" '$1 == l && $3 == "Packages" { print $2; exit }'
}

# The release and, if the machine has a mirror for it, its security suite.
write_sources_list() {
	local main security release
	main=$(mirror Debian) security=$(mirror Debian-Security)
	[ -n "$main" ] || return 1
	for release in $source_releases; do
		echo "deb-src [check-valid-until=no] $main $release main"
		[ -z "$security" ] ||
			echo "deb-src [check-valid-until=no] $security $release-security main"
	done
}

# Options that keep apt to our own lists.
source_apt() {
	local command=$1
	shift
	"$command" -q -o Dir::Etc::sourcelist="$apt_dir/sources.list" -o Dir::Etc::sourceparts=- \
		-o Dir::State::lists="$apt_dir/lists" -o Dir::Cache="$apt_dir/cache" \
		-o APT::Sandbox::User=root -o Acquire::Languages=none \
		-o Acquire::IndexTargets::deb-src::DEP-11::DefaultEnabled=false "$@"
}

update_sources() {
	mkdir -p "$apt_dir/lists/partial" "$apt_dir/cache/archives/partial"
	[ -e "$apt_dir/updated" ] && [ -n "$(find "$apt_dir/updated" -mmin -1440)" ] && return 0
	write_sources_list >"$apt_dir/sources.list" || return 1
	source_apt apt-get update >"$apt_dir/update.log" 2>&1 || return 1
	touch "$apt_dir/updated"
}

# source_versions NAME VERSION: that version, then the others with the same upstream tarball, of which
# one may be there when the list is newer than the mirror. VERSION is without the epoch, which no
# file name has.
source_versions() {
	source_apt apt-cache --only-source showsrc "$1" 2>/dev/null | sed -n 's/^Version: //p' |
		sort -u | awk -v want="$2" '
			function upstream(v) { sub(/-[^-]*$/, "", v); return v }
			{ v = $0; sub(/^[0-9]+:/, "", v) }
			v == want { print 1, $0; next }
			upstream(v) == upstream(want) { print 2, $0 }' | sort | cut -d' ' -f2
}

# fetch_source TREE DIR: the upstream tarball; prints its path
fetch_source() {
	local name version tarball
	read -r name version tarball _ <<<"$(tree_field "$1" source)"
	tarball=${tarball#\(} tarball=${tarball%\)}
	mkdir -p "$2"
	for version in $(source_versions "$name" "$version"); do
		[ ! -e "$2/$tarball" ] || break
		(cd "$2" && source_apt apt-get source --download-only --tar-only "$name=$version" >&2)
	done
	[ -e "$2/$tarball" ] && echo "$2/$tarball"
}

# unpack TARBALL DIR: the tree, whatever its top folder is called
unpack() {
	local top
	rm -rf "$2" "$2.unpack"
	mkdir -p "$2.unpack"
	tar -C "$2.unpack" --no-same-owner -xf "$1" || return 1
	top=("$2.unpack"/*)
	if [ ${#top[@]} -eq 1 ] && [ -d "${top[0]}" ]; then
		mv "${top[0]}" "$2" && rmdir "$2.unpack"
	else
		mv "$2.unpack" "$2"
	fi
}

# tree_packages TREE: what it needs to be built, in Debian's names
tree_packages() {
	tree_field "$1" build_packages | sed 's/\[[^]]*\]//g; s/([^)]*)//g' | tr -s ' ' '\n' | grep -v '^-*$'
	echo 'gcc libc6-dev make patch pkg-config xz-utils bzip2 autoconf automake libtool dpkg-dev' |
		tr ' ' '\n'
}

# install_packages NAME...: those that are missing; none of their services is started
install_packages() {
	local package missing=() policy=/usr/sbin/policy-rc.d made=''
	for package in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
			missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" -eq 0 ] || { echo "missing packages: ${missing[*]}" >&2; return 1; }
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' >$policy
		chmod 755 $policy
		made=$policy
	fi
	DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
		-o DPkg::Lock::Timeout=600 "${missing[@]}" >&2
	local status=$?
	[ -z "$made" ] || rm -f "$made"
	return $status
}
