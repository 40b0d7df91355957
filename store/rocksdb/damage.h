#pragma once

#include <string>
#include <string_view>

namespace rocksdb {
class Env;
}

namespace interlink::store {

// Which file of the store in `directory` is at fault: "its file 000012.sst is
// damaged", or "is missing". `said`: how RocksDB refused to open the same
// files, here or elsewhere. It names the file, unless that is CURRENT or a log.
std::string DamageInWords(const std::string& directory, std::string_view said,
                          rocksdb::Env* env);

}  // namespace interlink::store
