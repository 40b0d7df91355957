# The HTTP door of the PBX, asked by curl, which is what Asterisk's CURL() is
# made of.

# NAME TARGET FLAGS...: $answer is the body, $status the status.
_ask() {
  local door
  door=http://$(ready "$1" pbx_http)
  local target=$2
  shift 2
  status=$(curl --silent --max-time 10 --output "$scratch/answer" --dump-header "$scratch/head" \
    --write-out '%{http_code}' "$@" "$door$target")
  answer=$(<"$scratch/answer")
}

_answers_with() {
  _ask "${@:2}"
  [[ $status == "$1" ]]
}

# NAME TARGET STATUS REASON: it is refused so, with an empty body.
_refuses() {
  _ask "$1" "$2" "${@:5}"
  equal "$status $answer" "$3 "
  grep --quiet --ignore-case "^X-Interlink-Reason: $4"$'\r' "$scratch/head" ||
    fail "no reason $4 in: $(<"$scratch/head")"
}

a_pbx_asks_over_http_where_a_number_leads_until_the_link_is_deleted() {
  start mike --pbx-http-listen 127.0.0.1:0
  start john --contact 'sip:{number}@pbx.john.test'
  add_number mike 201
  add_number john 301 --name Support
  add_number john 302 --private
  link mike john
  await 15 _answers_with 200 mike '/v1/resolve?number=301'
  equal "$answer" 'sip:301@pbx.john.test'
  equal "$(wc --lines <"$scratch/answer")" 0
  _ask mike '/v1/resolve?number=201&from=100'
  equal "$status $answer" '200 sip:201@10.0.0.5'
  _ask mike '/v1/resolve?number=301' --header 'Accept: application/json'
  equal "$(jq -r '.resolution.routes[0] | .display_name + "|" + .interlink_name' "$scratch/answer")" \
    'Support|john'
  _refuses mike '/v1/resolve?number=302' 404 NUMBER_NOT_FOUND
  _refuses mike '/v1/resolve?number=30x' 404 NUMBER_INVALID
  _refuses mike '/v1/resolve' 400 REQUEST_INVALID
  _refuses mike '/v1/resolve?number=301' 405 REQUEST_INVALID --request POST
  _refuses mike '/v1/resolve?number=301' 403 NOT_PERMITTED --header 'Host: evil.example'
  _refuses mike '/v1/phonebook?format=csv' 403 NOT_PERMITTED
  stop john
  _ask mike '/v1/resolve?number=301'
  equal "$status $answer" '200 sip:301@pbx.john.test'  # His last word.
  # Until then he is known not to have it.
  await 30 _answers_with 503 mike '/v1/resolve?number=399'
  _refuses mike '/v1/resolve?number=399' 503 LOOKUP_INCOMPLETE
  grep --quiet --ignore-case '^Retry-After: 1' "$scratch/head"
  run 0 ctl mike delete john --yes
  _refuses mike '/v1/resolve?number=301' 404 NUMBER_NOT_FOUND
}

