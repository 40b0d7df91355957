# Disks that fill up, fail or come back damaged. The daemon says so, loses
# nothing that it answered, and tells its peers nothing that is not so.

LONG+=(at_whichever_write_a_disk_fails_both_are_linked_in_the_end)

# NAME FLAGS...: starts its daemon on a disk that fails on demand.
_start_on_failing_disk() {
  local name=$1
  shift
  start_under "$name" failing_disk.c "FAILING_DISK_DIR=$scratch/$name/data" \
    "FAILING_DISK_ORDER=$scratch/$name/order" -- "$@"
}

# NAME CALLS ERROR AFTER: see failing_disk.c.
_break_disk() {
  printf '%s %s %s\n' "${@:2}" >"$scratch/order" && mv "$scratch/order" "$scratch/$1/order"
}

_mend_disk() { rm -f "$scratch/$1/order"; }

# NAME: the end of a daemon that gets no chance to put anything right.
_crash() {
  kill -KILL "${pid[$1]}"
  wait "${pid[$1]}" 2>/dev/null || true
  unset "pid[$1]"
}

# NAME FIRST: adds numbers from FIRST on until one is refused; writes down those
# that were answered.
_add_until_refused() {
  local number
  for ((number = $2; number < $2 + 3000; ++number)); do
    ctl "$1" number add "$number" --destination "sip:$number@10.0.0.5" \
      >/dev/null 2>>"$scratch/refusals" || return 0
    printf '%s\n' "$number" >>"$scratch/answered"
  done
}

_has_answered() { [[ -f $scratch/answered ]] && (($(wc -l <"$scratch/answered") >= $1)); }

# NAME: every number whose addition was answered is there.
_has_all_answered() {
  run 0 json "$1" number list
  jq -r '.numbers[].number' <<<"$output" | sort >"$scratch/present"
  local lost
  lost=$(sort "$scratch/answered" | comm -23 - "$scratch/present")
  [[ -z $lost ]] || fail "answered and lost: ${lost//$'\n'/ }"
}

_is_unassigned() { run 3 ctl "$1" resolve "$2"; }

# NAME WORDS ARGUMENTS...: interlinkctl is refused, is told what failed and
# where, and what to do.
_is_refused() {
  local name=$1 words=$2
  shift 2
  run 1 ctl "$name" "$@"
  says "STORE_UNAVAILABLE: the store in $scratch/$name/data"
  says "$words"
  says 'the daemon goes on by itself'
}

# WORDS CALLS ERROR: Mike's disk fails while administrators are at work. WORDS is
# what they are to be told.
_survives_a_failing_disk() {
  local words=$1 key
  _start_on_failing_disk mike
  start john
  start tim
  link mike tim
  add_number mike 201 && add_number mike 202
  key=$(json mike generate-key john | jq -r .key)
  # The import ends first if its chunk is the first to fail.
  _add_until_refused mike 3000 &
  local adding=$!
  background+=("$adding")
  await 20 _has_answered 5
  _break_disk mike "$2" "$3" 3
  seq 40000 41999 | sed 's/.*/&,N,sip:&@10.0.0.5,false/' |
    ctl mike number import - >"$scratch/import" 2>&1 && fail 'the import passes'
  wait "$adding"

  _is_refused mike "$words" number add 299 --destination sip:299@10.0.0.5
  _is_refused mike "$words" number set 201 --private
  _is_refused mike "$words" number delete 202
  _is_refused mike "$words" delete tim
  _is_refused mike "$words" generate-key somebody
  run 4 ctl mike status --check
  says "NOT_WELL: the store in $scratch/mike/data takes no changes"
  await 5 has_logged mike 'goes on by itself; the daemon tries to open it again every 3 s'
  await 10 has_logged mike "cannot be opened again yet: .*4 MiB.*$words"
  # What was refused has not happened, for peers neither.
  run_answered 0 ctl tim resolve 201 --bypass-mirror
  run_answered 0 ctl tim resolve 202 --bypass-mirror
  _is_unassigned tim 299
  run 5 ctl john --timeout 2 link mike "$key"
  has_row john 'mike|INTERLINK_STATE_LINKING|INDICATOR_GREY'
  has_row mike 'john|INTERLINK_STATE_PENDING|INDICATOR_GREY'
  run 0 ctl tim delete mike
  # The store goes on by itself once the disk is well.
  _mend_disk mike
  await 30 ctl mike number add 298 --destination sip:298@10.0.0.5

  _crash mike
  start mike
  _has_all_answered mike
  answers '[.numbers[] | select(.number == ("201", "202")) | .private // false] == [false, false]'
  answers '[.numbers[] | select(.number == ("298", "299")) | .number] == ["298"]'
  # A chunk of the import is there as a whole or not at all.
  answers '[.numbers[] | select(.number | length == 5)] | length % 500 == 0'
  # Nobody has to do anything by hand.
  await 60 has_green john mike
  await 10 has_green mike john
  await 60 has_only_row mike john
}

