#!/usr/bin/env bash
# How much of the rules and the store the tests of rules reach, by line and by
# branch, and which lines they do not.
#
#   tests/coverage.sh [--lines]
#
#   --lines  name the lines that nothing reached
#
# What only real processes reach (a torn file, a disk that refuses) is not seen
# here: the end-to-end tests kill their daemons, which then write no counts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build/coverage
cmake --preset coverage >/dev/null
cmake --build "$build" --parallel "$(nproc)" \
  --target store_test federation_test story_test simulate
find "$build" -name '*.gcda' -delete
for test in store_test federation_test story_test; do
  "$build/bin/$test" --gtest_brief=1
done
"$build/bin/simulate" --first 1 --seeds 200

options=(--root . --object-directory "$build" --filter 'store/'
  --filter 'federation/' --exclude-throw-branches
  --exclude-unreachable-branches)
printf '\n== lines\n'
gcovr "${options[@]}" --json "$build/counts.json" --txt
printf '\n== branches\n'
gcovr "${options[@]}" --branches --txt
if [[ ${1:-} == --lines ]]; then
  printf '\n== not reached\n'
  jq --raw-output '.files[] | .file as $file | .lines[] |
    select(.count == 0 and (.["gcovr/noncode"] | not)) | "\($file):\(.line_number)"' "$build/counts.json"
fi
