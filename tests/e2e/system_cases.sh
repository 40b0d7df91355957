# What the system does to a process: a log that nobody reads, streams that are
# missing at the start, limits that come as signals.

_pipe_is_full() {
  python3 - "$1" <<'PYTHON'
import select, sys
with open(sys.argv[1], "r+b", buffering=0) as pipe:
    sys.exit(1 if select.select([], [pipe], [], 0)[1] else 0)
PYTHON
}

a_reader_of_the_log_that_stops_reading_stops_nothing() {
  mkfifo "$scratch/pipe"
  exec 7<>"$scratch/pipe"
  python3 -c 'import fcntl; fcntl.fcntl(7, 1031, 4096)'  # F_SETPIPE_SZ
  # shellcheck disable=SC2016
  within=(bash -c 'exec "$@" 2>"$0"' "$scratch/pipe")
  start mike
  within=()
  local i
  for i in {1..20}; do
    run 0 ctl mike --timeout 5 generate-key "row $i"
    run 0 ctl mike --timeout 5 delete "row $i" --yes
  done
  run 0 _pipe_is_full "$scratch/pipe"
  run 0 curl --silent --fail --max-time 5 "http://$(ready mike http)/healthz"
  local began=${EPOCHREALTIME/./}
  stop mike
  local took=$((${EPOCHREALTIME/./} - began))
  ((took < 2500000)) || fail "it took $took microseconds"
}

all_lines_are_written_when_it_ends() {
  start mike
  stop mike
  run 0 tail -n 1 "$scratch/mike/log"
  says '"message":"stopped"'
}

without_its_standard_streams_it_writes_into_nothing_of_its_own() {
  # shellcheck disable=SC2016
  within=(bash -c 'exec "$@" <&- >&- 2>&-' -)
  start mike
  within=()
  local stream
  for stream in 0 1 2; do
    equal "$(readlink "/proc/${pid[mike]}/fd/$stream")" /dev/null
  done
  run 0 ctl mike generate-key john
  # interlinkctl: a result that goes nowhere is no success.
  run 0 ctl mike list 2>&- <&-
  says john
  local status=0 words
  words=$(ctl mike list 2>&1 >&-) || status=$?
  equal "$status" 1
  output=$words
  says 'cannot be written to standard output'
}

a_limit_of_file_sizes_is_an_error_with_words() {
  # shellcheck disable=SC2016
  within=(bash -c 'ulimit -f 64; exec "$@"' -)
  start mike
  within=()
  seq 2000 3999 | sed 's/.*/&,A name of some length,sip:&@10.0.0.5,false/' \
    >"$scratch/numbers"
  local status=0
  output=$(ctl mike number import "$scratch/numbers" 2>&1) || status=$?
  ((status != 0)) || fail 'the import passes'
  says STORE_UNAVAILABLE
  run 0 curl --silent --fail "http://$(ready mike http)/healthz"
  run 0 ctl mike number list
  stop mike
  # And interlinkctl's own output.
  start mike
  # shellcheck disable=SC2016
  run 1 env INTERLINK_API_SOCKET="$scratch/mike/api.sock" bash -c \
    'ulimit -f 1; "$0" number export >"$1"' "$bin/interlinkctl" "$scratch/export"
  says 'cannot be written to standard output'
}

a_limit_of_processor_time_ends_it_in_order_and_is_named() {
  start mike
  # As the system sends it: each second from the soft limit on.
  kill -XCPU "${pid[mike]}"
  kill -XCPU "${pid[mike]}" 2>/dev/null || true
  local status=0
  wait "${pid[mike]}" || status=$?
  unset "pid[mike]"
  equal "$status" 0
  run 0 cat "$scratch/mike/log"
  says 'limit of processor time'
  says '"message":"stopped"'
}
