# kill -9, at moments that nobody chose and at those that are hardest; older copies
# of the store, put back.

killed_at_any_moment_both_are_linked_or_neither() {
  run 0 python3 "$here/kill_loop.py" --bin "$bin" --scratch "$scratch" \
    --iterations "$KILL_ITERATIONS"
  printf '%s\n' "$output"
}

killed_between_a_commit_and_its_answer_both_agree() {
  run 0 python3 "$here/commit_gap.py" --bin "$bin" --scratch "$scratch"
  printf '%s\n' "$output"
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
  says 'restored .*Backup made'
  run 0 ctl mike events
  says RESTORED
  grep --quiet 'older copy' "$scratch/mike/log" || fail 'the log says nothing'
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
