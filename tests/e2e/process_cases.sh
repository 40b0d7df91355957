# The daemon as a process: how it starts, what it leaves, how it ends.

# COMMAND...: runs it in a network of its own, where the default ports are free and open
# to nobody else.
_in_own_network() {
  local flags=--net
  ((EUID == 0)) || flags='--net --map-root-user'
  # shellcheck disable=SC2086
  unshare $flags bash -c '
    python3 -c "
import fcntl, socket, struct
s = socket.socket()
fcntl.ioctl(s, 0x8914, struct.pack(\"16sh14x\", b\"lo\", 0x41))"  # lo up
    "$@"' - "$@"
}

_needs_own_network() {
  _in_own_network true ||
    skip 'no network namespaces here, so the default ports may be taken'
}

_start_unconfigured() {
  "$bin/interlinkd" >"$scratch/none/log" 2>&1 &
  local daemon=$!
  local socket=$RUNTIME_DIRECTORY/api.sock
  ((EUID == 0)) || socket=$XDG_RUNTIME_DIR/interlink/api.sock
  for _ in {1..200}; do
    "$bin/interlinkctl" status >"$scratch/status" 2>&1 && break
    sleep 0.05
  done
  cat "$scratch/status"
  curl --silent --fail http://127.0.0.1:9464/readyz >/dev/null || echo 'not ready'
  kill -TERM $daemon
  wait $daemon
}

it_starts_with_no_configuration_at_all() {
  _needs_own_network
  mkdir -p "$scratch"/none/{state,run,home}
  export -f _start_unconfigured
  export bin scratch HOME=$scratch/none/home
  export XDG_STATE_HOME=$scratch/none/state XDG_RUNTIME_DIR=$scratch/none/run
  # What systemd hands to a service of root.
  export STATE_DIRECTORY=$scratch/none/state/interlink
  export RUNTIME_DIRECTORY=$scratch/none/run/interlink
  run 0 _in_own_network bash -c _start_unconfigured
  never_says 'not ready'
  says "$(hostname)"
  [[ -d $scratch/none/state/interlink ]]
}

a_second_daemon_on_the_same_data_is_refused_and_names_the_first() {
  start mike
  run 1 "$bin/interlinkd" --data-dir "$scratch/mike/data" \
    --federation-listen 127.0.0.1:0 --http-listen none \
    --api-socket "$scratch/second.sock"
  says "\b${pid[mike]}\b"
  run 0 ctl mike status
}

sigterm_ends_it_within_two_seconds_with_watches_open() {
  start mike && start john
  link mike john
  ctl mike watch >"$scratch/watch" 2>&1 &
  background+=($!)
  await 10 grep --quiet john "$scratch/watch"
  local began=${EPOCHREALTIME/./}
  stop mike
  local took=$((${EPOCHREALTIME/./} - began))
  ((took < 2000000)) || fail "it took $took microseconds"
  [[ ! -e $scratch/mike/ready ]] || fail 'the ready file is still there'
}

# FILE ARGUMENTS...: a client that leaves its socket unread, and is stuck; what it says
# is in that file.
_leave_unread() {
  python3 -B "$here/unread.py" "${@:2}" >"$1" 2>&1 &
  background+=($!)
  await 60 grep --quiet stuck "$1"
}

# gRPC itself would wait for them for ever.
clients_that_leave_their_sockets_unread_do_not_hold_its_end() {
  _start_with_tcp_api
  { printf 'number,name\n' && printf "%s,$(printf 'x%.0s' {1..60})\n" {10000..11000}; } |
    run 0 ctl mike number import -
  _leave_unread "$scratch/socket" api "unix:$scratch/mike/api.sock"
  _leave_unread "$scratch/tcp" api "$(ready mike api_tcp)" \
    "$scratch/tls/ca.pem" "$scratch/tls/viewer.pem" "$scratch/tls/viewer.key"
  stop mike
}

nor_does_a_peer_that_does() {
  start mike --lookup-limit 0
  # Four megabytes of answers fill what the system holds back for it.
  run 0 ctl mike number add 201 --destination "sip:201@10.0.0.5;x=$(printf 'x%.0s' {1..220})"
  ctl mike generate-key mallory >"$scratch/key"
  _leave_unread "$scratch/peer" peer "$scratch" 201 "$scratch/key"
  stop mike
}

watches_may_come_and_go_in_any_number() {
  start mike
  local round
  for round in {1..5}; do
    local watches=()
    for _ in {1..8}; do
      ctl mike watch >"$scratch/watch" 2>&1 &
      watches+=($!)
    done
    run 0 ctl mike generate-key "round $round"
    kill -TERM "${watches[@]}"
    wait "${watches[@]}" || true
  done
  run 0 ctl mike status
  stop mike
}

the_ready_file_says_what_scripts_need() {
  start mike --pbx-socket "$scratch/pbx.sock"
  output=$(<"$scratch/mike/ready")
  says '^federation=127\.0\.0\.1:[1-9][0-9]*$'
  says '^http=127\.0\.0\.1:[1-9][0-9]*$'
  says "^api=unix:$scratch/mike/api.sock\$"
  says '^account_id=[0-9a-f]{32}$'
  says "^pid=${pid[mike]}\$"
}

its_files_are_closed_to_other_users() {
  start mike --pbx-socket "$scratch/pbx.sock"
  equal "$(stat --format %a "$scratch/mike/data")" 700
  equal "$(stat --format %a "$scratch/mike/api.sock")" 660
  equal "$(stat --format %a "$scratch/pbx.sock")" 660
  [[ -z $(find "$scratch/mike/data" -type f -perm /077) ]] ||
    fail 'a file of the store is open to others'
}

no_secret_reaches_a_log() {
  start mike && start john && start tim
  local key secret
  key=$(json mike generate-key john | jq -r .key)
  run 0 ctl mike show-key john
  run 4 ctl tim link mike "${key%???}"
  run 0 ctl john link mike "$key"
  run 4 ctl tim link mike "$key"
  # The key's text, and its 32 random bytes in the usual ways to print them.
  python3 - "$key" >"$scratch/secrets" <<'PYTHON'
import base64, sys
text = sys.argv[1][len("ilk1_"):]
raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
print(sys.argv[1]); print(text[:40])
assert raw[18:20] == b"\x12\x20"  # Field 2, 32 bytes, after the id.
secret = raw[20:52]
print(secret.hex()); print(base64.b64encode(secret).decode()[:42])
PYTHON
  equal "$(wc -l <"$scratch/secrets")" 4
  stop mike && stop john && stop tim  # Then each log is whole.
  ! grep --fixed-strings --file "$scratch/secrets" "$scratch"/*/log ||
    fail 'a secret is in a log'
  ! grep --ignore-case 'PRIVATE KEY' "$scratch"/*/log || fail 'a key is in a log'
}

_http_status() {
  curl --silent --output /dev/null --write-out '%{http_code}' "$@"
}

the_http_port_serves_metrics_and_health_and_nothing_else() {
  start mike && start john
  link mike john
  local http
  http=http://$(ready mike http)
  run 0 curl --silent --fail "$http/healthz"
  run 0 curl --silent --fail "$http/readyz"
  equal "$(_http_status "$http/")" 404
  equal "$(_http_status --request POST "$http/metrics")" 405
  run 0 curl --silent --fail "$http/metrics"
  says '^interlink_'
  # Every sample belongs to a family that has its help and its type.
  printf '%s\n' "$output" >"$scratch/metrics"
  run 0 awk '
    $1 == "#" { if ($2 == "HELP") help[$3] = 1; if ($2 == "TYPE") type[$3] = 1; next }
    NF { name = $1; sub(/[{].*/, "", name)
         base = name; sub(/_(bucket|sum|count)$/, "", base)
         if (!((name in help && name in type) || (base in help && base in type))) {
           print "no HELP or TYPE: " $0; bad = 1 } }
    END { exit bad }' "$scratch/metrics"
}

configuration_is_checked_and_shown() {
  run 0 "$bin/interlinkd" --version
  run 0 "$bin/interlinkctl" --version
  printf 'account-name = "From the file"\n' >"$scratch/interlink.toml"
  run 0 "$bin/interlinkd" --config "$scratch/interlink.toml" --print-config
  says 'From the file'
  run 0 env INTERLINK_ACCOUNT_NAME='From outside' \
    "$bin/interlinkd" --config "$scratch/interlink.toml" --print-config
  says 'From outside'
  run 0 "$bin/interlinkd" --config "$scratch/interlink.toml" --check-config
  printf 'acount-name = "Wrong"\n' >"$scratch/interlink.toml"
  local status=0
  output=$("$bin/interlinkd" --config "$scratch/interlink.toml" \
    --check-config 2>&1) || status=$?
  ((status != 0)) || fail 'a misspelt setting passes'
  says 'acount-name'
}

a_key_cannot_be_made_without_an_address() {
  start mike --advertise none && start john
  run 4 ctl mike generate-key john
  says NO_ADDRESS
  link john mike
}

interlinkctl_tells_what_went_wrong_by_its_exit_status() {
  start mike
  run 3 ctl mike delete nobody
  run 3 ctl mike show-key nobody
  run 2 ctl mike no-such-verb
  run 2 ctl mike generate-key
  run 5 env INTERLINK_API_SOCKET="$scratch/nothing.sock" "$bin/interlinkctl" list
}

# NAME FAILPOINT:HIT: starts its daemon, one thread of which hangs when it gets
# there, as on a disk that stalls.
_start_to_hang() {
  needs_failpoints
  local name=$1
  mkdir -p "$scratch/$name"
  INTERLINK_FAILPOINT=$2:hang "$bin/interlinkd" --data-dir "$scratch/$name/data" \
    --account-name "$name" --federation-listen 127.0.0.1:0 --http-listen 127.0.0.1:0 \
    --api-socket "$scratch/$name/api.sock" --ready-file "$scratch/$name/ready" \
    >>"$scratch/$name/log" 2>&1 &
  pid[$name]=$!
}

# NAME STATUS MILLISECONDS: it ends with that status, within that time.
_ends() {
  local began=${EPOCHREALTIME/./} status=0 took
  wait "${pid[$1]}" || status=$?
  took=$((${EPOCHREALTIME/./} - began))
  unset "pid[$1]"
  equal "$status" "$2"
  ((took < $3 * 1000)) || fail "it took $took microseconds"
}

a_signal_ends_a_start_that_hangs() {
  local signal
  for signal in INT TERM; do
    # Left by one that was ended so: it would be taken for the next one's.
    rm -f "$scratch/mike/api.sock"
    _start_to_hang mike start/unready:1
    await 10 test -S "$scratch/mike/api.sock"
    # Not yet ended: it has only to read its settings again.
    kill -HUP "${pid[mike]}"
    kill "-$signal" "${pid[mike]}"
    # By the signal, as the shell tells it.
    _ends mike $((128 + $(kill -l "$signal"))) 1000
  done
}

# NAME: its loop hangs in a change of the store, the first after the start's.
_start_and_hang_in_a_commit() {
  start "$1"
  stop "$1"
  : >"$scratch/$1/log"  # Its end is not the next one's.
  _start_to_hang "$1" commit/unwritten:2
  await 10 grep --quiet 'api=' "$scratch/$1/ready"
  ctl "$1" --timeout 4 generate-key john >/dev/null 2>&1 || true
}

a_second_sigterm_ends_it_while_a_sync_stalls() {
  _start_and_hang_in_a_commit mike
  kill -TERM "${pid[mike]}"
  await 5 has_logged mike 'stopping on signal'
  is_alive "${pid[mike]}"
  kill -TERM "${pid[mike]}"
  _ends mike 1 1000
}

an_end_that_is_held_up_takes_ten_seconds_at_most() {
  _start_and_hang_in_a_commit mike
  kill -TERM "${pid[mike]}"
  _ends mike 1 12000
  run 0 cat "$scratch/mike/log"
  says 'not stopped within 10 s'
}

a_backup_under_way_does_not_hold_the_end() {
  _start_to_hang mike backup/copied:1
  await 10 grep --quiet 'api=' "$scratch/mike/ready"
  ctl mike backup "$scratch/copy" >"$scratch/backup" 2>&1 &
  local backup=$! status=0
  await 10 test -d "$scratch/copy.partial/store"
  kill -TERM "${pid[mike]}"
  _ends mike 0 2000
  wait $backup || status=$?
  equal $status 1
  run 0 cat "$scratch/backup"
  says 'stopping'
  run 0 cat "$scratch/mike/log"
  says "remove $scratch/copy.partial"
  [[ ! -e $scratch/copy ]]
}
