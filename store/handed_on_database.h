#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/database.h"

namespace interlink::store {

// A database that hands everything on to another one: a base for those that
// change or watch a part of that.
//
// Threading: as the other one's. Lifetime: the other one must outlive it.
class HandedOnDatabase : public Database {
 public:
  explicit HandedOnDatabase(Database* other) : other_(other) {}

  absl::StatusOr<std::optional<Entry>> Get(
      std::string_view key) const override {
    return other_->Get(key);
  }
  absl::StatusOr<std::vector<Entry>> Scan(std::string_view prefix,
                                          std::string_view after,
                                          size_t limit) const override {
    return other_->Scan(prefix, after, limit);
  }
  void Commit(Batch batch, Done done) override {
    other_->Commit(std::move(batch), std::move(done));
  }
  absl::StatusOr<Revision> Commit(
      const std::vector<Precondition>& preconditions,
      const std::vector<Op>& ops) override {
    return other_->Commit(preconditions, ops);
  }
  size_t max_bulk_ops() const override { return other_->max_bulk_ops(); }
  Revision revision() const override { return other_->revision(); }
  std::unique_ptr<Subscription> Follow(std::string prefix,
                                       Follower follower) override {
    return other_->Follow(std::move(prefix), std::move(follower));
  }
  absl::StatusOr<uint64_t> Backup(const std::string& directory) override {
    return other_->Backup(directory);
  }
  absl::Status failure() const override { return other_->failure(); }
  void OnFailure(std::function<void()> failed) override {
    other_->OnFailure(std::move(failed));
  }
  absl::Status Reopen() override { return other_->Reopen(); }

 protected:
  void HandOnTo(Database& other) { other_ = &other; }

 private:
  Database* other_;
};

}  // namespace interlink::store
