# The SIP door, by clients that nobody here wrote.

# A daemon with the door open and the number 201.
_start_with_sip() {
  needs_tool sipp
  start mike --sip-listen 127.0.0.1:0 "$@"
  run 0 ctl mike number add 201 --destination sip:reception@10.0.0.5
  cd "$scratch"  # Where sipp writes.
}

# SIPP-FLAGS...: all calls of the scenario are redirected.
_are_redirected() {
  run 0 sipp "$(ready mike sip)" -sf "$here/sip_redirect.xml" -s 201 -i 127.0.0.1 \
    -nostdin -timeout 60s -timeout_error "$@"
}

sip_callers_are_redirected_over_udp_and_tcp() {
  _start_with_sip
  _are_redirected -t u1 -m 500 -r 500
  # One connection for all calls, and one for each.
  _are_redirected -t t1 -m 500 -r 500
  _are_redirected -t tn -max_socket 500 -m 200 -r 200
  stop mike
}

# Each packet is lost with one chance in twenty, and sent again. sipp gives a call up after
# six attempts; with one chance in five, that ended a call in every fifth run.
sip_callers_behind_a_lossy_network_get_the_same_answer_again() {
  _start_with_sip
  _are_redirected -t u1 -m 200 -r 100 -lost 5
  says 'INVITE -+> +200 +[1-9]'  # Sent again.
  stop mike
}

sip_from_other_sources_is_not_answered() {
  _start_with_sip --sip-allow 127.0.0.9
  ! sipp "$(ready mike sip)" -sf "$here/sip_redirect.xml" -s 201 -i 127.0.0.1 \
    -nostdin -m 1 -timeout 2s -timeout_error >sipp.log 2>&1 ||
    fail 'a source that is not allowed was answered'
  run 0 curl --silent "http://$(ready mike http)/metrics"
  says 'interlink_sip_requests_total\{result="not_allowed"\} [1-9]'
  stop mike
}