a_full_disk_is_told_and_nothing_answered_is_lost() {
  _survives_a_failing_disk 'No space left on device' write ENOSPC
}

a_failed_sync_is_told_and_nothing_answered_is_lost() {
  _survives_a_failing_disk 'Input/output error' sync EIO
}

a_disk_that_turns_read_only_is_told_and_nothing_answered_is_lost() {
  _survives_a_failing_disk 'Read-only file system' all EROFS
}

# Whichever write of a link it is that fails, on whichever side, both are linked
# after the repair.
_tells_that_its_disk_hangs() {
  ctl "$1" status | grep 'the disk has stored nothing for' >/dev/null
}
a_disk_that_hangs_is_told_and_calls_go_on() {
  _start_on_failing_disk mike
  add_number mike 101
  _break_disk mike sync HANG 0
  ctl mike number add 102 --destination sip:102@10.0.0.5 >"$scratch/added" 2>&1 &
  local adding=$!
  await 20 _tells_that_its_disk_hangs mike
  run 4 ctl mike status --check
  run 4 ctl mike doctor
  says 'store .*the disk has stored nothing for'
  has_logged mike 'the disk has stored nothing for'
  (($(curl --silent "$(ready mike http)/metrics" |
    sed -n 's/^interlink_store_waiting_seconds \([0-9]*\).*/\1/p') >= 5)) ||
    fail 'the metric says that nothing waits'
  run 0 ctl mike resolve 101
  run 3 ctl mike resolve 102
  is_alive $adding || fail "what is not stored was answered: $(<"$scratch/added")"
  # Of a client that waits no longer nothing is stored afterwards; and no more than
  # sixteen imports wait.
  run 5 ctl mike --timeout 1 number add 103 --destination sip:103@10.0.0.5
  local -a imports=()
  for _ in {1..17}; do
    ctl mike number import - <<<'104,Lab,sip:104@10.0.0.5' >>"$scratch/imports" 2>&1 &
    imports+=($!)
  done
  await 20 grep RATE_LIMITED "$scratch/imports"
  _mend_disk mike
  wait $adding || fail "$(<"$scratch/added")"
  wait "${imports[@]}" || true
  equal "$(grep -c RATE_LIMITED "$scratch/imports")" 1
  run 3 ctl mike resolve 103
  run 0 ctl mike resolve 104
  run 0 ctl mike status --check
  await 5 has_logged mike 'the disk stores changes again'
  run 0 ctl mike resolve 102
}

at_whichever_write_a_disk_fails_both_are_linked_in_the_end() {
  local side after calls key
  start mike && start john
  for calls in write sync; do
    for side in mike john; do
      for after in 0 1 2; do
        key=$(json mike generate-key john | jq -r .key)
        stop "$side"
        _start_on_failing_disk "$side"
        _break_disk "$side" "$calls" EIO "$after"
        # Refused, waiting or done: that depends on which write it was.
        ctl john --timeout 2 link mike "$key" >"$scratch/link" 2>&1 || true
        _crash "$side"
        _mend_disk "$side"
        start "$side"
        if ! rows john | grep '^mike' >/dev/null; then
          # Refused before the key left the house: it is as good as new.
          run 0 ctl john link mike "$key"
        fi
        await 60 has_green john mike
        await 60 has_green mike john
        run 0 ctl john delete mike
        await 30 has_no_rows mike
      done
    done
  done
}

