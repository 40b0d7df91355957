#!/usr/bin/env bash
# systemd's own judgement of the units: no fault, and an exposure of at most 2.0; and it
# finds the faults that are planted, as a check that cannot fail proves nothing. And each
# unit hides what belongs to the accounts of others. Nothing needs to be built or installed.
#
#   tests/package/units_test.sh FOLDER
#
#   FOLDER  where CMake has put the units, such as build/dev/package
set -uo pipefail
readonly folder=${1:?}
readonly MOST_EXPOSED=20  # Tenths.
command -v systemd-analyze >/dev/null || {
  echo 'SKIPPED: systemd-analyze is not installed'
  [[ ${CI:-} != true ]] || { echo 'FAILED: in CI nothing may be missing' && exit 1; }
  exit 77
}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/interlink-units-XXXXXX") || exit 2
trap 'rm -rf "$scratch"' EXIT
failed=0

# UNIT COMMAND...: a copy whose program exists, changed by the command.
copy_of() {
  mkdir -p "$scratch/units"
  sed 's/^ExecStart=[^ ]*/ExecStart=\/bin\/true/' "$folder/$1" >"$scratch/units/$1"
  (($# == 1)) || "${@:2}" "$scratch/units/$1"
}
is_faultless() {
  local said
  said=$(systemd-analyze verify --man=no "$scratch/units/$1" 2>&1) && [[ -z $said ]] ||
    { echo "$said" >"$scratch/said" && return 1; }
}
is_closed() {
  systemd-analyze security --offline=true --threshold=$MOST_EXPOSED \
    "$scratch/units/$1" >"$scratch/said" 2>&1
}

# What each unit says of the folders of other accounts. The package makes those that it
# forbids, as only what is there at the start is hidden; but an account starts without them,
# too: an administrator may have removed a folder that nobody uses.
declare -rA APART=(
  [interlinkd.service]='TemporaryFileSystem=/var/lib/interlink-backups:ro
BindPaths=/var/lib/interlink-backups/interlinkd
InaccessiblePaths=-/var/lib/interlink-accounts -/run/interlink-accounts'
  [interlinkd@.service]='TemporaryFileSystem=/var/lib/interlink-accounts:ro /var/lib/interlink-backups:ro
TemporaryFileSystem=/run/interlink-accounts:ro
BindPaths=/var/lib/interlink-accounts/%i /var/lib/interlink-backups/%i
BindPaths=/run/interlink-accounts/%i
InaccessiblePaths=-/var/lib/interlink -/run/interlink')
readonly made=$(dirname "$0")/../../deploy/package/interlink.tmpfiles
is_apart() {
  local line path
  while read -r line; do
    grep --quiet --fixed-strings --line-regexp -- "$line" "$scratch/units/$1" ||
      { echo "no $line" >"$scratch/said" && return 1; }
  done <<<"${APART[$1]}"
  for path in $(sed -n 's/^InaccessiblePaths=//p' "$scratch/units/$1"); do
    [[ $path == -* ]] || { echo "it does not start without $path" >"$scratch/said" && return 1; }
    grep --quiet "^d ${path#-} " "$made" ||
      { echo "$made does not make ${path#-}" >"$scratch/said" && return 1; }
  done
}

accepts() {  # CHECK UNIT
  copy_of "$2"
  if "$1" "$2"; then
    echo "ok: $2 $1"
  else
    echo "FAILED: $2 $1"
    tail -5 "$scratch/said"
    failed=1
  fi
}
refuses() {  # CHECK UNIT SED-EXPRESSION
  copy_of "$2" sed -i "$3"
  if "$1" "$2"; then
    echo "FAILED: $2 $1 with $3"
    failed=1
  else
    echo "ok: $2 not $1 with $3"
  fi
}

for unit in interlinkd.service interlinkd@.service; do
  accepts is_faultless "$unit"
  accepts is_closed "$unit"
  tail -1 "$scratch/said"
  refuses is_faultless "$unit" 's/^WatchdogSec=.*/WatchdogSec=soon/'
  refuses is_faultless "$unit" 's/^ProtectHome=/ProtectHomes=/'
  refuses is_closed "$unit" '/^CapabilityBoundingSet=/d'
  accepts is_apart "$unit"
  for setting in TemporaryFileSystem BindPaths InaccessiblePaths; do
    refuses is_apart "$unit" "/^$setting=/d"
  done
  refuses is_apart "$unit" '$aInaccessiblePaths=-/var/lib/other'
  refuses is_apart "$unit" '$aInaccessiblePaths=/var/lib/interlink'
done
exit $failed
