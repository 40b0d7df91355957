#!/usr/bin/env bash
# Every manifest, of both forms, keeps to the schemas of what it is for; unknown
# fields are faults.
#
#   tests/kubernetes/schemas.sh <checkout>
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../../deploy/tools.sh"
source "$here/renderings.sh"
begin "$1"
render_all "$scratch" || exit 1
node "$here/schemas.mjs" "$KUBERNETES_SCHEMAS/node_modules" "$scratch"/*.yaml
