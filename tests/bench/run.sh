#!/usr/bin/env bash
# Prints the figures of design section 15: name, value, unit, target, ok|short,
# tab separated, a line each. What else was seen goes to standard error.
#
#   tests/bench/run.sh [--quick] [--no-build] [--only GROUP]
#
#   --quick     in a minute: 100 000 numbers instead of a million
#   --no-build  use what is in build/release as it is
#   --only      numbers, start, links, resolves, http, sessions, changes,
#               calls, call-setup, sip, commits, pongs or loop-stall
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source deploy/tools.sh
# As install-dependencies.sh unpacks it, where none is installed.
[[ -x /usr/sbin/kamailio ]] ||
  export KAMAILIO_ROOT=${KAMAILIO_ROOT:-$INTERLINK_TOOLS/pbx/bookworm}

scale=full build=yes group=()
while (($#)); do
  case $1 in
    --quick) scale=quick ;;
    --no-build) build=no ;;
    --only) group=("${2:?}") && shift ;;
    *) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit 2 ;;
  esac
  shift
done
if [[ $build == yes ]]; then
  {
    cmake --preset release
    cmake --build build/release --parallel "$(nproc)" \
      --target interlinkd interlinkctl interlink_bench
  } >&2
fi
folder=$(mktemp --directory)
trap 'rm -rf "$folder"' EXIT
if [[ ${group[*]} != call-setup ]]; then
  build/release/bin/interlink_bench run build/release/bin/interlinkd "$folder" \
    "$scale" "${group[@]}"
fi
if [[ -z ${group[*]} || ${group[*]} == call-setup ]]; then
  calls=200
  [[ $scale == full ]] || calls=30
  tests/bench/call_setup.py --bin build/release/bin --calls $calls
fi
