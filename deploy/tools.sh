# Sourced. Where grpcurl, buf, axe-core, kustomize, helm and packages of npm are kept,
# in which version, and that folder first on PATH. None is a Debian package; all are
# used by tests only.
readonly GRPCURL_VERSION=v1.9.3
readonly BUF_VERSION=1.75.0
readonly AXE_VERSION=4.14.1
readonly KUSTOMIZE_VERSION=v5.7.1
readonly HELM_VERSION=v3.19.5
# Which Kubernetes it templates for; its own build sets the same.
readonly HELM_KNOWS='-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1
  -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=34
  -X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor=1
  -X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor=34'
readonly KUBERNETES_VERSION=v1.34.4
readonly INTERLINK_TOOLS="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/interlink-tools"
# NAME FOLDER: where the packages of npm that FOLDER's package-lock.json lists are kept.
# Named by what is in it, so that another list of versions is another folder.
npm_packages() {
  printf '%s-%s\n' "$INTERLINK_TOOLS/$1" "$(
    cksum 2>/dev/null \
      <"$(dirname "${BASH_SOURCE[0]}")/../$2/package-lock.json" |
      cut -d ' ' -f 1 || true
  )"
}
KUBERNETES_SCHEMAS=$(npm_packages schemas tests/kubernetes)
CONNECT_CLIENTS=$(npm_packages connect tests/e2e/connect)
readonly KUBERNETES_SCHEMAS CONNECT_CLIENTS
# A real API server, which only .ci/nightly builds.
readonly KUBE_API_SERVER=$INTERLINK_TOOLS/kube-apiserver-$KUBERNETES_VERSION
# Real PBXs and phones, unpacked from Debian's packages: a suite has one version of
# each, and bullseye and bookworm have it for good. Forky moves within Asterisk 22.
readonly -A PBX_PACKAGES=(
  [bullseye]='asterisk'  # 16
  [forky]='asterisk'     # 22
  [bookworm]='kamailio sip-tester baresip-core'
)
export PATH="$INTERLINK_TOOLS/bin:$PATH"

# NAME: why that tool is not here, and what would bring it.
why_missing() {
  local builder package
  case $1 in
    grpcurl | kustomize | helm) builder=go package=golang-go ;;
    buf | tsc | axe | connect) builder=npm package=npm ;;
    node) echo "node is not installed: it comes with Debian's package npm" && return ;;
    *) echo "$1 is not installed: deploy/install-dependencies.sh installs it" && return ;;
  esac
  if [[ -s $INTERLINK_TOOLS/$1.log ]]; then
    echo "$1 could not be installed: the reason is in $INTERLINK_TOOLS/$1.log"
  elif command -v "$builder" >/dev/null; then
    echo "$1 is not installed: deploy/install-dependencies.sh installs it"
  else
    echo "$1 is not installed: Debian has no package of it, and" \
      "deploy/install-dependencies.sh fetches it only where $builder is (package $package)"
  fi
}