# NAME WORDS: its daemon does not start, says so in such words, names the
# directory and what to do, and ends with 1.
_does_not_start() {
  run 1 timeout 20 "$bin/interlinkd" --data-dir "$scratch/$1/data" \
    --federation-listen 127.0.0.1:0 --http-listen none \
    --api-socket "$scratch/$1/second.sock"
  says "$scratch/$1/data"
  says "$2"
}

# NAME: what its store is made of. RocksDB's own diary is no part of it.
_contents() {
  (cd "$scratch/$1/data" && find . -type f ! -name 'LOG*' -exec sha256sum {} + | sort)
}

# NAME WORDS: refuses to start for a damage and leaves everything as it is.
_refuses_damage() {
  local before
  before=$(_contents "$1")
  _does_not_start "$1" "$2"
  says 'restore a backup'
  equal "$(_contents "$1")" "$before"
}

# Mike, linked with John, has some numbers; his daemon is killed.
_crashed_with_numbers() {
  start mike
  start john
  link mike john
  local number
  for number in {3000..3030}; do
    add_number mike "$number"
    printf '%s\n' "$number" >>"$scratch/answered"
  done
  _crash mike
}

# Mike is back as he was, and John notices. John may still show green from before.
_is_whole_again() {
  start mike
  _has_all_answered mike
  await 60 has_green mike john
  await 10 has_green john mike
  run_answered 0 ctl john resolve 3030 --bypass-mirror
}

