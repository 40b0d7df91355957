#include "tests/store/database_fixture.h"

#include <utility>

#include "rocksdb/env.h"
#include "store/rocksdb/database.h"
#include "tests/support/temp_dir.h"

namespace interlink::store {
namespace {

using interlink::testing::TempDir;

class MemoryPlace : public Place {
 public:
  absl::StatusOr<std::unique_ptr<Database>> Open(Workplace workplace) override {
    return OpenRocksDb("/store", env_.get(), std::move(workplace));
  }

 private:
  const std::unique_ptr<rocksdb::Env> env_{
      rocksdb::NewMemEnv(rocksdb::Env::Default())};
};

class DiskPlace : public Place {
 public:
  absl::StatusOr<std::unique_ptr<Database>> Open(Workplace workplace) override {
    return OpenRocksDb(directory_.File("store"), nullptr, std::move(workplace));
  }

 private:
  const TempDir directory_;
};

}  // namespace

::testing::internal::ParamGenerator<Engine> AllEngines() {
  return ::testing::Values(
      Engine{"RocksDbInMemory", std::make_unique<MemoryPlace>},
      Engine{"RocksDbOnDisk", std::make_unique<DiskPlace>});
}

std::string NameOf(const ::testing::TestParamInfo<Engine>& info) {
  return info.param.name;
}

}  // namespace interlink::store
