# What an administrator writes into settings, and what the machine makes of it.

# The user and group of nobody, and two groups that this machine need not know.
readonly NOBODY=65534 OFFICE=64001 PBX=64002

# GROUP COMMAND...: as a user who is nobody but for that group.
_in_group() {
  local group=$1
  shift
  setpriv --reuid "$NOBODY" --regid "$NOBODY" --groups "$group" "$@"
}

# Copies of the programs that everybody may run.
_programs_for_all() {
  ((EUID == 0)) || skip 'to be two users needs root'
  needs_tool setpriv
  mkdir -p "$scratch/bin"
  cp "$bin/interlinkd" "$bin/interlinkctl" "$scratch/bin/"
  chmod 755 "$scratch" "$scratch/bin" "$scratch/bin/"*
}

each_group_opens_its_own_socket_and_no_other() {
  _programs_for_all
  # The folder of the second is made, and has to let its group through.
  local admin=$scratch/mike/api.sock pbx=$scratch/pbx/pbx.sock
  start mike --api-socket-group "$OFFICE" --pbx-socket "$pbx" --pbx-socket-group "$PBX"
  equal "$(stat --format '%g %a' "$admin")" "$OFFICE 660"
  equal "$(stat --format '%g %a' "$pbx")" "$PBX 660"
  run 0 _in_group "$OFFICE" "$scratch/bin/interlinkctl" --api-socket "$admin" generate-key john
  run 5 _in_group "$OFFICE" "$scratch/bin/interlinkctl" --api-socket "$pbx" status
  says "you may not open $pbx \(group $PBX, mode 0660\); become a member of the group $PBX "
  never_says 'start interlinkd'
  run 0 _in_group "$PBX" "$scratch/bin/interlinkctl" --api-socket "$pbx" status
  run 4 _in_group "$PBX" "$scratch/bin/interlinkctl" --api-socket "$pbx" show-key john
  run 5 _in_group "$PBX" "$scratch/bin/interlinkctl" --api-socket "$admin" status
}

a_group_that_the_daemons_user_is_not_in_is_refused() {
  _programs_for_all
  mkdir "$scratch/nobody" && chown "$NOBODY" "$scratch/nobody"
  run 1 _in_group "$OFFICE" "$scratch/bin/interlinkd" --data-dir "$scratch/nobody/data" \
    --federation-listen 127.0.0.1:0 --http-listen none \
    --api-socket "$scratch/nobody/api.sock" --api-socket-group "$PBX"
  says 'member'
  [[ ! -e $scratch/nobody/api.sock ]] || fail 'the socket was made'
}

a_folder_that_may_not_be_made_is_told_with_what_to_do() {
  _programs_for_all
  run 2 _in_group "$OFFICE" "$scratch/bin/interlinkd" --check-config \
    --data-dir /nonexistent/state/interlink --federation-listen 127.0.0.1:0 \
    --http-listen none --api-socket "$scratch/s"
  says '^interlinkd: --data-dir: cannot make /nonexistent/state/interlink in /: Permission denied; let the user'
}

the_living_socket_of_another_user_is_left_to_him() {
  _programs_for_all
  mkdir "$scratch/mike" "$scratch/nobody"
  chown "$NOBODY" "$scratch/nobody"
  chown "0:$OFFICE" "$scratch/mike"
  chmod 770 "$scratch/mike"
  start mike
  run 1 _in_group "$OFFICE" "$scratch/bin/interlinkd" --data-dir "$scratch/nobody/data" \
    --federation-listen 127.0.0.1:0 --http-listen none --api-socket "$scratch/mike/api.sock"
  says 'another program may be serving'
  run 0 ctl mike status
}

files_of_another_user_are_no_corrupt_store() {
  _programs_for_all
  start mike
  run 0 ctl mike generate-key john  # Which notes a generation.
  stop mike
  chown -R "$NOBODY" "$scratch/mike"
  local file
  for file in CURRENT generation; do
    chown 0 "$scratch/mike/data/$file"
    chmod 600 "$scratch/mike/data/$file"
    run 1 _in_group "$NOBODY" "$scratch/bin/interlinkd" --data-dir "$scratch/mike/data" \
      --federation-listen 127.0.0.1:0 --http-listen none --api-socket "$scratch/mike/s"
    says "$file.*Permission denied"
    never_says corrupt
    chown "$NOBODY" "$scratch/mike/data/$file"
  done
}

