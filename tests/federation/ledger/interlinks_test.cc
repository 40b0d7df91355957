#include "federation/ledger/interlinks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include "federation/ledger/interlink_update.h"
#include "federation/ledger/interlink_view.h"
#include "federation/ledger/transaction.h"
#include "tests/federation/reason_matcher.h"
#include "tests/support/simulated_account.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::Refuses;
using ::testing::UnorderedElementsAre;

class InterlinksTest : public ::testing::Test {
 protected:
  Interlinks& interlinks() { return mike_.account().interlinks(); }

  // A pending row; each is younger than the one before.
  std::string Add(const std::string& name) {
    time_.Advance(1s);
    EXPECT_THAT(mike_.GenerateKey(name), IsOk());
    return mike_.Row(name)->id();
  }
  absl::StatusOr<api::Interlink> Update(const api::Interlink& wanted,
                                        const std::vector<std::string>& paths) {
    api::UpdateInterlinkRequest request;
    *request.mutable_interlink() = wanted;
    for (const std::string& path : paths) {
      request.mutable_update_mask()->add_paths(path);
    }
    return mike_.Update(request);
  }
  // The names on all pages of `size`.
  std::vector<std::string> Listed(int size, bool show_removed = false) {
    api::ListInterlinksRequest request;
    request.set_page_size(size);
    request.set_show_removed(show_removed);
    std::vector<std::string> names;
    do {
      auto page = *ListInterlinks(interlinks(), request);
      EXPECT_TRUE(size <= 0 || page.interlinks_size() <= size);
      for (const auto& row : page.interlinks()) names.push_back(row.name());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return names;
  }
  const Row& RowNamed(const std::string& name) {
    return *interlinks().FindByName(name);
  }
  Transaction Begin() { return Transaction(time_.WallNow()); }
  void Commit(Transaction& transaction) {
    ASSERT_THAT(mike_.account().ledger().CommitAtStart(transaction.Take()),
                IsOk());
  }

  testing::VirtualTime time_;
  testing::SimulatedNetwork network_{time_};
  testing::SimulatedAccount mike_{time_, network_, "Mike"};
};

TEST_F(InterlinksTest, RowsAreListedInTheOrderOfTheirMakingPageByPage) {
  for (const char* name : {"c", "a", "e", "b", "d"}) Add(name);
  for (int size : {0, 1, 2, 4, 5, 6, 5000}) {
    EXPECT_THAT(Listed(size), ElementsAre("c", "a", "e", "b", "d")) << size;
  }
}

TEST_F(InterlinksTest, APageCostsNothingForTheRowsThatAreNotOnIt) {
  constexpr int kRows = 1000;
  for (int i = 0; i < kRows; ++i) {
    ASSERT_THAT(mike_.GenerateKey(std::to_string(i)), IsOk());
  }
  const auto clocks_for_pages_of = [this](int size) {
    const std::clock_t start = std::clock();
    EXPECT_EQ(Listed(size).size(), static_cast<size_t>(kRows));
    return std::clock() - start;
  };
  const auto once = std::max<std::clock_t>(clocks_for_pages_of(kRows), 1);
  // If each page sorted all rows, a thousand pages would take a hundred times
  // as long as one.
  EXPECT_LT(clocks_for_pages_of(1), 20 * once);
}

TEST_F(InterlinksTest, RowsOfOneMomentAreAllListed) {
  for (int i = 0; i < 10; ++i) {
    ASSERT_THAT(mike_.GenerateKey(std::to_string(i)), IsOk());
  }
  EXPECT_EQ(Listed(3).size(), 10u);
}

TEST_F(InterlinksTest, TheLastPageHasNoToken) {
  Add("a");
  Add("b");
  api::ListInterlinksRequest request;
  request.set_page_size(2);
  EXPECT_EQ(ListInterlinks(interlinks(), request)->next_page_token(), "");
}

TEST_F(InterlinksTest, PagesStandWhileRowsComeAndGo) {
  for (const char* name : {"a", "b", "c", "d"}) Add(name);
  api::ListInterlinksRequest request;
  request.set_page_size(2);
  request.set_page_token(
      ListInterlinks(interlinks(), request)->next_page_token());
  ASSERT_THAT(mike_.Delete("b"), IsOk());  // The one that the token names.
  Add("e");
  auto page = ListInterlinks(interlinks(), request);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->interlinks_size(), 2);
  EXPECT_EQ(page->interlinks(0).name(), "c");
  EXPECT_EQ(page->interlinks(1).name(), "d");
}

