# The page's door: the API by the Connect protocol, with clients that nobody here wrote,
# and what strangers of the same machine or browser get.

readonly PAGE_INTERLINKS=/interlink.v1.InterlinkService
readonly PAGE_NUMBERS=/interlink.v1.NumberService
readonly PAGE_DAEMON=/interlink.v1.DaemonService

page_options=()  # Of the next page.

# COMMAND...: interlinkctl and its options; serves the page. $page is then where, $token what
# its link has, and a line to "$scratch/enter" presses Enter.
_serve_page() {
  rm -f "$scratch/enter" "$scratch/links"
  mkfifo "$scratch/enter"
  # It would not open the pipe before somebody writes.
  exec {enter}<>"$scratch/enter"
  "$@" --output json page "${page_options[@]}" <&"$enter" >"$scratch/links" 2>"$scratch/page-errors" &
  page_process=$!
  background+=("$page_process")
  await 10 test -s "$scratch/links"
  _read_link
}

# NAME: for the daemon of that account.
_start_page() {
  _serve_page env INTERLINK_API_SOCKET="$scratch/$1/api.sock" "$bin/interlinkctl"
  _begin_session
}

_read_link() {
  local link
  link=$(tail -1 "$scratch/links" | jq -r .link)
  page=${link%%/#*} token=${link##*=}
}

_press_enter() {
  local lines
  lines=$(wc -l <"$scratch/links")
  echo >&"$enter"
  await 10 _has_more_lines "$scratch/links" "$lines"
  _read_link
}
_has_more_lines() { (($(wc -l <"$1") > $2)); }

_post_token() {  # TOKEN: $output is the answer and then its HTTP status.
  output=$(jq -n --arg token "$1" '{$token}' | curl -s --json @- -w ' %{http_code}' "$page/session")
}

_begin_session() {
  _post_token "$token"
  session=$(jq -r .session? <<<"${output% *}")
  [[ ${#session} == 43 ]] || fail "no session: $output"
}

_ask_page() {  # PATH JSON CURL-OPTIONS...: $output is the answer and then its HTTP status.
  output=$(curl -s --max-time 20 -H "Authorization: Bearer $session" --json "$2" \
    -w ' %{http_code}' "${@:3}" "$page$1")
}

# JSON: as a message of a stream.
_envelope() { python3 -c 'import struct, sys
sys.stdout.buffer.write(struct.pack(">BI", 0, len(sys.argv[1])) + sys.argv[1].encode())' "$1"; }

# FILE: the messages of a stream, one a line: flags and JSON.
_envelopes() { python3 -c 'import struct, sys
rest = open(sys.argv[1], "rb").read()
while len(rest) >= 5:
    flags, size = struct.unpack(">BI", rest[:5])
    print(flags, rest[5:5 + size].decode())
    rest = rest[5 + size:]' "$1"; }

# PATH JSON CURL-OPTIONS...: a stream of one message; $output is all that it is answered.
_stream() {
  _envelope "$2" >"$scratch/request"
  curl -s --max-time 20 -H "Authorization: Bearer $session" -H 'Content-Type: application/connect+json' \
    --data-binary "@$scratch/request" -o "$scratch/answer" "${@:3}" "$page$1"
  output=$(_envelopes "$scratch/answer")
}

_watches_with() { _envelopes "$scratch/watch" | grep --fixed-strings -- "$1" >/dev/null; }

# In the background, into $scratch/watch; $watch is its process.
_watch_by_curl() {
  _envelope '{}' >"$scratch/watch-request"
  curl -sN -H "Authorization: Bearer $session" -H 'Content-Type: application/connect+json' \
    --data-binary "@$scratch/watch-request" "$page$PAGE_INTERLINKS/WatchInterlinks" >"$scratch/watch" &
  watch=$!
  background+=("$watch")
}

the_page_calls_streams_and_imports_for_curl() {
  start mike
  _start_page mike
  _ask_page $PAGE_INTERLINKS/ListInterlinks '{}'
  equal "$output" '{"interlinks":[],"next_page_token":""} 200'
  _watch_by_curl
  await 10 _watches_with '0 {"current":true}'
  _ask_page $PAGE_INTERLINKS/GenerateKey '{"name":"John Smith"}'
  says '"key":"ilk1_.* 200$'
  await 10 _watches_with '"name":"John Smith"'
  _ask_page $PAGE_INTERLINKS/GenerateKey '{"name":"John Smith"}'
  says '^\{"code":"already_exists","message":"NAME_TAKEN: .*"reason":"NAME_TAKEN".* 409$'
  _stream $PAGE_NUMBERS/ImportNumbers '{"entries":[{"line":2,"number":{"number":"201"}},
    {"line":3,"number":{"number":"2x"}}]}'
  says '^0 .*"skipped_count":"2".*"line":"3"'
  _stream $PAGE_NUMBERS/ImportNumbers '{"entries":[{"line":2,"number":{"number":"201"}}]}'
  says '^0 .*"created_count":"1"'
  says '^2 \{"metadata":\{\}\}$'
}

the_page_speaks_with_buf_curl() {
  needs_tool buf
  start mike
  _start_page mike
  _buf() { buf curl --protocol connect --schema "$here/../../proto" \
    -H "Authorization: Bearer $session" -d "$2" "$page$1"; }
  run 0 _buf $PAGE_DAEMON/GetAccount '{}'
  answers '.accountName == "mike"'
  run 0 _buf $PAGE_NUMBERS/CreateNumber '{"number":{"number":"201"}}'
  run 48 _buf $PAGE_NUMBERS/CreateNumber '{"number":{"number":"201"}}'
  says NUMBER_TAKEN
  says google.rpc.ErrorInfo
  run 0 _buf $PAGE_NUMBERS/ImportNumbers '{"entries":[{"line":1,"number":{"number":"202"}}]}
    {"entries":[{"line":2,"number":{"number":"203"}}]}'
  answers '.createdCount == "2"'
  _buf $PAGE_NUMBERS/WatchNumbers '{}' >"$scratch/numbers" &
  background+=($!)
  await 10 grep --quiet '"203"' "$scratch/numbers"
  await 10 grep --quiet '"current": true' "$scratch/numbers"
}

the_page_speaks_with_the_libraries_of_connectrpc() {
  [[ -d $CONNECT_CLIENTS/node_modules/@connectrpc/connect ]] ||
    skip "$(why_missing connect)"
  needs_tool protoc
  start mike
  _start_page mike
  protoc --proto_path="$here/../../proto" --include_imports \
    --descriptor_set_out="$scratch/api.binpb" interlink/v1/interlink.proto google/rpc/error.proto
  run 0 node "$here/connect/client.mjs" "$CONNECT_CLIENTS/node_modules" "$scratch/api.binpb" \
    "$page" "$session"
  says 'all calls are as they should be'
}

a_link_of_the_page_works_once_and_enter_gives_another() {
  start mike
  _start_page mike
  _post_token "$token"
  says '^\{"code":"unauthenticated","message":"TOKEN_INVALID: .*press Enter.* 401$'
  local first_session=$session first_page=$page
  _press_enter
  equal "$page" "$first_page"
  local unused=$token
  _press_enter
  _post_token "$unused"
  says ' 401$'
  _begin_session
  _ask_page $PAGE_DAEMON/GetAccount '{}'
  says ' 200$'
  session=$first_session
  _ask_page $PAGE_DAEMON/GetAccount '{}'
  says ' 200$'
}

guesses_leave_the_link_of_the_page_as_it_is_and_the_terminal_tells_of_them_once() {
  start mike
  _serve_page env INTERLINK_API_SOCKET="$scratch/mike/api.sock" "$bin/interlinkctl"
  for _ in {1..25}; do
    _post_token "$(head -c 32 /dev/urandom | basenc --base64url | tr -d =)"
    says ' 401$'
  done
  equal "$(grep --count '10 wrong links' "$scratch/page-errors")" 1
  equal "$(wc -l <"$scratch/page-errors")" 1
  _begin_session
}

# Else whoever was there before could have left a service worker for the browser.
each_start_of_the_page_is_at_an_address_of_its_own() {
  start mike
  _start_page mike
  local first=$page
  _start_page mike
  [[ $first =~ ^http://127(\.[0-9]+){3}:[0-9]+$ ]] || fail "it is at $first"
  [[ ${first%:*} != http://127.0.0.1 && ${first%:*} != "${page%:*}" ]] || fail "it was foreseen: $page"
  page_options=(--listen localhost:0)
  _start_page mike
  [[ $page == http://127.* ]] || fail "it is at $page"
}

# Its own server may run at another port of this host, and connect to this one.
another_user_of_the_machine_gets_nothing_of_the_page() {
  start mike
  _start_page mike
  local mine=$session path
  for path in $PAGE_DAEMON/GetAccount $PAGE_INTERLINKS/ListInterlinks /session; do
    session=guessed
    _ask_page $path '{}'
    says '^\{"code":"(unauthenticated|invalid_argument)".* 40[01]$'
  done
  # What the browser sends to every port of a host is no proof.
  output=$(curl -s --json '{}' -H "Cookie: session=$mine" "$page$PAGE_DAEMON/GetAccount")
  says '"unauthenticated"'
  output=$(curl -s -D - --json '{}' "$page$PAGE_DAEMON/GetAccount" "$page/")
  never_says '[Ss]et-[Cc]ookie'
  # Neither link nor session is anywhere that another user can read.
  local file
  tr '\0' ' ' <"/proc/$page_process/cmdline" >"$scratch/arguments"
  for file in "$scratch/arguments" "$scratch/mike/log"; do
    ! grep --quiet --fixed-strings -e "$mine" -e "$token" "$file" || fail "it is in $file"
  done
  # ss, as others see it: on loopback alone.
  output=$(ss --no-header --listening --tcp --numeric "sport = :${page##*:}")
  says "^LISTEN .* ${page#http://} "
  equal "$(wc -l <<<"$output")" 1
  run 2 "$bin/interlinkctl" page --listen 0.0.0.0:0
  says 'LISTEN_INVALID: the page is served on loopback only'
}

a_web_page_of_somebody_else_gets_nothing_of_the_page() {
  start mike
  _start_page mike
  _ask_page $PAGE_DAEMON/GetAccount '{}' -H "Origin: $page"
  says ' 200$'
  local headers
  for headers in 'Host: evil.example' "Host: evil.example:${page##*:}" 'Origin: http://evil.example' \
                 'Origin: null' 'Origin: http://127.0.0.1:1'; do
    _ask_page $PAGE_DAEMON/GetAccount '{}' -H "$headers"
    says '^\{"code":"permission_denied","message":"NOT_PERMITTED: .* 403$'
    _ask_page /session "{\"token\":\"$token\"}" -H "$headers"
    says ' 403$'
  done
  output=$(curl -s -D - -o "$scratch/answer" -X OPTIONS -H "Origin: http://evil.example" \
    -H 'Access-Control-Request-Method: POST' "$page$PAGE_DAEMON/GetAccount")
  says '^HTTP/1.1 403'
  never_says 'Access-Control-Allow'
  output=$(curl -s -D - -o "$scratch/answer" -X OPTIONS "$page$PAGE_DAEMON/GetAccount")
  says '^HTTP/1.1 405'
  # Forwarded by ssh, the port is another.
  _ask_page $PAGE_DAEMON/GetAccount '{}' -H 'Host: localhost:8080' -H 'Origin: http://localhost:8080'
  says ' 200$'
}

what_the_page_sends_may_do_little_in_the_browser() {
  start mike
  _start_page mike
  local path
  for path in / $PAGE_DAEMON/GetAccount /nothing; do
    output=$(curl -s -D - -o "$scratch/answer" "$page$path")
    says "^Content-Security-Policy: default-src 'none'; script-src 'self'; .*frame-ancestors 'none'"
    says '^X-Content-Type-Options: nosniff'
    says '^Referrer-Policy: no-referrer'
    says '^Cache-Control: no-store'
    never_says unsafe
  done
  output=$(curl -s "$page/")
  says '<title>'
  # The policy forbids it, so it would not run.
  never_says '<script>|<style|style=| on[a-z]+='
}

a_viewer_of_the_page_sees_what_a_viewer_may() {
  _start_with_tcp_api
  add_number mike 201
  _serve_page "$bin/interlinkctl" --api "$(ready mike api_tcp)" --cert "$scratch/tls/viewer.pem" \
    --key "$scratch/tls/viewer.key" --ca "$scratch/tls/ca.pem"
  _begin_session
  _ask_page $PAGE_NUMBERS/ListNumbers '{}'
  says '"number":"201".* 200$'
  _ask_page $PAGE_NUMBERS/DeleteNumber '{"number":"201"}'
  says '^\{"code":"permission_denied","message":"NOT_PERMITTED: .* 403$'
  # By this call the page learns that it is a viewer's.
  _ask_page $PAGE_DAEMON/ListEvents '{"page_size":1}'
  says '"reason":"NOT_PERMITTED".* 403$'
  _stream $PAGE_DAEMON/WatchEvents '{}'
  says '^2 \{"error":\{"code":"permission_denied"'
}

the_page_holds_deadlines_and_bounds() {
  start mike
  _start_page mike
  _stream $PAGE_INTERLINKS/WatchInterlinks '{}' -H 'Connect-Timeout-Ms: 300'
  says '^2 \{"error":\{"code":"deadline_exceeded"'
  _ask_page $PAGE_DAEMON/GetAccount '{}' -H 'Connect-Timeout-Ms: soon'
  says 'Connect-Timeout-Ms.* 400$'
  _ask_page $PAGE_DAEMON/GetAccount '{"privat":true}'
  says '^\{"code":"invalid_argument","message":"REQUEST_INVALID: .*privat.* 400$'
  _ask_page $PAGE_DAEMON/GetAccount '{'
  says ' 400$'
  _ask_page $PAGE_DAEMON/GetEverything '{}'
  says '^\{"code":"unimplemented","message":"METHOD_UNKNOWN: .* 404$'
  _ask_page /interlink.federation.v1.FederationService/Lookup '{}'
  says ' 404$'
  head -c 5000000 /dev/zero | tr '\0' ' ' >"$scratch/large"
  _ask_page $PAGE_DAEMON/GetAccount "@$scratch/large"
  says '^\{"code":"resource_exhausted".* 413$'
  # As much as an import may be: some would call it large.
  { printf '{"name":"' && head -c 3000000 /dev/zero | tr '\0' a && printf '"}'; } >"$scratch/large"
  _ask_page $PAGE_INTERLINKS/GenerateKey "@$scratch/large"
  says '^\{"code":"(resource_exhausted|invalid_argument)".* 4[02][09]$'
  _ask_page $PAGE_DAEMON/GetAccount '{}'
  says ' 200$'
}

a_page_that_is_closed_ends_its_calls_at_the_daemon() {
  start mike
  _start_page mike
  _watch_by_curl
  await 10 _watches_with '"current"'
  kill "$watch"
  # Ctrl-C ends the page, and with it what it had open.
  _watch_by_curl
  await 10 _watches_with '"current"'
  kill -INT "$page_process"
  local status=0
  wait "$page_process" || status=$?
  equal "$status" 0
  await 10 is_gone "$watch"
  # With a stream left open, the daemon would not end at once.
  stop mike
}

a_page_that_was_in_the_background_takes_enter_in_the_foreground() {
  start mike
  INTERLINK_API_SOCKET=$scratch/mike/api.sock run 0 "$here/job_control.py" "$bin/interlinkctl"
}

a_page_whose_terminal_is_gone_ends() {
  start mike
  mkfifo "$scratch/terminal"
  INTERLINK_API_SOCKET=$scratch/mike/api.sock "$bin/interlinkctl" page \
    </dev/null >"$scratch/terminal" &
  page_process=$!
  background+=("$page_process")
  output=$(head -1 "$scratch/terminal")
  says '^http://127(\.[0-9]+){3}:[0-9]+/#token=[-_A-Za-z0-9]{43}$'
  await 10 is_gone "$page_process"
}

the_page_outlives_its_daemon() {
  start mike
  _start_page mike
  _watch_by_curl
  await 10 _watches_with '"current"'
  kill -KILL "${pid[mike]}"
  await 10 _watches_with '2 {"error":{"code":"unavailable","message":"DAEMON_UNREACHABLE: '
  _ask_page $PAGE_DAEMON/GetAccount '{}'
  says '^\{"code":"unavailable","message":"DAEMON_UNREACHABLE: .*start interlinkd.* 503$'
  wait "${pid[mike]}" 2>/dev/null || true
  start mike
  await 10 _is_answered
  _watch_by_curl
  await 10 _watches_with '"current"'
}
_is_answered() { _ask_page $PAGE_DAEMON/GetAccount '{}' && [[ $output == *' 200' ]]; }

the_browser_is_handed_a_file_and_no_link() {
  start mike
  mkdir "$scratch/programs" "$scratch/runtime"
  cat >"$scratch/programs/xdg-open" <<'END'
#!/bin/sh
stat -c '%a %U' "$1" >"$SCRATCH/rights"
cp "$1" "$SCRATCH/opened"
printf '%s\n' "$@" >"$SCRATCH/given"
END
  chmod +x "$scratch/programs/xdg-open"
  page_options=(--open)
  _serve_page env INTERLINK_API_SOCKET="$scratch/mike/api.sock" SCRATCH="$scratch" \
    PATH="$scratch/programs:$PATH" XDG_RUNTIME_DIR="$scratch/runtime" "$bin/interlinkctl"
  await 10 test -s "$scratch/given"
  equal "$(<"$scratch/rights")" "600 $(id -un)"
  grep --quiet --extended-regexp '^.*/runtime/interlink-page-.*\.html$' "$scratch/given"
  equal "$(wc -l <"$scratch/given")" 1
  grep --quiet --fixed-strings "url=$page/#token=$token\"" "$scratch/opened"
  _begin_session
  equal "$(ls "$scratch/runtime")" ''
}
