# Wall clocks that are wrong, and jump. Nothing between two daemons may hang on
# the time of day but certificates, and these by days.

LONG+=(links_stay_green_and_dialable_when_clocks_jump_by_hours
  only_the_issuers_clock_decides_when_a_key_expires
  a_leaf_of_the_future_is_not_shown_for_long_after_the_clock_was_set_back
  a_daemon_that_started_with_a_wrong_clock_heals_when_it_is_put_right)

readonly THREE_HOURS=10800 FORTY_DAYS=3456000

# NAME SECONDS: its clock is ahead of the true time by so much; behind, if less
# than nothing. At once, in a daemon that runs.
_set_clock() {
  mkdir -p "$scratch/$1"
  # In place, because the daemon looks at this very file.
  printf '%-15s\n' "$2" | dd of="$scratch/$1/clock" conv=notrunc status=none
}

# NAME FLAGS...: starts its daemon with a clock that can be set.
_start_with_clock() {
  local name=$1
  shift
  [[ -f $scratch/$name/clock ]] || _set_clock "$name" 0
  start_under "$name" moved_clock.c "MOVED_CLOCK=$scratch/$name/clock" -- "$@"
}

_is_dialable() {
  json "$1" resolve "$2" | jq --exit-status \
    '.resolution.source == "RESOLUTION_SOURCE_PEER" and .resolution.stale != true'
}

_is_amber_because() {
  json "$1" list | jq --exit-status --arg words "$2" '.interlinks[0] |
    .indicator == "INDICATOR_AMBER" and (.last_error.message | test($words))'
}

# SECONDS: for so long both links of John are green on all sides, and numbers can
# be dialled over them in all directions.
_all_stays_well() {
  local end=$((SECONDS + $1)) peer
  while ((SECONDS < end)); do
    for peer in mike tim; do
      has_green john "$peer" || fail "$peer is not green at john: $(rows john)"
      has_green "$peer" john || fail "john is not green at $peer: $(rows "$peer")"
    done
    run 0 _is_dialable john 201
    run 0 _is_dialable john 401
    run 0 _is_dialable mike 301
    run 0 _is_dialable tim 301
    run 0 ctl john resolve 201 --bypass-mirror
    run 0 ctl tim resolve 301 --bypass-mirror
    sleep 0.5
  done
}

links_stay_green_and_dialable_when_clocks_jump_by_hours() {
  _start_with_clock mike
  start john
  _start_with_clock tim
  link mike john && link tim john
  add_number mike 201 && add_number john 301 && add_number tim 401
  await 10 _is_dialable john 401
  await 10 _is_dialable tim 301
  _set_clock mike $THREE_HOURS
  _set_clock tim -$THREE_HOURS
  # Longer than the 30 s for which an answer counts.
  _all_stays_well 33
  add_number mike 202 && add_number tim 402
  await 5 _is_dialable john 202
  await 5 _is_dialable john 402
  # Six hours at once, the other way.
  _set_clock mike -$THREE_HOURS
  _set_clock tim $THREE_HOURS
  _all_stays_well 33
  add_number john 302
  await 5 _is_dialable mike 302
  await 5 _is_dialable tim 302
  run 0 ctl mike delete john
  await 10 has_only_row john tim
  stop mike && stop tim && stop john
}

a_link_is_made_while_clocks_are_hours_apart() {
  start john
  _start_with_clock mike
  _set_clock mike $THREE_HOURS
  link mike john
  run 0 ctl mike delete john
  await 10 has_no_rows john
  link john mike
}

only_the_issuers_clock_decides_when_a_key_expires() {
  local key
  _start_with_clock mike
  _start_with_clock john
  # For John it is long past its end.
  key=$(json mike generate-key john --expires 1h | jq -r .key)
  _set_clock john $THREE_HOURS
  run 0 ctl john link mike "$key"
  run 0 ctl john delete mike
  await 10 has_no_rows mike
  # For Mike it is, and for John it is not.
  _set_clock john 0
  key=$(json mike generate-key john --expires 1h | jq -r .key)
  _set_clock mike $THREE_HOURS
  run 4 ctl john link mike "$key"
  says KEY_EXPIRED
  has_no_rows john
  # Its own look at the clock is once a minute.
  await 70 has_row mike 'john|INTERLINK_STATE_FAILED|INDICATOR_RED'
  # Of a key that was made by a clock that is wrong, its own end counts too.
  key=$(json mike generate-key tim --expires 1h | jq -r .key)
  _set_clock mike 0
  run 0 ctl john link mike "$key"
}

