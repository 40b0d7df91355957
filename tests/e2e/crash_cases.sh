# kill -9, at moments that nobody chose and at those that are hardest.

killed_at_any_moment_both_are_linked_or_neither() {
  run 0 python3 "$here/kill_loop.py" --bin "$bin" --scratch "$scratch" \
    --iterations "$KILL_ITERATIONS"
  printf '%s\n' "$output"
}

killed_between_a_commit_and_its_answer_both_agree() {
  run 0 python3 "$here/commit_gap.py" --bin "$bin" --scratch "$scratch"
  printf '%s\n' "$output"
}