a_reload_names_what_waits_for_a_restart() {
  printf 'lookup-limit = 7\nmax-connections = 100\n' >"$scratch/file"
  start mike --config "$scratch/file"
  printf 'lookup-limit = 8\nmax-connections = 200\n' >"$scratch/file"
  kill -HUP "${pid[mike]}"
  await 5 has_logged mike 'settings read again'
  await 5 has_logged mike 'max-connections is .*200.* in the new settings; .*100.* stays in force until a restart'
  await 5 has_logged mike \
    'settings read again; changed: (max-connections, lookup-limit|lookup-limit, max-connections)'
  ! has_logged mike 'lookup-limit is' || fail 'what was taken over waits'
  printf 'lookup-limit = many\nmax-connections = 0\n' >"$scratch/file"
  kill -HUP "${pid[mike]}"
  await 5 has_logged mike 'the settings stay as they were'
  run 4 ctl mike status --check
  says "^settings .*the latest reload was refused.*$scratch/file, line . *, "
  says '^interlinkctl: NOT_WELL: the latest reload was refused'
  local http
  http=http://$(ready mike http)
  output=$(curl --silent --fail "$http/readyz")
  says '^ready, .*the latest reload was refused'
  output=$(curl --silent --fail "$http/metrics")
  says '^interlink_reload_refused 1$'
  printf 'lookup-limit = 8\n' >"$scratch/file"
  kill -HUP "${pid[mike]}"
  await 5 ctl mike status --check
  output=$(curl --silent --fail "$http/metrics")
  says '^interlink_reload_refused 0$'
  equal "$(grep --count 'the new settings are bad: ' "$scratch/mike/log")" 2
}

# The door itself opens or closes at the next start, and so does what it decides.
calls_are_let_in_as_the_doors_that_stand_have_it_until_a_restart() {
  printf 'sip-listen = "127.0.0.1:0"\ncontact = "sip:{number}@pbx.test"\n' >"$scratch/file"
  start mike --config "$scratch/file"
  run 0 ctl mike status
  says 'those that bring a call token'
  printf 'contact = "sip:99{number}@pbx.test"\n' >"$scratch/file"
  kill -HUP "${pid[mike]}"
  await 5 has_logged mike 'the new settings are bad beside the PBX.s doors, which stand until a restart: .*contact: .*calls need call tokens here'
  await 5 has_logged mike 'the settings stay as they were'
  ! has_logged mike 'settings read again' || fail 'a bad contact is taken over'
  printf 'contact = "sip:{number}@pbx.test"\n' >"$scratch/file"
  kill -HUP "${pid[mike]}"
  await 5 has_logged mike 'settings read again; changed: sip-listen"'
  await 5 has_logged mike 'sip-listen is .* stays in force until a restart, with sip-allow as before'
  run 0 ctl mike status
  says 'those that bring a call token'

  : >"$scratch/file"
  start john --config "$scratch/file"
  printf 'sip-listen = "127.0.0.1:0"\n' >"$scratch/file"
  kill -HUP "${pid[john]}"
  await 5 has_logged john 'settings read again; changed: sip-listen, sip-allow"'
  run 0 ctl john status
  never_says 'call token'
}

# A disk that is full, or a reload while somebody writes the file.
an_empty_file_at_a_reload_changes_nothing() {
  printf 'lookup-limit = 7\n' >"$scratch/file"
  start mike --config "$scratch/file"
  : >"$scratch/file"
  kill -HUP "${pid[mike]}"
  await 30 has_logged mike "the new settings are bad: the configuration file $scratch/file sets nothing, but set 1 setting before; .*restart the daemon"
  await 30 has_logged mike 'the settings stay as they were'
  ! has_logged mike 'settings read again' || fail 'the empty file is taken over'
}

a_reload_tells_of_a_new_secret_in_the_same_file() {
  printf 'a-secret-of-the-pbx-1\n' >"$scratch/token"
  start mike --pbx-http-listen 127.0.0.1:0 --pbx-http-token "$scratch/token"
  kill -HUP "${pid[mike]}"
  await 5 has_logged mike 'settings read again; none has changed'
  printf 'a-secret-of-the-pbx-2\n' >"$scratch/token"
  kill -HUP "${pid[mike]}"
  await 5 has_logged mike 'settings read again; changed: the secret in --pbx-http-token"'
}

