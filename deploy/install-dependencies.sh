#!/usr/bin/env bash
# Installs what building, running and testing Interlink need. When all of it
# is there already, it does nothing, asks for nothing and needs no network.
#
#   deploy/install-dependencies.sh [--build-only | --pbxs]
#
#   --build-only  only what building the two programs and deploy/demo.sh need
#   --pbxs        only the PBXs, which needs no root
#
# The packages come from Debian 12 or 13 by apt, as root or through sudo. Where Go
# is present, also grpcurl, kustomize and helm, and where npm is present, also
# buf, axe-core, the schemas of Kubernetes and clients of the Connect protocol: pinned,
# in a cache folder of the user (see tools.sh), because Debian has none of them. Real
# PBXs and phones for tests are unpacked there from packages of Debian 11, 12 and
# testing, and Prometheus, and not installed. Tests use them; without them those tests
# are skipped.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools.sh
source "$here/tools.sh"

# One line a purpose: compilers and build; libraries; what the demo reads answers
# with, and the certificates without which gRPC looks for some at each start.
PACKAGES=(
  g++ cmake ninja-build ccache
  libgrpc++-dev protobuf-compiler-grpc libprotobuf-dev protobuf-compiler
  libabsl-dev libboost-dev librocksdb-dev libssl-dev
  libcli11-dev libspdlog-dev nlohmann-json3-dev
  libutf8proc-dev libosip2-dev libjemalloc-dev
  jq ca-certificates
)
# Checks; test libraries; what the scripts use; a browser for the page, and what its
# screenshots are set in.
readonly TEST_PACKAGES=(
  clang clang-tidy clang-format libclang-rt-dev
  libgtest-dev libgmock-dev gcovr
  curl openssl python3 python3-yaml git procps iproute2 sip-tester
  debian-archive-keyring
  chromium chromium-driver fonts-inter
  dpkg-dev lintian systemd man-db bsdextrautils zsh fish
)
wanted=${1:-all}
case $wanted in
  --build-only | --pbxs) ;;
  all) PACKAGES+=("${TEST_PACKAGES[@]}") ;;
  *) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
readonly PACKAGES wanted

say() { printf 'install-dependencies: %s\n' "$*"; }

give_up() {
  say "$*" >&2
  exit 1
}

# The packages of the list that are not installed, one a line.
missing_packages() {
  local -A installed=()
  local name status
  while read -r name status; do
    [[ $status == ii* ]] && installed[$name]=1
  done < <(dpkg-query --show --showformat '${Package} ${db:Status-Abbrev}\n' \
             "${PACKAGES[@]}" 2>/dev/null)
  for name in "${PACKAGES[@]}"; do
    [[ -v installed[$name] ]] || printf '%s\n' "$name"
  done
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo "$@"
  fi
}

apt_quietly() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq \
    -o Dpkg::Use-Pty=0 "$@"
}

install_packages() {
  command -v dpkg-query >/dev/null || give_up "this is not a Debian system;" \
    "install the equivalents of: ${PACKAGES[*]}"
  local missing
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]})) || return 0

  local command="apt-get install ${missing[*]}"
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      give_up "root is needed once; as root, run: $command"
    say "root is needed once, by sudo, for: $command"
  fi
  say "installing ${missing[*]}"
  # A mirror in the middle of its own update fails once and is well again.
  apt_quietly update || { sleep 5; apt_quietly update; }
  apt_quietly install --yes --no-install-recommends "${missing[@]}" >/dev/null
}

# NAME VERSION FILE COMMAND...: unless NAME of that VERSION is there, runs the
# command, which is to make FILE, and puts FILE on PATH.
install_tool() {
  local name=$1 version=$2 file=$3
  shift 3
  if [[ ! -x $file ]]; then
    say "installing $name $version into $INTERLINK_TOOLS"
    if ! "$@" >"$INTERLINK_TOOLS/$name.log" 2>&1; then
      say "$name could not be installed, and tests that need it are skipped;" \
        "the reason is in $INTERLINK_TOOLS/$name.log" >&2
      return 0
    fi
  fi
  [[ $INTERLINK_TOOLS/bin/$name -ef $file ]] ||
    ln -sfn "$file" "$INTERLINK_TOOLS/bin/$name"
}

