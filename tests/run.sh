#!/usr/bin/env bash
# Builds everything and runs every test, from a fresh clone if need be.
#
#   tests/run.sh [--preset P] [--filter REGEX] [--no-install] [--release [--soak]]
#
#   --preset P      how to build: dev (default; address and undefined-behaviour
#                   sanitizers), sanitize (all of their checks), tsan, clang or
#                   release
#   --filter REGEX  only the tests whose names match
#   --no-install    do not look for missing packages
#   --release       build release, too, while end-to-end tests wait, and let the
#                   sieges judge that
#   --soak          and take the simulation through 1200 seeds, while PBXs and sieges wait
#
# The last line is "N passed, N failed". A skip says what is missing; with
# CI=true one that could have been avoided is a failure, and so is a warning of
# the compiler.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
source deploy/tools.sh
source tests/stages.sh

usage() {
  sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

preset=dev
filter=
install=yes
release=
soak=
while (($#)); do
  case $1 in
    --preset) preset=${2:?--preset needs a name} && shift ;;
    --filter) filter=${2:?--filter needs a regular expression} && shift ;;
    --no-install) install=no ;;
    --release) release=yes ;;
    --soak) soak=yes ;;
    --help | -h) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done

# REPORT: each test of it that was skipped, and the last line that it wrote, which says why.
tell_skips() {
  python3 - "$1" <<'END'
import sys
from xml.etree import ElementTree
for case in ElementTree.parse(sys.argv[1]).iter("testcase"):
    if case.find("skipped") is not None:
        lines = (case.findtext("system-out") or "").split("\n")
        said = [line for line in lines if line.strip()] or ["it does not say why"]
        print(f"skipped: {case.get('name')}: {said[-1].removeprefix('SKIPPED: ')}")
END
}

# NAME CTEST-ARGUMENTS...: runs part of the tests and adds up their counts.
run_ctest() {
  local report=$PWD/build/$preset/$1-report.xml status=0 counts
  shift
  rm -f "$report"
  ctest --test-dir "build/$preset" --parallel $((2 * $(nproc))) --output-on-failure \
    --output-junit "$report" ${filter:+--tests-regex "$filter"} "$@" ||
    status=$?
  counts=$(grep --max-count=1 --after-context=5 '<testsuite ' "$report" 2>/dev/null)
  if [[ $counts =~ tests=\"([0-9]+)\".*failures=\"([0-9]+)\".*skipped=\"([0-9]+)\" ]]; then
    failed=$((failed + BASH_REMATCH[2]))
    skipped=$((skipped + BASH_REMATCH[3]))
    passed=$((passed + BASH_REMATCH[1] - BASH_REMATCH[2] - BASH_REMATCH[3]))
    ((status == 0 || BASH_REMATCH[2] > 0)) || failed=$((failed + 1))
    ((BASH_REMATCH[3] == 0)) || tell_skips "$report"
  elif [[ -z $filter ]]; then
    failed=$((failed + 1))
    status=1
  fi
  return $status
}

if [[ $install == yes ]]; then
  stage 'install dependencies' deploy/install-dependencies.sh ||
    { failed=1; finish; }
fi
stage "configure $preset" configure "$preset" || { failed=1; finish; }
stage 'style' run_ctest style --label-regex '^style$'
stage "build $preset" cmake --build "build/$preset" --parallel "$(nproc)" ||
  { failed=$((failed + 1)); finish; }
# Each program's tests bear its name as a label, and are run below.
stage 'manual and package' run_ctest others --label-exclude '^style$|_test$'
stage 'unit, story and wire tests' counted tests/unit.py --bin "build/$preset/bin" \
  ${filter:+--filter "$filter"}

end_to_end() {  # PRESET ARGUMENTS...
  counted tests/e2e/run.sh --bin "build/$1/bin" --jobs $(($(nproc) + 1)) \
    ${filter:+--filter "$filter"} "${@:2}"
}

real_pbxs() {
  counted tests/pbx/run.py --bin "build/$preset/bin" ${filter:+--filter "$filter"}
}

the_page() {
  tests/page/run.py --bin "build/$preset/bin" ${filter:+--filter "$filter"}
}

if [[ -z $release ]]; then
  stage 'end-to-end tests' end_to_end "$preset"
  stage 'real PBXs' real_pbxs
  stage 'the page in a browser' counted the_page
  finish
fi
# PID LOG: whether that job has ended well; else its log is shown.
has_ended() {
  wait "$1" && return
  cat "$2"
  return 1
}

# PID LOG: adds the counts of that job to ours once it has ended.
counted_job() {
  local status=0
  wait "$1" || status=$?
  counted ended_with "$status" "$2"
}
ended_with() {  # STATUS LOG
  cat "$2"
  return "$1"
}

build_release() {
  configure release && nice cmake --build build/release --parallel "$(nproc)" \
    --target interlinkd interlinkctl simulate interlink_bench
}

# Always the same seeds, twice as many as any planted bug may need, and others each time.
soak() {
  nice tests/simulation/soak.sh --seeds 1000 && nice tests/simulation/soak.sh --seeds 200 --fresh
}

logs=$(mktemp -d "${TMPDIR:-/tmp}/interlink-run-XXXXXX")
trap 'rm -rf "$logs"' EXIT
build_release >"$logs/release" 2>&1 &
release_build=$!
the_page >"$logs/page" 2>&1 &
page=$!
stage 'end-to-end tests' end_to_end "$preset" --part others
is_built=
if check 'build release, beside them' has_ended "$release_build" "$logs/release"; then
  is_built=yes
  [[ -z $soak ]] || soak >"$logs/soak" 2>&1 &
  soaking=$!
fi
stage 'real PBXs' real_pbxs
stage 'the page in a browser, beside them' counted_job "$page" "$logs/page"
if [[ -n $is_built ]]; then
  stage 'sieges of release' end_to_end release --part sieges
  [[ -z $soak ]] || check 'simulation, beside them' has_ended "$soaking" "$logs/soak"
fi
finish
