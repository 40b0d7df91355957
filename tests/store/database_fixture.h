#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/database.h"
#include "store/writer.h"
#include "tests/support/posted_tasks.h"
#include "tests/support/status_matchers.h"

// For tests of what every engine of Database promises. Each test runs on every
// engine of AllEngines().
namespace interlink::store {

// The place of one test's database, which can be opened again and again.
class Place {
 public:
  virtual ~Place() = default;
  virtual absl::StatusOr<std::unique_ptr<Database>> Open(
      Workplace workplace) = 0;
};

struct Engine {
  std::string name;
  std::function<std::unique_ptr<Place>()> make;
  // The bytes of the largest commit of Database::kMaxOps ops.
  size_t max_commit_bytes = kMaxCommitBytes;
  // Why it does not have the calls that wait for a commit; empty if it has.
  std::string never_waits;
  // Why it cannot be tested on this machine; empty if it can.
  std::string is_missing;

  friend void PrintTo(const Engine& engine, std::ostream* out) {
    *out << engine.name;
  }
};

class DatabaseTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (!GetParam().is_missing.empty()) GTEST_SKIP() << GetParam().is_missing;
    place_ = GetParam().make();
    Reopen();
  }

  void Reopen() {
    database_.reset();
    auto opened = place_->Open(loop_.Workplace());
    ASSERT_THAT(opened, interlink::testing::IsOk());
    database_ = *std::move(opened);
  }

  Revision Put(const std::string& key, const std::string& value) {
    return MustCommit({Op::Put(key, value)});
  }
  // Begins a commit and runs the loop until it is answered.
  absl::StatusOr<Revision> Commit(std::vector<Precondition> preconditions,
                                  std::vector<Op> ops);
  Revision MustCommit(const std::vector<Op>& ops) {
    const auto revision = Commit({}, ops);
    EXPECT_THAT(revision, interlink::testing::IsOk());
    return revision.value_or(0);
  }
  // Begins a commit; its outcome comes to `answers_`.
  void Begin(Batch batch) {
    database_->Commit(std::move(batch), [this](auto outcome) {
      answers_.push_back(
          outcome.ok() ? std::to_string(*outcome)
                       : absl::StatusCodeToString(outcome.status().code()));
    });
  }
  void RunUntilAnswered(size_t answers) {
    EXPECT_TRUE(loop_.RunUntil([&] { return answers_.size() >= answers; }));
  }
  // The value of a key; "(none)" if there is none.
  std::string Value(const std::string& key) {
    const auto entry = database_->Get(key);
    EXPECT_THAT(entry, interlink::testing::IsOk());
    if (!entry.ok() || !entry->has_value()) return "(none)";
    return (*entry)->value;
  }
  std::vector<std::string> Keys(std::string_view prefix,
                                std::string_view after = {}, size_t limit = 0) {
    const auto entries = database_->Scan(prefix, after, limit);
    EXPECT_THAT(entries, interlink::testing::IsOk());
    std::vector<std::string> keys;
    if (!entries.ok()) return keys;
    for (const Entry& entry : *entries) keys.push_back(entry.key);
    return keys;
  }
  // A follower that writes "key=value" or "key gone" into `told_`.
  Follower Tell();

  interlink::testing::PostedTasks loop_;
  std::unique_ptr<Place> place_;
  std::unique_ptr<Database> database_;
  std::vector<std::string> answers_;  // Revisions, and codes of errors.
  std::vector<std::string> told_;
};

// A new engine adds a line to this list.
::testing::internal::ParamGenerator<Engine> AllEngines();
std::string NameOf(const ::testing::TestParamInfo<Engine>& info);

}  // namespace interlink::store
