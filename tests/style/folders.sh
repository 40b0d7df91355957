#!/usr/bin/env bash
# Every code folder explains itself (README.md) and builds itself
# (CMakeLists.txt); tests/support/ is compiled into what uses it.
#
#   tests/style/folders.sh <checkout>
cd "$1" || exit 2
failed=0

require() {
  [[ -f $1 ]] && return
  echo "$1 is missing" >&2
  failed=1
}

for folder in proto store federation daemon daemon/cli tests; do
  require $folder/README.md
  require $folder/CMakeLists.txt
done
require deploy/README.md
while read -r folder; do
  require "$folder/CMakeLists.txt"
done < <(find store federation daemon tests -name "*.cc" -not -path "tests/support/*" \
         -printf "%h\n" | sort --unique)
exit $failed
