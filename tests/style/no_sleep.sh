#!/usr/bin/env bash
# Nobody sleeps in C++: time comes from the event loop, and a test waits for
# what it is about. Only tests/bench may, so as not to take the time of what it
# measures.
#
#   tests/style/no_sleep.sh <checkout>
cd "$1" || exit 2

folders=()
for folder in store federation daemon tests; do
  [[ -d $folder ]] && folders+=("$folder")
done
if grep --recursive --line-number --exclude-dir=bench --include='*.cc' --include='*.h' --extended-regexp \
     '\b(sleep_for|sleep_until|usleep|nanosleep|sleep|SleepFor)[[:space:]]*\(' \
     "${folders[@]}"; then
  echo "a sleep in C++; wait for the condition instead" >&2
  exit 1
fi
