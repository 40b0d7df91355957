# Sourced. Every form of the manifests, rendered. The checks of this folder skip
# (77) without their tools, but not in CI.

# TOOL...: ends the check if one is not there.
needs() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null && continue
    why_missing "$tool" >&2
    [[ ${CI:-} == true ]] && exit 1
    exit 77
  done
}

# CHECKOUT: goes there, and makes the folder $scratch for as long as the check runs.
begin() {
  cd "$1" || exit 2
  needs kustomize helm node tsc
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/interlink-kubernetes-XXXXXX") || exit 2
  trap 'rm -rf "$scratch"' EXIT
}

# The examples exist as an overlay of Kustomize and as values of the chart.
read -ra EXAMPLES <<<"${ONLY_EXAMPLES:-john mike load-balancer gateway}"
readonly EXAMPLES

# The namespace that an example's overlay makes.
namespace_of() {
  sed -n 's/^namespace: //p' "deploy/kubernetes/overlays/$1/kustomization.yaml"
}

# FOLDER: writes kustomize-NAME.yaml and helm-NAME.yaml of each example, and the
# two forms that nobody applies as they are.
render_all() {
  local name
  kustomize build deploy/kubernetes/base >"$1/kustomize-base.yaml" || return
  cp deploy/kubernetes/components/backup/restore.yaml "$1/" || return
  for name in "${EXAMPLES[@]}"; do
    kustomize build "deploy/kubernetes/overlays/$name" \
      >"$1/kustomize-$name.yaml" || return
    # With this release's name both call everything the same.
    helm template interlink deploy/helm --namespace "$(namespace_of "$name")" \
      --values "deploy/helm/examples/$name.yaml" >"$1/helm-$name.yaml" || return
  done
}
