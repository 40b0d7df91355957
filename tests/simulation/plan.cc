#include "tests/simulation/plan.h"

#include <random>
#include <utility>

namespace interlink::testing {
namespace {

struct Chance {
  Act act;
  int weight;
  const char* name;
};

constexpr Chance kChances[] = {
    {Act::kCrash, 7, "crash"},
    {Act::kFailSync, 5, "fail-sync"},
    {Act::kCut, 4, "cut"},
    {Act::kCutBoth, 3, "cut-both"},
    {Act::kMend, 10, "mend"},
    {Act::kMendAll, 2, "mend-all"},
    {Act::kBreakSessions, 3, "break-sessions"},
    {Act::kWeather, 5, "weather"},
    {Act::kHold, 4, "hold"},
    {Act::kRelease, 4, "release"},
    {Act::kSetClock, 3, "set-clock"},
    {Act::kGenerateKey, 12, "generate-key"},
    {Act::kLink, 18, "link"},
    {Act::kDelete, 9, "delete"},
    {Act::kRename, 2, "rename"},
    {Act::kPause, 3, "pause"},
    {Act::kAddNumber, 8, "add-number"},
    {Act::kDeleteNumber, 4, "delete-number"},
    {Act::kFlipPrivacy, 6, "flip-privacy"},
    {Act::kResolve, 20, "resolve"},
    {Act::kCall, 20, "call"},
    {Act::kSwitchAdmission, 2, "switch-admission"},
    {Act::kBackUp, 3, "back-up"},
    {Act::kSnapshot, 2, "snapshot"},
    {Act::kPutBack, 3, "put-back"},
    {Act::kMove, 2, "move"},
};

constexpr int TotalWeight() {
  int total = 0;
  for (const Chance& chance : kChances) total += chance.weight;
  return total;
}

bool IsSteady(Act act) {
  switch (act) {
    case Act::kCrash:
    case Act::kFailSync:
    case Act::kSnapshot:
    case Act::kPutBack:
      return false;
    default:
      return true;
  }
}

Act Draw(uint64_t number) {
  int left = static_cast<int>(number % TotalWeight());
  for (const Chance& chance : kChances) {
    left -= chance.weight;
    if (left < 0) return chance.act;
  }
  return Act::kResolve;
}

// What comes together too seldom by chance, quickly one after the other.
class Scenes {
 public:
  Scenes(Plan& plan, std::mt19937_64& engine) : plan_(plan), engine_(engine) {}

