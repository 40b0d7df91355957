#!/usr/bin/env bash
# The chart passes its lint, does what its values say, and refuses what cannot
# work with a sentence that says what to do.
#
#   tests/kubernetes/chart.sh <checkout>
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../../deploy/tools.sh"
source "$here/renderings.sh"
cd "$1" || exit 2
needs helm
failed=0

fault() {
  printf '%s\n' "$*" >&2
  failed=1
}

# FLAGS...: the chart as `helm install john ... -n john` would apply it.
render() { helm template john deploy/helm --namespace john "$@" 2>&1; }

# REGEX FLAGS...: the rendering has such a line.
has() {
  local regex=$1
  shift
  render --set accountName=John "$@" |
    grep --extended-regexp -- "$regex" >/dev/null || fault "no '$regex' with: $*"
}

lacks() {
  local regex=$1 rendered
  shift
  rendered=$(render --set accountName=John "$@") || fault "no rendering with: $*"
  ! grep --quiet --extended-regexp -- "$regex" <<<"$rendered" ||
    fault "'$regex' with: $*"
}

# REGEX FLAGS...: no rendering, and a message that says so.
refuses() {
  local regex=$1 message
  shift
  if message=$(render "$@"); then
    fault "this is rendered: $*"
  else
    grep --quiet --extended-regexp -- "$regex" <<<"$message" ||
      fault "'$regex' is not in the refusal of: $*"$'\n'"$message"
  fi
}

for values in deploy/helm/examples/*.yaml; do
  lint=$(helm lint --strict deploy/helm --values "$values") || fault "$lint"
done

# Names and labels: one account is one release.
has '^  name: john-interlink$'
has 'app.kubernetes.io/instance: john$'
has 'claimName: john-interlink-backups' --set api.enabled=true,backup.enabled=true
has '--api=john-interlink-api:7444' --set api.enabled=true,backup.enabled=true

# Settings.
has 'INTERLINK_ACCOUNT_NAME: "John \\"JS\\" Smith, head office: #1"' \
  --set-string accountName='John "JS" Smith\, head office: #1'
has 'INTERLINK_ADVERTISE: "john-interlink-peers.john.svc:7443"'
has 'INTERLINK_ADVERTISE: "a.example:1,b.example:2"' \
  --set 'advertise={a.example:1,b.example:2}'
has 'INTERLINK_ADVERTISE: "john-interlink-peers.john.svc:8443"' --set peers.port=8443
has 'INTERLINK_CONTACT_HOSTS: "a.example,b.example"' \
  --set 'contactHosts={a.example,b.example}'
has 'INTERLINK_NEVER_REMOTE: "112,110"' --set-json 'neverRemote=["112","110"]'
has 'INTERLINK_MAX_STALE: "30m"' --set settings.INTERLINK_MAX_STALE=30m
has 'INTERLINK_LOOKUP_LIMIT: "500"' --set settings.INTERLINK_LOOKUP_LIMIT=500
has 'INTERLINK_REDEEM_LIMIT: "7"' --set gateway.enabled=true \
  --set 'advertise={a.example:1}' --set settings.INTERLINK_REDEEM_LIMIT=7
lacks INTERLINK_CONTACT

# A change of a setting restarts the daemon, and nothing else does.
checksum() {
  render --set accountName=John "$@" | sed -n 's/^ *checksum.settings: //p'
}
[[ $(checksum) == $(checksum --set resources.limits.memory=1Gi) ]] ||
  fault 'the checksum changes without a change of a setting'
[[ $(checksum) != $(checksum --set logLevel=debug) ]] ||
  fault 'the checksum stays when a setting changes'

# What can be switched on and off.
lacks 'cert-manager|TLSRoute|PodMonitor|CronJob|--api-listen'
has 'kind: Certificate' --set api.enabled=true
has 'interlink://role/pbx' --set api.enabled=true
has 'john-interlink-api.john.svc' --set api.enabled=true
has 'kind: PodMonitor' --set monitoring.enabled=true
has 'alert: InterlinkDown' --set monitoring.enabled=true
has '\{\{ or \$labels.namespace \$labels.instance \}\}' --set monitoring.enabled=true
has 'ffffffffffffffffffffffffffffffff.interlink.internal' \
  --set gateway.enabled=true --set 'advertise={a.example:1}' \
  --set gateway.accountId=ffffffffffffffffffffffffffffffff
has 'externalTrafficPolicy: Local' \
  --set peers.type=LoadBalancer --set 'advertise={a.example:1}'
lacks 'kind: NetworkPolicy' --set networkPolicy.enabled=false
has 'port: 9999' --set 'networkPolicy.peerPorts={9999}'
has 'storageClassName: fast' --set storage.className=fast
has 'image: registry.example/interlink:2' \
  --set image.repository=registry.example/interlink --set-string image.tag=2

# What cannot work.
refuses 'set accountName'
refuses 'acountName' --set acountName=John
refuses 'replicas' --set accountName=John --set replicas=2
refuses 'set advertise' --set accountName=John --set peers.type=LoadBalancer
refuses 'set advertise' --set accountName=John --set gateway.enabled=true
refuses 'needs api.enabled' --set accountName=John --set backup.enabled=true
refuses 'value of its own' --set accountName=John \
  --set settings.INTERLINK_ADVERTISE=none
refuses 'contact' --set accountName=John --set contact=sip:reception@pbx.example
refuses 'advertise' --set accountName=John --set 'advertise={a.example}'
refuses 'accountId' --set accountName=John --set gateway.accountId=john

((failed)) || echo 'the chart does what its values say'
exit $failed
