#!/usr/bin/env bash
# Plays the manual with three real accounts on this machine: they are linked,
# dial each other and part; and at last a call between two Asterisks. Each step is
# checked; nothing is left behind but their packages, unpacked in the user's cache.
#
#   deploy/demo.sh [--keep] [--no-build]
#
#   --keep      leave the three daemons up, two of them linked, with the page of
#               one of them, and print its link and commands to try
#   --no-build  use the programs that are in build/release/bin (or in
#               $INTERLINK_BIN) as they are
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source deploy/tools.sh

keep=no
build=yes
for option in "$@"; do
  case $option in
    --keep) keep=yes ;;
    --no-build) build=no ;;
    *)
      sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
      [[ $option == --help ]] && exit 0
      exit 2
      ;;
  esac
done
bin=$(realpath --canonicalize-missing "${INTERLINK_BIN:-build/release/bin}")

bold= dim= red= plain=
circles=()  # What gives the circles their colours.
if [[ -t 1 ]]; then
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' plain=$'\e[0m'
  circles=(-e $'s/\xe2\x97\x8f grey/\e[90m&\e[0m/' -e $'s/\xe2\x97\x8f green/\e[32m&\e[0m/'
    -e $'s/\xe2\x97\x8f amber/\e[33m&\e[0m/' -e $'s/\xe2\x97\x8f red/\e[31m&\e[0m/')
fi

home=            # Of all three daemons: a new temporary folder.
declare -A pid   # Account -> its daemon's process.
step=0
output=          # What the latest command printed.
status=0         # How it ended.

# ---- The stage: three daemons, and interlinkctl of each administrator.

strike() {
  local code=$?
  trap - EXIT
  if ((code != 0)); then
    printf '\n%sThe demo stops here.%s The last words of the daemons:\n' "$red" "$plain"
    tail -n 5 "$home"/*/log 2>/dev/null || true
  fi
  local signal process
  for signal in TERM KILL; do
    for process in "${pid[@]}"; do
      kill -$signal "$process" 2>/dev/null || true
    done
    for _ in {1..60}; do
      any_is_up || break
      sleep 0.05
    done
  done
  [[ -z $home ]] || rm -rf "$home"
  exit $code
}

any_is_up() {
  local process
  for process in "${pid[@]}"; do
    # Plain `return` in a trap would repeat the status from before the trap.
    kill -0 "$process" 2>/dev/null && return 0
  done
  return 1
}

wrong() {
  printf '%sWRONG: %s%s\n' "$red" "$*" "$plain" >&2
  exit 1
}

# SECONDS COMMAND...: waits until the command succeeds.
await() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || wrong "this has not come true in time: $*"
    sleep 0.02
  done
}

has_ended() { ! kill -0 "${pid[$1]}" 2>/dev/null; }
is_up_or_over() { [[ -s $home/$1/ready ]] || has_ended "$1"; }

# ACCOUNT NAME: starts its daemon on ports that the system gives.
start() {
  mkdir -p "$home/$1"
  rm -f "$home/$1/ready"
  "$bin/interlinkd" --account-name "$2" --data-dir "$home/$1/data" \
    --federation-listen 127.0.0.1:0 --http-listen 127.0.0.1:0 \
    --api-socket "$home/$1/api.sock" --ready-file "$home/$1/ready" \
    >>"$home/$1/log" 2>&1 &
  pid[$1]=$!
  await 10 is_up_or_over "$1"
  [[ -s $home/$1/ready ]] || wrong "$1's daemon did not start: $(tail -3 "$home/$1/log")"
}

stop() {
  kill -TERM "${pid[$1]}"
  wait "${pid[$1]}" || wrong "$1's daemon did not end well"
}

ctl() {
  local account=$1
  shift
  INTERLINK_API_SOCKET=$home/$account/api.sock "$bin/interlinkctl" "$@"
}

# Ends Mike's watch, and shows what it saw.
stop_watch() {
  kill -TERM "${pid[watch]}"
  wait "${pid[watch]}" || true
  unset "pid[watch]"
  printf '%smike$ interlinkctl watch%s\n' "$dim" "$plain"
  sed -e 's/^/    /' "${circles[@]}" "$home/watch"
}

# ---- The language of the play.

say() { printf '%s\n' "$*"; }

scene() {
  step=$((step + 1))
  printf '\n%s%d. %s%s\n' "$bold" "$step" "$*" "$plain"
}

# ACCOUNT ARGUMENTS...: shows and runs that administrator's command. What it reads
# from standard input is not shown.
as() {
  local account=$1 argument line="$1\$ interlinkctl"
  shift
  for argument in "$@"; do
    case $argument in
      *[!A-Za-z0-9_./:@=,-]*) line+=" \"$argument\"" ;;
      *) line+=" $argument" ;;
    esac
  done
  printf '%s%s%s\n' "$dim" "$line" "$plain"
  status=0
  output=$(ctl "$account" "$@" 2>&1) || status=$?
  [[ -z $output ]] || sed -e 's/^/    /' "${circles[@]}" <<<"$output"
}

# STATUS [REGEX]: how the latest command must have ended, and what it must say.
expect() {
  ((status == $1)) || wrong "the command ended with $status instead of $1"
  [[ -z ${2:-} ]] || grep --quiet --extended-regexp -- "$2" <<<"$output" ||
    wrong "the answer should say '$2'"
}

# ACCOUNT FILTER: the account's rows, asked by a program, are as jq's filter says.
rows_are() {
  ctl "$1" --output json list |
    jq --exit-status "[.interlinks[]?] | $2" >/dev/null
}

expect_rows() { rows_are "$@" || wrong "$1's rows are not so: $2"; }

green() { printf 'any(.name == "%s" and .indicator == "INDICATOR_GREEN")' "$1"; }

# ---- The play.

cast() {
  scene 'Three companies, three PBX accounts, three daemons'
  start mike 'Mike Brown'
  start john 'John Smith'
  start tim 'Tim Andrews'
  say 'Each account runs its own daemon. No account knows of any other yet.'
  as mike number add 201 --name Reception --destination sip:reception@10.0.0.5
  expect 0
  as mike number add 202 --name 'Board room' --destination sip:board@10.0.0.5 --private
  expect 0
  as mike number add 100 --name "Mike's desk" --destination sip:mike@10.0.0.5
  expect 0
  as john number add 301 --name Support --destination sip:support@10.1.0.5
  expect 0
  as john number add 100 --name "John's desk" --destination sip:john@10.1.0.5
  expect 0
  as tim number add 401 --name Warehouse --destination sip:warehouse@10.2.0.5
  expect 0
}

generate() {
  scene 'Mike generates an authorization key for John'
  as mike generate-key 'John Smith'
  expect 0 ilk1_
  key=$(ctl mike --output json show-key 'John Smith' | jq -r .key)
  say 'He sends that line to John by any means. Until it is used the circle is grey:'
  as mike list
  expect 0 'John Smith'
  expect_rows mike 'length == 1 and .[0].indicator == "INDICATOR_GREY"'
}

link() {
  scene 'John enters the key, and the two systems are linked'
  # A daemon may be asked and watched at the same time.
  ctl mike watch >"$home/watch" 2>&1 &
  pid[watch]=$!
  await 5 grep --quiet 'John Smith' "$home/watch"
  as john link 'Mike Brown' - <<<"$key"
  expect 0
  await 10 rows_are mike "$(green 'John Smith')"
  await 10 rows_are john "$(green 'Mike Brown')"
  say 'Mike has a watch open, and sees the circle turn without asking again:'
  await 10 grep --quiet 'grey.*green' "$home/watch"
  stop_watch
  say 'Both circles are green. Each calls the other what he likes:'
  as mike list
  expect 0 'John Smith'
  as john list
  expect 0 'Mike Brown'
}

dial() {
  scene "They dial each other's internal numbers"
  say "John dials 201, which is Mike's reception:"
  as john resolve 201
  expect 0 Reception
  say "Mike dials 301, which is John's support:"
  as mike resolve 301
  expect 0 Support

  scene 'A private number stays private'
  say "Mike's board room, 202, looks to John as if it were not there:"
  as john resolve 202
  expect 3 NUMBER_NOT_FOUND

  scene 'The local number wins'
  say 'Both have a 100. John reaches his own:'
  as john resolve 100
  expect 0 'sip:john@10.1.0.5'
  [[ $output != *"Mike's desk"* ]] || wrong "John's 100 must not lead to Mike"
}

know_each_other() {
  scene 'What can be dialled is known beforehand, so no call waits for a lookup'
  await 10 lists john Reception
  await 10 lists mike Support
  as john numbers
  expect 0 'Reception'
  expect 0 'hidden by an own number'
  say 'Mike gives his reception another name, and John sees it at once:'
  as mike number set 201 --name 'Front desk'
  expect 0
  await 5 lists john 'Front desk'
  as john numbers
  expect 0 'Front desk'
}

# Knows the name without a lookup, which would find it before.
lists() { [[ $(ctl "$1" numbers 2>/dev/null) == *"$2"* ]]; }
resolves_to() { [[ $(ctl "$1" resolve "$2" 2>/dev/null) == *"$3"* ]]; }

amber() { printf 'any(.name == "%s" and .indicator == "INDICATOR_AMBER")' "$1"; }

seconds_since() {
  local tenths=$(((${EPOCHREALTIME/./} - $1) / 100000))
  printf '%d.%d s' $((tenths / 10)) $((tenths % 10))
}

circle_cannot_lie() {
  scene 'The circle cannot lie'
  say "John's daemon is not killed, but frozen (SIGSTOP): its connections stand, and
nobody answers. Mike's circle turns amber once half a minute has no answer:"
  kill -STOP "${pid[john]}"
  local frozen=${EPOCHREALTIME/./}
  await 40 rows_are mike "$(amber 'John Smith')"
  as mike list
  expect 0 'not answered|nobody answers|no answer|not greet'
  say "(amber after $(seconds_since "$frozen")). What John shared is remembered for a while, and marked:"
  as mike resolve 301
  expect 0 'remembered'
  kill -CONT "${pid[john]}"
  local thawed=${EPOCHREALTIME/./}
  await 20 rows_are mike "$(green 'John Smith')"
  say "John's daemon goes on, and the circle is green again after $(seconds_since "$thawed"):"
  as mike list
  expect 0
}

one_key_one_account() {
  scene 'A key links one account only'
  say 'Tim got hold of the key that John has used:'
  as tim link 'Mike Brown' - <<<"$key"
  expect 4 KEY_ALREADY_USED
  expect_rows tim 'length == 0'
  say 'Mike can see that somebody tried:'
  as mike events
  expect 0 KEY_REUSE_REFUSED
}

not_transitive() {
  scene 'Links are not transitive'
  say 'Tim gets a key of his own. Now Mike is linked with both.'
  as mike generate-key 'Tim Andrews'
  expect 0 ilk1_
  as tim link 'Mike Brown' - < <(ctl mike show-key 'Tim Andrews' 2>/dev/null)
  expect 0
  await 10 rows_are tim "$(green 'Mike Brown')"
  await 10 rows_are mike "$(green 'Tim Andrews')"
  as mike resolve 401
  expect 0 Warehouse
  say "But John is not linked with Tim, and cannot reach Tim's warehouse:"
  as john resolve 401
  expect 3 NUMBER_NOT_FOUND
}

rename() {
  scene 'A name belongs to its own side'
  as mike rename 'John Smith' 'Branch office'
  expect 0
  expect_rows mike "$(green 'Branch office')"
  expect_rows john "$(green 'Mike Brown')"
  as mike list
  expect 0 'Branch office'
}

part() {
  scene 'Either side deletes, and the link is gone on both'
  as john delete 'Mike Brown'
  expect 0
  await 10 rows_are mike 'all(.name != "Branch office")'
  expect_rows john 'length == 0'
  say 'Mike did nothing, and his row is gone too:'
  as mike list
  expect 0
  as mike resolve 301
  expect 3
}

part_while_away() {
  scene 'A deletion reaches also a daemon that is switched off'
  stop tim
  say "Tim's daemon is off. Mike deletes the link; for him it is gone at once:"
  as mike delete 'Tim Andrews'
  expect 0
  expect_rows mike 'length == 0'
  start tim 'Tim Andrews'
  say "Tim's daemon comes back, and learns of it by itself:"
  await 15 rows_are tim 'length == 0'
  as tim list
  expect 0
}

call_by_phone() {
  scene 'A phone dials 201, and a phone of the other company rings'
  local tool why
  for tool in python3 ip nsenter; do
    command -v $tool >/dev/null && continue
    leave_out "it needs $tool (deploy/install-dependencies.sh)"
    return
  done
  if ! why=$(deploy/install-dependencies.sh --pbxs 2>&1); then
    leave_out "two Asterisks could not be unpacked: ${why##*$'\n'}"
    return
  fi
  say "Two Asterisks with the configuration of deploy/pbx/asterisk, two daemons and two
phones, in two network namespaces with one cable between them:"
  status=0
  output=$(tests/pbx/two_companies.py --bin "$bin" --john asterisk16) || status=$?
  sed 's/^/    /' <<<"$output"
  # 77: this machine cannot do it, and it said why.
  ((status != 77)) || leave_out 'this machine cannot do it'
  ((status == 0 || status == 77)) || wrong 'the call did not go as it should'
}

# WHY: of a scene. In CI nothing may be missing.
leave_out() {
  [[ ${CI:-} != true ]] || wrong "this scene may not be left out in CI: $1"
  say "This scene is left out: $1."
}

# ---- The prologue and the end.

prepare() {
  if [[ $build == yes ]]; then
    say 'First what building needs is installed, if it is missing (some 300 MB to fetch),
then the two programs are built into build/release: some ten minutes on two cores,
and seconds once they are built. The demo itself takes a minute.'
    deploy/install-dependencies.sh --build-only
    cmake --preset release >/dev/null
    cmake --build build/release --parallel "$(nproc)" \
      --target interlinkd interlinkctl
  fi
  [[ -x $bin/interlinkd && -x $bin/interlinkctl ]] ||
    wrong "no interlinkd and interlinkctl in $bin"
  home=$(mktemp -d "${TMPDIR:-/tmp}/interlink-demo-XXXXXX")
}

# Two of the three are linked again, so that there is something to try.
link_again() {
  local key
  key=$(ctl mike --output json generate-key 'John Smith' | jq -r .key)
  ctl john link 'Mike Brown' - <<<"$key" >/dev/null
  await 10 rows_are mike "$(green 'John Smith')"
  await 10 resolves_to mike 301 Support
}

has_link() { grep --quiet '#token=' "$home/page"; }

# Mike's page, for a browser on this machine.
serve_page() {
  INTERLINK_API_SOCKET=$home/mike/api.sock "$bin/interlinkctl" page \
    >"$home/page" 2>&1 </dev/null &
  pid[page]=$!
  await 10 has_link
}

leave_running() {
  local processes="${pid[page]} ${pid[mike]} ${pid[john]} ${pid[tim]}"
  # Removed only once nobody writes there any more.
  cat >"$home/stop" <<STOP
#!/bin/sh
kill $processes
for process in $processes; do
  tries=100
  while kill -0 \$process 2>/dev/null && [ \$((tries -= 1)) -gt 0 ]; do sleep 0.1; done
done
rm -rf $(printf %q "$home")
STOP
  chmod +x "$home/stop"
  cat <<WORDS

${bold}The three daemons are still up, and Mike and John are linked.${plain} Mike's page is at this link,
which opens one tab, once:

  $(grep --only-matching --max-count=1 'http://[^ ]*' "$home/page")

Some commands to try; the last one prints a link to another account's page:

  export PATH="$bin:\$PATH"
  export INTERLINK_API_SOCKET=$home/mike/api.sock    # or john, or tim
  interlinkctl list
  interlinkctl resolve 301
  interlinkctl generate-key "Tim Andrews"
  interlinkctl watch
  interlinkctl --output json list
  INTERLINK_API_SOCKET=$home/john/api.sock interlinkctl page

The same by any gRPC client; grpcurl is in $INTERLINK_TOOLS/bin if Go is here:

  grpcurl -plaintext unix://\$INTERLINK_API_SOCKET list
  grpcurl -plaintext unix://\$INTERLINK_API_SOCKET \\
    describe interlink.v1.InterlinkService
  grpcurl -plaintext -d '{"name": "Tim Andrews"}' \\
    unix://\$INTERLINK_API_SOCKET interlink.v1.InterlinkService/GenerateKey
  grpcurl -plaintext -d '{"number": "301"}' \\
    unix://\$INTERLINK_API_SOCKET interlink.v1.ResolverService/Resolve
  grpcurl -plaintext unix://\$INTERLINK_API_SOCKET \\
    interlink.v1.InterlinkService/WatchInterlinks

  curl http://$(sed -n 's/^http=//p' "$home/mike/ready")/metrics

Their logs are in $home/*/log. To stop them and remove everything:

  $home/stop
WORDS
  trap - EXIT
  disown -a
}

prepare
trap strike EXIT
began=${EPOCHREALTIME/./}
say "
Interlink links the telephone systems of separate companies. One administrator
generates a key, the other enters it, and from then on people on either side
dial the other's internal numbers, until one of the two deletes the link."
cast
generate
link
dial
know_each_other
circle_cannot_lie
one_key_one_account
not_transitive
rename
part
part_while_away
call_by_phone
printf '\n%sAll %d scenes went as the manual says, in %d.%d s.%s\n' "$bold" "$step" \
  $(((${EPOCHREALTIME/./} - began) / 1000000)) \
  $(((${EPOCHREALTIME/./} - began) / 100000 % 10)) "$plain"
if [[ $keep == yes ]]; then
  link_again
  serve_page
  leave_running
fi
