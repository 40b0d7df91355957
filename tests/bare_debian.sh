#!/usr/bin/env bash
# Does what a newcomer does on a machine that has nothing: both commands of README, in
# a bare Debian that debootstrap makes, from a fresh clone of what is committed here.
# Needs root and takes as long as two builds do, so only .ci/nightly runs it.
#
#   tests/bare_debian.sh RELEASE [COMMAND]
#
#   RELEASE  bookworm (Debian 12) or trixie (Debian 13)
#   COMMAND  run by bash in the clone instead of the two
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tests/support/bare_root.sh

readonly release=${1:?bookworm or trixie}
readonly commands=${2:-deploy/demo.sh && tests/run.sh}
((EUID == 0)) || { echo 'SKIPPED: a root file system of its own needs root'; exit 77; }

scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/interlink-bare-XXXXXX")
readonly scratch root=$scratch/root
clean_up() {
  local status=$?
  trap - EXIT
  remove_bare_root "$root"
  rm -rf --one-file-system "$scratch"
  exit $status
}
trap clean_up EXIT

make_bare_root "$release" "$root"
# Only what is committed: a file that was forgotten is missed here.
git clone --quiet --no-hardlinks . "$root/interlink"
in_bare_root "$root" /bin/bash -c "cd /interlink && $commands"
