#include "tests/simulation/plan.h"

#include <random>
#include <utility>

namespace interlink::testing {
namespace {

struct Chance {
  Act act;
  const char* name;
  int weight;
};

constexpr Chance kChances[] = {
    {Act::kCrash, "crash", 7},
    {Act::kFailSync, "fail-sync", 5},
    {Act::kCut, "cut", 4},
    {Act::kCutBoth, "cut-both", 3},
    {Act::kMend, "mend", 10},
    {Act::kMendAll, "mend-all", 2},
    {Act::kBreakSessions, "break-sessions", 3},
    {Act::kWeather, "weather", 5},
    {Act::kHold, "hold", 4},
    {Act::kRelease, "release", 4},
    {Act::kSetClock, "set-clock", 3},
    {Act::kGenerateKey, "generate-key", 12},
    {Act::kLink, "link", 18},
    {Act::kDelete, "delete", 9},
    {Act::kRename, "rename", 2},
    {Act::kPause, "pause", 3},
    {Act::kAddNumber, "add-number", 8},
    {Act::kDeleteNumber, "delete-number", 4},
    {Act::kFlipPrivacy, "flip-privacy", 6},
    {Act::kResolve, "resolve", 20},
    {Act::kBackUp, "back-up", 3},
    {Act::kSnapshot, "snapshot", 2},
    {Act::kPutBack, "put-back", 3},
    {Act::kMove, "move", 2},
};

constexpr int TotalWeight() {
  int total = 0;
  for (const Chance& chance : kChances) total += chance.weight;
  return total;
}

Act Draw(uint64_t number) {
  int left = static_cast<int>(number % TotalWeight());
  for (const Chance& chance : kChances) {
    left -= chance.weight;
    if (left < 0) return chance.act;
  }
  return Act::kResolve;
}

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
  for (size_t i = 0; i < steps; ++i) add(Draw(engine()));
  return plan;
}

}  // namespace interlink::testing
