# What the two administrators see: keys, circles, numbers and their end.

LONG+=(a_hundred_thousand_numbers_are_imported)

one_key_links_two_accounts_which_then_dial_each_other() {
  start mike && start john
  add_number mike 201 --name Reception
  add_number john 301 --name Support
  run 0 ctl mike generate-key john
  run 0 rows mike
  says '^john\|INTERLINK_STATE_PENDING\|INDICATOR_GREY$'
  run 0 ctl john link mike "$(json mike show-key john | jq -r .key)"
  await 10 has_green mike john
  await 10 has_green john mike

  run_answered 0 ctl john resolve 201
  run 0 json john resolve 201
  answers '.resolution.source == "RESOLUTION_SOURCE_PEER"'
  answers '.resolution.routes[0].display_name == "Reception"'
  answers '.resolution.complete'
  run_answered 0 ctl mike resolve 301
  run 0 json mike resolve 301
  answers '.resolution.routes[0].interlink_name == "john"'
}

an_open_watch_sees_the_grey_circle_turn_green() {
  start mike && start john
  run 0 ctl mike generate-key john
  json mike watch >"$scratch/watch" &
  background+=($!)
  await 10 grep --quiet INDICATOR_GREY "$scratch/watch"
  run 0 ctl john link mike "$(json mike show-key john | jq -r .key)"
  await 10 grep --quiet INDICATOR_GREEN "$scratch/watch"
  # One object a line, and each of them whole.
  jq --exit-status --slurp 'length >= 3' "$scratch/watch" >/dev/null
}

a_key_links_one_account_only() {
  start mike && start john && start tim
  local key
  key=$(json mike generate-key john | jq -r .key)
  run 0 ctl john link mike "$key"
  run 4 ctl tim link mike "$key"
  says KEY_ALREADY_USED
  has_no_rows tim
  run 4 ctl mike show-key john
  says KEY_NOT_PENDING
  run 0 ctl mike events
  says KEY_REUSE_REFUSED
}

links_are_not_transitive() {
  start mike && start john && start tim
  add_number tim 401
  link mike john && link mike tim
  run_answered 0 ctl mike resolve 401
  run_answered 3 ctl john resolve 401
}

a_key_that_cannot_work_is_refused_before_anything_is_sent() {
  start mike && start john
  local key
  key=$(json mike generate-key john | jq -r .key)
  run 4 ctl john link mike "${key%???}"
  says KEY_DAMAGED
  run 4 ctl john link mike "ilk1_nonsense"
  says KEY_DAMAGED
  run 4 ctl mike link myself "$key"
  says SELF_LINK
  has_no_rows john
  run 0 ctl john link mike - <<<"  $key  "
  await 10 has_green john mike
}

a_revoked_key_is_refused() {
  start mike && start john
  local key
  key=$(json mike generate-key john | jq -r .key)
  run 0 ctl mike delete john
  run 4 ctl john link mike "$key"
  says KEY_REVOKED
  has_no_rows john
}

private_unassigned_and_absent_numbers_look_the_same() {
  start mike && start john
  link mike john
  add_number mike 202 --private
  run 0 ctl mike number add 203
  run_answered 3 ctl john resolve 202
  local answers=() number
  for number in 202 203 204; do
    run 3 ctl john resolve $number
    answers+=("${output//$number/N}")
  done
  [[ ${answers[0]} == "${answers[1]}" && ${answers[0]} == "${answers[2]}" ]] ||
    fail "the answers differ: ${answers[*]}"
}

the_local_number_wins() {
  start mike && start john
  link mike john
  add_number mike 100 --name Theirs && add_number john 100 --name Ours
  run 0 json john resolve 100
  answers '.resolution.source == "RESOLUTION_SOURCE_LOCAL"'
  answers '.resolution.routes | length == 1'
}

privacy_and_pause_take_effect_at_once() {
  start mike && start john
  add_number mike 201
  link mike john
  run_answered 0 ctl john resolve 201
  run 0 ctl mike number set 201 --private
  run_answered 3 ctl john resolve 201
  run 0 ctl mike number set 201 --shared
  run_answered 0 ctl john resolve 201
  run 0 ctl john pause mike
  await 5 has_row john 'mike|INTERLINK_STATE_ESTABLISHED|INDICATOR_AMBER'
  run 3 ctl john resolve 201
  run 0 ctl john resume mike
  await 15 has_green john mike
  run_answered 0 ctl john resolve 201
}

