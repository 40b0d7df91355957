#include "federation/ledger/event_log.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/env.h"
#include "store/rocksdb/database.h"
#include "tests/federation/reason_matcher.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
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

  static store::v1::EventRecord PeerEvent(const std::string& link,
                                          const std::string& message) {
    store::v1::EventRecord event;
    event.set_actor(std::string(kByPeer));
    event.set_kind("MOVED");
    event.set_interlink_id(std::string(16, link[0]));
    event.set_interlink_name(link);
    event.set_message(message);
    return event;
  }
  static store::v1::EventRecord AdministratorsEvent(
      const std::string& message) {
    store::v1::EventRecord event;
    event.set_actor(std::string(kByAdministrator));
    event.set_message(message);
    return event;
  }
  // Writes events that happened this long after the beginning, in one commit.
  template <class... Events>
  void At(std::chrono::seconds time, Events... events) {
    std::vector<store::v1::EventRecord> all{std::move(events)...};
    for (auto& event : all) event.mutable_time()->set_seconds(time.count());
    std::vector<store::Op> ops;
    log_->Append(all, ops);
    ASSERT_THAT(database_->Commit({}, ops), IsOk());
  }
  // "link message xCOUNT FIRST-LAST" for each event.
  static std::vector<std::string> Shown(const api::ListEventsResponse& page) {
    std::vector<std::string> shown;
    for (const auto& event : page.events()) {
      shown.push_back(event.interlink_name() + " " + event.message() + " x" +
                      std::to_string(event.count()) + " " +
                      std::to_string(event.time().seconds()) + "-" +
                      std::to_string(event.last_time().seconds()));
    }
    return shown;
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

TEST_F(EventLogTest, EqualEventsOfAPeerAreOneWithACount) {
  At(10s, PeerEvent("A", "here"));
  At(20s, PeerEvent("A", "there"));
  At(30s, PeerEvent("A", "here"));
  At(40s, PeerEvent("B", "here"));
  const auto page = List();
  EXPECT_THAT(Shown(page), ElementsAre("B here x1 40-40", "A here x2 10-30",
                                       "A there x1 20-20"));
  Open();
  At(50s, PeerEvent("A", "here"));
  EXPECT_THAT(Shown(List()), ElementsAre("A here x3 10-50", "B here x1 40-40",
                                         "A there x1 20-20"));
  // The list goes on over the gap.
  const auto first = List(2);
  EXPECT_THAT(Shown(List(2, first.next_page_token())),
              ElementsAre("A there x1 20-20"));
}

TEST_F(EventLogTest, EqualEventsOfOneCommitAreOne) {
  At(10s, PeerEvent("A", "here"));
  At(20s, PeerEvent("A", "here"), PeerEvent("A", "there"),
     PeerEvent("A", "here"));
  EXPECT_THAT(Shown(List()),
              ElementsAre("A here x3 10-20", "A there x1 20-20"));
}

TEST_F(EventLogTest, EventsOfTheAdministratorKeepTheirOrderInOneCommit) {
  At(1s, AdministratorsEvent("private"));
  At(2s, AdministratorsEvent("public"), AdministratorsEvent("private"),
     AdministratorsEvent("private"));
  EXPECT_THAT(Shown(List()), ElementsAre(" private x2 2-2", " public x1 2-2",
                                         " private x1 1-1"));
}

TEST_F(EventLogTest, ChunksOfAnImportInOneCommitAreOneEvent) {
  store::v1::EventRecord chunk = AdministratorsEvent("");
  chunk.mutable_imported()->set_added(2);
  At(1s, chunk);
  At(2s, chunk, chunk);
  EXPECT_THAT(Shown(List()), ElementsAre(" 6 added, 0 changed x1 1-2"));
}

TEST_F(EventLogTest, EqualEventsMoreThanAnHourApartAreTwo) {
  At(0s, PeerEvent("A", "here"));
  At(3601s, PeerEvent("A", "here"));
  EXPECT_EQ(List().events_size(), 2);
}

TEST_F(EventLogTest, EventsOfTheAdministratorKeepTheirOrder) {
  At(1s, AdministratorsEvent("private"));
  At(2s, AdministratorsEvent("public"));
  At(3s, AdministratorsEvent("private"));
  At(4s, AdministratorsEvent("private"));
  EXPECT_THAT(Shown(List()), ElementsAre(" private x2 3-4", " public x1 2-2",
                                         " private x1 1-1"));
}

TEST_F(EventLogTest, APeerPushesOutItsOwnEventsOfThatKindOnly) {
  At(0s, AdministratorsEvent("renamed"));
  At(0s, PeerEvent("B", "linked"));
  auto linked = PeerEvent("A", "linked");
  linked.set_kind("LINKED");
  At(0s, linked);
  for (int i = 0; i < 200; ++i) At(1s, PeerEvent("A", std::to_string(i)));
  const auto page = List(1000);
  EXPECT_EQ(page.events_size(), 3 + static_cast<int>(EventLog::kMaxOfOneKind));
  EXPECT_EQ(page.events(0).message(), "199");
  EXPECT_EQ(page.events(page.events_size() - 1).message(), "renamed");
  Open();
  At(2s, PeerEvent("A", "200"));
  EXPECT_EQ(List(1000).events_size(), page.events_size());
}

TEST_F(EventLogTest, NumbersAndTurnsDoNotPushOutOtherEvents) {
  At(0s, AdministratorsEvent("renamed"));
  const auto most = static_cast<int>(EventLog::kMaxOfFamily);
  for (const auto kind : {"NUMBER_ADDED", kConnected.data()}) {
    for (int i = 0; i < most + 100;) {
      std::vector<store::v1::EventRecord> events;
      for (int end = i + 100; i < end; ++i) {
        // Each event is of another link, and so within the bound of that link.
        store::v1::EventRecord event = PeerEvent("A", std::to_string(i));
        event.set_kind(kind);
        event.mutable_interlink_id()->replace(0, 5, std::to_string(10'000 + i));
        events.push_back(std::move(event));
      }
      std::vector<store::Op> ops;
      log_->Append(events, ops);
      ASSERT_THAT(database_->Commit({}, ops), IsOk());
    }
  }
  EXPECT_EQ(database_->Scan(store::kEventPrefix)->size(), 1u + 2 * most);
  EXPECT_EQ(List(1, "2").events(0).message(), "renamed");
}

TEST_F(EventLogTest, ImportsDoNotPushOutOtherEvents) {
  At(0s, PeerEvent("A", "linked"));
  const auto most = static_cast<int>(EventLog::kMaxOfFamily);
  for (int i = 0; i < most + 10; ++i) {
    store::v1::EventRecord event = AdministratorsEvent("");
    event.set_kind("NUMBERS_IMPORTED");
    event.mutable_imported()->set_changed(1);
    At(i * 120s, event);
  }
  EXPECT_EQ(database_->Scan(store::kEventPrefix)->size(), 1u + most);
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
