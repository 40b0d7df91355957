# What an administrator's command line does with what people and files give it.

an_import_leaves_what_its_file_has_no_column_for() {
  start mike && start john
  link mike john
  run 0 ctl mike number add 302 --private --destination sip:x@10.0.0.1 \
    --contact 'sip:{number}@own.example'
  run 0 ctl mike number import - <<<$'number;name\n302;The boss'
  says '^0 numbers added, 1 changed'
  run_answered 3 ctl john resolve 302
  run 0 ctl mike number export
  says '^302,The boss,sip:x@10.0.0.1,true,sip:\{number\}@own.example$'
  run 0 ctl mike number import - <<<$'private,number\nfalse,302'
  run_answered 0 ctl john resolve 302
}

what_one_account_exports_another_imports() {
  start mike && start john
  run 0 ctl mike number add 007 --name 'Smith, "John"; Büro'
  run 0 ctl mike number add 201 --destination 'sip:a@10.0.0.5;transport=tls' \
    --contact 'sip:{number}@own.example' --private
  ctl mike number export >"$scratch/numbers.csv"
  run 0 ctl john number import --dry-run "$scratch/numbers.csv"
  says '^2 numbers would be added, .*nothing was stored$'
  run 0 ctl john number list
  says 'No numbers yet'
  run 0 ctl john number import "$scratch/numbers.csv"
  ctl john number export >"$scratch/again.csv"
  diff "$scratch/numbers.csv" "$scratch/again.csv" || fail 'they differ'
  run 0 ctl mike number import "$scratch/numbers.csv"
  says '^0 numbers added, 0 changed, 2 as before'
}

files_in_other_encodings_are_refused_by_name() {
  start mike
  printf 'number,name\n201,B\xfcro\n' >"$scratch/latin"
  run 4 ctl mike number import "$scratch/latin"
  says 'CSV_INVALID: line 2: .*Latin-1'
  printf '\xff\xfen\0u\0m\0b\0e\0r\0\n\0002\0000\0001\0\n\0' >"$scratch/utf16"
  run 4 ctl mike number import "$scratch/utf16"
  says 'CSV_INVALID: line 1: .*UTF-16'
  run 4 ctl mike link john - <"$scratch/utf16"
  says 'KEY_DAMAGED'
  never_says libprotobuf
}

ctrl_c_ends_an_import_and_says_what_is_stored() {
  start mike
  mkfifo "$scratch/lines"
  INTERLINK_API_SOCKET=$scratch/mike/api.sock \
    "$bin/interlinkctl" number import - <"$scratch/lines" >"$scratch/said" 2>&1 &
  local import=$! status=0
  exec {lines}>"$scratch/lines"
  seq 1000 1499 >&"$lines"
  await 10 _has_numbers mike 500
  kill -INT "$import"
  # What was being read when the signal came.
  echo 2000 >&"$lines"
  exec {lines}>&-
  wait "$import" || status=$?
  equal "$status" 1
  output=$(<"$scratch/said")
  says '^500 numbers added'
  says 'INTERRUPTED: the import was stopped'
  _has_numbers mike 500
}

_has_numbers() { [[ $(json "$1" status | jq -r .number_count) == "$2" ]]; }

a_key_is_taken_as_mail_has_wrapped_it() {
  start mike && start john
  { echo 'Hello John, your key:' &&
    ctl mike generate-key john | fold -w 72 | sed 's/^/> /' &&
    printf '\nBest regards\n'; } >"$scratch/mail"
  run 0 ctl john link mike - <"$scratch/mail"
  await 10 has_green john mike
}

a_key_is_not_left_among_the_arguments() {
  start mike && start john
  local key
  key=$(ctl mike generate-key john)
  stop mike
  INTERLINK_API_SOCKET=$scratch/john/api.sock \
    "$bin/interlinkctl" link mike "$key" >/dev/null 2>&1 &
  background+=($!)
  await 10 has_row john 'mike|INTERLINK_STATE_LINKING|INDICATOR_GREY'
  tr '\0' ' ' <"/proc/$!/cmdline" >"$scratch/arguments"
  grep --quiet 'link mike xxxx' "$scratch/arguments" ||
    fail "the arguments are: $(<"$scratch/arguments")"
}

names_that_look_the_same_are_one() {
  start mike
  run 0 ctl mike generate-key 'John Smith'
  run 4 ctl mike generate-key 'JOHN  smith'
  says 'NAME_TAKEN: another interlink is named "John Smith"'
  run 4 ctl mike generate-key $'\xe2\x80\x8b'
  says 'NAME_INVALID: .*shows nothing'
  run 2 ctl mike generate-key John Smith
  says 'put a name with spaces in quotes'
}

a_script_waits_for_green_and_is_told_of_red() {
  start mike && start john
  local key
  key=$(ctl mike generate-key john)
  ctl mike wait john --for green --timeout 60 >"$scratch/waited" &
  background+=($!)
  local wait=$!
  run 0 ctl john link mike - <<<"$key"
  wait "$wait" || fail 'the wait ended badly'
  grep --quiet 'green john' "$scratch/waited"
  run 0 ctl mike status --check
  run 0 ctl mike show john
  says 'generated the key'
  run 0 ctl mike events --follow --timeout 4
  says 'LINKED'
  run 0 ctl mike delete john
  run 0 ctl john wait mike --for removed
  run 5 ctl mike --timeout 1 wait "$(json mike generate-key tim | jq -r .interlink.name)" --for green
  says 'STILL_WAITING'
}

an_answer_that_cannot_be_written_is_told() {
  start mike
  local status=0
  output=$(ctl mike list 2>&1 >/dev/full) || status=$?
  equal "$status" 1
  says 'OUTPUT_FAILED: .*No space left on device'
}

paths_are_taken_as_shells_and_tools_write_them() {
  start mike --pbx-socket "unix:$scratch/pbx.sock"
  run 0 ctl mike backup "$scratch/copy/"
  [[ -f $scratch/copy/CURRENT ]] || fail 'there is no copy'
  run 0 "$bin/interlinkctl" --api-socket "unix:$scratch/pbx.sock" list
  run 0 "$bin/interlinkctl" --api-socket "unix://$scratch/pbx.sock" list
}

the_log_names_an_interlink_beside_its_id() {
  start mike && start john
  link mike john
  local id
  id=$(json mike list | jq -r '.interlinks[0].id')
  await 5 has_logged mike "interlink .*john.* $id: ESTABLISHED"
}
