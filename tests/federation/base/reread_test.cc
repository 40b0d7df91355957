// The tables in memory follow the store when it is opened anew with other
// contents, and every observer that is told then finds all tables up to date.
#include "federation/base/reread.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "federation/account.h"
#include "federation/ledger/interlink_update.h"
#include "federation/ledger/interlink_view.h"
#include "rocksdb/env.h"
#include "store/change_feed.h"
#include "store/handed_on_database.h"
#include "store/rocksdb/database.h"
#include "tests/federation/reason_matcher.h"
#include "tests/support/awaited.h"
#include "tests/support/awaited_numbers.h"
#include "tests/support/no_peers.h"
#include "tests/support/simulated_account.h"

namespace interlink::federation {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;

// A store whose contents can be replaced under its followers.
class ChangingStore : public store::HandedOnDatabase {
 public:
  ChangingStore() : HandedOnDatabase(nullptr), contents_(New()) {
    HandOnTo(*contents_);
  }

  // Returns a database with the contents that this one has now.
  std::unique_ptr<store::Database> Copy() {
    auto copy = New();
    std::vector<store::Op> ops;
    const auto entries = contents_->Scan("");
    for (const store::Entry& entry : *entries) {
      if (entry.key == store::kFormatKey) continue;
      ops.push_back(store::Op::Put(entry.key, entry.value));
    }
    EXPECT_THAT(copy->Commit({}, ops), IsOk());
    return copy;
  }
  void Become(std::unique_ptr<store::Database> contents) {
    contents_ = std::move(contents);
    HandOnTo(*contents_);
    feed_.Reset();
  }

  void Commit(store::Batch batch, Done done) override {
    done(Commit(batch.preconditions, batch.ops));
  }
  absl::StatusOr<store::Revision> Commit(
      const std::vector<store::Precondition>& preconditions,
      const std::vector<store::Op>& ops) override {
    auto revision = contents_->Commit(preconditions, ops);
    if (revision.ok() && !ops.empty()) feed_.Publish(*revision, ops);
    return revision;
  }
  std::unique_ptr<Subscription> Follow(std::string prefix,
                                       store::Follower follower) override {
    return feed_.Follow(std::move(prefix), std::move(follower));
  }

 private:
  std::unique_ptr<store::Database> New() {
    return *store::OpenRocksDb("/store" + std::to_string(++made_), disk_.get());
  }

  const std::unique_ptr<rocksdb::Env> disk_{
      rocksdb::NewMemEnv(rocksdb::Env::Default())};
  int made_ = 0;
  std::unique_ptr<store::Database> contents_;
  store::ChangeFeed feed_;
};

class RereadTest : public ::testing::Test {
 protected:
  RereadTest() {
    identity_ =
        *Identity::LoadOrCreate(database_, randomness_, time_.WallNow());
    auto account = Account::Open(settings_, *identity_, database_, loop_,
                                 randomness_, peers_);
    EXPECT_THAT(account, IsOk());
    account_ = *std::move(account);
  }

  absl::Status GenerateKey(const std::string& name) {
    api::GenerateKeyRequest request;
    request.set_name(name);
    return testing::Await<absl::StatusOr<api::GenerateKeyResponse>>(
               time_,
               [&](auto done) {
                 account_->issuer().GenerateKey(request, std::move(done));
               })
        .status();
  }
  std::string IdOf(const std::string& name) {
    const Row* row = account_->interlinks().FindByName(name);
    return row == nullptr ? "" : row->id.ToHex();
  }
  void Rename(const std::string& from, const std::string& to) {
    api::UpdateInterlinkRequest request;
    request.mutable_interlink()->set_id(IdOf(from));
    request.mutable_interlink()->set_name(to);
    request.mutable_update_mask()->add_paths("name");
    EXPECT_THAT(testing::Await<absl::StatusOr<api::Interlink>>(
                    time_,
                    [&](auto done) {
                      UpdateInterlink(account_->ledger(), request,
                                      std::move(done));
                    }),
                IsOk());
  }
  // Enters a key of John's, who is out of reach, and deletes the attempt.
  void LinkAndCancel() {
    api::LinkAccountRequest request;
    request.set_name("John");
    request.set_key(*john_.GenerateKey("Mike"));
    account_->redeemer().LinkAccount(request, Duration::zero(), [](auto) {});
    time_.Advance({});
    EXPECT_THAT(
        testing::Await<absl::Status>(time_,
                                     [&](auto done) {
                                       account_->removals().DeleteInterlink(
                                           IdOf("John"), std::move(done));
                                     }),
        IsOk());
  }
  void Create(const std::string& number) {
    api::CreateNumberRequest request;
    request.mutable_number()->set_number(number);
    request.mutable_number()->set_destination("sip:x@10.0.0.1");
    EXPECT_THAT(
        testing::AwaitedNumbers(time_, account_->numbers()).Create(request),
        IsOk());
  }
  void MakePrivate(const std::string& number) {
    api::UpdateNumberRequest request;
    request.mutable_number()->set_number(number);
    request.mutable_number()->set_private_(true);
    request.mutable_update_mask()->add_paths("private");
    EXPECT_THAT(
        testing::AwaitedNumbers(time_, account_->numbers()).Update(request),
        IsOk());
  }
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const auto& [id, row] : account_->interlinks().rows()) {
      EXPECT_EQ(IdOf(row.record.name()), id.ToHex());
      names.push_back(row.record.name());
    }
    return names;
  }
  bool IsShared(const std::string& number) {
    return account_->directory()
        .FindShared(*store::InternalNumber::Parse(number))
        .has_value();
  }
  // Everything that an account that starts with this store would show.
  std::string Described() {
    api::GetAccountResponse shown = account_->Describe();
    shown.clear_uptime();
    std::string described = shown.ShortDebugString();
    const auto events = *account_->events().List({});
    for (const auto& event : events.events()) described += " " + event.kind();
    api::ListInterlinksRequest all;
    all.set_show_removed(true);
    const auto listed = *ListInterlinks(account_->interlinks(), all);
    for (const auto& row : listed.interlinks()) described += " " + row.name();
    return described + " " + std::to_string(account_->generation().count());
  }

  testing::VirtualTime time_;
  testing::SimulatedNetwork network_{time_};
  testing::SimulatedAccount john_{time_, network_, "John"};
  testing::VirtualLoop loop_{time_};
  testing::SeededRandomness randomness_{7};
  testing::NoPeers peers_{loop_};
  AccountSettings settings_{.account_name = "Mike",
                            .addresses = {"mike.test:7443"}};
  ChangingStore database_;
  std::optional<Identity> identity_;
  std::unique_ptr<Account> account_;
};