a_reload_warns_of_a_secret_that_is_not_asked_for_any_more() {
  printf 'a-secret-of-the-pbx-1\n' >"$scratch/token"
  printf 'pbx-http-token = "%s"\n' "$scratch/token" >"$scratch/file"
  start mike --pbx-http-listen 127.0.0.1:0 --config "$scratch/file"
  printf 'lookup-limit = 7\n' >"$scratch/file"
  kill -HUP "${pid[mike]}"
  await 30 has_logged mike '--pbx-http-token is gone: whoever --pbx-http-allow'
}

the_check_warns_of_a_port_that_is_in_use() {
  start mike
  local port
  port=$(ready mike federation)
  port=${port##*:}
  run 0 "$bin/interlinkd" --check-config --data-dir "$scratch/other" --federation-listen "127.0.0.1:$port" \
    --http-listen none --api-socket "$scratch/s" --advertise none
  says "warning: --federation-listen: 127.0.0.1:$port is in use"
  says 'the configuration is good'
  stop mike
  run 0 "$bin/interlinkd" --check-config --data-dir "$scratch/other" --federation-listen "127.0.0.1:$port" \
    --http-listen none --api-socket "$scratch/s" --advertise none
  never_says 'in use'
}

the_check_warns_of_doors_that_nobody_or_everybody_may_use() {
  run 0 "$bin/interlinkd" --check-config --data-dir "$scratch/data" --federation-listen 127.0.0.1:0 \
    --http-listen none --api-socket "$scratch/s" --advertise none --sip-listen 0.0.0.0:0
  says 'warning: --sip-listen is 0.0.0.0:0, but --sip-allow has loopback addresses alone'
  start john --pbx-http-listen 0.0.0.0:0 --pbx-http-allow 0.0.0.0/0
  await 5 has_logged john '--pbx-http-allow has 0.0.0.0/0, so everybody who reaches --pbx-http-listen may ask'
}

the_check_finds_what_would_stop_the_start() {
  run 2 "$bin/interlinkd" --check-config --api-socket "$scratch/s" --pbx-socket "$scratch/s"
  says '--pbx-socket'
  run 2 "$bin/interlinkd" --check-config --http-listen 127.0.0.1:40001 \
    --federation-listen 0.0.0.0:40001
  says '--http-listen'
  run 2 env INTERLINK_DATADIR=/x "$bin/interlinkd" --check-config
  says INTERLINK_DATA_DIR
  run 2 env INTERLINK_SOMETHING_ELSE=/x "$bin/interlinkd" --check-config
  says INTERLINK_SOMETHING_ELSE
  printf 'account-name = "Mike"\n\napi-socket = "%s/%0120d"\n' "$scratch" 0 >"$scratch/file"
  run 2 "$bin/interlinkd" --check-config --config "$scratch/file"
  says "$scratch/file, line 3, api-socket: .*107 bytes"
  # What this very daemon has taken is no fault.
  start mike
  run 0 "$bin/interlinkd" --check-config --data-dir "$scratch/mike/data" \
    --federation-listen "$(ready mike federation)" --http-listen "$(ready mike http)" \
    --api-socket "$scratch/mike/api.sock" --ready-file "$scratch/mike/ready"
  run 0 "$bin/interlinkd" --check-config --data-dir "$scratch/data" \
    --federation-listen 127.0.0.1:0 --http-listen none --api-socket "$scratch/s"
  says '^interlinkd: warning: nobody beyond this machine can reach 127.0.0.1'
}

the_check_tells_all_that_is_wrong_at_once() {
  cat >"$scratch/file" <<FILE
account-name = Mike
lookup-limit = -1
api-socket = "$scratch/s"
pbx-socket = "$scratch/s"
api-listen = "192.0.2.1:1"
api-cert = "$scratch/none.pem"
data-dir = "/proc/none"
FILE
  run 2 env INTERLINK_LOG_LEVEL=loud "$bin/interlinkd" --check-config \
    --config "$scratch/file" --ready-file "$scratch/none/ready"
  local at
  for at in 'line 1, account-name: ' 'line 2, lookup-limit: ' 'line 4, pbx-socket: ' \
    'line 5, api-listen: ' 'line 6, api-cert: ' 'line 7, data-dir: '; do
    says "^interlinkd: .*$scratch/file, $at"
  done
  says '^interlinkd: INTERLINK_LOG_LEVEL: '
  says '^interlinkd: --ready-file: '
  equal "$(grep --count ^interlinkd <<<"$output")" 8
}

a_start_names_the_setting_that_is_in_its_way() {
  start mike
  local john=("$bin/interlinkd" --data-dir "$scratch/john" --api-socket "$scratch/s")
  run 1 "${john[@]}" --http-listen none --federation-listen "$(ready mike federation)"
  says ' --federation-listen: .*Address already in use'
  john+=(--federation-listen 127.0.0.1:0)
  run 1 "${john[@]}" --http-listen "$(ready mike http)"
  says ' --http-listen: .*Address already in use'
  printf '\nhttp-listen = "%s"\n' "$(ready mike http)" >"$scratch/file"
  run 1 "${john[@]}" --config "$scratch/file"
  says "$scratch/file, line 2, http-listen: .*Address already in use"
  run 2 "$bin/interlinkd" --check-config --contact-hosts sip:pbx.example.net
  says '^interlinkd: --contact-hosts: .*it is a URI; write only its host'
  run 2 "$bin/interlinkd" --check-config --config "$scratch/none.toml"
  says "there is no file $scratch/none.toml"
}

a_start_says_what_nobody_may_have_meant() {
  within=(env INTERLINK_SOMETHING_ELSE=/x)
  start mike
  await 5 has_logged mike 'the variable INTERLINK_SOMETHING_ELSE is no setting'
  await 5 has_logged mike "$scratch/mike/data held no account"
  stop mike
  : >"$scratch/mike/log"
  start mike
  stop mike
  ! has_logged mike 'held no account' || fail 'the account is there'
}

a_key_that_leads_nowhere_from_outside_is_warned_of() {
  start mike
  await 5 has_logged mike "nobody beyond this machine can reach 127.0.0.1:${port[mike]}"
  run 0 ctl mike generate-key john
  says "^warning: nobody beyond this machine can reach 127.0.0.1:${port[mike]}, .*--advertise.*--contact"
  run 0 json mike generate-key tim
  answers '.warnings | length == 1'
  # Of the key alone, which scripts take.
  equal "$(ctl mike generate-key tom 2>/dev/null | wc -l)" 1
  start john
  run 0 ctl john link mike "$(ctl mike generate-key ted 2>/dev/null)"
  says '^warning: nobody beyond this machine can reach the contact'
  stop mike
  start mike --advertise pbx.example.net:7443 --contact 'sip:{number}@pbx.example.net'
  run 0 ctl mike generate-key tam
  never_says warning
  # One that was generated before is not of this address.
  run 0 ctl mike show-key tom
  says "^warning: this key leads to 127.0.0.1:${port[mike]}, .*now at pbx.example.net:7443"
}

_knows_address() { ctl mike status | grep --fixed-strings "$1" >/dev/null; }

a_network_that_comes_after_the_daemon_is_found() {
  ((EUID == 0)) && command -v ip >/dev/null && ip netns add "il-$$" 2>/dev/null ||
    skip 'making network namespaces needs root and iproute2'
  namespaces+=("il-$$")
  ip -n "il-$$" link set lo up
  within=(ip netns exec "il-$$")
  host[mike]=0.0.0.0
  start mike
  run 4 ctl mike generate-key john
  says NO_ADDRESS
  ip -n "il-$$" link add lan type veth peer name other
  ip -n "il-$$" link set other up
  ip -n "il-$$" addr add 10.99.1.2/24 dev lan
  ip -n "il-$$" link set lan up
  await 15 _knows_address 10.99.1.2
  run 0 ctl mike generate-key john
}

a_start_that_is_refused_is_a_line_of_the_log() {
  local flags=(--data-dir /proc/none/data --api-socket "$scratch/api.sock"
    --federation-listen 127.0.0.1:0 --http-listen none)
  "$bin/interlinkd" "${flags[@]}" >"$scratch/out" 2>"$scratch/err" &&
    fail 'it has started'
  equal "$(<"$scratch/out")" ''
  grep --quiet --extended-regexp \
    '^[-0-9]+T[:0-9.]+Z critical --data-dir: cannot make .* /proc' \
    "$scratch/err" || fail "$(<"$scratch/err")"
  "$bin/interlinkd" "${flags[@]}" --log-format json >"$scratch/out" 2>"$scratch/err" &&
    fail 'it has started'
  equal "$(<"$scratch/out")" ''
  equal "$(jq -r .level "$scratch/err")" critical
}

the_log_names_every_door() {
  start mike --pbx-socket "$scratch/pbx.sock"
  local door
  for door in federation 'api unix:' "pbx unix:$scratch/pbx.sock" account_id; do
    await 5 has_logged mike "ready: $door"
  done
}