install_tools() {
  mkdir -p "$INTERLINK_TOOLS/bin"
  local folder
  if command -v go >/dev/null; then
    folder=$INTERLINK_TOOLS/grpcurl-$GRPCURL_VERSION
    install_tool grpcurl "$GRPCURL_VERSION" "$folder/grpcurl" \
      env GOBIN="$folder" GOFLAGS= \
      go install "github.com/fullstorydev/grpcurl/cmd/grpcurl@$GRPCURL_VERSION"
    folder=$INTERLINK_TOOLS/kustomize-$KUSTOMIZE_VERSION
    install_tool kustomize "$KUSTOMIZE_VERSION" "$folder/kustomize" \
      env GOBIN="$folder" GOFLAGS= \
      go install "sigs.k8s.io/kustomize/kustomize/v5@$KUSTOMIZE_VERSION"
    folder=$INTERLINK_TOOLS/helm-$HELM_VERSION
    install_tool helm "$HELM_VERSION" "$folder/helm" \
      env GOBIN="$folder" GOFLAGS= \
      go install -ldflags "$HELM_KNOWS" \
      "helm.sh/helm/v3/cmd/helm@$HELM_VERSION"
  fi
  if command -v npm >/dev/null; then
    folder=$INTERLINK_TOOLS/buf-$BUF_VERSION
    install_tool buf "$BUF_VERSION" "$folder/node_modules/.bin/buf" \
      npm install --prefix "$folder" --no-save --no-audit --no-fund \
      "@bufbuild/buf@$BUF_VERSION"
    install_axe ||
      say "axe-core could not be installed, and tests of the page are skipped" >&2
    # What tests import: the versions are in their package-lock.json.
    install_tool tsc schemas "$KUBERNETES_SCHEMAS/node_modules/.bin/tsc" \
      install_npm_packages tests/kubernetes "$KUBERNETES_SCHEMAS"
    [[ -d $CONNECT_CLIENTS/node_modules/@connectrpc/connect ]] ||
      install_connect_clients
  fi
}

# What tests/page holds the page against.
install_axe() {
  local folder=$INTERLINK_TOOLS/axe-$AXE_VERSION
  [[ ! -f $folder/node_modules/axe-core/axe.min.js ]] || return 0
  say "installing axe-core $AXE_VERSION into $INTERLINK_TOOLS"
  npm install --prefix "$folder" --no-save --no-audit --no-fund --ignore-scripts \
    "axe-core@$AXE_VERSION" >"$INTERLINK_TOOLS/axe.log" 2>&1
}

# FOLDER TO: what FOLDER's package-lock.json lists.
install_npm_packages() {
  mkdir -p "$2"
  cp "$here/../$1"/package{,-lock}.json "$2/" &&
    npm ci --prefix "$2" --ignore-scripts --no-audit --no-fund
}

install_connect_clients() {
  say "installing clients of the Connect protocol into $INTERLINK_TOOLS"
  install_npm_packages tests/e2e/connect "$CONNECT_CLIENTS" \
    >"$INTERLINK_TOOLS/connect.log" 2>&1 ||
    say "they could not be installed, and tests that need them are skipped;" \
      "the reason is in $INTERLINK_TOOLS/connect.log" >&2
}

# Fails if one of them cannot be had.
unpack_pbxs() {
  local suite folder all_are_here=0
  for suite in "${!PBX_PACKAGES[@]}"; do
    folder=$INTERLINK_TOOLS/pbx/$suite
    [[ -e $folder/.complete ]] || say "unpacking ${PBX_PACKAGES[$suite]} of $suite"
    # shellcheck disable=SC2086 # A list of packages.
    "$here/../tests/pbx/unpack.sh" "$suite" "$folder" ${PBX_PACKAGES[$suite]} ||
      all_are_here=1
  done
  return $all_are_here
}

# unpack_service FOLDER PACKAGES PROGRAM...: packages that would start a service if
# they were installed.
unpack_service() {
  local folder=$INTERLINK_TOOLS/$1 packages=$2 name
  shift 2
  [[ -e $folder/.complete ]] || say "unpacking $packages of bookworm"
  # shellcheck disable=SC2086 # A list of packages.
  "$here/../tests/pbx/unpack.sh" bookworm "$folder" $packages || return
  mkdir -p "$INTERLINK_TOOLS/bin"
  for name; do ln -sfn "$folder/bin/$name" "$INTERLINK_TOOLS/bin/$name"; done
}

if [[ $wanted == --pbxs ]]; then unpack_pbxs; exit; fi
install_packages
if [[ $wanted == all ]]; then
  install_tools
  unpack_pbxs || say "tests with real PBXs are skipped" >&2
  unpack_service prometheus prometheus prometheus promtool ||
    say "tests of alerts and metrics are skipped" >&2
  unpack_service etcd "etcd-server etcd-client" etcd etcdctl ||
    say "tests with etcd are skipped" >&2
fi
