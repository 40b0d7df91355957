#!/usr/bin/env bash
# Each check of this folder refuses the manifests with one fault planted in them:
# a check that cannot fail proves nothing.
#
#   tests/kubernetes/self_test.sh <checkout>
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../../deploy/tools.sh"
source "$here/renderings.sh"
begin "$1"
failed=0

# Two have everything that a fault is planted in, and take half the time of all.
export ONLY_EXAMPLES='mike gateway'

# CHECK FILE SED-SCRIPT: the check fails when the file is edited so.
refuses() {
  rm -rf "$scratch/deploy"
  cp -r deploy "$scratch/deploy"
  sed -i "$3" "$scratch/deploy/$2"
  if cmp --silent "deploy/$2" "$scratch/deploy/$2"; then
    echo "FAILED: '$3' changes nothing in $2"
    failed=1
  elif "$here/$1.sh" "$scratch" >"$scratch/output" 2>&1; then
    echo "FAILED: $1 accepts $2 after '$3'"
    failed=1
  else
    echo "ok: $1 refuses $2 after '$3'"
  fi
}

# So that what is refused below is the fault.
for check in schemas compare; do
  "$here/$check.sh" "$PWD" >"$scratch/output" 2>&1 || {
    echo "FAILED: $check refuses the manifests as they are"
    failed=1
  }
done

readonly BASE=kubernetes/base COMPONENTS=kubernetes/components
refuses schemas $BASE/statefulset.yaml 's/replicas: 1/replicaz: 1/'
refuses schemas $BASE/statefulset.yaml 's/containerPort: 7443/containerPort: peers/'
refuses schemas $COMPONENTS/monitoring/podmonitor.yaml 's/interval:/intervall:/'
refuses schemas $COMPONENTS/tls-route/tlsroute.yaml 's/gateway.networking.k8s.io.v1/&beta9/'
refuses schemas helm/templates/statefulset.yaml 's/serviceName:/service:/'

refuses compare $BASE/statefulset.yaml 's/fsGroup: 10001/fsGroup: 10002/'
refuses compare helm/values.yaml 's/size: 1Gi/size: 2Gi/'
refuses compare helm/files/alerts.yaml 's/for: 24h/for: 12h/'
refuses compare helm/templates/poddisruptionbudget.yaml 's/maxUnavailable/minAvailable/'

refuses chart helm/templates/statefulset.yaml '/checksum.settings/d'
refuses chart helm/templates/backup.yaml '/needs api.enabled/d'
exit $failed
