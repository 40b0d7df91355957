#!/usr/bin/env bash
# The manifests on a real API server, with server-side validation and Pod Security
# admission at "restricted". There is no kubelet: nothing runs. Skipped (77) without
# the API server, which install_api_server.sh builds.
#
#   tests/kubernetes/api_server_test.sh
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../deploy/tools.sh
source "$here/../../deploy/tools.sh"
cd "$here/../.."

for program in kube-apiserver kubectl etcd; do
  if [[ ! -x $KUBE_API_SERVER/$program ]]; then
    echo "SKIPPED: no $program; tests/kubernetes/install_api_server.sh builds it"
    exit 77
  fi
done
export PATH="$KUBE_API_SERVER:$PATH"

scratch=$(mktemp -d "${TMPDIR:-/tmp}/interlink-apiserver-XXXXXX")
processes=()
clean_up() {
  local status=$?
  trap - EXIT
  ((${#processes[@]} == 0)) || kill "${processes[@]}" 2>/dev/null || true
  wait
  if ((status != 0)); then
    tail -n 5 "$scratch"/*.log >&2 || true
  fi
  rm -rf "$scratch"
  exit $status
}
trap clean_up EXIT

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# ---- The server, on loopback, on ports that the system gives.

free_ports() {  # COUNT
  python3 -c "
import socket, sys
sockets = [socket.create_server(('127.0.0.1', 0)) for _ in range($1)]
print(*[s.getsockname()[1] for s in sockets])"
}

read -r etcd_port peer_port port < <(free_ports 3)
etcd --data-dir "$scratch/etcd" --listen-client-urls "http://127.0.0.1:$etcd_port" \
  --advertise-client-urls "http://127.0.0.1:$etcd_port" \
  --listen-peer-urls "http://127.0.0.1:$peer_port" \
  --unsafe-no-fsync >"$scratch/etcd.log" 2>&1 &
processes+=($!)
openssl genrsa -out "$scratch/accounts.key" 2048 2>/dev/null
token=$(openssl rand -hex 16)
echo "$token,admin,admin,system:masters" >"$scratch/tokens"
kube-apiserver --etcd-servers "http://127.0.0.1:$etcd_port" \
  --bind-address 127.0.0.1 --secure-port "$port" --cert-dir "$scratch/certificates" \
  --token-auth-file "$scratch/tokens" --authorization-mode RBAC \
  --service-cluster-ip-range 10.96.0.0/16 --service-account-issuer https://interlink.test \
  --service-account-key-file "$scratch/accounts.key" \
  --service-account-signing-key-file "$scratch/accounts.key" \
  >"$scratch/apiserver.log" 2>&1 &
processes+=($!)

for _ in {1..600}; do
  curl --silent --fail --insecure --header "Authorization: Bearer $token" \
    "https://127.0.0.1:$port/readyz" >/dev/null && break
  kill -0 "${processes[1]}" 2>/dev/null || fail 'the API server has ended'
  sleep 0.2
done
cat >"$scratch/kubeconfig" <<CONFIG
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "https://127.0.0.1:$port", certificate-authority: $scratch/certificates/apiserver.crt}}]
users: [{name: admin, user: {token: $token}}]
contexts: [{name: test, context: {cluster: test, user: admin}}]
current-context: test
CONFIG
export KUBECONFIG=$scratch/kubeconfig
kubectl version | sed 's/^/    /'

# ---- What it says of the manifests.

# COMMAND...: it succeeds, and nobody is warned of anything.
quietly() {
  "$@" >"$scratch/output" 2>"$scratch/warnings" ||
    fail "$*"$'\n'"$(<"$scratch/warnings")"
  [[ ! -s $scratch/warnings ]] || fail "$*"$'\n'"$(<"$scratch/warnings")"
}

# REGEX COMMAND...: it is refused with these words.
refused() {
  local regex=$1
  shift
  ! "$@" >"$scratch/output" 2>&1 || fail "this is not refused: $*"
  grep --quiet --extended-regexp "$regex" "$scratch/output" ||
    fail "$*"$'\n'"$(<"$scratch/output")"
}

quietly kubectl apply -f "$here/crds.yaml"
quietly kubectl wait --for=condition=Established --timeout=60s crd --all

for overlay in mike john load-balancer gateway; do
  quietly kubectl apply --validate=strict -k "deploy/kubernetes/overlays/$overlay"
  [[ $overlay != mike ]] || cp "$scratch/output" "$scratch/applied"
  # Applied again, nothing would change: so nothing restarts.
  quietly kubectl diff -k "deploy/kubernetes/overlays/$overlay"
  quietly kubectl apply --server-side --force-conflicts --validate=strict \
    -k "deploy/kubernetes/overlays/$overlay"
done
# The page shows what this printed.
python3 - "$scratch/applied" deploy/kubernetes/README.md <<'PYTHON' || fail 'the page shows another output of kubectl apply'
import re, sys
applied, page = (open(name).read() for name in sys.argv[1:])
hash = lambda text: re.sub(r"interlink-settings-\w{10}", "interlink-settings-HASH", text)
sys.exit(hash(applied) not in hash(page))
PYTHON

# A field that is not there, and a value that is none.
kubectl kustomize deploy/kubernetes/overlays/john >"$scratch/john.yaml"
sed 's/replicas: 1/replicaz: 1/' "$scratch/john.yaml" >"$scratch/fault.yaml"
refused 'unknown field "spec.replicaz"' \
  kubectl apply --validate=strict -f "$scratch/fault.yaml"
sed 's/ReadWriteOncePod/ReadWriteTwice/' "$scratch/john.yaml" >"$scratch/fault.yaml"
refused 'ReadWriteTwice|Forbidden' kubectl apply -f "$scratch/fault.yaml"

# ---- Pod Security, at which a StatefulSet only warns: its pods are refused.

# KIND NAME NAMESPACE: the pod that it would make.
pod_of() {
  local template=.spec.template
  [[ $1 != cronjob ]] || template=.spec.jobTemplate.spec.template
  kubectl get "$1" "$2" -n "$3" -o json | jq "{apiVersion: \"v1\", kind: \"Pod\",
    metadata: {name: \"try\", namespace: \"$3\"}, spec: $template.spec}"
}

pod_of statefulset interlink mike |
  jq '.spec.volumes += [{name: "data", emptyDir: {}}]' >"$scratch/pod.json"
quietly kubectl create --dry-run=server -f "$scratch/pod.json"
pod_of cronjob interlink-backup mike >"$scratch/backup.json"
quietly kubectl create --dry-run=server -f "$scratch/backup.json"
for change in '.spec.securityContext.runAsNonRoot = false' \
  'del(.spec.securityContext.seccompProfile)' \
  '.spec.containers[0].securityContext.allowPrivilegeEscalation = true' \
  'del(.spec.containers[0].securityContext.capabilities)' \
  '.spec.hostNetwork = true'; do
  jq "$change" "$scratch/pod.json" >"$scratch/fault.json"
  refused 'violates PodSecurity "restricted:latest"' \
    kubectl create --dry-run=server -f "$scratch/fault.json"
done
sed 's/BACKUP/try/' deploy/kubernetes/components/backup/restore.yaml >"$scratch/restore.yaml"
quietly kubectl apply -n mike -f "$scratch/restore.yaml"
quietly kubectl apply -n mike -f deploy/kubernetes/grpcurl.yaml
quietly kubectl create job by-hand --from=cronjob/interlink-backup -n mike

# ---- The chart: installed, changed and removed.

quietly kubectl create namespace tina
quietly kubectl label namespace tina pod-security.kubernetes.io/enforce=restricted \
  pod-security.kubernetes.io/warn=restricted
quietly helm install tina deploy/helm -n tina --set accountName='Tina Turner'
grep --quiet 'kubectl exec -n tina tina-interlink-0 -- interlinkctl status' \
  "$scratch/output" || fail "the notes: $(<"$scratch/output")"
settings() {
  kubectl get statefulset tina-interlink -n tina \
    -o jsonpath='{.spec.template.metadata.annotations.checksum/settings}'
}
before=$(settings)
quietly helm upgrade tina deploy/helm -n tina --reuse-values --set logLevel=debug
[[ $(settings) != "$before" ]] || fail 'a new setting restarts nothing'
quietly helm upgrade tina deploy/helm -n tina --reuse-values --set api.enabled=true \
  --set backup.enabled=true --set monitoring.enabled=true
quietly helm uninstall tina -n tina
kubectl get pvc -n tina -o name | grep tina-interlink-backups >/dev/null ||
  fail 'the backups went with the release'
helm template interlink deploy/helm -n mike --values deploy/helm/examples/mike.yaml \
  >"$scratch/helm.yaml"
# Both ways lead to the same objects.
quietly kubectl apply --server-side --force-conflicts --validate=strict -f "$scratch/helm.yaml"

echo 'the API server takes all manifests, and no pod that is not restricted'
