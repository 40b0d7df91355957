#!/usr/bin/env bash
# Carries out the building stage of deploy/Dockerfile, step by step, in a bare Debian,
# made by debootstrap: what an engine would do, by chroot. Needs root, and takes as long
# as a build does, so only .ci/nightly runs it.
#
#   tests/kubernetes/dockerfile_test.sh [--release RELEASE] [--until REGEX]
#
#   --release RELEASE  bookworm or trixie; else the one that the Dockerfile names
#   --until REGEX      stop before the first RUN that matches
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tests/support/bare_root.sh

until_step='^$'
release=$(sed -n 's/^ARG RELEASE=//p' deploy/Dockerfile)
while (($#)); do
  case $1 in
    --release) release=${2:?} ;;
    --until) until_step=${2:?} ;;
    *) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
  esac
  shift 2
done
readonly release
((EUID == 0)) || { echo 'SKIPPED: this needs root'; exit 77; }

scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/interlink-dockerfile-XXXXXX")
readonly scratch root=$scratch/root
clean_up() {
  local status=$?
  trap - EXIT
  remove_bare_root "$root"
  rm -rf --one-file-system "$scratch"
  exit $status
}
trap clean_up EXIT

# debian:RELEASE-slim has the same packages, without their documentation.
make_bare_root "$release" "$root"

workdir=/
while read -r word rest; do
  case $word in
    FROM) [[ $rest == 'debian:${RELEASE}-slim AS build' ]] || break ;;
    WORKDIR) workdir=$rest && mkdir -p "$root$workdir" ;;
    COPY)
      read -ra sources <<<"$rest"
      target=${sources[-1]}
      unset 'sources[-1]'
      for source in "${sources[@]}"; do
        # The contents of a folder, or a file into one.
        if [[ -d $source ]]; then
          mkdir -p "$root$workdir/$target" && cp -r "$source/." "$root$workdir/$target/"
        elif [[ $target == */ ]]; then
          install -D -t "$root$workdir/$target" "$source"
        else
          cp "$source" "$root$workdir/$target"
        fi
      done
      ;;
    RUN)
      [[ ! $rest =~ $until_step ]] || { echo "stopped before: $rest"; exit 0; }
      printf '== RUN %s\n' "$rest"
      in_bare_root "$root" /bin/sh -c "cd $workdir && $rest" >"$scratch/step.log" 2>&1 ||
        { tail -20 "$scratch/step.log"; exit 1; }
      ;;
  esac
done < <(grep --invert-match '^#' deploy/Dockerfile)

# What the second stage takes runs by itself.
env -i "$(command -v chroot)" --userspec=10001:10001 "$root/tree" /usr/bin/interlinkd --version
env -i "$(command -v chroot)" --userspec=10001:10001 "$root/tree" /usr/bin/interlinkctl --version
jq --exit-status '.components | length > 10' "$root/sbom.cdx.json" >/dev/null
