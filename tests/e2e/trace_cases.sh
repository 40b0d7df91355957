# A W3C trace context, from a PBX's question through both daemons' logs.

readonly TRACE=4bf92f3577b34da6a3ce929d0e0e4736
readonly PARENT=00-$TRACE-00f067aa0ba902b7-01

# NAME ARGUMENTS...: asks for a number by gRPC.
_resolve() {
  grpcurl -plaintext "${@:3}" -d "{\"number\":\"$2\",\"bypass_mirror\":true}" \
    "unix://$scratch/$1/api.sock" interlink.v1.ResolverService/Resolve
}

a_trace_is_in_the_logs_of_both_accounts() {
  needs_tool grpcurl
  start mike --pbx-http-listen 127.0.0.1:0 --call-admission open
  start john --call-admission open
  add_number mike 201
  add_number john 301
  link mike john
  run_answered 0 _resolve mike 301 -H "traceparent: $PARENT"
  await 10 has_logged mike "at grpc: found at .*\"john\\\\\" \(.*$PARENT"
  await 10 has_logged john "over the interlink .*mike.*: found, traceparent $PARENT"
  local http
  http=http://$(ready mike pbx_http)
  run 0 curl --silent --fail --header "Traceparent: $PARENT" "$http/v1/resolve?number=201"
  await 10 has_logged mike "at http: a local number, .*$PARENT"
  run 0 curl --silent --fail --header "traceparent: $PARENT" "$http/v1/authorize?dialled=201"
  await 10 has_logged mike "about a call at http: let in without a token, .*$PARENT"
}

a_trace_that_is_not_well_formed_is_ignored() {
  needs_tool grpcurl
  start mike --pbx-http-listen 127.0.0.1:0
  start john
  add_number john 301
  link mike john
  local http bad
  http=http://$(ready mike pbx_http)
  for bad in "$PARENT-00" "ff${PARENT#00}" 00-0-0-00 "${PARENT^^}" "$PARENT evil"; do
    run_answered 0 _resolve mike 301 -H "traceparent: $bad"
    run 0 curl --silent --fail --header "traceparent: $bad" "$http/v1/resolve?number=301"
  done
  # Two are none.
  run 0 curl --silent --fail --header "traceparent: $PARENT" --header "traceparent: $PARENT" \
    "$http/v1/resolve?number=301"
  stop mike && stop john  # All is written then.
  ! grep --ignore-case -e "$TRACE" -e 'traceparent' "$scratch"/{mike,john}/log ||
    fail 'a bad trace was logged'
}
