# kill -9, at moments that nobody chose and at those that are hardest; older copies
# of the store, put back.

LONG+=(killed_at_any_moment_both_are_linked_or_neither
  killed_between_a_commit_and_its_answer_both_agree
  killed_or_stopped_at_any_failpoint_both_agree)

killed_at_any_moment_both_are_linked_or_neither() {
  run 0 python3 "$here/kill_loop.py" --bin "$bin" --scratch "$scratch" \
    --iterations "$KILL_ITERATIONS"
  printf '%s\n' "$output"
}

a_peer_that_was_killed_is_green_no_more() {
  start mike
  start john
  link mike john
  kill -KILL "${pid[john]}"
  # Five seconds, and what it takes to look; an answer counts for thirty.
  await 15 has_row mike 'john|INTERLINK_STATE_ESTABLISHED|INDICATOR_AMBER'
  run 0 ctl mike list
  says 'PEER_UNREACHABLE: '
  says 'last answered [0-9]+ s ago'
  start john
  await 75 has_green mike john
  await 5 has_event mike 'UNREACHABLE +daemon +john +not connected any more: '
  await 5 has_event mike \
    'CONNECTED +daemon +john +the other account answers again'
}

killed_between_a_commit_and_its_answer_both_agree() {
  run 0 python3 "$here/commit_gap.py" --bin "$bin" --scratch "$scratch"
  printf '%s\n' "$output"
}

killed_or_stopped_at_any_failpoint_both_agree() {
  needs_failpoints
  run 0 python3 "$here/failpoints.py" --bin "$bin" --scratch "$scratch" --jobs 4
  printf '%s\n' "$output"
}

an_unknown_failpoint_is_refused_at_the_start_with_those_there_are() {
  needs_failpoints
  local wrong
  for wrong in redeem/asked:1:kill redeem/sent redeem/sent:0:kill \
    redeem/sent:1:end redeem/sent:1x:kill ''; do
    run 2 env "INTERLINK_FAILPOINT=$wrong" "$bin/interlinkd" --version
    says "INTERLINK_FAILPOINT is \"$wrong\""
    says '^  redeem/answered$'
  done
}

# What is shipped must not be able to die on demand: not a name is in it.
only_a_build_for_tests_has_failpoints() {
  local names found
  names=$(sed -n 's/^    "\([a-z]*\/[a-z]*\)",.*/\1/p' "$here/../../store/failpoint.h")
  (($(wc -l <<<"$names") >= 22)) || fail "those are not all: $names"
  names=$(printf 'INTERLINK_FAILPOINT\n%s\n' "$names" | sort)
  found=$(cat "$bin/interlinkd" "$bin/interlinkctl" |
    grep --text --only-matching --fixed-strings "$names" | sort --unique || true)
  if is_made_for_tests; then
    equal "$found" "$names"  # So that they would be found.
  else
    equal "$found" ''
  fi
}

# A restored store and an older copy of the data directory (design.md section
# 10, restore safety).
a_restored_backup_links_nobody_by_a_key_that_was_used_since() {
  start mike && start john && start tim && start eve
  link mike tim
  local key
  key=$(json mike generate-key john | jq -r .key)
  run 0 ctl mike backup "$scratch/backup"
  run 0 ctl john link mike "$key"
  await 10 has_green mike john
  stop mike
  mv "$scratch/mike/data" "$scratch/mike/lost"
  run 0 "$bin/interlinkd" restore --from "$scratch/backup" \
    --data-dir "$scratch/mike/data"
  run 1 "$bin/interlinkd" restore --from "$scratch/backup" \
    --data-dir "$scratch/mike/data"
  says 'move its files away'
  start mike
  run 4 ctl eve link mike "$key"
  says KEY_REVOKED
  await 20 has_green mike tim
  run 0 ctl mike status
  says 'restored .*from a backup'
  run 0 ctl mike events
  says RESTORED
  await 5 has_logged mike 'restored from a backup'
}

# Or two daemons would run as one account, and a copy would go with the store.
a_backup_is_neither_taken_from_nor_put_into_a_live_data_directory() {
  start mike
  run 1 "$bin/interlinkd" restore --from "$scratch/mike/data" \
    --data-dir "$scratch/twin"
  says "in use by process ${pid[mike]}"
  run 4 ctl mike backup "$scratch/mike/data/copy"
  says 'REQUEST_INVALID.*within the data directory'
  stop mike
  run 1 "$bin/interlinkd" restore --from "$scratch/mike/data" \
    --data-dir "$scratch/twin"
  says 'no backup'
  start mike
  run 0 ctl mike status
}

an_older_copy_of_the_data_directory_is_found_out() {
  start mike && start john && start tim && start eve
  link mike tim
  local key
  key=$(json mike generate-key john | jq -r .key)
  stop mike
  cp -a "$scratch/mike/data" "$scratch/mike/copy"
  start mike
  run 0 ctl john link mike "$key"
  await 10 has_green mike john
  stop mike
  # Only the store is put back; the file beside it stays.
  find "$scratch/mike/data" -type f ! -name generation -delete
  cp -a "$scratch/mike/copy/." "$scratch/mike/store"
  rm "$scratch/mike/store/generation"
  cp -a "$scratch/mike/store/." "$scratch/mike/data"
  start mike
  run 4 ctl eve link mike "$key"
  says KEY_REVOKED
  run 0 ctl mike status
  says 'restored .*generation file'
}