TEST_F(InterlinksTest, ATokenFromElsewhereIsRefused) {
  Add("a");
  for (const std::string& token :
       {std::string("x"), std::string(48, 'g'), std::string(47, '0'),
        std::string(49, '0'), std::string(48, 'A')}) {
    api::ListInterlinksRequest request;
    request.set_page_token(token);
    EXPECT_THAT(ListInterlinks(interlinks(), request),
                Refuses(Reason::kRequestInvalid));
  }
}

TEST_F(InterlinksTest, RemovedRowsAreShownIfAskedFor) {
  const std::string id = Add("a");
  Add("b");
  ASSERT_THAT(mike_.Delete("a"), IsOk());
  EXPECT_THAT(Listed(1), ElementsAre("b"));
  EXPECT_THAT(Listed(1, true), ElementsAre("a", "b"));
  auto removed = GetInterlink(interlinks(), id);
  ASSERT_THAT(removed, IsOk());
  EXPECT_EQ(removed->state(), api::INTERLINK_STATE_REMOVED);
  EXPECT_TRUE(removed->has_remove_time());
  EXPECT_THAT(Update(*removed, {"name"}), Refuses(Reason::kLinkNotFound));
}

TEST_F(InterlinksTest, ABadIdIsNotFound) {
  for (const std::string& id :
       {std::string(), std::string("a"), std::string(32, 'A'),
        std::string(33, 'a'), std::string(32, 'f')}) {
    EXPECT_THAT(GetInterlink(interlinks(), id), Refuses(Reason::kLinkNotFound))
        << id;
    api::Interlink wanted;
    wanted.set_id(id);
    EXPECT_THAT(Update(wanted, {"name"}), Refuses(Reason::kLinkNotFound));
  }
}

TEST_F(InterlinksTest, NamesAreTrimmedAndUniqueWithoutCaseAndInnerSpaces) {
  Add("John Smith");
  EXPECT_THAT(mike_.GenerateKey(" John Smith "), Refuses(Reason::kNameTaken));
  EXPECT_THAT(
      mike_.GenerateKey("JOHN   smith"),
      Refuses(Reason::kNameTaken, HasSubstr("is named \"John Smith\"")));
  Add("Mike");
  EXPECT_THAT(mike_.Rename("Mike", "john smith"), Refuses(Reason::kNameTaken));
  // A row may have its own name in another spelling.
  EXPECT_THAT(mike_.Rename("John Smith", "JOHN SMITH"), IsOk());
  EXPECT_THAT(mike_.Names(), Contains("JOHN SMITH"));
  EXPECT_THAT(mike_.GenerateKey("  Tim\t"), IsOk());
  EXPECT_THAT(mike_.Names(), Contains("Tim"));
  EXPECT_THAT(mike_.GenerateKey(""), Refuses(Reason::kNameInvalid));
  EXPECT_THAT(mike_.GenerateKey("a\nb"), Refuses(Reason::kNameInvalid));
}

// An earlier version compared names byte for byte.
TEST_F(InterlinksTest, RowsThatShareANameGoOn) {
  Add("John");
  Add("Tim");
  store::v1::InterlinkRecord record = RowNamed("Tim").record;
  record.set_name("JOHN");
  Transaction transaction = Begin();
  transaction.Update(RowNamed("Tim"), record);
  Commit(transaction);
  EXPECT_THAT(mike_.Names(), UnorderedElementsAre("John", "JOHN"));
  EXPECT_EQ(RowNamed("JOHN").record.name(), "JOHN");
  EXPECT_EQ(RowNamed("John").record.name(), "John");
  EXPECT_THAT(mike_.Rename("JOHN", "john"), Refuses(Reason::kNameTaken));
  EXPECT_THAT(mike_.Delete("John"), IsOk());
  EXPECT_EQ(RowNamed("John").record.name(), "JOHN");
  EXPECT_THAT(mike_.GenerateKey("John"), Refuses(Reason::kNameTaken));
}