TEST_F(RereadTest, TablesGoBackWithTheStore) {
  ASSERT_THAT(GenerateKey("a"), IsOk());
  Create("201");
  const std::string before = Described();
  auto copy = database_.Copy();

  Rename("a", "c");
  ASSERT_THAT(GenerateKey("a"), IsOk());
  LinkAndCancel();
  MakePrivate("201");
  Create("202");
  ASSERT_EQ(account_->outbox().undelivered(), 1u);
  ASSERT_NE(Described(), before);

  database_.Become(std::move(copy));
  EXPECT_EQ(Described(), before);
  EXPECT_THAT(Names(), ElementsAre("a"));
  EXPECT_TRUE(IsShared("201"));
  EXPECT_FALSE(IsShared("202"));
}

TEST_F(RereadTest, TablesTakeOverWhatTheyHaveMissed) {
  auto copy = database_.Copy();
  ASSERT_THAT(GenerateKey("a"), IsOk());
  LinkAndCancel();
  Create("201");
  const std::string after = Described();
  auto later = database_.Copy();
  database_.Become(std::move(copy));
  ASSERT_THAT(Names(), IsEmpty());
  ASSERT_EQ(account_->outbox().undelivered(), 0u);

  database_.Become(std::move(later));
  EXPECT_EQ(Described(), after);
  EXPECT_THAT(Names(), ElementsAre("a"));
  EXPECT_EQ(account_->outbox().undelivered(), 1u);
}

TEST_F(RereadTest, ChangesGoOnFromWhatWasRead) {
  ASSERT_THAT(GenerateKey("a"), IsOk());
  auto copy = database_.Copy();
  ASSERT_THAT(GenerateKey("b"), IsOk());
  database_.Become(std::move(copy));
  // An outdated revision, event number or name would be refused.
  Rename("a", "b");
  ASSERT_THAT(GenerateKey("a"), IsOk());
  EXPECT_EQ(Names().size(), 2u);
  const auto events = *account_->events().List({});
  EXPECT_EQ(events.events_size(), 3);
}

TEST_F(RereadTest, AWatcherHearsOfTheEventsThatFollowAnOlderStore) {
  ASSERT_THAT(GenerateKey("a"), IsOk());
  auto copy = database_.Copy();
  ASSERT_THAT(GenerateKey("b"), IsOk());
  std::vector<uint64_t> told;
  const auto watcher = account_->events().observers().Add(
      [&told](uint64_t sequence) { told.push_back(sequence); });
  database_.Become(std::move(copy));
  ASSERT_THAT(GenerateKey("c"), IsOk());
  EXPECT_THAT(told, ElementsAre(account_->events().last()));
}

TEST_F(RereadTest, AnObserverOfAChangedRowFindsAllTablesReread) {
  auto copy = database_.Copy();
  ASSERT_THAT(GenerateKey("a"), IsOk());
  const std::string id = IdOf("a");
  LinkAndCancel();
  Create("201");
  std::vector<std::string> told;
  std::vector<size_t> found;
  const auto rows =
      account_->interlinks().observers().Add([&](store::InterlinkId row) {
        told.push_back(row.ToHex());
        found = {account_->numbers().size(), account_->outbox().undelivered()};
      });
  database_.Become(std::move(copy));
  EXPECT_THAT(told, Contains(id));
  EXPECT_THAT(found, ElementsAre(0u, 0u));
}

}  // namespace
}  // namespace interlink::federation
