#!/usr/bin/env bash
# Builds the fuzz targets and runs each for a while, from the corpus on.
#
#   tests/fuzz/run.sh [--seconds N] [--target T] [--bin DIR]
#
#   --seconds N  how long each target runs (60)
#   --target T   only this one, such as session
#   --bin DIR    programs that are built already
#
# What is new is kept in build/fuzz/corpus, and a crash in build/fuzz/crashes:
# once it is mended, copy it to corpus/<target> under a name that says what it
# was. The last line is "N passed, N failed".
# shellcheck disable=SC1091,SC2034,SC2317  # What stages.sh defines and calls.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2
source tests/stages.sh

usage() {
  sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

seconds=60
only=
bin=
while (($#)); do
  case $1 in
    --seconds) seconds=${2:?--seconds needs a number} && shift ;;
    --target) only=${2:?--target needs a name} && shift ;;
    --bin) bin=${2:?--bin needs a directory} && shift ;;
    --help | -h) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done

targets=()
for folder in tests/fuzz/corpus/*/; do
  target=$(basename "$folder")
  [[ -z $only || $only == "$target" ]] && targets+=("$target")
done
if ((${#targets[@]} == 0)); then
  echo "there is no target $only" >&2
  exit 2
fi

# How long an input may be: what its target makes anything of.
max_len() {
  case $1 in
    certificate | csv) echo 8192 ;;
    session) echo 512 ;;
    *) echo 2048 ;;
  esac
}

build() {
  cmake --preset fuzz &&
    cmake --build build/fuzz --parallel "$(nproc)" --target "${targets[@]/%/_fuzz}"
}

# Leaks are looked for at the end only: accounts live on from input to input.
# A target of whole accounts reaches so much code that libFuzzer would spend
# half of the time on how rare each part of it is, hence -entropic=0.
fuzz() {  # TARGET
  local new=build/fuzz/corpus/$1 log=build/fuzz/$1.log status=0 before runs cov
  mkdir -p "$new" build/fuzz/crashes
  before=$(find "$new" -type f | wc -l)
  "$bin/$1_fuzz" -max_total_time="$seconds" -max_len="$(max_len "$1")" \
    -rss_limit_mb=2048 -timeout=20 -detect_leaks=0 -entropic=0 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/crashes/$1-" \
    "$new" "tests/fuzz/corpus/$1" >"$log" 2>&1 || status=$?
  if ((status != 0)); then
    grep --invert-match '^#[0-9]\|NEW_FUNC' "$log" | tail -60
    echo "$1: FAILED, see $log"
    return 1
  fi
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  cov=$(sed -n 's/.*DONE *\(cov: [0-9]* ft: [0-9]*\).*/\1/p' "$log")
  echo "$1: $runs executions, $((runs / (seconds > 0 ? seconds : 1)))/s," \
    "$cov, $(($(find "$new" -type f | wc -l) - before)) new"
}

export ASAN_OPTIONS=$ASAN_OPTIONS:quarantine_size_mb=32:malloc_context_size=8
if [[ -z $bin ]]; then
  stage 'build' build || { failed=1; finish; }
  bin=build/fuzz/bin
fi
for target in "${targets[@]}"; do
  check "$target" fuzz "$target"
done
finish
