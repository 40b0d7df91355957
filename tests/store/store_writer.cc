// A process that writes to a store until it is killed.
//
//   store_writer DIRECTORY count   commits 1, 2, 3, ... under "counter", and
//                                  prints each number once it is answered
//   store_writer DIRECTORY hold    prints "open", and holds the store until its
//                                  standard input ends
//
// Prints an error, if there is one, and ends.
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "store/database.h"
#include "store/rocksdb/database.h"

namespace {

using interlink::store::Database;
using interlink::store::Op;

void Count(Database& database) {
  for (uint64_t i = 1;; ++i) {
    const auto done =
        database.Commit({}, {Op::Put("counter", std::to_string(i)),
                             Op::Put("copy", std::to_string(i))});
    if (!done.ok()) {
      std::cout << done.status() << std::endl;
      return;
    }
    std::cout << i << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto database = interlink::store::OpenRocksDb(argv[1]);
  if (!database.ok()) {
    std::cout << database.status() << std::endl;
    return 1;
  }
  if (argv[2] == std::string("count")) {
    Count(**database);
    return 1;
  }
  std::cout << "open" << std::endl;
  std::cin.get();
}
