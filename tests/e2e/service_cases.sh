# The daemon as a service: what it reports to the service manager that started it, as
# systemd's Type=notify and WatchdogSec= expect. The manager here is a socket whose
# reports go into a file, one a line.

_be_the_service_manager() {
  export NOTIFY_SOCKET=$scratch/notify
  python3 - "$NOTIFY_SOCKET" "$scratch/reports" <<'PYTHON' &
import socket, sys
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(sys.argv[1])
with open(sys.argv[2], "w", buffering=1) as reports:
    while True:
        print(manager.recv(4096).decode().replace("\n", " "), file=reports)
PYTHON
  background+=($!)
  await 10 test -S "$NOTIFY_SOCKET"
  await 10 test -f "$scratch/reports"
}

_was_told() { grep --quiet --extended-regexp -- "$1" "$scratch/reports"; }
_meals() { grep --count '^WATCHDOG=1$' "$scratch/reports" || true; }
_has_been_fed() { (($(_meals) >= $1)); }

a_service_manager_is_told_of_each_turn() {
  _be_the_service_manager
  start mike
  await 5 _was_told "^READY=1 STATUS=account $(ready mike account_id), peers"
  kill -HUP "${pid[mike]}"
  await 10 _was_told '^READY=1$'
  stop mike
  await 5 _was_told '^STOPPING=1'
  equal "$(sed 's/[= ].*//' "$scratch/reports" | paste --serial --delimiters ' ')" \
    'READY RELOADING READY STOPPING'
}

# Reports come in the order in which they were sent, so all before this one are there.
_have_all_reports_come() {
  python3 -c 'import os, socket
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"END", os.environ["NOTIFY_SOCKET"])'
  await 5 _was_told '^END$'
}

a_start_that_fails_is_never_told_to_be_ready() {
  _be_the_service_manager
  start mike
  # Early, for its data, and late, for a port.
  run 1 "$bin/interlinkd" --data-dir "$scratch/mike/data" --http-listen none \
    --federation-listen 127.0.0.1:0 --api-socket "$scratch/second.sock"
  run 1 "$bin/interlinkd" --data-dir "$scratch/third" --http-listen "$(ready mike http)" \
    --federation-listen 127.0.0.1:0 --api-socket "$scratch/third.sock"
  says 'http-listen: .*Address already in use'
  _have_all_reports_come
  equal "$(grep --count '^READY' "$scratch/reports")" 1
}

_starves() {
  local meals
  meals=$(_meals)
  sleep 1.5
  (($(_meals) == meals))
}

a_loop_that_hangs_starves_the_watchdog() {
  _be_the_service_manager
  export WATCHDOG_USEC=900000
  start mike
  run 0 ctl mike generate-key john
  stop mike
  _start_to_hang mike delete/committed:1
  await 10 grep --quiet 'api=' "$scratch/mike/ready"
  ctl mike --timeout 4 delete john >/dev/null 2>&1 || true
  # The first start fed it, and so did the second until it hung.
  _has_been_fed 2 || fail 'it was never fed'
  sleep 0.5
  _starves || fail 'it is fed still'
  is_alive "${pid[mike]}"
}

# A new start would have to wait for the same disk.
a_disk_that_stalls_starves_the_watchdog_after_ten_times_its_time() {
  _be_the_service_manager
  export WATCHDOG_USEC=900000
  _start_and_hang_in_a_commit mike
  await 5 _has_been_fed "$(($(_meals) + 5))"
  await 20 _starves
  is_alive "${pid[mike]}"
}
