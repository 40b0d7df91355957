#!/usr/bin/env bash
# Installs the package in a bare Debian that debootstrap makes, upgrades it over running
# daemons, removes, installs again and purges it, as apt and dpkg do. No systemd runs in
# there: tests/package/systemctl stands in for it. Needs root; without PACKAGE it takes as
# long as a build does, so only .ci/nightly runs it.
#
#   tests/package/install_test.sh RELEASE [PACKAGE]
#
#   RELEASE  bookworm (Debian 12) or trixie (Debian 13)
#   PACKAGE  the .deb to install; else it is built, in a bare Debian too
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tests/support/bare_root.sh

readonly release=${1:?bookworm or trixie}
package=${2:-}
((EUID == 0)) || { echo 'SKIPPED: a root file system of its own needs root'; exit 77; }

scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/interlink-package-XXXXXX")
readonly scratch root=$scratch/root builder=$scratch/builder network=${scratch##*/}
clean_up() {
  local status=$?
  trap - EXIT
  set +e
  ((status == 0)) || tail -n 20 "$root"/run/stand-in/* "$scratch/log" 2>/dev/null
  [[ ! -e $root/usr/bin/interlinkctl ]] || here systemctl stop 'interlinkd*'
  remove_bare_root "$root"
  remove_bare_root "$builder"
  ip netns del "$network"
  rm -rf --one-file-system "$scratch"
  exit $status
}
trap clean_up EXIT

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}
claim() { printf 'ok: %s\n' "$*"; }

# COMMAND...: runs it in the bare Debian; `here` in a network of its own, where the
# usual ports are free and open to nobody.
here() { nsenter --net="/run/netns/$network" "$BASH" -c 'online "$@"' - "$@"; }
online() { in_bare_root "$root" env DEBIAN_FRONTEND=noninteractive "$@" </dev/null; }
export -f online in_bare_root
export root
quietly() { "$@" >"$scratch/log" 2>&1 || fail "$*"; }
has() { here test -e "$1" || fail "there is no $1"; }
has_no() { ! here test -e "$1" || fail "$1 is still there"; }
pid_of() { cat "$root/run/stand-in/$1.pid"; }
mike() { here interlinkctl --api-socket /run/interlink-accounts/mike/api.sock "$@"; }
account_id() { "$@" --output json status | sed -n 's/.*"account_id": *"\([^"]*\)".*/\1/p'; }

build_package() {
  make_bare_root "$release" "$builder"
  git clone --quiet --no-hardlinks . "$builder/interlink"
  in_bare_root "$builder" /bin/bash -c "cd /interlink &&
    deploy/install-dependencies.sh --build-only &&
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends \
      dpkg-dev lintian && deploy/package.sh" >"$scratch/log" 2>&1 || fail 'the build'
  package=$builder/interlink/$(tail -1 "$scratch/log")
}

# FILE VERSION: the package under another version, as the next release has it.
repacked() {
  rm -rf "$scratch/package"
  dpkg-deb --raw-extract "$package" "$scratch/package"
  sed -i "s/^Version: .*/Version: $2/" "$scratch/package/DEBIAN/control"
  dpkg-deb --root-owner-group -Zgzip -z1 --build "$scratch/package" "$root/$1" >/dev/null
}

[[ -n $package ]] || build_package
version=$(dpkg-deb --field "$package" Version)
ip netns add "$network"
ip -n "$network" link set lo up
make_bare_root "$release" "$root"
cp "$package" "$root/interlink.deb"
quietly online apt-get -qq update
quietly online apt-get -qq install --yes --no-install-recommends systemd
quietly here dpkg-divert --local --rename --add /usr/bin/systemctl
install -m 755 tests/package/systemctl "$root/usr/bin/systemctl"
# Its scripts take this for a systemd that runs.
mkdir -p "$root/run/systemd/system"

quietly online apt-get -qq install --yes --no-install-recommends --download-only \
  /interlink.deb
# A package with a file of ours, so that dpkg refuses to unpack.
mkdir -p "$scratch/other"/{DEBIAN,usr/bin}
touch "$scratch/other/usr/bin/interlinkctl"
printf '%s: %s\n' Package other Version 1 Architecture all Maintainer 'Nobody <n@o.invalid>' \
  Description other >"$scratch/other/DEBIAN/control"
dpkg-deb --root-owner-group --build "$scratch/other" "$root/other.deb" >/dev/null
quietly here dpkg --install /other.deb
! here dpkg --unpack /interlink.deb >"$scratch/log" 2>&1 || fail 'it was unpacked'
grep --quiet 'trying to overwrite' "$scratch/log" || fail 'it was not unpacked for another reason'
quietly here dpkg --purge other
has_no /run/interlink.installed
claim 'an installation that fails leaves no mark for the next one'

quietly here apt-get -qq install --yes --no-install-recommends /interlink.deb
here getent group interlink interlink-pbx >/dev/null || fail 'a group is missing'
here interlinkctl status >/dev/null || fail 'the daemon does not answer'
[[ $(here stat --format '%U:%G %a' /var/lib/interlink /run/interlink/api.sock | paste -sd ' ') == \
  'interlink:interlink 700 interlink:interlink 660' ]] || fail 'owners or modes'
[[ $(ps -o user:20= -p "$(pid_of interlinkd.service)") != root ]] || fail 'it runs as root'
has /etc/systemd/system/multi-user.target.wants/interlinkd.service
for file in pbx/asterisk/extensions_interlink.conf prometheus/alerts.yaml grafana/interlink.json; do
  has "/usr/share/doc/interlink/examples/$file"
done
claim 'an installation starts the daemon, as a user of its own, and at each boot'

for unit in interlinkd.service interlinkd@mike.service; do
  quietly here systemd-analyze verify --man=no "/usr/lib/systemd/system/$unit"
done
claim 'systemd finds no fault with the units'

# The settings and backups of such an account would be those of interlinkd.service.
[[ $(here systemctl.distrib --root=/ is-enabled interlinkd@interlinkd.service || true) == masked ]] ||
  fail 'an account could be named interlinkd'
claim 'no account can be named interlinkd'

here sed -e 's/^#pbx-socket/pbx-socket/' -e 's/0.0.0.0:7451/127.0.0.1:0/' \
  -e 's/^http-listen.*/http-listen = "none"/' \
  /usr/share/doc/interlink/examples/account.toml >"$root/etc/interlink/mike.toml"
quietly here systemctl start interlinkd@mike.service
[[ $(here stat --format '%G %a' /run/interlink-accounts/mike/pbx.sock) == 'interlink-pbx 660' ]] ||
  fail "the PBX's socket is not its group's"
first=$(account_id here interlinkctl)
second=$(account_id mike)
[[ -n $first && -n $second && $first != "$second" ]] || fail "accounts '$first', '$second'"
claim 'the example is an account of its own, and the PBX a group of its own'

echo 'account-name = "The head office"' >>"$root/etc/interlink/interlinkd.toml"
old=("$(pid_of interlinkd.service)" "$(pid_of interlinkd@mike.service)")
repacked next.deb "$version+1"
quietly here dpkg --install /next.deb
[[ $(pid_of interlinkd.service) != "${old[0]}" && $(pid_of interlinkd@mike.service) != "${old[1]}" ]] ||
  fail 'an old daemon still runs'
[[ $(account_id here interlinkctl) == "$first" && $(account_id mike) == "$second" ]] ||
  fail 'an account is another one'
here interlinkctl status | grep 'The head office' >/dev/null || fail 'the settings are gone'
claim 'an upgrade restarts what runs, keeps settings and accounts, and asks nothing'

quietly here systemctl stop interlinkd@mike.service
repacked later.deb "$version+2"
quietly here dpkg --install /later.deb
[[ ! -e $root/run/stand-in/interlinkd@mike.service.pid ]] || fail 'a stopped one was started'
claim 'an upgrade leaves stopped what was stopped'

here interlinkctl number add 201 --destination sip:201@10.0.0.5 >/dev/null || fail 'a number'
quietly here interlinkctl backup /var/lib/interlink-backups/interlinkd/monday
quietly here interlinkctl number delete 201
quietly here /bin/sh -ec "$(sed -n '/^## Restore$/,/^john# systemctl start/s/^john# //p' deploy/README.md)"
has /var/lib/interlink.old/CURRENT
[[ $(account_id here interlinkctl) == "$first" ]] || fail 'what is restored is another account'
quietly here interlinkctl resolve 201
here rm -r /var/lib/interlink.old
claim 'a backup is restored by the lines of the handbook'

quietly here systemctl start interlinkd@mike.service
old=("$(pid_of interlinkd.service)" "$(pid_of interlinkd@mike.service)")
quietly here apt-get -qq remove --yes interlink
for pid in "${old[@]}"; do
  ! kill -0 "$pid" 2>/dev/null || fail "process $pid still runs"
done
has /etc/interlink/interlinkd.toml
has /var/lib/interlink/CURRENT
has_no /usr/bin/interlinkd
has_no /run/interlink
has_no /run/interlink-accounts
claim 'a removal stops every daemon and keeps settings and accounts'

quietly here dpkg --install /later.deb
[[ $(account_id here interlinkctl) == "$first" ]] || fail 'the account is another one'
claim 'a new installation is the same account'

quietly here dpkg --purge interlink
grep --quiet 'rm -r /var/lib/interlink /var/lib/interlink-accounts' "$scratch/log" ||
  fail 'it does not say how to end the accounts'
has /var/lib/interlink/CURRENT
has /var/lib/interlink-accounts/mike/CURRENT
here rm -r /var/lib/interlink{,-accounts,-backups}
left=$(here find / -xdev -path /proc -prune -o -path /sys -prune -o -path /run/stand-in -prune \
  -o -iname '*interlink*' -print | grep --invert-match '^/[a-z]*\.deb$' || true)
[[ -z $left ]] || fail "a purge leaves:"$'\n'"$left"
claim 'a purge asks nothing, keeps the accounts and leaves nothing else'
! grep 'was killed' "$root/run/stand-in/log" || fail 'a daemon did not end by itself'
printf '%s is good on %s\n' "$(basename "$package")" "$release"
