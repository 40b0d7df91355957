#!/usr/bin/env bash
# Every shell script parses, and names no character as $'\uXXXX': without a
# locale, as in a bare Debian, bash leaves that as it is written.
#
#   tests/style/shell.sh <checkout>
cd "$1" || exit 2
failed=0
while read -r script; do
  bash -n "$script" || failed=1
  ! grep --with-filename --line-number "^[^#]*\$'[^']*\\\\[uU]" "$script" || failed=1
done < <(find deploy tests -name '*.sh'; [[ -f .ci/run ]] && echo .ci/run)
exit $failed
