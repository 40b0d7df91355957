# Sourced by run.sh for each case: the small language that the cases are
# written in. A case runs in a process of its own under `set -e`, in the
# scratch folder $scratch, and whatever it started is ended with it.

declare -A pid=()   # Daemon's name -> its process.
declare -A host=()  # Daemon's name -> where it listens, if not on loopback.
declare -A port=()  # Daemon's name -> its federation port, kept at a restart.
background=()       # Other processes of ours.
namespaces=()       # Network namespaces of ours.
mounts=()           # File systems of ours.
within=()           # What a daemon is started with, such as ip netns exec.
output=             # What the latest `run` printed, both streams.

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# WHY: the case cannot run here. In CI that is a failure: its machine can have all of it.
skip() {
  [[ ${CI:-} != true ]] || fail "in CI nothing may be missing: $*"
  printf 'SKIPPED: %s\n' "$*"
  exit 77
}

# The build can be made to fail at named moments, as one of the preset dev can.
is_made_for_tests() {
  grep --quiet '^INTERLINK_FAILPOINTS:BOOL=ON$' "$bin/../CMakeCache.txt"
}

# A build that is shipped never can, so in CI, too, the case does not apply to it.
needs_failpoints() {
  is_made_for_tests && return
  [[ ${CI:-} == true && $bin == */dev/bin ]] && fail 'the preset dev has failpoints'
  printf 'SKIPPED: this build has no failpoints; that of the preset dev has\n'
  exit 77
}

# SECONDS COMMAND...: waits until the command succeeds.
await() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || fail "not within its time: $*"
    sleep 0.05
  done
}

# STATUS COMMAND...: the command ends with that status; $output has its words.
run() {
  local expected=$1 status=0
  shift
  output=$("$@" 2>&1) || status=$?
  if ((status != expected)); then
    fail "exit status $status instead of $expected: $*"$'\n'"$output"
  fi
}

# STATUS COMMAND...: as run, but asks again while a linked account's answer takes more
# than its 800 ms, which says nothing about the number.
run_answered() {
  local expected=$1 status tries
  shift
  for tries in {1..20}; do
    status=0
    output=$("$@" 2>&1) || status=$?
    [[ $output == *LOOKUP_INCOMPLETE* ]] || break
    sleep 0.5
  done
  ((status == expected)) ||
    fail "exit status $status instead of $expected, $tries tries: $*"$'\n'"$output"
}

# REGEX: the latest output matches it.
says() {
  grep --quiet --extended-regexp -- "$1" <<<"$output" ||
    fail "'$1' is not in:"$'\n'"$output"
}

never_says() {
  ! grep --quiet --extended-regexp -- "$1" <<<"$output" ||
    fail "'$1' is in:"$'\n'"$output"
}

# FILTER: the latest output is JSON, and jq's filter is true of it.
answers() {
  jq --exit-status "$1" <<<"$output" >/dev/null ||
    fail "'$1' is not true of:"$'\n'"$output"
}

# ACTUAL EXPECTED
equal() {
  [[ $1 == "$2" ]] || fail "'$1' instead of '$2'"
}

is_alive() { kill -0 "$1" 2>/dev/null; }
is_gone() { ! is_alive "$1"; }

# The value of a line of a daemon's ready file.
ready() { sed -n "s/^$2=//p" "$scratch/$1/ready"; }

has_started() {
  [[ -s $scratch/$1/ready ]] || is_gone "${pid[$1]}"
}

# NAME FLAGS...: starts the daemon of an account of that name, on ports that
# the system gives; at a restart, on the federation port that it had.
start() {
  local name=$1 home=$scratch/$1
  shift
  mkdir -p "$home"
  rm -f "$home/ready"
  [[ ${port[$name]:-} || ${host[$name]:-} ]] || hold_port "$name"
  "${within[@]}" "$bin/interlinkd" --data-dir "$home/data" --account-name "$name" \
    --federation-listen "${host[$name]:-127.0.0.1}:${port[$name]:-0}" \
    --http-listen 127.0.0.1:0 --api-socket "$home/api.sock" \
    --ready-file "$home/ready" --log-format json --log-level debug \
    "$@" >>"$home/log" 2>&1 &
  pid[$name]=$!
  await 30 has_started "$name"
  [[ -s $home/ready ]] || fail "the daemon of $name did not start"
  port[$name]=$(ready "$name" federation | sed 's/.*://')
}

