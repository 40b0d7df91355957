# Lines that lose, delay, repeat and swap packets, or carry them one way only.

LONG+=(a_thousand_numbers_arrive_whole_over_a_bad_line
  a_line_cut_one_way_is_amber_on_both_sides_and_heals)

readonly BAD='loss=5 delay=40 jitter=60 repeat=2'

# Mike and John, each in a network of his own, joined by a line (lossy_link.py)
# that starts out good.
_join_by_line() {
  # shellcheck disable=SC2015  # Whichever of these fails.
  ((EUID == 0)) && command -v ip >/dev/null && ip netns add "il-$$-mike" 2>/dev/null ||
    skip 'making network namespaces needs root and iproute2'
  namespaces+=("il-$$-mike")
  ip netns add "il-$$-john"
  namespaces+=("il-$$-john")
  [[ -c /dev/net/tun ]] || skip 'there is no /dev/net/tun here'
  printf 'cut=none\n' >"$scratch/order"
  # Ends with the pipe, and so with us.
  mkfifo "$scratch/alive"
  python3 "$here/lossy_link.py" --order "$scratch/order" \
    "il-$$-mike=10.98.0.1/24" "il-$$-john=10.98.0.2/24" \
    <"$scratch/alive" >"$scratch/line" 2>&1 &
  background+=($!)
  exec {alive}>"$scratch/alive"
  for _ in {1..600}; do
    grep --quiet ready "$scratch/line" && return
    sleep 0.05
  done
  grep --quiet --extended-regexp 'Permission|Operation not permitted|No such device' "$scratch/line" &&
    skip 'TUN devices are not allowed here'
  fail "there is no line: $(<"$scratch/line")"
}

# WORDS...: from now on the line is like this.
_line() {
  printf '%s\n' "$*" >"$scratch/order.new"
  mv "$scratch/order.new" "$scratch/order"
}

_both_green() { has_green mike john && has_green john mike; }
_both_amber() { _is_amber mike john && _is_amber john mike; }
_mike_and_john() {
  _join_by_line
  _in_network mike 10.98.0.1
  _in_network john 10.98.0.2
}

# SECONDS: within these a number that is new on one side can be dialled on the
# other, both ways. What was known before proves nothing.
news=100
_news_travel() {
  news=$((news + 1))
  add_number mike "2$news" && add_number john "3$news"
  await "$1" _is_fresh mike "3$news"
  await "$1" _is_fresh john "2$news"
}

accounts_are_linked_and_deleted_over_a_bad_line() {
  _mike_and_john
  _line "$BAD"
  local key round
  for round in 1 2 3; do
    key=$(json mike generate-key john | jq -r .key)
    # On so bad a line it may need a second try, which is not ours.
    ctl john --timeout 30 link mike "$key" >"$scratch/link" 2>&1 || true
    await 60 _both_green
    _news_travel 20
    if ((round % 2)); then run 0 ctl john delete mike; else run 0 ctl mike delete john; fi
    await 60 has_no_rows mike
    await 60 has_no_rows john
  done
}

a_thousand_numbers_arrive_whole_over_a_bad_line() {
  _mike_and_john
  link mike john
  _line "$BAD"
  seq 3000 4999 | sed 's/.*/&,Extension &,sip:&@10.0.0.5,false/' >"$scratch/csv"
  run 0 ctl john number import "$scratch/csv"
  await 60 _is_fresh mike 4999
  json mike numbers | jq -r '.numbers[].number' | sort >"$scratch/arrived"
  seq 3000 4999 | sort | diff - "$scratch/arrived" >&2 || fail 'numbers differ'
  # And a link that is only bad is not a link that is down.
  local end=$((SECONDS + 35))
  while ((SECONDS < end)); do
    _both_green || fail "not green: $(rows mike) $(rows john)"
    sleep 0.5
  done
}

a_line_cut_one_way_is_amber_on_both_sides_and_heals() {
  _mike_and_john
  link mike john
  local cut
  for cut in first second; do
    _line "cut=$cut"
    local began=$SECONDS
    # 30 s without an answer, and what it takes to look.
    await 45 _both_amber
    ((SECONDS - began >= 15)) || fail "amber after $((SECONDS - began)) s already"
    _line cut=none
    await 70 _both_green
    _news_travel 20
  done
}

a_peer_that_vanished_without_a_word_is_found_again() {
  _mike_and_john
  link mike john
  _news_travel 10
  # Neither FIN nor RST gets through: Mike still thinks that he is connected.
  _line cut=both
  kill -KILL "${pid[john]}"
  wait "${pid[john]}" 2>/dev/null || true
  _in_network john 10.98.0.2
  has_green mike john
  _line cut=none
  await 40 _both_green
  _news_travel 20
}

a_host_with_a_new_address_is_found_with_no_work_by_hand() {
  _mike_and_john
  link mike john
  _news_travel 10
  # John moves: what went to the old address is lost.
  ip -n "il-$$-john" addr flush dev line
  ip -n "il-$$-john" addr add 10.98.0.7/24 dev line
  stop john
  _in_network john 10.98.0.7
  await 40 _both_green
  _news_travel 20
  # Mike has learnt the new address: it is he who dials now.
  stop mike
  _in_network mike 10.98.0.1
  await 40 _both_green
  _news_travel 20
}

# A subscriber on a line of 2 kB a second gets what it can; others do not wait
# for it.
a_slow_reader_holds_up_nobody_else() {
  _mike_and_john
  within=(ip netns exec "il-$$-mike")
  host[tim]=10.98.0.1
  start tim
  within=()
  link mike john && link mike tim
  _line rate=2000
  seq 10000 29999 | sed 's/.*/&,A number with a name,sip:&@10.0.0.5,false/' >"$scratch/csv"
  local before after
  run 0 ctl mike number import "$scratch/csv"
  # Tim has it all at once; John has some minutes to go.
  await 10 _is_fresh tim 29999
  before=$(_memory mike)
  local round
  for round in {1..20}; do
    add_number mike "30$((100 + round))"
    await 5 _is_fresh tim "30$((100 + round))"
    run_answered 0 ctl tim resolve "30$((100 + round))" --bypass-mirror
  done
  has_green tim mike && has_green mike tim
  (($(json john numbers | jq '.numbers | length') < 20000)) ||
    fail 'the line is not slow'
  after=$(_memory mike)
  ((after < before + 16384)) || fail "it piles up: $before kB, then $after kB"
  _line cut=none
  await 90 _is_fresh john 30120
}

# NAME: kB.
_memory() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/${pid[$1]}/status"; }
