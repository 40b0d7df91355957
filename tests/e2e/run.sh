#!/usr/bin/env bash
# Drives the shipped programs from outside, by interlinkctl and by clients that
# nobody here wrote. Each case is a function whose name is a claim, in a file
# *_cases.sh of this folder; helpers of a file begin with an underscore.
#
#   tests/e2e/run.sh --bin build/dev/bin [--filter REGEX]
#                    [--kill-iterations N]
#
# Everything stays on loopback and in temporary folders. The last line is
# "N passed, N failed, N skipped".
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../../deploy/tools.sh"

bin=
filter=.
case_name=
export KILL_ITERATIONS=${KILL_ITERATIONS:-10}
while (($#)); do
  case $1 in
    --bin) bin=$(cd "${2:?}" && pwd) || exit 2 ;;
    --filter) filter=${2:?} ;;
    --kill-iterations) KILL_ITERATIONS=${2:?} ;;
    --case) case_name=${2:?} ;;  # One case, in this process.
    *) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
  esac
  shift 2
done
[[ -x $bin/interlinkd && -x $bin/interlinkctl ]] || {
  echo "no interlinkd and interlinkctl in '$bin'; build first" >&2
  exit 2
}

readonly CASE_SECONDS=$((120 + 6 * KILL_ITERATIONS))
for file in "$here"/*_cases.sh; do source "$file"; done

if [[ -n $case_name ]]; then
  source "$here/support.sh"
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/interlink-e2e-XXXXXX") || exit 2
  trap clean_up EXIT
  set -eE
  trap 'printf "FAILED: %s:%s: %s\n" "${BASH_SOURCE[0]##*/}" "$LINENO" "$BASH_COMMAND" >&2' ERR
  "$case_name"
  exit 0
fi

passed=0 failed=0 skipped=0
log=$(mktemp "${TMPDIR:-/tmp}/interlink-e2e-log-XXXXXX")
trap 'rm -f "$log"' EXIT
for name in $(sed -n 's/^\([a-z][a-z0-9_]*\)() {$/\1/p' "$here"/*_cases.sh); do
  [[ $name =~ $filter ]] || continue
  started=$SECONDS
  # In a process of its own: a case can neither hang nor harm the next one.
  timeout --kill-after=10 "$CASE_SECONDS" bash "$0" --bin "$bin" \
    --case "$name" >"$log" 2>&1
  case $? in
    0)
      passed=$((passed + 1))
      printf 'ok       %s (%d s)\n' "$name" $((SECONDS - started))
      ;;
    77)
      skipped=$((skipped + 1))
      printf 'skipped  %s: %s\n' "$name" "$(sed -n 's/^SKIPPED: //p' "$log")"
      ;;
    *)
      failed=$((failed + 1))
      printf 'FAILED   %s (%d s)\n' "$name" $((SECONDS - started))
      sed 's/^/    /' "$log"
      ;;
  esac
done
printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped
exit $((failed > 0))
