# The API as other people's clients see it: grpcurl and buf curl, on the unix
# socket and over TCP with mutual TLS.

readonly INTERLINKS=interlink.v1.InterlinkService
readonly NUMBERS=interlink.v1.NumberService

_certificates() {
  "$here/../support/certificates.py" "$@"
}

_server_certificate() {
  local tls=$scratch/tls
  _certificates issue "$tls/server" "$tls/ca" extendedKeyUsage=serverAuth \
    subjectAltName=IP:127.0.0.1,DNS:localhost
}

# Makes a CA with the certificates of a server and of clients: one a role, and
# one without a role.
_make_certificates() {
  local tls=$scratch/tls
  mkdir -p "$tls"
  _certificates authority "$tls/ca"
  _server_certificate
  local role
  for role in admin pbx viewer; do
    _certificates issue "$tls/$role" "$tls/ca" extendedKeyUsage=clientAuth \
      "subjectAltName=URI:interlink://role/$role"
  done
  _certificates issue "$tls/nobody" "$tls/ca" extendedKeyUsage=clientAuth \
    subjectAltName=DNS:nobody.example
}

_start_with_tcp_api() {
  _make_certificates
  start mike --api-listen 127.0.0.1:0 --api-cert "$scratch/tls/server.pem" \
    --api-key "$scratch/tls/server.key" --api-client-ca "$scratch/tls/ca.pem" \
    --pbx-socket "$scratch/pbx.sock"
}

