#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "store/handed_on_database.h"

namespace interlink::testing {

// The keys of commits that were begun and not answered. Outlives the database,
// as a test that cuts its power does.
class UnderWay {
 public:
  uint64_t Begin(const store::Batch& batch) {
    std::vector<std::string>& keys = commits_[++latest_];
    for (const store::Op& op : batch.ops) keys.push_back(op.key);
    return latest_;
  }
  void End(uint64_t commit) { commits_.erase(commit); }
  // Those that nobody will answer any more.
  std::set<std::string> Take() {
    std::set<std::string> all;
    for (auto& [commit, keys] : std::exchange(commits_, {})) {
      all.insert(keys.begin(), keys.end());
    }
    return all;
  }

 private:
  uint64_t latest_ = 0;
  std::map<uint64_t, std::vector<std::string>> commits_;
};

// A database that notes its commits there; all else it hands on.
class NotedDatabase final : public store::HandedOnDatabase {
 public:
  NotedDatabase(std::unique_ptr<store::Database> database, UnderWay& under_way)
      : HandedOnDatabase(database.get()),
        under_way_(under_way),
        database_(std::move(database)) {}

  using HandedOnDatabase::Commit;
  void Commit(store::Batch batch, Done done) override {
    const uint64_t commit = under_way_.Begin(batch);
    database_->Commit(std::move(batch),
                      [this, commit, done = std::move(done)](
                          absl::StatusOr<store::Revision> revision) mutable {
                        under_way_.End(commit);
                        done(std::move(revision));
                      });
  }

 private:
  UnderWay& under_way_;
  const std::unique_ptr<store::Database> database_;
};

}  // namespace interlink::testing