a_pbx_asks_over_http_whether_a_call_may_come_in() {
  start mike --pbx-http-listen 127.0.0.1:0 --contact 'sip:{number}@pbx.mike.test'
  start john --pbx-http-listen 127.0.0.1:0 --contact 'sip:{number}@pbx.john.test'
  add_number john 301
  link mike john
  _has_token() { _ask mike '/v1/resolve?number=301' && [[ $answer == sip:il-301-*@pbx.john.test ]]; }
  await 15 _has_token
  _has_token
  local token=${answer#sip:}
  token=${token%@*}
  _ask john "/v1/authorize?dialled=$token&call_id=1"
  equal "$status $answer" '200 sip:301@10.0.0.5'
  grep --quiet --ignore-case '^X-Interlink-Name: mike' "$scratch/head"
  grep --quiet --ignore-case '^X-Interlink-Number: 301' "$scratch/head"
  _ask john "/v1/authorize?dialled=$token&want=name"
  equal "$status $answer" '200 mike'
  _ask john "/v1/authorize?dialled=$token&want=call"
  equal "$status $answer" '200 sip:301@10.0.0.5 mike'
  _refuses john '/v1/authorize?dialled=301' 403 CALL_TOKEN_INVALID
  run 0 ctl john delete mike --yes
  _refuses john "/v1/authorize?dialled=$token" 403 CALL_TOKEN_INVALID
}

desk_phones_read_the_numbers_of_linked_accounts() {
  start mike --pbx-http-listen 127.0.0.1:0 --phonebook-allow 127.0.0.0/8
  start john
  add_number john 301 --name 'Sales & <Support>'
  add_number john 302 --name '=1+1'
  add_number john 303 --private
  link mike john
  _has_two() { _ask mike '/v1/phonebook?format=csv' && (($(wc --lines <"$scratch/answer") == 3)); }
  await 10 _has_two
  equal "$(tr --delete '\r' <"$scratch/answer")" \
    $'number,name\n"301","Sales & <Support> (john)"\n"302","\'=1+1 (john)"'
  local format
  for format in yealink cisco; do
    _ask mike "/v1/phonebook?format=$format"
    equal "$status" 200
    python3 - "$scratch/answer" <<'PYTHON'
import sys, xml.etree.ElementTree as xml
entries = [(e.findtext("Telephone"), e.findtext("Name"))
           for e in xml.parse(sys.argv[1]).getroot().iter("DirectoryEntry")]
assert entries == [("301", "Sales & <Support> (john)"), ("302", "=1+1 (john)")], entries
PYTHON
  done
}

the_http_door_obeys_a_new_token_and_new_addresses_at_sighup() {
  printf '%s\n' 'first-secret-of-mine' >"$scratch/token"
  printf 'pbx-http-listen = "127.0.0.1:0"\npbx-http-token = "%s"\n' "$scratch/token" \
    >"$scratch/settings"
  start mike --config "$scratch/settings"
  add_number mike 201
  _refuses mike '/v1/resolve?number=201' 401 NOT_PERMITTED
  # As Asterisk sends what stands before the @ of a URL.
  _ask mike '/v1/resolve?number=201' --user 'asterisk:first-secret-of-mine'
  equal "$status" 200
  printf '%s\n' 'second-secret-of-mine' >"$scratch/token"
  kill -HUP "${pid[mike]}"
  await 10 _answers_with 200 mike '/v1/resolve?number=201' --oauth2-bearer 'second-secret-of-mine'
  _refuses mike '/v1/resolve?number=201' 401 NOT_PERMITTED --user 'a:first-secret-of-mine'
  printf 'pbx-http-allow = ["192.0.2.5"]\n' >>"$scratch/settings"
  kill -HUP "${pid[mike]}"
  await 10 _answers_with 403 mike '/v1/resolve?number=201' --user 'a:second-secret-of-mine'
  await 5 has_logged mike 'changed: pbx-http-allow'
  # Nobody needs to read the secrets in a log, which is whole once the daemon has ended.
  stop mike
  ! has_logged mike 'secret-of-mine' || fail 'a token is in the log'
}

the_settings_of_the_http_door_are_checked() {
  run 2 "$bin/interlinkd" --check-config --pbx-http-allow 10.0.0.0/8 --data-dir "$scratch/data"
  says '--pbx-http-allow: needs --pbx-http-listen too'
  run 2 "$bin/interlinkd" --check-config --pbx-http-listen 127.0.0.1:0 \
    --pbx-http-token "$scratch/none" --data-dir "$scratch/data" \
    --federation-listen 127.0.0.1:0 --http-listen none --api-socket "$scratch/s"
  says "--pbx-http-token: there is no file $scratch/none"
  run 0 "$bin/interlinkd" --help
  says '--pbx-http-listen HOST:PORT'
  says '--phonebook-allow CIDR,...'
}
