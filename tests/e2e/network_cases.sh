# A peer that cannot be reached: stopped, or its network cut.

LONG+=(when_packets_vanish_answers_stay_are_marked_and_end
  a_stopped_daemon_is_amber_and_green_again_when_it_goes_on)

# Two networks, "mike" and "john", joined by a third that forwards: what it does
# not forward vanishes without a word to either.
_three_networks() {
  ((EUID == 0)) && command -v ip >/dev/null && ip netns add "il-$$" 2>/dev/null ||
    skip 'making network namespaces needs root and iproute2'
  middle=il-$$
  namespaces+=("$middle")
  local name subnet=1
  for name in mike john; do
    ip netns add "il-$$-$name"
    namespaces+=("il-$$-$name")
    ip link add "to-$name" netns "$middle" type veth peer name lan netns "il-$$-$name"
    ip -n "$middle" addr add "10.99.$subnet.1/24" dev "to-$name"
    ip -n "$middle" link set "to-$name" up
    ip -n "il-$$-$name" addr add "10.99.$subnet.2/24" dev lan
    ip -n "il-$$-$name" link set lo up
    ip -n "il-$$-$name" link set lan up
    ip -n "il-$$-$name" route add default via "10.99.$subnet.1"
    subnet=$((subnet + 1))
  done
  _forward 1
}

_forward() {
  ip netns exec "$middle" sh -c "echo $1 >/proc/sys/net/ipv4/ip_forward"
}

_in_network() {  # NAME ADDRESS FLAGS...
  within=(ip netns exec "il-$$-$1")
  host[$1]=$2
  local name=$1
  shift 2
  start "$name" "$@"
}

# NAME ADDRESS...: what the name stands for from now on.
_hosts_say() {
  local name=$1
  shift
  printf "%s $name\n" "$@" >"$scratch/hosts"
}

# NAME ADDRESS FLAGS...: a daemon that knows no names but that of _hosts_say.
_with_hosts_in_network() {
  local name=$1 address=$2
  shift 2
  within=(ip netns exec "il-$$-$name" unshare --mount sh -c
    'mount --bind "$0" /etc/hosts && mount --bind /dev/null /etc/resolv.conf && exec "$@"'
    "$scratch/hosts")
  host[$name]=$address
  start "$name" "$@"
}

_is_fresh() { [[ $(json "$1" resolve "$2" | jq '.resolution.stale != true and .resolution.complete') == true ]]; }
_is_stale() { [[ $(json "$1" resolve "$2" | jq '.resolution.stale') == true ]]; }
_is_amber() { has_row "$1" "$2|INTERLINK_STATE_ESTABLISHED|INDICATOR_AMBER"; }
_is_unknown() { ! json "$1" resolve "$2" >/dev/null 2>&1; }

when_packets_vanish_answers_stay_are_marked_and_end() {
  _three_networks
  _in_network mike 10.99.1.2 --max-stale 30s
  _in_network john 10.99.2.2
  link mike john
  add_number john 301
  await 10 _is_fresh mike 301
  _forward 0
  # Not one of these waits for the peer: they take the time of twenty processes.
  for _ in {1..20}; do run 0 json mike resolve 301; done
  await 20 _is_stale mike 301
  for _ in {1..20}; do run 0 json mike resolve 301; done
  await 40 _is_amber mike john
  await 40 _is_amber john mike
  await 60 _is_unknown mike 301
  run 5 json mike resolve 301
  says LOOKUP_INCOMPLETE
  _forward 1
  await 70 has_green mike john
  await 10 _is_fresh mike 301
}

a_stopped_daemon_is_amber_and_green_again_when_it_goes_on() {
  start mike
  start john
  link mike john
  add_number john 301
  await 10 _is_fresh mike 301
  kill -STOP "${pid[john]}"
  await 40 _is_amber mike john
  run 0 json mike resolve 301
  answers '.resolution.stale'
  kill -CONT "${pid[john]}"
  await 20 has_green mike john
  await 20 has_green john mike
  await 10 _is_fresh mike 301
}

a_name_is_reached_past_its_silent_addresses_and_its_strangers() {
  _three_networks
  ip -n "$middle" route add blackhole 10.99.3.0/24
  ip -n "il-$$-mike" addr add 10.99.1.3/24 dev lan
  _hosts_say mike.test 2001:db8::1 10.99.3.1 10.99.3.2 10.99.3.3 10.99.1.3 10.99.1.2
  port[mike]=7443 port[tim]=7443
  _in_network mike 10.99.1.2 --advertise mike.test:7443
  within=(ip netns exec "il-$$-mike")
  host[tim]=10.99.1.3
  start tim
  _with_hosts_in_network john 10.99.2.2 --advertise none
  link mike john
  # The address moves, and with it the daemon.
  stop mike
  stop tim
  _hosts_say mike.test 10.99.3.1 10.99.1.3
  _in_network mike 10.99.1.3 --advertise mike.test:7443
  add_number mike 201
  await 70 _is_fresh john 201
}

a_name_that_cannot_be_looked_up_is_not_called_unknown() {
  _three_networks
  _in_network mike 10.99.1.2 --advertise mike.test:7443
  _hosts_say john.test 10.99.2.2
  _with_hosts_in_network john 10.99.2.2
  local key
  key=$(json mike generate-key john | jq -r .key)
  run 5 ctl john --timeout 8 link mike "$key"
  says 'the host name cannot be looked up at present: mike\.test:7443'
}

one_reachable_side_is_enough() {
  start mike --contact "sip:{number}@10.0.0.4"
  start john --advertise none --contact "sip:{number}@10.0.0.5"
  link mike john
  add_number mike 201
  add_number john 301
  await 10 _is_fresh mike 301
  await 10 _is_fresh john 201
  run 0 ctl mike resolve 301 --bypass-mirror
  run 0 ctl mike numbers
  says 301
  run 0 ctl mike delete john
  await 10 has_no_rows john
}
