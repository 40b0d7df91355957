// Administrators who do anything at any time, accounts that crash at any
// message, and a network that fails in every way; when the faults end, the two
// sides of every link agree. A seed is a run, the same each time.

#include <map>
#include <random>
#include <set>

#include "tests/story/two_accounts.h"

namespace interlink::testing {
namespace {

class RandomRun {
 public:
  explicit RandomRun(uint64_t seed) : engine_(seed) {
    for (const char* name : {"A", "B", "C"}) {
      accounts_.push_back(
          std::make_unique<SimulatedAccount>(time_, network_, name));
    }
    const auto maybe_crash = [this](const std::string&,
                                    SimulatedAccount& callee) {
      SimulatedAccount& victim = Chance(50) ? callee : Any();
      if (has_faults_ && Chance(5)) Restart(victim);
    };
    network_.on_arrival = network_.on_answer = maybe_crash;
  }

  void Run() {
    for (int i = 0; i < 60; ++i) {
      Step();
      time_.Advance(std::chrono::milliseconds(Below(4000)));
      CheckDeleted();
    }
    has_faults_ = false;
    for (auto& a : accounts_) {
      if (!a->is_running()) a->Start();
      for (auto& b : accounts_) network_.Mend(*a, *b);
    }
    for (const char* method : {"Redeem", "Lookup", "Terminate"}) {
      network_.LoseAnswers(method, 0);
      network_.Hold(method, 0);
    }
    network_.Release();
    time_.Advance(20min);  // The longest wait of a retry is 15 minutes.
    CheckAgreement();
  }

 private:
  uint64_t Below(uint64_t end) { return engine_() % end; }
  bool Chance(uint64_t percent) { return Below(100) < percent; }
  SimulatedAccount& Any() { return *accounts_[Below(accounts_.size())]; }

  void Restart(SimulatedAccount& account) {
    if (account.is_running()) account.Crash();
    account.Start();
  }

  void Step() {
    SimulatedAccount& account = Any();
    const std::string method =
        std::vector<std::string>{"Redeem", "Lookup", "Terminate"}[Below(3)];
    const uint64_t what = Below(100);
    if (what < 8) {
      account.is_running() ? account.Crash() : account.Start();
    } else if (what < 16) {
      network_.Cut(account, Any());
    } else if (what < 30) {
      network_.Mend(account, Any());
    } else if (what < 38) {
      network_.LoseAnswers(method, static_cast<int>(Below(4)));
    } else if (what < 44) {
      network_.Hold(method, static_cast<int>(Below(3)));
    } else if (what < 47) {
      network_.Release();
    } else if (what < 50) {
      network_.BreakSessions(account, Any());
    } else if (!account.is_running()) {
      account.Start();
    } else if (what < 58) {
      EditNumbers(account);
    } else if (what < 70) {
      auto key = account.GenerateKey("key " + std::to_string(++names_));
      if (key.ok()) keys_.push_back(*key);
    } else if (what < 88 && !keys_.empty()) {
      // Most often a key that may still be good.
      const size_t back = std::min<size_t>(keys_.size(), 1 + Below(4));
      account.BeginLink("link " + std::to_string(++names_),
                        keys_[keys_.size() - back],
                        std::chrono::seconds(Below(20)));
    } else {
      const auto rows = account.Rows();
      if (rows.empty()) return;
      const auto& row = rows[Below(rows.size())];
      if (account.account().removals().DeleteInterlink(row.id()).ok()) {
        deleted_.insert({account.name(), row.id()});
        // The key of an attempt that was cancelled, or failed, stays good for
        // somebody else.
        if (row.state() == api::INTERLINK_STATE_PENDING ||
            row.state() == api::INTERLINK_STATE_ESTABLISHED) {
          over_.insert(row.id());
        }
      }
    }
  }

