#!/usr/bin/env bash
# Builds the Debian package `interlink` for the Debian that this is, and has lintian
# check it where lintian is installed. The last line is the package's file.
#
#   deploy/package.sh [--build FOLDER]
#
#   --build FOLDER  a build folder whose programs and manual (interlink_pages) are built;
#                   else build/release, which is configured and built
set -euo pipefail

build=
case "${1:-}" in
  --build) build=$(cd "${2:?--build needs a folder}" && pwd) ;;
  '') ;;
  *) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [[ -z $build ]]; then
  build=build/release
  cmake --preset release
  cmake --build "$build" --parallel "$(nproc)" \
    --target interlinkd interlinkctl interlink_pages
fi

rm -rf "$build/packages"
# What is packed is what an administrator installs, whatever umask is here.
umask 022
cpack --config "$build/CPackConfig.cmake" -B "$build/packages" >"$build/package/log" 2>&1 ||
  { tail -20 "$build/package/log" >&2 && exit 1; }
packages=("$build"/packages/*.deb)
if command -v lintian >/dev/null; then
  lintian --fail-on error --allow-root "${packages[0]}"
fi
printf '%s\n' "${packages[0]}"
