#!/usr/bin/env bash
# A file is one noun: a .cc of at most 400 lines, a header of at most 120, a
# folder's README.md of at most one screen. Longer means that a noun is missing.
# README.md itself, which everybody reads first, has at most 120 lines.
# The exceptions, each with its reason, are in long_files.txt.
#
#   tests/style/file_length.sh <checkout>
cd "$1" || exit 2

exceptions=tests/style/long_files.txt
failed=0

check() {  # LIMIT FILES: the files' names on standard input.
  local limit=$1 file lines
  while read -r file; do
    lines=$(wc -l <"$file")
    ((lines <= limit)) && continue
    if [[ -f $exceptions ]] && grep --quiet --line-regexp "$file: .*" $exceptions; then
      continue
    fi
    echo "$file: $lines lines, the limit is $limit" >&2
    failed=1
  done
}

folders=()
for folder in proto store federation daemon tests deploy; do
  [[ -d $folder ]] && folders+=("$folder")
done
check 400 < <(find "${folders[@]}" -name '*.cc' | sort)
check 120 < <(find "${folders[@]}" -name '*.h' | sort)
check 70 < <(find "${folders[@]}" -name README.md | sort)
[[ ! -f README.md ]] || check 120 <<<README.md
exit $failed
