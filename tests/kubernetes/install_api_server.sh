#!/usr/bin/env bash
# Builds a real API server of Kubernetes, kubectl with it, and fetches etcd, all
# into the cache folder of deploy/tools.sh. It takes a quarter of an hour on two
# cores, so only .ci/nightly does it. Does nothing when all is there.
#
#   tests/kubernetes/install_api_server.sh
set -euo pipefail
# shellcheck source=../../deploy/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../deploy/tools.sh"

say() { printf 'install-api-server: %s\n' "$*"; }

readonly folder=$KUBE_API_SERVER
mkdir -p "$folder"

# Debian's, without its service: only the program is wanted.
if [[ ! -x $folder/etcd ]]; then
  say "fetching etcd"
  unpacked=$(mktemp -d)
  (cd "$unpacked" && apt-get -qq download etcd-server && dpkg-deb -x ./*.deb .)
  install -m 755 "$unpacked/usr/bin/etcd" "$folder/etcd"
  rm -rf "$unpacked"
fi

[[ ! -x $folder/kube-apiserver || ! -x $folder/kubectl ]] || exit 0
command -v go >/dev/null || { say "this needs Go" >&2; exit 1; }
say "building kube-apiserver and kubectl $KUBERNETES_VERSION"
# Kubernetes' own module names its parts by folders of its repository; as
# modules of their own they have the same version, with 0 for 1.
readonly module=k8s.io/kubernetes@$KUBERNETES_VERSION part=v0.${KUBERNETES_VERSION#v1.}
mkdir -p "$folder/module"
cd "$folder/module"
go_mod=$(GOFLAGS='' go mod download -json "$module" | sed -n 's/^\t"GoMod": "\(.*\)",$/\1/p')
{
  printf 'module interlink.test/kubernetes\n\n'
  sed -n '/^go /p; /^godebug /p' "$go_mod"
  printf '\nrequire k8s.io/kubernetes %s\n\n' "$KUBERNETES_VERSION"
  sed -n "s|^\t\(k8s.io/[a-z-]*\) v0\.0\.0\$|replace \1 => \1 $part|p" "$go_mod" |
    sort --unique
} >go.mod
rm -f go.sum
version="-X k8s.io/component-base/version.gitVersion=$KUBERNETES_VERSION
  -X k8s.io/component-base/version.gitMajor=1
  -X k8s.io/component-base/version.gitMinor=$(cut -d . -f 2 <<<"$KUBERNETES_VERSION")"
for program in kube-apiserver kubectl; do
  GOFLAGS=-mod=mod CGO_ENABLED=0 go build -ldflags "-s -w $version" \
    -o "$folder/$program" "k8s.io/kubernetes/cmd/$program"
done
