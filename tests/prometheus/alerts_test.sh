#!/usr/bin/env bash
# The alert rules: promtool takes them, each fires when it should and not when it
# should not, and the copies for Kubernetes are the same. The pages tell of each alert
# and of each row of the dashboard.
#
#   tests/prometheus/alerts_test.sh <checkout>
set -euo pipefail
cd "$1"
source deploy/tools.sh
command -v promtool >/dev/null || {
  [[ ${CI:-} != true ]] || { echo "promtool is needed in CI" >&2 && exit 1; }
  echo "no promtool; see deploy/install-dependencies.sh"
  exit 77
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0
fail() {
  printf 'FAILED: %s\n' "$*" >&2
  failed=1
}

readonly RULES=deploy/prometheus/alerts.yaml
promtool check rules "$RULES" || fail "promtool does not take $RULES"
cp "$RULES" tests/prometheus/alerts_test.yaml "$scratch"
(cd "$scratch" && promtool test rules alerts_test.yaml) || fail "an alert does not do what it should"

# From the line "groups:" on, as Helm and as the Prometheus operator has them.
rules_in() { sed -n '/^ *groups:/,$p' "$1" | sed "s/^$2//"; }
rules_in "$RULES" '' >"$scratch/rules"
for copy in deploy/helm/files/alerts.yaml: deploy/kubernetes/components/monitoring/alerts.yaml:'  '; do
  rules_in "${copy%%:*}" "${copy#*:}" | cmp - "$scratch/rules" ||
    fail "${copy%%:*} differs from $RULES; copy it"
done

while read -r alert; do
  grep --quiet "labels: '{alertname=\"$alert\"" tests/prometheus/alerts_test.yaml ||
    fail "no test shows $alert firing"
  grep --quiet "^| \`$alert\` |" deploy/prometheus/README.md ||
    fail "deploy/prometheus/README.md does not say what to do about $alert"
done < <(sed -n 's/^ *- alert: //p' "$RULES")
while read -r row; do
  grep --quiet --fixed-strings "| $row |" deploy/README.md ||
    fail "the handbook does not tell how to read the dashboard's row '$row'"
done < <(sed -n '/"type": "row"/,/}/s/^ *"title": "\(.*\)",\?$/\1/p' deploy/grafana/interlink.json)
exit $failed