_unix() {  # SOCKET [DATA] METHOD
  local socket=$1 method=${*: -1} data=()
  (($# == 3)) && data=(-d "$2")
  # shellcheck disable=SC2086
  grpcurl -plaintext -max-time 20 "${data[@]}" "unix://$socket" $method
}

_tcp() {  # ROLE [DATA] METHOD
  local role=$1 method=${*: -1} data=()
  (($# == 3)) && data=(-d "$2")
  # shellcheck disable=SC2086
  grpcurl -max-time 20 -cacert "$scratch/tls/ca.pem" -cert "$scratch/tls/$role.pem" \
    -key "$scratch/tls/$role.key" "${data[@]}" "$(ready mike api_tcp)" $method
}

_buf_unix() {  # SOCKET ARGUMENTS... PATH
  local socket=$1 path=${*: -1}
  buf curl --protocol grpc --http2-prior-knowledge --unix-socket "$socket" \
    "${@:2:$#-2}" "http://localhost$path"
}

_buf_tcp() {  # ROLE ARGUMENTS... PATH
  local role=$1 path=${*: -1}
  buf curl --protocol grpc --cacert "$scratch/tls/ca.pem" \
    --cert "$scratch/tls/$role.pem" --key "$scratch/tls/$role.key" \
    "${@:2:$#-2}" "https://$(ready mike api_tcp)$path"
}

_says_all_services() {
  local service
  for service in interlink.v1.{Interlink,Number,Resolver,Daemon}Service \
                 grpc.health.v1.Health; do
    says "^$service\$"
  done
}

grpcurl_lists_describes_calls_and_streams_on_the_unix_socket() {
  needs_tool grpcurl
  start mike
  local socket=$scratch/mike/api.sock
  run 0 _unix "$socket" list
  _says_all_services
  run 0 _unix "$socket" "describe $INTERLINKS"
  says 'rpc GenerateKey'
  run 0 _unix "$socket" 'describe interlink.v1.Interlink'
  says 'health_since_time'
  run 0 _unix "$socket" 'describe grpc.health.v1.Health'
  run 0 _unix "$socket" grpc.health.v1.Health/Check
  says '"SERVING"'

  run 0 _unix "$socket" '{"name":"John Smith"}' $INTERLINKS/GenerateKey
  says 'ilk1_'
  run 0 _unix "$socket" $INTERLINKS/ListInterlinks
  says INDICATOR_GREY
  grpcurl -plaintext "unix://$socket" $INTERLINKS/WatchInterlinks \
    >"$scratch/watch" &
  background+=($!)
  await 10 grep --quiet '"current": true' "$scratch/watch"
  run 0 ctl mike rename 'John Smith' John
  await 10 grep --quiet '"John"' "$scratch/watch"
  run 0 _unix "$socket" '{"entries":[{"line":1,"number":{"number":"201"}}]}
    {"entries":[{"line":2,"number":{"number":"202"}}]}' $NUMBERS/ImportNumbers
  says '"created_?[cC]ount": "2"'
}

grpcurl_works_over_tcp_with_mutual_tls() {
  needs_tool grpcurl
  _start_with_tcp_api
  run 0 _tcp admin list
  _says_all_services
  run 0 _tcp admin "describe $NUMBERS"
  run 0 _tcp admin '{"name":"John Smith"}' $INTERLINKS/GenerateKey
  run 0 _tcp admin grpc.health.v1.Health/Check
  says '"SERVING"'
  run 0 "$bin/interlinkctl" --api "$(ready mike api_tcp)" \
    --cert "$scratch/tls/admin.pem" --key "$scratch/tls/admin.key" \
    --ca "$scratch/tls/ca.pem" list
  says 'John Smith'
}

# grpcurl ends with 64 + the code: 71 PERMISSION_DENIED, 69 NOT_FOUND.
each_role_may_do_what_it_is_for_and_no_more() {
  needs_tool grpcurl
  _start_with_tcp_api
  run 69 _tcp pbx '{"number":"999999"}' interlink.v1.ResolverService/Resolve
  says 'NUMBER_NOT_FOUND: '
  run 71 _tcp pbx '{"name":"a"}' $INTERLINKS/GenerateKey
  says 'NOT_PERMITTED: '
  run 71 _tcp pbx '{"number":{"number":"201"}}' $NUMBERS/CreateNumber
  run 0 _tcp viewer $INTERLINKS/ListInterlinks
  run 0 _tcp viewer interlink.v1.DaemonService/GetAccount
  run 71 _tcp viewer '{"number":"999999"}' interlink.v1.ResolverService/Resolve
  run 71 _tcp viewer '{"name":"a"}' $INTERLINKS/GenerateKey
  run 71 _tcp viewer '{"id":"00000000000000000000000000000000"}' $INTERLINKS/ShowKey
  run 71 _tcp nobody $INTERLINKS/ListInterlinks

  run 69 _unix "$scratch/pbx.sock" '{"number":"999999"}' \
    interlink.v1.ResolverService/Resolve
  run 71 _unix "$scratch/pbx.sock" '{"name":"a"}' $INTERLINKS/GenerateKey
}

the_tcp_api_is_closed_to_strangers() {
  needs_tool grpcurl
  _start_with_tcp_api
  local address
  address=$(ready mike api_tcp)
  run 1 grpcurl -plaintext -connect-timeout 1 "$address" list
  run 1 grpcurl -insecure -connect-timeout 1 "$address" list
  # A certificate of its own making, with the right name in it.
  _certificates self "$scratch/own" subjectAltName=URI:interlink://role/admin
  run 1 grpcurl -insecure -connect-timeout 1 -cert "$scratch/own.pem" \
    -key "$scratch/own.key" "$address" list
}

errors_carry_their_reason_in_the_message_and_in_the_details() {
  needs_tool grpcurl
  start mike
  run 69 _unix "$scratch/mike/api.sock" \
    '{"id":"00000000000000000000000000000000"}' $INTERLINKS/GetInterlink
  says 'Message: LINK_NOT_FOUND: .+'
  says 'ErrorInfo'
  says '"domain": ?"interlink"'
  says '"reason": ?"LINK_NOT_FOUND"'
}

the_federation_port_shows_strangers_nothing() {
  needs_tool grpcurl
  start mike
  _certificates self "$scratch/own"
  local address
  address=$(ready mike federation)
  run 1 grpcurl -plaintext -connect-timeout 1 "$address" list
  run 1 grpcurl -insecure -connect-timeout 1 "$address" list
  run 1 grpcurl -insecure -max-time 5 -cert "$scratch/own.pem" \
    -key "$scratch/own.key" "$address" list
  says 'does not support the reflection API'
  local proto=$here/../../proto
  run 69 grpcurl -insecure -max-time 5 -cert "$scratch/own.pem" \
    -key "$scratch/own.key" -import-path "$proto" \
    -proto interlink/federation/v1/federation.proto \
    "$address" interlink.federation.v1.FederationService/Lookup
  says LINK_UNKNOWN
  # The API is not served there at all.
  run 76 grpcurl -insecure -max-time 5 -cert "$scratch/own.pem" \
    -key "$scratch/own.key" -import-path "$proto" \
    -proto interlink/v1/interlink.proto "$address" $INTERLINKS/ListInterlinks
}

buf_curl_lists_calls_and_streams() {
  needs_tool buf
  _start_with_tcp_api
  local socket=$scratch/mike/api.sock
  run 0 _buf_unix "$socket" --list-services ''
  _says_all_services
  run 0 _buf_unix "$socket" --list-methods ''
  says "$INTERLINKS/GenerateKey"
  run 0 _buf_unix "$socket" --data '{"name":"John Smith"}' /$INTERLINKS/GenerateKey
  says 'ilk1_'
  run 0 _buf_unix "$socket" /grpc.health.v1.Health/Check
  says '"SERVING"'
  _buf_unix "$socket" /$INTERLINKS/WatchInterlinks >"$scratch/watch" &
  background+=($!)
  await 10 grep --quiet 'current' "$scratch/watch"

  run 0 _buf_tcp admin --list-services ''
  _says_all_services
  run 0 _buf_tcp viewer /$INTERLINKS/ListInterlinks
  says INDICATOR_GREY
  # buf ends with 8 times the code.
  run 56 _buf_tcp viewer --data '{"name":"b"}' /$INTERLINKS/GenerateKey
  says NOT_PERMITTED
}
