#!/usr/bin/env bash
# Every code folder explains itself (README.md), and each of the first level and
# of tests builds itself (CMakeLists.txt).
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
while read -r room; do
  require "$room/README.md"
done < <(find store federation daemon -name "*.h" -printf "%h\n" | sort --unique)
while read -r folder; do
  require "$folder/CMakeLists.txt"
done < <(find tests -mindepth 2 -maxdepth 2 -name "*.cc" -not -path "tests/support/*" \
         -printf "%h\n" | sort --unique)
exit $failed
