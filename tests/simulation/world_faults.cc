#include <chrono>
#include <string>

#include "tests/simulation/world.h"

namespace interlink::testing {
namespace {

constexpr const char* kMethods[] = {"Redeem", "Lookup", "Terminate"};

}  // namespace

// After a write that failed nothing is answered any more; the machine dies.
void World::CrashFailed() {
  for (size_t i = 0; i < accounts_.size(); ++i) {
    if (!At(i).disk().has_failed()) continue;
    Crash(i);
    Start(i);
  }
}

void World::MaybeCrash(SimulatedAccount& callee, uint64_t per_thousand) {
  if (!has_faults_ || plan_.is_steady || Below(1000) >= per_thousand) return;
  size_t victim = Below(accounts_.size());
  if (Below(2) == 0) {
    while (&At(victim) != &callee) victim = (victim + 1) % accounts_.size();
  }
  Crash(victim);
  Start(victim);
}

void World::DoFault(const Step& step) {
  SimulatedAccount& account = At(step.account);
  SimulatedAccount& other = At(step.other);
  switch (step.act) {
    case Act::kCrash:
      account.is_running() ? Crash(step.account) : Start(step.account);
      return;
    case Act::kFailSync:
      account.disk().FailNextSync(step.value % 2 == 0
                                      ? CrashEnv::Failure::kNothingSynced
                                      : CrashEnv::Failure::kAllSynced);
      return;
    case Act::kCut:
      network_.Cut(account, other);
      return;
    case Act::kCutBoth:
      network_.Cut(account, other);
      network_.Cut(other, account);
      return;
    case Act::kMend:
      network_.Mend(account, other);
      network_.Mend(other, account);
      return;
    case Act::kMendAll:
      for (auto& a : accounts_) {
        for (auto& b : accounts_) network_.Mend(*a, *b);
      }
      return;
    case Act::kBreakSessions:
      network_.BreakSessions(account, other);
      return;
    case Act::kWeather: {
      constexpr int kSlow[] = {1, 1, 20, 200, 1500};
      constexpr int kLoss[] = {0, 0, 20, 100, 300};
      slowest_ = kSlow[step.value % 5];
      loss_ = kLoss[step.value / 5 % 5];
      return;
    }
    case Act::kHold:
      network_.Hold(kMethods[step.value % 3], static_cast<int>(step.value % 4));
      return;
    case Act::kSetClock: {
      constexpr int kHours[] = {0, 1, -2, 3, 480, -480};
      account.SetClockError(std::chrono::hours(kHours[step.value % 6]));
      return;
    }
    default:
      network_.Release();
  }
}

// What was paused has to catch up without a start.
void World::Resume(size_t account) {
  for (const auto& row : At(account).Rows()) {
    if (row.paused()) At(account).SetPaused(row.name(), false).IgnoreError();
  }
}

void World::EndFaults() {
  Note("the faults end");
  has_faults_ = false;
  slowest_ = 1;
  loss_ = 0;
  for (size_t i = 0; i < accounts_.size(); ++i) {
    At(i).SetClockError({});
    if (plan_.is_steady) {
      Resume(i);
    } else {
      Crash(i);  // Also what a failure was waiting for.
    }
    Start(i);
    for (auto& other : accounts_) network_.Mend(At(i), *other);
  }
  // Whoever has moved is still found by an old key.
  for (const auto& [address, account] : former_addresses_) {
    network_.Forward(address, At(account));
  }
  for (const char* method : kMethods) network_.Hold(method, 0);
  network_.Release();
}

}  // namespace interlink::testing
