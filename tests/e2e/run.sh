#!/usr/bin/env bash
# Drives the shipped programs from outside, by interlinkctl and by clients that
# nobody here wrote. Each case is a function whose name is a claim, in a file
# *_cases.sh of this folder; helpers of a file begin with an underscore.
#
#   tests/e2e/run.sh --bin build/dev/bin [--filter REGEX] [--part P]
#                    [--kill-iterations N] [--jobs N]
#
# Most cases wait most of the time: --jobs 3 runs three at once, those first that
# wait longest (LONG). The cases in SIEGES judge how well somebody is served, and
# so run after all others, one at a time. --part sieges is these, --part others
# the rest.
#
# Everything stays on loopback and in temporary folders. The last line is
# "N passed, N failed, N skipped".
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../../deploy/tools.sh"

bin=
filter=.
case_name=
jobs=1
part=all
export KILL_ITERATIONS=${KILL_ITERATIONS:-10}
while (($#)); do
  case $1 in
    --bin) bin=$(cd "${2:?}" && pwd) || exit 2 ;;
    --filter) filter=${2:?} ;;
    --kill-iterations) KILL_ITERATIONS=${2:?} ;;
    --jobs) jobs=${2:?} ;;
    --part) part=${2:?} ;;
    --case) case_name=${2:?} ;;  # One case, in this process.
    *) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
  esac
  shift 2
done
[[ -x $bin/interlinkd && -x $bin/interlinkctl ]] || {
  echo "no interlinkd and interlinkctl in '$bin'; build first" >&2
  exit 2
}

readonly CASE_SECONDS=$((360 + 12 * KILL_ITERATIONS))
LONG=()
SIEGES=()
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

# NAME: in a process of its own: a case can neither hang nor harm the next one.
run_case() {
  local started=$SECONDS log=$logs/$1 status=0 verdict limit=$CASE_SECONDS
  ! is_in "$1" "${SIEGES[@]}" || limit=$((3 * CASE_SECONDS))
  timeout --kill-after=10 "$limit" bash "$here/run.sh" --bin "$bin" \
    --case "$1" >"$log" 2>&1 || status=$?
  case $status in
    0) verdict=ok ;;
    77) verdict=skipped ;;
    *) verdict=FAILED ;;
  esac
  # At once, so that two cases do not mix their lines.
  printf '%s\n' "$(
    printf '%-8s %s (%d s)' "$verdict" "$1" $((SECONDS - started))
    if [[ $verdict == skipped ]]; then
      printf ': %s' "$(sed -n 's/^SKIPPED: //p' "$log")"
    elif [[ $verdict == FAILED ]]; then
      sed '1s/^/\n/; s/^/    /' "$log"
    fi
  )" | tee --append "$logs/verdicts"
}

logs=$(mktemp -d "${TMPDIR:-/tmp}/interlink-e2e-logs-XXXXXX") || exit 2
trap 'wait; rm -rf "$logs"' EXIT
# NAME ARRAY...: whether it is one of them.
is_in() { [[ " ${*:2} " == *" $1 "* ]]; }

others=()
for name in $(sed -n 's/^\([a-z][a-z0-9_]*\)() {$/\1/p' "$here"/*_cases.sh); do
  is_in "$name" "${LONG[@]}" "${SIEGES[@]}" || others+=("$name")
done
[[ $part != others ]] || SIEGES=()
[[ $part != sieges ]] || LONG=() others=()
for name in "${LONG[@]}" "${others[@]}"; do
  [[ $name =~ $filter ]] || continue
  while (($(jobs -pr | wc -l) >= jobs)); do wait -n; done
  run_case "$name" &
done
wait
for name in "${SIEGES[@]}"; do
  [[ ! $name =~ $filter ]] || run_case "$name"
done
# VERDICT: how many there were.
count() { grep --count "^$1 " "$logs/verdicts" 2>/dev/null || true; }
passed=$(count ok) failed=$(count FAILED) skipped=$(count skipped)
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
exit $((failed > 0))
