#include "federation/ledger/ledger.h"

#include <gtest/gtest.h>

#include <memory>

#include "rocksdb/env.h"
#include "store/rocksdb/database.h"
#include "tests/federation/reason_matcher.h"
#include "tests/support/seeded_randomness.h"
#include "tests/support/virtual_time.h"

namespace interlink::federation {
namespace {

using testing::IsOk;

// A loop that runs on another thread than the test.
class OtherLoop : public testing::VirtualLoop {
 public:
  using VirtualLoop::VirtualLoop;
  bool IsOnLoop() const override { return false; }
};

class LedgerTest : public ::testing::Test {
 protected:
  std::unique_ptr<Ledger> Open(EventLoop& loop) {
    return *Ledger::Open(identity_, *database_, randomness_, loop);
  }

  testing::VirtualTime time_;
  testing::SeededRandomness randomness_{1};
  std::unique_ptr<rocksdb::Env> disk_{
      rocksdb::NewMemEnv(rocksdb::Env::Default())};
  std::unique_ptr<store::Database> database_ =
      *store::OpenRocksDb("/store", disk_.get());
  Identity identity_ =
      *Identity::LoadOrCreate(*database_, randomness_, time_.WallNow());
};

TEST_F(LedgerTest, ATransactionIsOfTheMomentAtWhichItBegins) {
  testing::VirtualLoop loop(time_);
  const auto ledger = Open(loop);
  time_.Advance(std::chrono::hours(1));
  const WallTime began = time_.WallNow();
  Transaction transaction(ledger->WallNow());
  time_.Advance(std::chrono::hours(1));
  transaction.Tell("TESTED", kByDaemon, nullptr, "a test");
  ASSERT_THAT(ledger->CommitAtStart(transaction.Take()), IsOk());
  EXPECT_EQ(store::FromTimestamp(ledger->events().Next(0)->value().time()),
            began);
}

using LedgerDeathTest = LedgerTest;

TEST_F(LedgerDeathTest, NobodyButTheLoopMaySubmit) {
  OtherLoop loop(time_);
  const auto ledger = Open(loop);
  EXPECT_DEBUG_DEATH(ledger->Submit([](const Draft&) { return Changes(); },
                                    [](const absl::Status&) {}),
                     "IsOnLoop");
}

}  // namespace
}  // namespace interlink::federation