TEST_F(InterlinksTest, ANameIsFreeAgainAfterARenameAndADeletion) {
  Add("a");
  ASSERT_THAT(mike_.Rename("a", "b"), IsOk());
  Add("a");
  EXPECT_THAT(mike_.Rename("b", "a"), Refuses(Reason::kNameTaken));
  ASSERT_THAT(mike_.Delete("a"), IsOk());
  EXPECT_THAT(mike_.Rename("b", "a"), IsOk());
  EXPECT_THAT(mike_.Names(), ElementsAre("a"));
}

TEST_F(InterlinksTest, ARenameToTheSameNameIsFineAndNoEvent) {
  Add("a");
  EXPECT_THAT(mike_.Rename("a", "a"), IsOk());
  EXPECT_THAT(mike_.EventKinds(), Not(Contains("RENAMED")));
  EXPECT_THAT(mike_.Rename("a", "b"), IsOk());
  EXPECT_THAT(mike_.EventKinds(), Contains("RENAMED"));
}

TEST_F(InterlinksTest, AnUpdateChangesWhatItsMaskNames) {
  Add("a");
  api::Interlink wanted = *mike_.Row("a");
  EXPECT_EQ(wanted.priority(), 100);
  wanted.set_name("b");
  wanted.set_priority(0);
  wanted.set_paused(true);
  wanted.set_manual_address("10.0.0.1:7443");
  auto updated = Update(wanted, {"priority"});
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->name(), "a");
  EXPECT_EQ(updated->priority(), 0);
  EXPECT_FALSE(updated->paused());
  updated = Update(wanted, {"paused", "manual_address", "name"});
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->name(), "b");
  EXPECT_TRUE(updated->paused());
  EXPECT_EQ(updated->manual_address(), "10.0.0.1:7443");
  wanted.clear_manual_address();
  EXPECT_EQ(Update(wanted, {"manual_address"})->manual_address(), "");
}

TEST_F(InterlinksTest, EachChangeOfARowIsAnEventAndNoChangeIsNone) {
  Add("a");
  api::Interlink wanted = *mike_.Row("a");
  wanted.set_priority(50);
  wanted.set_manual_address("10.0.0.1:7443");
  for (int i = 0; i < 2; ++i) {
    ASSERT_THAT(Update(wanted, {"priority"}), IsOk());
    ASSERT_THAT(Update(wanted, {"manual_address"}), IsOk());
  }
  wanted.clear_manual_address();
  ASSERT_THAT(Update(wanted, {"manual_address"}), IsOk());
  const auto events = *mike_.account().events().List({});
  ASSERT_EQ(events.events_size(), 4);  // The first is of the key.
  EXPECT_EQ(events.events(2).kind(), "PRIORITY_CHANGED");
  EXPECT_EQ(events.events(2).message(), "the priority is now 50, and was 100");
  EXPECT_EQ(events.events(1).kind(), "ADDRESS_SET");
  EXPECT_EQ(events.events(1).message(),
            "the address 10.0.0.1:7443 was set by hand");
  EXPECT_EQ(events.events(0).kind(), "ADDRESS_SET");
}

