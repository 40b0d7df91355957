#!/bin/sh
# Launches a compiler that precompiles headers, and writes beside what it makes a
# checksum of all that it read. By that ccache knows the result again
# (CCACHE_PCH_EXTSUM): of the same headers GCC makes other bytes each time.
#
#   deploy/precompile.sh COMPILER ARGUMENTS...
set -eu
"$@"
while [ $# -gt 0 ]; do
  case $1 in
    -o) made=$2 ;;
    -MF) dependencies=$2 ;;
  esac
  shift
done
# "made: header header \", as make reads it.
sed -e '1s/^[^:]*://' -e 's/\\$//' "$dependencies" | xargs cat | sha256sum >"$made.sum"
