#!/usr/bin/env bash
# Every shell script parses, and does nothing of what fails now and then:
#   $'\uXXXX'       without a locale, as in a bare Debian, bash leaves it as it is
#   | grep --quiet  ends at the first match, and with pipefail the end of whoever
#                   still writes then is the pipe's: grep ... >/dev/null reads all
#
#   tests/style/shell.sh <checkout>
cd "$1" || exit 2
failed=0
while read -r script; do
  bash -n "$script" || failed=1
  ! grep --with-filename --line-number "^[^#]*\$'[^']*\\\\[uU]" "$script" || failed=1
  ! perl -0ne 's/^\s*#.*//mg; exit !/[^|]\|\s*\\?\n?\s*grep\s+(-q|--quiet)/' "$script" ||
    { echo "$script: grep --quiet at the end of a pipe" && failed=1; }
done < <(find deploy tests -name '*.sh'; [[ -f .ci/run ]] && echo .ci/run)
# The files of end-to-end cases are sourced into one shell.
twice=$(grep -hoE '^[a-z_0-9]+\(\)' tests/e2e/*_cases.sh tests/e2e/support.sh 2>/dev/null | sort |
  uniq -d)
[[ -z $twice ]] || { echo "in more than one file of tests/e2e: $twice" && failed=1; }
exit $failed
