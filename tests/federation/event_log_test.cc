#include "federation/event_log.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "rocksdb/env.h"
#include "store/rocksdb_database.h"
#include "tests/federation/reason_matcher.h"

namespace interlink::federation {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;
using testing::Refuses;

class EventLogTest : public ::testing::Test {
 protected:
  EventLogTest() { Open(); }

  void Open() {
    log_.reset();
    database_.reset();
    database_ = *store::OpenRocksDb("/store", disk_.get());
    log_ = *EventLog::Open(*database_);
  }

  // Writes events with these sequences as messages, in commits of `each`.
  void Write(int count, int each = 1) {
    while (count > 0) {
      std::vector<store::v1::EventRecord> events;
      for (int i = 0; i < each && count > 0; ++i, --count) {
        events.emplace_back().set_message(std::to_string(++written_));
      }
      std::vector<store::Op> ops;
      log_->Append(events, ops);
      ASSERT_THAT(database_->Commit({}, ops), IsOk());
    }
  }

  api::ListEventsResponse List(int size = 0, const std::string& token = "") {
    api::ListEventsRequest request;
    request.set_page_size(size);
    request.set_page_token(token);
    return *log_->List(request);
  }
  std::vector<int64_t> Sequences(const api::ListEventsResponse& page) {
    std::vector<int64_t> sequences;
    for (const auto& event : page.events()) {
      EXPECT_EQ(event.message(), std::to_string(event.sequence()));
      sequences.push_back(event.sequence());
    }
    return sequences;
  }

  std::unique_ptr<rocksdb::Env> disk_{
      rocksdb::NewMemEnv(rocksdb::Env::Default())};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<EventLog> log_;
  int written_ = 0;
};

TEST_F(EventLogTest, ANewLogIsEmpty) {
  const auto page = List();
  EXPECT_EQ(page.events_size(), 0);
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(EventLogTest, TheNewestComesFirst) {
  Write(3);
  EXPECT_THAT(Sequences(List()), ElementsAre(3, 2, 1));
}

TEST_F(EventLogTest, PagesFollowEachOther) {
  Write(5);
  auto page = List(2);
  EXPECT_THAT(Sequences(page), ElementsAre(5, 4));
  Write(1);  // What happens meanwhile does not shift the pages.
  page = List(2, page.next_page_token());
  EXPECT_THAT(Sequences(page), ElementsAre(3, 2));
  page = List(2, page.next_page_token());
  EXPECT_THAT(Sequences(page), ElementsAre(1));
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(EventLogTest, ALastPageThatIsFullHasNoNext) {
  Write(4);
  EXPECT_EQ(List(2, List(2).next_page_token()).next_page_token(), "");
}

TEST_F(EventLogTest, ATokenFromElsewhereIsRefused) {
  Write(3);
  for (const char* token : {"x", "1x", "-1", " 1", "99999999999999999999999"}) {
    api::ListEventsRequest request;
    request.set_page_token(token);
    EXPECT_THAT(log_->List(request), Refuses(Reason::kRequestInvalid)) << token;
  }
  EXPECT_THAT(Sequences(List(0, "0")), ElementsAre());
  EXPECT_THAT(Sequences(List(0, "18446744073709551615")), ElementsAre(3, 2, 1));
}

TEST_F(EventLogTest, TheSequenceContinuesAfterARestart) {
  Write(3);
  Open();
  Write(1);
  EXPECT_THAT(Sequences(List()), ElementsAre(4, 3, 2, 1));
}

TEST_F(EventLogTest, AtMostTenThousandAreKept) {
  Write(10'000, 500);
  EXPECT_EQ(database_->Scan(store::kEventPrefix)->size(), 10'000u);
  Write(1);
  Write(5, 5);
  EXPECT_EQ(database_->Scan(store::kEventPrefix)->size(), 10'000u);
  EXPECT_EQ(List(1).events(0).sequence(), 10'006);
  EXPECT_THAT(Sequences(List(2, "9")), ElementsAre(8, 7));
  Open();
  Write(3);
  const auto kept = *database_->Scan(store::kEventPrefix);
  EXPECT_EQ(kept.size(), 10'000u);
  EXPECT_EQ(store::ParseEventKey(kept.front().key), 10u);
  EXPECT_EQ(List(2, "11").next_page_token(), "");
}

TEST_F(EventLogTest, AFailedCommitLeavesNoGap) {
  Write(1);
  std::vector<store::Op> ops;
  log_->Append({store::v1::EventRecord()}, ops);
  EXPECT_FALSE(
      database_->Commit({store::Precondition::AtRevision("x", 9)}, ops).ok());
  Write(1);
  EXPECT_THAT(Sequences(List()), ElementsAre(2, 1));
}

}  // namespace
}  // namespace interlink::federation
