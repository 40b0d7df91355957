#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/etcd/database.h"
#include "tests/store/etcd/cluster.h"
#include "tests/support/posted_tasks.h"
#include "tests/support/status_matchers.h"

namespace interlink::store {

// An account in an etcd of its own.
class EtcdTest : public ::testing::Test {
 protected:
  using Cluster = interlink::testing::EtcdCluster;

  void SetUp() override {
    if (const auto why = Cluster::WhyNot(); !why.empty()) GTEST_SKIP() << why;
  }

  // Begins the etcd and opens an account in it.
  void Begin(Cluster::Setup setup = {}) {
    cluster_ = std::make_unique<Cluster>(std::move(setup));
    account_ = cluster_->NewAccount();
    account_.request_timeout = std::chrono::milliseconds(1'000);
    account_.patience = std::chrono::milliseconds(2'000);
    Open();
  }
  void Open() {
    database_.reset();
    auto opened = OpenEtcd(account_, loop_.Workplace());
    ASSERT_THAT(opened, interlink::testing::IsOk());
    database_ = *std::move(opened);
    failures_ = 0;
    database_->OnFailure([this] { ++failures_; });
  }

  void Begin(const std::string& key, const std::string& value) {
    database_->Commit({{}, {Op::Put(key, value)}}, [this](auto outcome) {
      answers_.push_back(std::move(outcome));
    });
  }
  bool RunUntilAnswered(size_t answers) {
    return loop_.RunUntil([&] { return answers_.size() >= answers; });
  }
  absl::StatusOr<Revision> Commit(EtcdDatabase& database,
                                  const std::string& key,
                                  const std::string& value);
  absl::StatusOr<Revision> Put(const std::string& key,
                               const std::string& value) {
    return Commit(*database_, key, value);
  }
  // Puts until it is taken.
  bool PutAtLast(const std::string& key, const std::string& value) {
    return interlink::testing::Eventually([&] {
      RunPosted();
      return Put(key, value).ok();
    });
  }
  void RunPosted() {
    loop_.RunUntil([this] { return loop_.IsEmpty(); });
  }
  std::string Value(const std::string& key) { return ValueIn(*database_, key); }
  static std::string ValueIn(const Database& database, const std::string& key) {
    const auto entry = database.Get(key);
    if (!entry.ok()) return std::string(entry.status().message());
    return *entry ? (*entry)->value : "(none)";
  }
  bool RunUntilFailure() {
    return loop_.RunUntil([this] { return !database_->failure().ok(); });
  }
  bool RunUntilMended() {
    return loop_.RunUntil([this] { return database_->failure().ok(); });
  }
  // Writes "REVISION: KEY=VALUE KEY=gone" into `told_`.
  Follower Tell();
  // What lies in etcd, and changing it behind the account's back.
  std::string Raw(const std::string& name, const std::string& endpoint = {});
  void PutRaw(const std::string& name, const std::string& value);
  // The name of a key in etcd.
  std::string Name(const std::string& key) const {
    return account_.prefix + "data/" + key;
  }

  interlink::testing::PostedTasks loop_;
  std::unique_ptr<Cluster> cluster_;
  EtcdOptions account_;
  std::unique_ptr<EtcdDatabase> database_;
  std::vector<absl::StatusOr<Revision>> answers_;
  std::vector<std::string> told_;
  int failures_ = 0;
};

}  // namespace interlink::store
