#!/usr/bin/env bash
# Unpacks Debian packages of a suite, with all the libraries that they need, into a
# folder, and writes FOLDER/bin/NAME for each of their programs: a wrapper that runs
# it with the libraries of that folder. Nothing is installed into the machine, no
# service starts, no root is needed. Does nothing when the folder is complete.
#
#   tests/pbx/unpack.sh SUITE FOLDER PACKAGE...
#
# The registry is the one that this machine's apt uses; signatures are checked with
# debian-archive-keyring. Downloads are kept in $PBX_CACHE, and from there a second
# folder of the same packages is made without a network.
set -euo pipefail
(($# >= 3)) || { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
suite=$1 folder=$2
shift 2
packages=("$@")
stamp="$suite: ${packages[*]}"
is_complete() { [[ $(cat "$folder/.complete" 2>/dev/null) == "$stamp" ]]; }
! is_complete || exit 0

give_up() { printf 'unpack.sh: %s\n' "$*" >&2; exit 1; }
for tool in apt-get dpkg-deb flock; do
  command -v $tool >/dev/null || give_up "needs $tool"
done
readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[[ -e $keyring ]] || give_up "needs the package debian-archive-keyring"

cache=${PBX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/interlink-tools/pbx/cache}/$suite
mkdir -p "$cache"/{etc,lists/partial,archives/partial,log} "$(dirname "$folder")"
exec 9>"$cache/lock"
flock 9
! is_complete || exit 0

# The .deb files that the packages need, by name: with them the cache is enough.
needed="$cache/needed-$(IFS=+; echo "${packages[*]}")"
all_are_here() {
  local deb
  [[ -s $needed ]] || return 1
  while read -r deb; do [[ -e $cache/archives/$deb ]] || return 1; done <"$needed"
}

# An apt of our own, with the machine's registry and options (a proxy, say).
download() {
  local base log=$cache/log/apt
  # shellcheck disable=SC2016 # apt's own variables
  base=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' \
           'Identifier: Packages' 'Component: main' |
    awk '$2 !~ /security|updates|backports/ { print $1; exit }')
  [[ -n $base ]] || give_up "this machine's apt names no Debian registry"
  echo "deb [signed-by=$keyring] $base $suite main" >"$cache/etc/sources.list"
  : >"$cache/status"
  local apt=(apt-get -qq -o "Dir::Etc=$cache/etc"
    -o "Dir::Etc::sourcelist=$cache/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State=$cache" -o "Dir::State::status=$cache/status"
    -o "Dir::State::lists=$cache/lists" -o "Dir::Cache=$cache"
    -o "Dir::Cache::archives=$cache/archives" -o "Dir::Log=$cache/log"
    -o APT::Install-Recommends=false -o Acquire::Languages=none -o Acquire::Retries=3
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
    -o "APT::Sandbox::User=$(id -un)")
  "${apt[@]}" update >"$log" 2>&1 ||
    { cat "$log" >&2; give_up "cannot read the index of $suite"; }
  "${apt[@]}" -y --download-only install "${packages[@]}" >"$log" 2>&1 ||
    { cat "$log" >&2; give_up "cannot download ${packages[*]} of $suite"; }
  # Once more into an empty cache: that names them all.
  "${apt[@]}" --print-uris --reinstall -o "Dir::Cache::archives=$cache/none" \
    install "${packages[@]}" 2>/dev/null |
    sed -n "s/^'[^']*' \([^ ]*\.deb\) .*/\1/p" >"$needed.new"
  mv "$needed.new" "$needed"
  all_are_here || give_up "downloads are missing in $cache/archives"
}
all_are_here || download

# What only maintainer scripts and package tools use stays packed.
readonly unused='^(adduser|passwd|base-passwd|debconf|dpkg|tar|perl-.*|libperl.*|gnupg.*|gpg.*|dirmngr|pinentry-.*|init-system-helpers|lsb-base|login.*|sysvinit-utils)_'
[[ ! -e $folder || -e $folder/.complete || -z $(ls -A "$folder") ]] ||
  give_up "$folder is there and was not made by this script"
rm -rf "$folder" "$folder.new"
mkdir -p "$folder.new/bin"
while read -r deb; do
  [[ $deb =~ $unused ]] || dpkg-deb --fsys-tarfile "$cache/archives/$deb" |
    tar -x -C "$folder.new" --no-same-owner --exclude=./usr/share/doc \
      --exclude=./usr/share/man --exclude=./usr/share/locale \
      --exclude=./usr/lib/*/perl --exclude=./usr/share/perl
done <"$needed"
mv "$folder.new" "$folder"
folder=$(cd "$folder" && pwd)

[[ -e $folder/lib ]] || ln -s usr/lib "$folder/lib"
loader=$(find "$folder/lib/" -type f \
           \( -name 'ld-[0-9]*.so' -o -name 'ld-linux*.so.*' \) -print -quit)
[[ -n $loader ]] || give_up "no dynamic loader in $folder"
libraries=$(find "$folder/lib/" "$folder/usr/lib/" -maxdepth 3 \
              -name 'lib*.so.[0-9]*' -printf '%h\n' | sort -u | paste -sd:)
for package in "${packages[@]}"; do
  deb=$(grep --max-count=1 "^${package}_" "$needed")
  while read -r program; do
    [[ $(head -c 4 "$folder/$program" 2>/dev/null | tr -d '\0') == $'\177ELF' ]] || continue
    printf '#!/bin/sh\nexec %q --library-path %q %q "$@"\n' "$loader" "$libraries" \
      "$folder/${program#./}" >"$folder/bin/${program##*/}"
    chmod +x "$folder/bin/${program##*/}"
  done < <(dpkg-deb --fsys-tarfile "$cache/archives/$deb" | tar -t |
             grep -E '^\./(usr/)?s?bin/[^/]+$')
done
echo "$stamp" >"$folder/.complete"