  void Add() {
    a_ = static_cast<uint32_t>(engine_() % plan_.accounts);
    b_ = static_cast<uint32_t>((a_ + 1 + engine_() % 7) % plan_.accounts);
    const uint64_t any = engine_();
    switch (engine_() % 11) {
      case 0:  // A Redeem that comes after its cancellation.
        Do(b_, Act::kGenerateKey, engine_());
        Do(a_, Act::kHold, 3);
        Do(a_, Act::kLink, kLastKey);
        Do(a_, Act::kDelete, engine_());
        Do(a_, Act::kRelease, 0);
        return;
      case 1:  // Each enters the other's key.
        Do(a_, Act::kGenerateKey, 1);
        Do(b_, Act::kGenerateKey, 1);
        Do(a_, Act::kLink, kLastKey);
        Do(b_, Act::kLink, kLastKey + 1);
        return;
      case 2:  // A key that expires while it is being redeemed.
        Do(b_, Act::kGenerateKey, 0);
        Do(a_, Act::kCutBoth, 0);
        Do(a_, Act::kLink, kLastKey);
        plan_.steps.back().pause = std::chrono::seconds(310);
        Do(a_, Act::kMend, 0);
        return;
      case 3:  // Changes under a pause, which arrive late when it ends.
        Do(a_, Act::kPause, any);
        Do(a_, Act::kFlipPrivacy, engine_());
        Do(a_, Act::kDeleteNumber, engine_());
        Do(a_, Act::kDeleteNumber, engine_());
        plan_.steps.back().pause = std::chrono::seconds(14);
        Do(a_, Act::kWeather, kSlow);
        Do(a_, Act::kPause, any);
        plan_.steps.back().pause = std::chrono::seconds(3);
        return;
      case 4:  // A link that one side has forgotten is made anew.
        if (plan_.is_steady) return;
        Do(a_, Act::kSnapshot, 0);
        Do(b_, Act::kGenerateKey, 1);
        Do(a_, Act::kLink, kLastKey);
        plan_.steps.back().pause = std::chrono::seconds(3);
        Do(a_, Act::kPutBack, kLastCopy);
        Do(b_, Act::kGenerateKey, 1);
        Do(a_, Act::kLink, kLastKey);
        return;
      case 5:  // An older copy of which only a peer can know.
        if (plan_.is_steady) return;
        Do(b_, Act::kGenerateKey, 1);
        Do(a_, Act::kLink, kLastKey);
        plan_.steps.back().pause = std::chrono::seconds(3);
        Do(a_, Act::kSnapshot, 0);
        Do(a_, Act::kGenerateKey, 1);
        Do(a_, Act::kBreakSessions, 0);
        plan_.steps.back().pause = std::chrono::seconds(3);
        Do(a_, Act::kPutBack, kLastCopyAndFile);
        return;
      case 6:  // Calls that are on their way when their link is paused.
        CallAllNumbers();
        Do(b_, Act::kPause, any);
        plan_.steps.back().pause = std::chrono::seconds(22);
        Do(b_, Act::kPause, any);
        return;
      case 7:  // Or when their owner begins to ask for tokens.
        CallAllNumbers();
        Do(b_, Act::kSwitchAdmission, 0);
        plan_.steps.back().pause = std::chrono::seconds(22);
        return;
      case 8:  // Or when somebody sets their owner's clock.
        Do(b_, Act::kSetClock, 3);
        CallAllNumbers();
        return;
      case 9:  // Or when their caller has paused it, and their owner starts.
        if (plan_.is_steady) return;
        CallAllNumbers();
        Do(a_, Act::kPause, any);
        plan_.steps.back().pause = std::chrono::seconds(14);
        Do(a_, Act::kCutBoth, 0);
        Do(b_, Act::kCrash, 0);
        Do(b_, Act::kCrash, 0);  // It starts.
        plan_.steps.back().pause = std::chrono::seconds(8);
        Do(a_, Act::kMend, 0);
        return;
      default:  // Other changes than those that a peer has heard of.
        if (plan_.is_steady) return;
        Do(a_, Act::kSnapshot, 0);
        Do(a_, Act::kAddNumber, engine_());
        Do(a_, Act::kFlipPrivacy, engine_());
        Do(a_, Act::kPutBack, engine_());
        Do(a_, Act::kFlipPrivacy, engine_());
        Do(a_, Act::kAddNumber, engine_());
    }
  }

  // What later steps would mend before anybody looks.
  void AddLast() {
    const uint64_t any = engine_();
    a_ = static_cast<uint32_t>(any % plan_.accounts);
    b_ = (a_ + 1) % plan_.accounts;
    switch (any / 8 % 8) {
      case 0:  // The answer to a Redeem comes after the issuer has moved.
        if (plan_.is_steady) return;
        Do(a_, Act::kMendAll, 0);
        Do(a_, Act::kWeather, 0);
        Do(b_, Act::kGenerateKey, 1);
        Do(a_, Act::kLink, kLastKey);
        plan_.steps.back().pause = std::chrono::milliseconds(1);
        Do(a_, Act::kCrash, 0);
        Do(b_, Act::kMove, engine_());
        return;
      case 1:  // A key that was used after the backup is entered again.
        if (plan_.is_steady) return;
        Do(b_, Act::kGenerateKey, 1);
        Do(b_, Act::kBackUp, 0);
        Do(a_, Act::kLink, kLastKey);
        plan_.steps.back().pause = std::chrono::seconds(3);
        Do(b_, Act::kPutBack, kLastCopy);
        Do((b_ + 1) % plan_.accounts, Act::kLink, kLastKey);
        return;
      case 2:  // One who cannot be called confirms, and the answer is lost.
        if (!plan_.is_first_hidden) return;
        a_ = 0;
        b_ = 1;
        Do(a_, Act::kMendAll, 0);
        Do(a_, Act::kWeather, 0);
        Do(b_, Act::kGenerateKey, 1);
        Do(a_, Act::kLink, kLastKey);
        plan_.steps.back().pause = std::chrono::seconds(5);
        Do(b_, Act::kDelete, any);
        plan_.steps.back().pause = std::chrono::milliseconds(1);
        Do(a_, Act::kBreakSessions, 0);
        return;
      case 3:  // One who cannot be called has forgotten the link that ends.
        if (!plan_.is_first_hidden || plan_.is_steady) return;
        a_ = 0;
        b_ = 1;
        Do(a_, Act::kMendAll, 0);
        Do(a_, Act::kWeather, 0);
        Do(a_, Act::kSnapshot, 0);
        Do(b_, Act::kGenerateKey, 1);
        Do(a_, Act::kLink, kLastKey);
        plan_.steps.back().pause = std::chrono::seconds(3);
        Do(a_, Act::kPutBack, kLastCopy);
        // It enters the key once more, before that or after it.
        if (any / 64 % 2 == 0) Do(a_, Act::kLink, 0);
        plan_.steps.back().pause = std::chrono::seconds(3);
        Do(b_, Act::kDelete, kNewest);
        plan_.steps.back().pause = std::chrono::seconds(10);
        Do(a_, Act::kLink, 0);
        return;
      default:
        return;
    }
  }