a_clock_that_is_days_off_is_named_and_the_link_heals_when_it_is_right() {
  _start_with_clock mike
  start john
  link mike john
  _set_clock mike $FORTY_DAYS
  # A new connection needs certificates that are in date.
  stop john
  start john
  await 60 _is_amber_because john 'expired 10 days ago .*clocks of the two accounts differ'
  await 60 _is_amber_because mike 'expired 10 days ago .*clocks of the two accounts differ'
  run 0 json mike list
  answers '.interlinks[0].state == "INTERLINK_STATE_ESTABLISHED"'
  _set_clock mike 0
  await 90 has_green mike john
  await 10 has_green john mike
}

# As a machine without a battery starts, before it has asked for the time.
a_daemon_that_started_with_a_wrong_clock_heals_when_it_is_put_right() {
  _start_with_clock mike
  start john
  link mike john
  stop mike
  _set_clock mike $FORTY_DAYS
  _start_with_clock mike
  await 60 _is_amber_because john 'clocks of the two accounts differ by at least 39 days'
  _set_clock mike 0
  await 90 has_green mike john
  await 10 has_green john mike
}

# A port of loopback that takes connections and never says a word; prints it.
_listen_silently() {
  python3 -c '
import socket
listener = socket.create_server(("127.0.0.1", 0), backlog=50)
print(listener.getsockname()[1], flush=True)
kept = []
while True: kept.append(listener.accept())' &
  background+=($!)
}

a_call_to_a_silent_address_ends_though_the_clock_was_set_back() {
  needs_tool python3
  local key
  _listen_silently >"$scratch/silent"
  await 5 test -s "$scratch/silent"
  _set_clock mike 3600
  _start_with_clock mike --advertise none
  start tim
  link tim mike
  start john
  stop john
  start john --advertise "127.0.0.1:$(<"$scratch/silent")" \
    --advertise "127.0.0.1:${port[john]}"
  key=$(json john generate-key mike | jq -r .key)
  # gRPC waits for its next timer, which is then due in an hour, and looks at
  # no later one before.
  sleep 4
  _set_clock mike 0
  sleep 6
  run 0 ctl mike --timeout 30 link john "$key"
  await 10 has_green mike john
}

# ADDRESS: prints the certificate that is shown there.
_certificate_at() {
  openssl s_client -connect "$1" </dev/null 2>/dev/null | openssl x509
}

# NAME: the certificate that its federation port shows ends within 31 days.
_shows_a_leaf_of_now() {
  local end
  end=$(_certificate_at "$(ready "$1" federation)" |
    openssl x509 -noout -enddate | cut -d= -f2) || return
  (($(date -d "$end" +%s) < $(date +%s) + 31 * 86400))
}

a_leaf_of_the_future_is_not_shown_for_long_after_the_clock_was_set_back() {
  needs_tool openssl
  _set_clock mike $FORTY_DAYS
  _start_with_clock mike
  ! _shows_a_leaf_of_now mike || fail 'its clock is not ahead'
  # gRPC's timers wait.
  sleep 2
  _set_clock mike 0
  await 40 _shows_a_leaf_of_now mike
}

_shows_the_certificate_of_the_api() {
  cmp --silent <(_certificate_at "$(ready "$1" api_tcp)") "$scratch/tls/server.pem"
}

a_rotated_certificate_of_the_api_is_shown_though_the_clock_was_set_back() {
  needs_tool openssl
  _make_certificates
  _set_clock mike 3600
  _start_with_clock mike --api-listen 127.0.0.1:0 \
    --api-cert "$scratch/tls/server.pem" --api-key "$scratch/tls/server.key" \
    --api-client-ca "$scratch/tls/ca.pem"
  await 5 _shows_the_certificate_of_the_api mike
  _set_clock mike 0
  _server_certificate
  await 30 _shows_the_certificate_of_the_api mike
}
