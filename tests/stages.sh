# Sourced. Stages with their times, and the counts of what passed in them.

# Sanitizers stop at the first report, and say where it was.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
# A compiler's answer is reused in another checkout of the same sources.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

passed=0
failed=0
skipped=0

# PRESET: configures its build folder. A warning of a compiler that we do not know
# yet must not stop those who only want to use the programs: CI minds it.
configure() {
  local errors=OFF
  [[ ${CI:-} != true ]] || errors=ON
  cmake --preset "$1" -DINTERLINK_WERROR="$errors"
}

# NAME COMMAND...: runs it under a heading and prints the time it took.
stage() {
  local name=$1 started=$SECONDS status=0 outcome=done
  shift
  printf '\n== %s\n' "$name"
  "$@" || status=$?
  ((status == 0)) || outcome=FAILED
  printf '== %s: %s in %d s\n' "$name" "$outcome" $((SECONDS - started))
  return $status
}

# NAME COMMAND...: a stage that counts as one check, passed or failed.
check() {
  if stage "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    return 1
  fi
}

# Adds up FILE's last line "N passed, N failed, N skipped". A command that
# died before it could count has failed.
add_counts() {
  local line
  line=$(tail -1 "$1")
  if [[ $line =~ ([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)?$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
    skipped=$((skipped + ${BASH_REMATCH[4]:-0}))
  else
    failed=$((failed + 1))
  fi
}

# COMMAND...: runs it, shows its output and adds its counts to ours.
counted() {
  local log status
  log=$(mktemp "${TMPDIR:-/tmp}/interlink-counts-XXXXXX")
  "$@" 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  local failed_before=$failed
  add_counts "$log"
  rm -f "$log"
  # Exit status and counts must tell the same story.
  if ((status != 0 && failed == failed_before)); then failed=$((failed + 1)); fi
  return "$status"
}

# Ends the script: the closing line, and the exit status that goes with it.
finish() {
  ((passed > 0)) || failed=$((failed + 1))
  printf '\n%d passed, %d failed' "$passed" "$failed"
  ((skipped == 0)) || printf ', %d skipped' "$skipped"
  printf '\n'
  exit $((failed > 0))
}
