#!/usr/bin/env bash
# The overlays and the chart make the same of each example.
#
#   tests/kubernetes/compare.sh <checkout>
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../../deploy/tools.sh"
source "$here/renderings.sh"
begin "$1"
render_all "$scratch" || exit 1
failed=0
for name in "${EXAMPLES[@]}"; do
  node "$here/compare.mjs" "$KUBERNETES_SCHEMAS/node_modules" \
    "$scratch/kustomize-$name.yaml" "$scratch/helm-$name.yaml" || failed=1
done
exit $failed
