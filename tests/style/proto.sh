#!/usr/bin/env bash
# proto/ follows buf's STANDARD rules and has a comment on every element.
# Skipped (77) without buf, but not in CI.
#
#   tests/style/proto.sh <checkout>
# shellcheck source=../../deploy/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../deploy/tools.sh"
cd "$1" || exit 2
if ! command -v buf >/dev/null; then
  echo "buf is not installed: install npm, then deploy/install-dependencies.sh" >&2
  [[ ${CI:-} == true ]] && exit 1
  exit 77
fi
buf lint
