#!/usr/bin/env bash
# A mesh of daemons under the thread sanitizer, linked, stopped and started again,
# over and over.
#
#   tests/tsan_soak.sh [--minutes M] [--daemons N]
#
#   --minutes M  go on for so long (default 10)
#   --daemons N  so many, each linked with each (default 8)
#
# The sanitizer sees Abseil's locks, which are gRPC's too, because
# support/tsan_locks.cc stands before them. What gRPC hands from one thread to
# another without a lock it does not see, and reports by the hundred: what counts
# are those where our own code reads or writes (support/tsan_reports.py). The exit
# status is 1 if there was any.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

minutes=10
daemons=8
while (($#)); do
  case $1 in
    --minutes) minutes=${2:?--minutes needs a number} && shift ;;
    --daemons) daemons=${2:?--daemons needs a number} && shift ;;
    *) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit 2 ;;
  esac
  shift
done

cmake --preset tsan >/dev/null
cmake --build build/tsan --parallel "$(nproc)" \
  --target interlinkd interlink_tsan_locks
cmake --preset release >/dev/null
cmake --build build/release --parallel "$(nproc)" --target interlinkctl

folder=$(mktemp --directory "${TMPDIR:-/tmp}/interlink-tsan-XXXXXX")
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/bin" "$folder/reports"
ln -s "$PWD/build/release/bin/interlinkctl" "$folder/bin/"
cat >"$folder/bin/interlinkd" <<SCRIPT
#!/bin/sh
export LD_PRELOAD=$PWD/build/tsan/tests/libinterlink_tsan_locks.so
export TSAN_OPTIONS="log_path=$folder/reports/r history_size=4"
exec $PWD/build/tsan/bin/interlinkd "\$@"
SCRIPT
chmod +x "$folder/bin/interlinkd"

end=$((SECONDS + 60 * minutes))
rounds=0
while ((SECONDS < end)); do
  tests/bench/mesh.py --bin "$folder/bin" --daemons "$daemons"
  rounds=$((rounds + 1))
done
printf '%d rounds of %d daemons\n' "$rounds" "$daemons"
tests/support/tsan_reports.py "$folder/reports"
