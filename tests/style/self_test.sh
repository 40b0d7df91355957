#!/usr/bin/env bash
# Each check of this folder accepts a small clean tree and refuses the same
# tree with one fault planted in it: a check that cannot fail proves nothing.
#
#   tests/style/self_test.sh
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/interlink-style-XXXXXX") || exit 2
trap 'rm -rf "$scratch"' EXIT
failed=0

clean_tree() {
  rm -rf "$scratch/tree"
  mkdir -p "$scratch"/tree/{proto,store,federation,daemon/cli,tests,deploy}
  cd "$scratch/tree" || exit 2
  local folder
  for folder in proto store federation daemon daemon/cli tests deploy; do
    touch $folder/README.md $folder/CMakeLists.txt
  done
  echo '#include "store/records.h"' >store/records.cc
  echo '#include "store/records.h"' >federation/account.cc
  printf '#include <boost/asio/post.hpp>\n\n#include "store/records.h"\n' \
    >daemon/main.cc
  printf '#include "daemon/%s.h"\n' cli/show/text config/usual_paths \
    >daemon/cli/main.cc
  printf 'namespace a {\nint Known();\n}  // namespace a\n' >daemon/known.h
  printf 'namespace a {\nint Other() { return Known(); }\n}  // namespace a\n' \
    >daemon/other.cc
  echo 'true' >deploy/good.sh
  echo 'BasedOnStyle: Google' >.clang-format
  printf 'version: v2\nmodules:\n  - path: proto\n' >buf.yaml
  printf 'syntax = "proto3";\n\npackage a.v1;\n' >proto/a.proto
  mkdir -p proto/a/v1 && mv proto/a.proto proto/a/v1/
}

run_check() {
  case $1 in
    layering) cmake -DROOT="$PWD" -P "$here/layering.cmake" ;;
    hidden_names) "$here/hidden_names.py" "$PWD" ;;
    *) "$here/$1.sh" "$PWD" ;;
  esac >"$scratch/output" 2>&1
}

accepts_clean() {  # CHECK
  clean_tree
  run_check "$1"
  case $? in
    0) echo "ok: $1 accepts a clean tree" ;;
    77) echo "skipped: $1 cannot run here" ;;
    *)
      echo "FAILED: $1 refuses a clean tree"
      cat "$scratch/output"
      failed=1
      ;;
  esac
}

refuses() {  # CHECK FILE LINE: the line is added to the file.
  clean_tree
  mkdir -p "$(dirname "$2")"
  printf '%s\n' "$3" >>"$2"
  run_check "$1"
  case $? in
    0)
      echo "FAILED: $1 accepts '${3%%$'\n'*}' in $2"
      failed=1
      ;;
    77) ;;
    *) echo "ok: $1 refuses '${3%%$'\n'*}' in $2" ;;
  esac
}

accepts_clean layering
refuses layering store/a.h '#include "federation/account.h"'
refuses layering store/a.h '#include "daemon/config/config.h"'
refuses layering store/a.cc '#include <grpcpp/grpcpp.h>'
refuses layering federation/a.h '#include "daemon/config/config.h"'
refuses layering federation/a.h '#include "tests/support/temp_dir.h"'
for header in boost/asio/post.hpp grpcpp/grpcpp.h sys/socket.h unistd.h \
              fstream csignal thread rocksdb/db.h spdlog/spdlog.h; do
  refuses layering federation/a.cc "#include <$header>"
done
refuses layering federation/a.cc '  #  include <thread>'
refuses layering daemon/cli/a.cc '#include "tests/support/temp_dir.h"'
for header in daemon/config/config.h federation/base/names.h store/ids.h; do
  refuses layering daemon/cli/a.cc "#include \"$header\""
done
refuses layering daemon/cli/a.cc '#include <boost/asio/post.hpp>'
refuses layering daemon/cli/connect/a.cc '#include <boost/asio/post.hpp>'
refuses layering daemon/cli/connect/a.cc '#include "daemon/cli/page/a.h"'
refuses layering daemon/cli/page/a.cc '#include "daemon/http/http_server.h"'
refuses layering daemon/cli/page/a.cc '#include <spdlog/spdlog.h>'
refuses layering daemon/a.cc '#include "daemon/cli/show/text.h"'
refuses layering federation/linking/a.cc '#include "federation/directory/a.h"'
refuses layering federation/base/a.h '#include "federation/ledger/row.h"'
refuses layering federation/ledger/a.h '#include "federation/account.h"'
refuses layering daemon/http/a.cc '#include "daemon/api/api_caller.h"'
refuses layering daemon/peer/dial/a.h '#include "daemon/peer/accept/a.h"'
refuses layering daemon/api/a.cc '#include "daemon/daemon.h"'
refuses layering daemon/api/a.cc '#include "store/rocksdb/database.h"'
refuses layering daemon/cli/show/a.h '#include "daemon/cli/api/a.h"'
refuses layering federation/new/a.cc 'int a;'
refuses layering daemon/a.cc '#include <rocksdb/db.h>'

accepts_clean no_sleep
refuses no_sleep daemon/a.cc 'std::this_thread::sleep_for(1s);'
refuses no_sleep tests/a.cc '  usleep(10);'
refuses no_sleep federation/a.h 'inline void F() { sleep(1); }'

accepts_clean hidden_names
refuses hidden_names daemon/a.cc $'namespace a {\nnamespace {\nint Known() { return 1; }'

accepts_clean file_length
refuses file_length store/long.cc "$(yes '//' | head -401)"
refuses file_length daemon/cli/long.h "$(yes '//' | head -121)"
refuses file_length store/README.md "$(yes 'word' | head -71)"
refuses file_length README.md "$(yes 'word' | head -121)"

accepts_clean folders
clean_tree
rm federation/README.md
if run_check folders; then
  echo 'FAILED: folders accepts a folder without a README.md'
  failed=1
fi
refuses folders tests/new/a.cc 'int a;'
refuses folders federation/base/a.h 'int a;'

accepts_clean links
refuses links README.md 'See [the store](stores/README.md).'
refuses links store/README.md 'See [the rules](../federation/README.md#rules).'
refuses links deploy/README.md $'# The handbook\n\nSee [below](#alerts).'

accepts_clean shell
refuses shell deploy/bad.sh 'if true; then'
refuses shell deploy/bad.sh "echo \$""'\u200b'"
refuses shell tests/e2e/a_cases.sh $'_ask() { :; }\n_ask() { :; }'
refuses shell deploy/bad.sh 'seq 9 | grep -''-quiet 1'
refuses shell deploy/bad.sh $'seq 9 |\n  grep '-q\ 1

accepts_clean format
refuses format store/a.cc 'int   a ;'

accepts_clean proto
refuses proto proto/a/v1/a.proto 'message bad_name {}'

exit $failed
