# The image and the manifests as a cluster would run them: real daemons in
# containers without an engine (tests/kubernetes).

LONG+=(each_command_of_the_kubernetes_page_does_what_it_shows)

_needs_containers() {
  ((EUID == 0)) && command -v ip >/dev/null && command -v nsenter >/dev/null ||
    skip 'containers need root, iproute2 and util-linux'
  # Without this Python would leave its own files in the checkout.
  export PYTHONDONTWRITEBYTECODE=1
}

the_image_needs_no_shell_no_root_and_no_place_to_write() {
  _needs_containers
  run 0 "$here/../kubernetes/image_test.py" --bin "$bin"
}

each_command_of_the_kubernetes_page_does_what_it_shows() {
  _needs_containers
  needs_tool kustomize
  needs_tool grpcurl
  run 0 "$here/../kubernetes/walkthrough.py" --bin "$bin"
}

a_renewed_certificate_is_shown_without_a_restart() {
  _needs_containers
  needs_tool kustomize
  needs_tool grpcurl
  run 0 "$here/../kubernetes/rotation_test.py" --bin "$bin"
}

each_metric_of_an_alert_is_there() {
  start mike --pbx-http-listen 127.0.0.1:0 && start john
  link mike john
  run 0 curl --silent --fail "http://$(ready mike http)/metrics"
  local metric
  for metric in $(grep --only-matching --no-filename 'interlink_[a-z_]*' \
      "$here/../../deploy/kubernetes/components/monitoring/alerts.yaml" | sort --unique); do
    [[ $metric == interlink_id ]] || says "^# TYPE ${metric%_bucket} "  # Not a label.
  done
}

# What a TLSRoute of each account does, behind one address for all.
accounts_behind_one_gateway_are_told_apart_by_the_name_peers_ask_for() {
  touch "$scratch/routes"
  python3 "$here/sni_gateway.py" "$scratch/routes" >"$scratch/asked" 2>&1 &
  background+=($!)
  await 10 test -s "$scratch/asked"
  local gateway name account
  gateway=127.0.0.1:$(head -1 "$scratch/asked")
  start mike --advertise "$gateway" && start john --advertise "$gateway"
  for name in mike john; do
    account=$(ready "$name" account_id)
    echo "$account.interlink.internal $(ready "$name" federation)" >>"$scratch/routes"
  done
  add_number john 301
  link mike john
  run_answered 0 ctl mike resolve 301 --bypass-mirror
  output=$(<"$scratch/asked")
  never_says 'no name'
  says "$(ready mike account_id).interlink.internal"
}

# The times are figures of .ci/nightly; here only that nothing is lost.
a_restart_loses_no_answer_of_a_peer_and_comes_back_by_itself() {
  export PYTHONDONTWRITEBYTECODE=1
  run 0 "$here/rollout.py" --bin "$bin" --rounds 2 --down 3
  says '^peer_restart_failures.0$'
}

_tries_a_connection() {
  timeout 2 bash -c "exec 3<>/dev/tcp/${1/:/\/}" 2>/dev/null
}

# An import that does not end keeps the API from closing for half a second: time to
# look at the other doors.
readiness_goes_before_the_listeners_and_the_streams_are_told() {
  needs_tool grpcurl
  start mike
  local http federation import
  http=http://$(ready mike http)
  federation=$(ready mike federation)
  mkfifo "$scratch/entries"
  grpcurl -plaintext -d @ "unix://$scratch/mike/api.sock" \
    interlink.v1.NumberService/ImportNumbers \
    <"$scratch/entries" >"$scratch/import" 2>&1 &
  import=$!
  background+=("$import")
  exec 4>"$scratch/entries"
  printf '{"entries":[{"line":1,"number":{"number":"201"}}]}\n' >&4
  await 10 _has_number mike 201
  run 0 ctl mike generate-key John
  ctl mike watch >"$scratch/watch" 2>&1 &
  background+=($!)
  await 10 grep --quiet John "$scratch/watch"
  grpcurl -plaintext -d '{"service":""}' "unix://$scratch/mike/api.sock" \
    grpc.health.v1.Health/Watch >"$scratch/health" 2>&1 &
  background+=($!)
  await 10 grep --quiet '"SERVING"' "$scratch/health"
  run 0 curl --silent --fail "$http/readyz"
  # All within that half a second, so in one process. Alive, and its peers can still reach it.
  python3 - "${http#http://}" "$federation" "${pid[mike]}" <<'PYTHON' || fail 'readiness did not go first'
import http.client, os, signal, socket, sys

def status(path):
    connection = http.client.HTTPConnection(sys.argv[1], timeout=5)
    connection.request("GET", path)
    return connection.getresponse().status

os.kill(int(sys.argv[3]), signal.SIGTERM)
while (ready := status("/readyz")) == 200:
    pass
assert ready == 503 and status("/healthz") == 200
host, port = sys.argv[2].rsplit(":", 1)
socket.create_connection((host, int(port)), timeout=5).close()
PYTHON
  exec 4>&-
  wait "${pid[mike]}" || fail 'it did not end well'
  unset "pid[mike]"
  await 5 grep --quiet '"NOT_SERVING"' "$scratch/health"
  _tries_a_connection "$federation" && fail 'something listens still'
  await 5 grep --quiet DAEMON_STOPPED "$scratch/watch"
}

_has_number() { ctl "$1" number list | grep "$2" >/dev/null; }

# Whoever of the two dialled the session: John cannot be dialled.
a_peer_is_told_why_the_session_ends_and_stays_green() {
  start mike && start john --advertise none
  link mike john
  ctl mike watch >"$scratch/watch-mike" &
  background+=($!)
  await 10 grep --quiet green "$scratch/watch-mike"
  stop john
  await 5 grep --quiet 'green john: .*the daemon was stopped' "$scratch/watch-mike"
  start john --advertise none
  ctl john watch >"$scratch/watch-again" &
  background+=($!)
  await 10 grep --quiet "green mike: .*connected" "$scratch/watch-again"
  stop mike
  await 5 grep --quiet 'green mike: .*the daemon was stopped' "$scratch/watch-again"
}

