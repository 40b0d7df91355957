# Peers that mean harm; what they do is in attacks.py.

# An honest peer is asked for his opinion a dozen times in each attack.
SIEGES+=(strangers_and_liars_harm_neither_the_daemon_nor_its_honest_peer
  a_flood_of_streams_or_headers_takes_no_memory_and_no_honest_peers_time
  answers_that_must_not_differ_cannot_be_told_apart)

# FLAGS...: a siege, and its figures.
_besiege() {
  # What was freed and is kept by the address sanitizer, 256 MB by itself, is not
  # what the daemon holds.
  export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=16
  # Nor does it give anything back.
  local -a sanitized=()
  grep -q __asan_init "$bin/interlinkd" && sanitized=(--growth 160 --no-given-back)
  run 0 python3 "$here/hostile.py" --bin "$bin" --scratch "$scratch" \
    --quick "${sanitized[@]}" "$@"
  printf '%s\n' "$output"
}

strangers_and_liars_harm_neither_the_daemon_nor_its_honest_peer() {
  _besiege --no-tell-apart --attack 'crowd|source|shake|certificates|slow|large|cannot be read|proxy|guessing|recorded|sessions?'
}

a_flood_of_streams_or_headers_takes_no_memory_and_no_honest_peers_time() {
  _besiege --no-tell-apart --attack 'resets|streams without end|headers that never end|calls without|frames'
}

answers_that_must_not_differ_cannot_be_told_apart() {
  _besiege --attack 'none of them'
}