TEST_F(InterlinksTest, AnUpdateIsRefusedAsAWhole) {
  Add("a");
  api::Interlink wanted = *mike_.Row("a");
  wanted.set_name("b");
  const auto refused = [&](const std::string& path) {
    EXPECT_THAT(Update(wanted, {"name", path}),
                Refuses(Reason::kRequestInvalid))
        << path;
    EXPECT_EQ(mike_.Rows()[0].name(), "a");
  };
  EXPECT_THAT(Update(wanted, {}),
              Refuses(Reason::kRequestInvalid, HasSubstr("empty")));
  for (const char* path :
       {"", "*", "id", "state", "peer_account_id", "interlink.name", "Name"}) {
    refused(path);
  }
  for (int priority : {-1, 1001}) {
    wanted.set_priority(priority);
    refused("priority");
  }
  for (const char* address : {"x", "unix:/x", "10.0.0.1:0", "a:1, b:2"}) {
    wanted.set_manual_address(address);
    refused("manual_address");
  }
  for (int priority : {0, 1000}) {
    wanted.set_priority(priority);
    EXPECT_THAT(Update(wanted, {"priority"}), IsOk());
  }
}

TEST_F(InterlinksTest, AllIsThereAfterARestart) {
  Add("a");
  ASSERT_THAT(mike_.SetPriority("a", 7), IsOk());
  Add("b");
  ASSERT_THAT(mike_.Rename("b", "c"), IsOk());
  mike_.Crash();
  mike_.Start();
  EXPECT_THAT(mike_.Names(), ElementsAre("a", "c"));
  EXPECT_EQ(mike_.Row("a")->priority(), 7);
  EXPECT_EQ(interlinks().FindByName("b"), nullptr);
  EXPECT_THAT(mike_.GenerateKey("c"), Refuses(Reason::kNameTaken));
}

TEST_F(InterlinksTest, ObserversHearOfEveryChangeUntilTheyLeave) {
  std::vector<std::string> heard;
  auto subscription = interlinks().observers().Add(
      [&](store::InterlinkId id) { heard.push_back(id.ToHex()); });
  const std::string id = Add("a");
  ASSERT_THAT(mike_.Rename("a", "b"), IsOk());
  EXPECT_EQ(heard, (std::vector<std::string>{id, id}));
  subscription.reset();
  ASSERT_THAT(mike_.Delete("b"), IsOk());
  EXPECT_EQ(heard.size(), 2u);
}

TEST_F(InterlinksTest, AnObserverFindsTheWholeCommitInEveryTable) {
  testing::SimulatedAccount john(time_, network_, "John");
  ASSERT_THAT(john.Link("Mike", *mike_.GenerateKey("John")), IsOk());
  const uint64_t generation = mike_.account().generation().count();
  std::vector<uint64_t> found;
  const auto subscription =
      interlinks().observers().Add([&](store::InterlinkId) {
        found = {mike_.account().outbox().undelivered(),
                 mike_.account().generation().count() - generation};
      });
  ASSERT_THAT(mike_.Delete("John"), IsOk());
  EXPECT_THAT(found, ElementsAre(1u, 1u));
}

TEST_F(InterlinksTest, AnObserverHearsOfAllRowsOfACommitBeforeTheNextObserver) {
  Add("a");
  Add("b");
  std::string heard;
  const auto first = interlinks().observers().Add(
      [&](store::InterlinkId) { heard += "first "; });
  const auto second = interlinks().observers().Add([&](store::InterlinkId) {
    heard += "second ";
    EXPECT_EQ(RowNamed("c").record.priority(), 7u);
    EXPECT_EQ(RowNamed("d").record.priority(), 7u);
  });
  Transaction transaction = Begin();
  for (const auto& [from, to] : {std::pair("a", "c"), std::pair("b", "d")}) {
    store::v1::InterlinkRecord record = RowNamed(from).record;
    record.set_name(to);
    record.set_priority(7);
    transaction.Update(RowNamed(from), record);
  }
  Commit(transaction);
  EXPECT_EQ(heard, "first first second second ");
}

TEST_F(InterlinksTest, ANameCannotEndItsOwnQuotesInTheLog) {
  const auto id = *store::InterlinkId::FromBytes(std::string(16, '\x11'));
  EXPECT_EQ(TitleOf("The \"Boss\" \\", id),
            "interlink \"The \\\"Boss\\\" \\\\\" "
            "11111111111111111111111111111111");
}

}  // namespace
}  // namespace interlink::federation