a_rename_is_local_and_names_are_unique() {
  start mike && start john && start tim
  link mike john && link mike tim
  run 0 ctl mike rename john 'Branch office'
  has_green mike 'Branch office'
  has_green john mike
  run 4 ctl mike rename tim 'Branch office'
  says NAME_TAKEN
  run 3 ctl mike rename nobody somebody
  run 4 ctl mike generate-key 'Branch office'
  says NAME_TAKEN
}

a_delete_on_one_side_is_a_delete_on_both() {
  start mike && start john
  link mike john
  run 0 ctl john delete mike
  has_no_rows john
  await 10 has_no_rows mike
  run 0 json mike list --removed
  answers '[.interlinks[].state] == ["INTERLINK_STATE_REMOVED"]'
  link mike john
}

a_delete_reaches_a_peer_that_was_away() {
  start mike && start john
  link mike john
  stop john
  run 0 ctl mike delete john
  has_no_rows mike
  start john
  await 20 has_no_rows john
}

a_link_to_a_peer_that_is_away_is_made_when_it_comes() {
  start mike
  local key
  key=$(json mike generate-key john | jq -r .key)
  stop mike
  start john
  run 5 ctl john --timeout 3 link mike "$key"
  rows john | grep 'mike|INTERLINK_STATE_LINKING|INDICATOR_GREY' >/dev/null
  start mike
  await 45 has_green john mike
  await 10 has_green mike john
}

a_restart_keeps_everything() {
  start mike && start john
  add_number mike 201 --name Reception
  link mike john
  run 0 ctl mike priority john 7
  run 0 ctl john generate-key tim
  local account key
  account=$(ready mike account_id)
  key=$(json john show-key tim | jq -r .key)
  stop mike && stop john
  start mike && start john
  equal "$(ready mike account_id)" "$account"
  equal "$(json john show-key tim | jq -r .key)" "$key"
  run 0 json mike list
  answers '.interlinks[0].priority == 7'
  await 15 has_green mike john
  await 15 has_green john mike
  run_answered 0 ctl john resolve 201
}

a_hundred_thousand_numbers_are_imported() {
  start mike && start john
  link mike john
  awk 'BEGIN { print "number,name,destination,private"
    for (i = 100000; i < 200000; i++)
      printf "%d,Desk %d,sip:%d@10.0.0.5,%s\n", i, i, i, i % 2 ? "true" : "false"
  }' >"$scratch/numbers.csv"
  run 0 json mike number import "$scratch/numbers.csv"
  answers '.created_count == "100000"'
  run 0 json mike status
  answers '.number_count == "100000"'
  run_answered 0 ctl john resolve 199998
  run_answered 3 ctl john resolve 199999
  run 0 json mike number import - <"$scratch/numbers.csv"
  answers '.unchanged_count == "100000"'
}

an_import_names_the_line_that_it_refuses() {
  start mike
  run 4 ctl mike number import - <<'CSV'
number,name,destination,private
201,Reception,sip:201@10.0.0.5,false
20x,Broken,sip:202@10.0.0.5,false
CSV
  says NUMBER_INVALID
  says '\b3\b'
}

# The issuer's daemon is off when the key is entered, and comes back for the doctor.
an_examination_uses_no_key_up() {
  local key
  start mike && start john
  key=$(json mike generate-key john | jq -r .key)
  stop mike
  ctl john --timeout 4 link mike "$key" || true
  start mike
  run 0 ctl john doctor mike
  says ' lookup +ok '
  await 60 has_green john mike
  await 60 has_green mike john
}

the_doctor_finds_what_keeps_a_link_from_working() {
  start mike && start john
  run 0 ctl mike doctor
  says '^this account +socket +ok '
  says ' listener +ok +this daemon answers at '
  link mike john
  run 0 ctl mike doctor john
  says '^john +state +ok '
  says ' pin +ok '
  says ' lookup +ok '
  stop john
  await 60 has_row mike 'john|INTERLINK_STATE_ESTABLISHED|INDICATOR_AMBER'
  run 4 ctl mike doctor
  says ' session +FAULT '
  says ' dns +ok '
  says ' tcp +FAULT .*[Rr]efused'
  port[tim]=${port[john]}
  start tim
  run 4 ctl mike doctor john
  says ' tcp +ok '
  says ' pin +FAULT '
}
