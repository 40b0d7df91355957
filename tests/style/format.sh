#!/usr/bin/env bash
# Every C++ source is as clang-format of Debian 12 writes it; other versions write
# it in other ways. Skipped (77) without it, but not in CI.
#
#   tests/style/format.sh <checkout>
cd "$1" || exit 2
if ! command -v clang-format >/dev/null; then
  echo "clang-format is not installed: deploy/install-dependencies.sh" >&2
  [[ ${CI:-} == true ]] && exit 1
  exit 77
fi
version=$(clang-format --version | sed 's/.*version \([0-9]*\).*/\1/')
if [[ $version != 14 ]]; then
  echo "clang-format is version $version, and this is written by 14" >&2
  exit 77
fi
find store federation daemon tests \( -name '*.cc' -o -name '*.h' \) -print0 |
  xargs --null --no-run-if-empty clang-format --dry-run --Werror