# NAME: a port for its daemon, which nobody else is given while the daemon is down: it is
# bound here, and who listens there may bind it again.
hold_port() {
  PYTHONPATH=$here python3 -B -c '
import signal
from accounts import held_port
held = held_port()
print(held.getsockname()[1], flush=True)
signal.pause()' >"$scratch/$1/port" &
  background+=($!)
  await 10 test -s "$scratch/$1/port"
  port[$1]=$(<"$scratch/$1/port")
}

# NAME: SIGTERM, and waits for the end; fails unless it was a clean one.
stop() {
  local status=0
  kill -TERM "${pid[$1]}"
  wait "${pid[$1]}" || status=$?
  unset "pid[$1]"
  ((status == 0)) || fail "the daemon of $1 ended with status $status"
}

# NAME ARGUMENTS...: interlinkctl for that account.
ctl() {
  local name=$1
  shift
  INTERLINK_API_SOCKET=$scratch/$name/api.sock "$bin/interlinkctl" "$@"
}

json() {
  local name=$1
  shift
  ctl "$name" --output json "$@"
}

# NAME: the listed rows, one a line: name, state, indicator.
rows() {
  json "$1" list | jq -r '.interlinks[]? | [.name, .state, .indicator] | join("|")'
}

has_row() { rows "$1" | grep --fixed-strings --line-regexp "$2" >/dev/null; }
has_green() { has_row "$1" "$2|INTERLINK_STATE_ESTABLISHED|INDICATOR_GREEN"; }
# NAME REGEX: of a line of its events, which may come a moment after the turn
# that they tell of.
has_event() { ctl "$1" events | grep --extended-regexp -- "$2" >/dev/null; }
# NAME REGEX: of a line of its log, which a queue fills: a line may come a moment after
# what it tells of.
has_logged() { grep --quiet --extended-regexp -- "$2" "$scratch/$1/log"; }
# NAME ROW: it is the only one listed.
has_only_row() { [[ $(rows "$1" | cut -d '|' -f 1) == "$2" ]]; }
has_no_rows() { local all && all=$(rows "$1") && [[ -z $all ]]; }

# ISSUER REDEEMER: links the two; each calls the row by the other's name.
link() {
  local key
  key=$(json "$1" generate-key "$2" | jq -r .key)
  run 0 ctl "$2" link "$1" "$key"
  await 10 has_green "$1" "$2"
  await 10 has_green "$2" "$1"
}

# NAME NUMBER FLAGS...: adds a number that leads somewhere.
add_number() {
  local name=$1 number=$2
  shift 2
  run 0 ctl "$name" number add "$number" --destination "sip:$number@10.0.0.5" "$@"
}

needs_tool() {
  command -v "$1" >/dev/null && return
  skip "$(why_missing "$1")"
}

# FILE: builds this file of C, for LD_PRELOAD, and prints where it is.
shim() {
  local library=$scratch/${1%.c}.so
  [[ -f $library ]] ||
    cc -Wall -O1 -shared -fPIC -o "$library" "$here/$1" -ldl >&2 || return
  printf '%s\n' "$library"
}

# NAME SHIM VARIABLE=VALUE... -- FLAGS...: starts NAME's daemon under a shim.
start_under() {
  local name=$1 library
  needs_tool cc
  library=$(shim "$2")
  shift 2
  # A sanitizer wants to be the first library; the shim may be before it.
  within=(env "LD_PRELOAD=$library"
    "ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0")
  while [[ $1 != -- ]]; do within+=("$1") && shift; done
  shift
  start "$name" "$@"
  within=()
}

# What a sanitizer or our own checks print before they end the process.
readonly COMPLAINTS='ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer|runtime error:|Check failed|the daemon ends at once'

clean_up() {
  local status=$?
  trap - EXIT
  set +e
  for process in "${pid[@]}" "${background[@]}"; do
    kill -KILL "$process" 2>/dev/null
  done
  wait 2>/dev/null
  if grep --extended-regexp "$COMPLAINTS" "$scratch"/*/log >&2 2>/dev/null; then
    ((status == 0)) && status=1
  fi
  if ((status != 0 && status != 77)); then
    for log in "$scratch"/*/log; do
      [[ -f $log ]] && printf -- '--- %s\n' "$log" && tail -15 "$log"
    done >&2
  fi
  for namespace in "${namespaces[@]}"; do ip netns del "$namespace"; done
  for mounted in "${mounts[@]}"; do umount --lazy "$mounted"; done
  rm -rf "$scratch"
  exit $status
}