_wal() { ls "$scratch/$1"/data/*.log; }

# FILE OFFSET: turns one byte into another, and back when done again.
_flip() {
  python3 - "$@" <<'PYTHON'
import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(int(sys.argv[2]))
    byte = file.read(1)[0]
    file.seek(int(sys.argv[2]))
    file.write(bytes([byte ^ 0x40]))
PYTHON
}

a_torn_last_record_was_never_answered_and_is_dropped() {
  _crashed_with_numbers
  local wal size
  wal=$(_wal mike)
  size=$(stat --format %s "$wal")
  # Half a record: the first one again, which is longer than a few bytes.
  for torn in 3 20 40; do
    cp "$wal" "$scratch/whole"
    head --bytes "$torn" "$scratch/whole" >>"$wal"
    _is_whole_again
    _crash mike
    wal=$(_wal mike)
  done
  # Room that was made for a record which never came.
  head --bytes 5000 /dev/zero >>"$wal"
  ((size > 1000))
  _is_whole_again
}

# The counterpart: an answered change whose record is torn is gone, which no
# program can see; that the check above would notice is seen here.
a_record_that_is_cut_off_is_missed_by_these_tests() {
  _crashed_with_numbers
  truncate --size=-4 "$(_wal mike)"
  start mike
  output=$(_has_all_answered mike 2>&1) && fail 'nobody misses the number'
  says 'answered and lost: 3030'
}

damage_in_the_middle_of_the_log_stops_the_start() {
  _crashed_with_numbers
  local wal
  wal=$(_wal mike)
  _flip "$wal" 1500
  _refuses_damage mike 'is corrupt'
  _refuses_damage mike 'is corrupt'
  _flip "$wal" 1500
  _is_whole_again
}

a_damaged_data_file_stops_the_start() {
  _crashed_with_numbers
  # Starting moves what the log holds into a data file.
  start mike
  _crash mike
  local sst
  sst=$(find "$scratch/mike/data" -name '*.sst' | sed -n 1p)
  [[ -n $sst ]] || fail 'there is no data file'
  # It shows only once the rest is open, which renews some of the other files.
  _flip "$sst" 700
  _does_not_start mike 'is corrupt'
  says 'restore a backup'
  _does_not_start mike 'is corrupt'
  _flip "$sst" 700
  mv "$sst" "$scratch/away"
  _refuses_damage mike 'is corrupt'
  mv "$scratch/away" "$sst"
  _is_whole_again
}

a_missing_file_stops_the_start_and_no_new_store_is_begun() {
  _crashed_with_numbers
  start mike
  _crash mike
  local file
  for file in CURRENT 'MANIFEST-*' '*.log'; do
    file=$(find "$scratch/mike/data" -name "$file" | sed -n 1p)
    mv "$file" "$scratch/away"
    _refuses_damage mike 'missing'
    _refuses_damage mike 'missing'
    mv "$scratch/away" "$file"
  done
  _is_whole_again
}

# NAME OPTIONS: a small disk of its own for the daemon's data.
_mount_disk() {
  mkdir -p "$scratch/$1/data"
  mount -t tmpfs -o "$2" interlink "$scratch/$1/data" 2>/dev/null ||
    skip 'mounting a small disk needs root'
  mounts+=("$scratch/$1/data")
}

# Log, /readyz, metrics, status and gRPC's health: all say it.
_tells_that_its_store_has_failed() {
  local http
  http=$(ready "$1" http)
  has_logged "$1" 'takes no changes' &&
    [[ $(curl --silent --output /dev/null --write-out '%{http_code}' "$http/readyz") == 503 ]] &&
    curl --silent "$http/metrics" | grep '^interlink_store_failed 1' >/dev/null &&
    ctl "$1" status | grep 'takes no changes' >/dev/null &&
    _health_is "$1" NOT_SERVING
}
_tells_that_all_is_well() {
  local http
  http=$(ready "$1" http)
  curl --silent --fail --output /dev/null "$http/readyz" &&
    curl --silent "$http/metrics" | grep '^interlink_store_failed 0' >/dev/null &&
    ! ctl "$1" status | grep 'takes no changes' >/dev/null &&
    _health_is "$1" SERVING
}
# Where grpcurl is not installed, there is nobody to ask.
_health_is() {
  command -v grpcurl >/dev/null || return 0
  grpcurl -plaintext "unix://$scratch/$1/api.sock" grpc.health.v1.Health/Check |
    grep "\"$2\"" >/dev/null
}

a_small_disk_that_fills_up_is_told_and_nothing_answered_is_lost() {
  _mount_disk mike size=12m,mode=700
  start mike && start john
  link mike john
  add_number mike 3000
  printf '3000\n' >"$scratch/answered"
  head --bytes 16m /dev/zero >"$scratch/mike/data/filler" 2>/dev/null || true
  # Room for the log's first megabytes is reserved; an import takes more.
  seq 20000 99999 | sed 's/.*/&,A name of some length,sip:&@10.0.0.5,false/' |
    ctl mike number import - >"$scratch/import" 2>&1 && fail 'the import passes'
  output=$(<"$scratch/import")
  says 'No space left on device'
  _is_refused mike 'No space left on device' number add 299 --destination sip:299@10.0.0.5
  run_answered 0 ctl john resolve 3000 --bypass-mirror
  _is_unassigned john 299
  await 5 _tells_that_its_store_has_failed mike
  # The store is opened again by itself once there is room.
  rm "$scratch/mike/data/filler"
  await 20 ctl mike number add 3001 --destination sip:3001@10.0.0.5
  printf '3001\n' >>"$scratch/answered"
  await 5 _tells_that_all_is_well mike
  await 5 has_logged mike 'takes changes again'
  _has_all_answered mike
  stop mike
  head --bytes 16m /dev/zero >"$scratch/mike/data/filler" 2>/dev/null || true
  # As long as it is full the daemon says that it is, and harms nothing.
  head --bytes 16m /dev/zero >"$scratch/mike/data/more" 2>/dev/null || true
  for _ in {1..5}; do
    _does_not_start mike 'No space left on device'
    says 'check the disk, its space'
  done
  rm "$scratch/mike/data/"{filler,more}
  start mike
  _has_all_answered mike
  answers '[.numbers[] | select(.number | length == 5)] | length > 0 and length % 500 == 0'
  # John may still show green from before.
  await 60 has_green mike john
  await 10 has_green john mike
  run_answered 0 ctl john resolve 3001 --bypass-mirror
}

a_read_only_disk_stops_the_start_and_is_named() {
  _mount_disk mike size=8m,mode=700
  start mike
  add_number mike 3000
  printf '3000\n' >"$scratch/answered"
  stop mike
  mount -o remount,ro "$scratch/mike/data"
  _does_not_start mike 'Read-only file system'
  mount -o remount,rw "$scratch/mike/data"
  start mike
  _has_all_answered mike
}
