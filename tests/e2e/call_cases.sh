# Calls between two accounts: what is dialled, and what is let in.

# NAME NUMBER: the user part of the URI that its PBX dials.
_dialled() {
  json "$1" resolve "$2" | jq -r '.resolution.routes[0].uri' |
    sed -E 's/^sips?:([^@]*)@.*/\1/'
}

_dials_a_token() { [[ $(_dialled "$1" "$2") == il-* ]]; }
_dials_the_number() { [[ $(_dialled "$1" "$2") == "$2" ]]; }

_conflicts_say() { ctl "$1" conflicts | grep "$2" >/dev/null; }

_is_green_but_shut_out() {
  json mike list | jq --exit-status '.interlinks[0] |
    .indicator == "INDICATOR_GREEN" and .last_error.reason == "CONTACT_INVALID"' >/dev/null
}

a_link_whose_contact_is_shut_out_says_so() {
  start mike --contact 'sip:{number}@pbx.mike.test' --contact-hosts pbx.jon.test
  start john --contact 'sip:{number}@pbx.john.test'
  add_number john 301
  link mike john
  await 15 _is_green_but_shut_out
  run 0 ctl mike list --output json
  answers '.interlinks[0].last_error.message |
    contains("leads to pbx.john.test, which is not among --contact-hosts: add it there")'
  run 0 ctl mike status
  says 'All is well here; green, but john: .*leads to pbx.john.test, which is not among --contact-hosts'
  run 4 ctl mike doctor john
  says 'contact .*leads to pbx.john.test, which is not among --contact-hosts: add it there'
}

a_call_over_a_link_that_stands_is_let_in_and_no_other() {
  start mike --contact 'sip:{number}@pbx.mike.test'
  start john --contact 'sip:{number}@pbx.john.test' --call-admission token
  add_number john 301 --name Support
  link mike john
  await 10 _dials_a_token mike 301
  local user
  user=$(_dialled mike 301)
  run 0 json john authorize "$user"
  answers '.destination == "sip:301@10.0.0.5"'
  answers '.number == "301" and .interlink_name == "mike"'
  run 0 ctl mike resolve 301 --explain
  says 'has it, first'
  says 'The PBX is told sip:il-301-'

  # Refused: forged, a plain number, private, paused, deleted.
  run 4 ctl john authorize "${user%?????}aaaaa"
  says CALL_TOKEN_INVALID
  run 4 ctl john authorize 301
  says CALL_TOKEN_INVALID
  run 0 ctl john number set 301 --private
  run 3 ctl john authorize "$user"
  says NUMBER_NOT_FOUND
  run 0 ctl john number set 301 --shared
  run 0 ctl john pause mike
  run 4 ctl john authorize "$user"
  run 0 ctl john resume mike
  run 0 ctl john authorize "$user"
  run 0 ctl mike delete john
  await 10 has_no_rows john
  run 4 ctl john authorize "$user"
  says CALL_TOKEN_INVALID
  await 5 has_event john CALL_REFUSED

  # The logs are at their most talkative, and whole.
  stop mike && stop john
  if grep --quiet --fixed-strings "$user" "$scratch"/{mike,john}/log; then
    fail "a call token is in the log"
  fi
}

an_owner_that_asks_for_tokens_at_a_reload_gets_them() {
  start mike --contact 'sip:{number}@pbx.mike.test'
  printf 'call-admission = "open"\n' >"$scratch/john.toml"
  start john --contact 'sip:{number}@pbx.john.test' --config "$scratch/john.toml"
  add_number john 301
  link mike john
  await 10 _dials_the_number mike 301
  run 0 ctl john authorize 301
  printf 'call-admission = "token"\n' >"$scratch/john.toml"
  kill -HUP "${pid[john]}"
  await 10 _dials_a_token mike 301
  run 4 ctl john authorize 301
  run 0 ctl john authorize "$(_dialled mike 301)"
  run 0 ctl john status
  says 'those that bring a call token'
}

a_prefix_leads_to_the_second_account_that_has_a_number() {
  start mike --contact 'sip:{number}@pbx.mike.test'
  start john --contact 'sip:{number}@pbx.john.test'
  start tim --contact 'sip:{number}@pbx.tim.test'
  add_number john 301 && add_number tim 301
  link mike john && link mike tim
  await 10 _conflicts_say mike 'tim.*nothing'
  run 0 ctl mike prefix tim 8
  run 0 ctl mike conflicts
  says 'tim .*8301'
  run 0 json mike resolve 8301
  answers '.resolution.routes | length == 1'
  answers '.resolution.routes[0].interlink_name == "tim"'
  answers '.resolution.routes[0].number == "301"'
  run 4 ctl mike prefix john 8
  says NAME_TAKEN
}