 private:
  // What these values mean is World's.
  static constexpr uint64_t kLastKey = 20;
  static constexpr uint64_t kSlow = 4;
  static constexpr uint64_t kNewest = 20;
  static constexpr uint64_t kLastCopy = 0;
  static constexpr uint64_t kLastCopyAndFile = 840;
  static constexpr uint64_t kNumbers = 6;
  static constexpr uint64_t kArrivesIn20Seconds = 3 * kNumbers;

  // Of them some arrive when what comes next has happened.
  void CallAllNumbers() {
    for (uint64_t number = 0; number < kNumbers; ++number) {
      Do(a_, Act::kCall, kArrivesIn20Seconds + number);
    }
  }

  void Do(uint32_t account, Act act, uint64_t value) {
    plan_.steps.push_back(
        {.act = act,
         .account = account,
         .other = b_,
         .value = value,
         .pause = std::chrono::milliseconds(engine_() % 500)});
  }

  Plan& plan_;
  std::mt19937_64& engine_;
  uint32_t a_ = 0;
  uint32_t b_ = 0;
};

}  // namespace

std::string Step::ToString() const {
  const char* name = "";
  for (const Chance& chance : kChances) {
    if (chance.act == act) name = chance.name;
  }
  return std::string(name) + " n" + std::to_string(account) + " n" +
         std::to_string(other) + " " + std::to_string(value % 1000) + " +" +
         std::to_string(pause.count()) + "ms";
}

Plan Plan::FromSeed(uint64_t seed, uint32_t accounts) {
  std::mt19937_64 engine(seed);
  Plan plan;
  plan.seed = seed;
  // Three are enough for nearly everything; more are slower.
  constexpr uint32_t kUsual[] = {2, 2, 3, 3, 3, 3, 4, 8};
  plan.accounts = accounts != 0 ? accounts : kUsual[engine() % 8];
  plan.is_first_hidden = engine() % 3 == 0;
  plan.is_steady = engine() % 4 == 0;
  const auto add = [&](Act act) {
    plan.steps.push_back(
        {.act = act,
         .account = static_cast<uint32_t>(engine() % plan.accounts),
         .other = static_cast<uint32_t>(engine() % plan.accounts),
         .value = engine(),
         .pause = std::chrono::milliseconds(
             engine() % 8 == 0 ? engine() % 40'000 : engine() % 3'000)});
  };
  // A start in peace, of accounts that have numbers and are linked.
  for (uint32_t i = 0; i < plan.accounts; ++i) {
    for (const Act act :
         {Act::kAddNumber, Act::kAddNumber, Act::kGenerateKey, Act::kLink}) {
      add(act);
    }
  }
  const size_t steps = 60 + 2 * plan.accounts;
  Scenes scenes(plan, engine);
  for (size_t i = 0; i < steps; ++i) {
    if (engine() % 25 == 0) scenes.Add();
    const Act act = Draw(engine());
    add(plan.is_steady && !IsSteady(act) ? Act::kResolve : act);
  }
  scenes.AddLast();
  constexpr int kSlowestSyncs[] = {0, 5, 100, 500};
  plan.slowest_sync = std::chrono::milliseconds(kSlowestSyncs[engine() % 4]);
  return plan;
}

}  // namespace interlink::testing