  void EditNumbers(SimulatedAccount& account) {
    const std::string number = std::to_string(Below(20));
    if (Chance(50)) {
      account.AddNumber(number, Chance(30)).IgnoreError();
    } else if (Chance(50)) {
      account.account().numbers().Delete(number).IgnoreError();
    } else {
      account.SetPrivate(number, Chance(50)).IgnoreError();
    }
  }

  // What one side knows of the other's numbers is what the other shares.
  void CheckMirror(SimulatedAccount& account, const std::string& id) {
    api::ListReachableNumbersRequest request;
    request.set_interlink_id(id);
    request.set_page_size(1000);
    const auto reachable = account.account().resolver().ListReachable(request);
    ASSERT_THAT(reachable, IsOk());
    std::set<std::string> known;
    for (const auto& number : reachable->numbers()) {
      EXPECT_FALSE(number.stale()) << account.name();
      known.insert(number.number());
    }
    for (const auto& owner : accounts_) {
      const federation::Row* row =
          owner->account().interlinks().Find(*store::InterlinkId::FromHex(id));
      // A third may have a failed row of the same key.
      if (owner.get() == &account || row == nullptr ||
          !row->Is(store::v1::ROW_STATE_ESTABLISHED)) {
        continue;
      }
      std::set<std::string> shared;
      const auto page = owner->account().numbers().ListShared({}, 1000);
      for (const auto& entry : page->entries) {
        shared.insert(entry.number.ToString());
      }
      EXPECT_EQ(known, shared) << account.name() << " of " << owner->name();
    }
  }

  // A deletion that was answered OK is never undone.
  void CheckDeleted() {
    for (const auto& account : accounts_) {
      if (!account->is_running()) continue;
      for (const auto& row : account->Rows()) {
        EXPECT_FALSE(deleted_.contains({account->name(), row.id()}))
            << account->name() << " has again " << row.ShortDebugString();
      }
    }
  }

  void CheckAgreement() {
    std::map<std::string, std::set<std::string>> holders;  // By interlink id.
    std::set<std::pair<std::string, std::string>> pairs;
    for (const auto& account : accounts_) {
      EXPECT_EQ(account->account().removals().undelivered(), 0u)
          << account->name();
      for (const auto& row : account->Rows()) {
        EXPECT_NE(row.state(), api::INTERLINK_STATE_LINKING)
            << account->name() << ": " << row.ShortDebugString();
        if (row.state() != api::INTERLINK_STATE_ESTABLISHED) continue;
        EXPECT_EQ(row.indicator(), api::INDICATOR_GREEN)
            << account->name() << ": " << row.ShortDebugString();
        holders[row.id()].insert(account->name());
        CheckMirror(*account, row.id());
        EXPECT_TRUE(
            pairs.insert({account->name(), row.peer_account_id()}).second)
            << account->name() << " has two rows for one account";
      }
    }
    for (const auto& [id, names] : holders) {
      EXPECT_EQ(names.size(), 2u) << id << " stands at " << *names.begin();
      EXPECT_FALSE(over_.contains(id)) << id << " was deleted";
    }
  }

  std::mt19937_64 engine_;
  VirtualTime time_;
  SimulatedNetwork network_{time_};
  std::vector<std::unique_ptr<SimulatedAccount>> accounts_;
  std::vector<std::string> keys_;
  std::set<std::pair<std::string, std::string>> deleted_;  // Where, and what.
  std::set<std::string> over_;  // Ids that may stand nowhere.
  int names_ = 0;
  bool has_faults_ = true;
};

TEST(RandomTest, WhenTheFaultsEndBothSidesOfEveryLinkAgree) {
  const char* only = std::getenv("INTERLINK_SEED");
  const char* count = std::getenv("INTERLINK_SEEDS");
  const uint64_t first = only != nullptr ? std::stoull(only) : 1;
  const uint64_t last =
      only != nullptr ? first : (count != nullptr ? std::stoull(count) : 20);
  for (uint64_t seed = first; seed <= last; ++seed) {
    SCOPED_TRACE("INTERLINK_SEED=" + std::to_string(seed));
    RandomRun(seed).Run();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace interlink::testing
