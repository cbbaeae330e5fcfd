# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Debian's source packages, for the demos. apt works with a configuration, lists and archives of its
# own below $work, a temporary folder: the host's are not touched. Sourced.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# try "what to say if it fails" command...: the command's output goes to $work/log
try() {
	local message=$1 status
	shift
	set +e
	(set -e && "$@") >>"$work/log" 2>&1
	status=$?
	set -e
	[ $status -ne 0 ] || return 0
	tail -n 5 "$work/log" >&2
	echo "$message" >&2
	exit 1
}

# The repositories of the distribution that apt knows, with their sources.
repositories() {
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg option='' site release component
	[ ! -e $keyring ] || option="[signed-by=$keyring]"
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' \
		'Created-By: Packages' | sort -u | while IFS='|' read -r origin site release component; do
		if [ "$origin/$component" != Debian/main ]; then continue; fi
		echo "deb $option $site $release $component"
		echo "deb-src $option $site $release $component"
	done
}

# private_apt apt-get|apt-cache arguments...
private_apt() {
	local command=$1
	shift
	"$command" -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- \
		-o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" \
		-o Acquire::Languages=none -o APT::Sandbox::User="$(id -un)" "$@"
}

prepare_apt() {
	mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
	repositories >"$work/sources.list"
	try 'apt knows no repository of Debian' test -s "$work/sources.list"
	try 'the list of source packages cannot be fetched' private_apt apt-get update
}

# The versions of a source package that apt knows, newest first.
source_versions() {
	private_apt apt-cache --only-source showsrc "$1" | sed -n 's/^Version: //p' | sort -ruV
}

# fetch_source NAME: the newest version that the mirror still has; its files are in the folder then
fetch_source() {
	local version
	for version in $(source_versions "$1"); do
		if private_apt apt-get source --download-only "$1=$version"; then return 0; fi
	done
	return 1
}

# install_packages NAME...: those that are missing; none of their services is started
install_packages() {
	local package policy=/usr/sbin/policy-rc.d missing=() made='' status=0
	for package in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
			missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' >$policy
		chmod 755 $policy
		made=$policy
	fi
	DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
		"${missing[@]}" || status=$?
	[ -z "$made" ] || rm -f "$made"
	return $status
}
