#!/usr/bin/env bash
# The simulation over many seeds, one process a core.
#
#   tests/simulation/soak.sh [--minutes M | --seeds N] [--fresh] [--first N]
#                            [--preset P]
#
#   --minutes M  go on for so long (default 10); each run has seeds of its own
#   --seeds N    N seeds in all, from --first on, the same each time
#   --fresh      with --seeds: seeds of its own in each run
#   --first N    the first seed (default 1, or by the time of day)
#   --preset P   whose build of `simulate` (default release)
#
# Says first which seeds it runs. A seed that fails is shortened and printed, as
# soon as it is found. The last line is "N passed, N failed", in seeds.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2

minutes=10
seeds=
first=
fresh=
preset=release
while (($#)); do
  case $1 in
    --minutes) minutes=${2:?--minutes needs a number} && shift ;;
    --seeds) seeds=${2:?--seeds needs a number} && shift ;;
    --fresh) fresh=yes ;;
    --first) first=${2:?--first needs a number} && shift ;;
    --preset) preset=${2:?--preset needs a name} && shift ;;
    *) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit 2 ;;
  esac
  shift
done
jobs=$(nproc)
if [[ -n $fresh || -z $seeds ]]; then
  first=${first:-$(date +%s)000000}
fi
first=${first:-1}
share=100000000
[[ -z $seeds ]] || share=$(((seeds + jobs - 1) / jobs))
for ((job = 0; job < jobs; ++job)); do
  printf 'seeds from %d on%s\n' $((first + job * share)) "${seeds:+: $share}"
done

logs=$(mktemp --directory "${TMPDIR:-/tmp}/interlink-soak-XXXXXX")
trap 'rm -rf "$logs"' EXIT
pids=()
for ((job = 0; job < jobs; ++job)); do
  bound=(--minutes "$minutes")
  [[ -z $seeds ]] || bound=(--seeds "$share")
  stdbuf --output=L "build/$preset/bin/simulate" \
    --first $((first + job * share)) "${bound[@]}" 2>&1 |
    tee "$logs/$job" &
  pids+=($!)
done
passed=0
failed=0
for ((job = 0; job < jobs; ++job)); do
  wait "${pids[job]}"
  line=$(tail -1 "$logs/$job")
  if [[ $line =~ ^([0-9]+)\ seeds,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1] - BASH_REMATCH[2]))
    failed=$((failed + BASH_REMATCH[2]))
  else
    failed=$((failed + 1))  # It ended before it could count.
  fi
done
printf '%d passed, %d failed\n' "$passed" "$failed"
exit $((failed > 0))
