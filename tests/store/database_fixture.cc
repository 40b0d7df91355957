#include "tests/store/database_fixture.h"

#include <optional>
#include <utility>

#include "rocksdb/env.h"
#include "store/etcd/database.h"
#include "store/rocksdb/database.h"
#include "tests/store/etcd/cluster.h"
#include "tests/support/temp_dir.h"

namespace interlink::store {
namespace {

using interlink::testing::EtcdCluster;
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

class EtcdPlace : public Place {
 public:
  absl::StatusOr<std::unique_ptr<Database>> Open(Workplace workplace) override {
    return OpenEtcd(account_, std::move(workplace));
  }

 private:
  const EtcdOptions account_ = EtcdCluster::Shared().NewAccount();
};

}  // namespace

absl::StatusOr<Revision> DatabaseTest::Commit(
    std::vector<Precondition> preconditions, std::vector<Op> ops) {
  std::optional<absl::StatusOr<Revision>> answer;
  database_->Commit({std::move(preconditions), std::move(ops)},
                    [&answer](auto outcome) { answer = std::move(outcome); });
  if (loop_.RunUntil([&answer] { return answer.has_value(); })) {
    return *std::move(answer);
  }
  database_.reset();  // Or it would answer to what is no more.
  return absl::DeadlineExceededError("the commit was not answered");
}

Follower DatabaseTest::Tell() {
  return {.on_commit =
              [this](Revision, const auto& changes) {
                for (const Change& change : changes) {
                  told_.push_back(change.value
                                      ? change.key + "=" + *change.value
                                      : change.key + " gone");
                }
              },
          .on_reset = [this] { told_.push_back("all anew"); }};
}

::testing::internal::ParamGenerator<Engine> AllEngines() {
  return ::testing::Values(
      Engine{"RocksDbInMemory", std::make_unique<MemoryPlace>},
      Engine{"RocksDbOnDisk", std::make_unique<DiskPlace>},
      Engine{"Etcd", std::make_unique<EtcdPlace>, EtcdDatabase::kMaxBytes,
             "nothing waits for etcd on the loop", EtcdCluster::WhyNot()});
}

std::string NameOf(const ::testing::TestParamInfo<Engine>& info) {
  return info.param.name;
}

}  // namespace interlink::store
