// Runs plans by their seeds, and says which of them broke a rule.
//
//   simulate [--first N] [--seeds N] [--minutes M] [--accounts N]
//            [--no-shrink] [--stop-at-first] [--transcript]
//
// A seed that fails is run again, shortened, and printed; the exit status is
// then 1. Says once a minute, on standard error, which seed it is at. The last
// line is "N seeds, N failed".

#include <chrono>
#include <cstdint>
#include <functional>
#include <iostream>
#include <string>
#include <string_view>

#include "tests/simulation/world.h"

namespace {

using interlink::testing::Plan;
using interlink::testing::World;

constexpr int kShrinkRuns = 150;
constexpr size_t kLinesShown = 60;
constexpr std::chrono::minutes kTellEvery{1};

struct Options {
  uint64_t first = 1;
  uint64_t seeds = 100;
  uint64_t minutes = 0;  // Goes on for so long, whatever `seeds` says.
  uint32_t accounts = 0;
  uint64_t most_failed = 5;  // Then it stops.
  bool shrinks = true;
  bool prints = false;  // The transcript of every seed.
};

bool Parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (flag == "--no-shrink") {
      options.shrinks = false;
      continue;
    }
    if (flag == "--stop-at-first") {
      options.most_failed = 1;
      continue;
    }
    if (flag == "--transcript") {
      options.prints = true;
      continue;
    }
    if (i + 1 == argc) return false;
    const uint64_t value = std::stoull(argv[++i]);
    if (flag == "--first") {
      options.first = value;
    } else if (flag == "--seeds") {
      options.seeds = value;
    } else if (flag == "--minutes") {
      options.minutes = value;
    } else if (flag == "--accounts") {
      options.accounts = static_cast<uint32_t>(value);
    } else {
      return false;
    }
  }
  return true;
}

void Print(const std::vector<std::string>& transcript, size_t lines) {
  const size_t skipped =
      transcript.size() > lines ? transcript.size() - lines : 0;
  if (skipped > 0) std::cout << "  (" << skipped << " lines before)\n";
  for (size_t i = skipped; i < transcript.size(); ++i) {
    std::cout << "  " << transcript[i] << "\n";
  }
}

void Explain(const Plan& failed, bool shrinks) {
  const Plan plan = shrinks ? Shrink(failed, kShrinkRuns) : failed;
  World world(plan);
  const std::string violation = world.Run();
  std::cout << "seed " << plan.seed << ", " << plan.accounts << " accounts, "
            << plan.steps.size() << " of " << failed.steps.size()
            << " steps: " << violation << "\n";
  Print(world.transcript(), kLinesShown);
  std::cout << std::flush;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!Parse(argc, argv, options)) {
    std::cerr << "simulate [--first N] [--seeds N] [--minutes M] "
                 "[--accounts N] [--no-shrink] [--stop-at-first] "
                 "[--transcript]\n";
    return 2;
  }
  const auto end =
      std::chrono::steady_clock::now() + std::chrono::minutes(options.minutes);
  uint64_t seeds = 0;
  uint64_t failed = 0;
  auto told = std::chrono::steady_clock::now();
  const auto goes_on = [&] {
    return options.minutes > 0 ? std::chrono::steady_clock::now() < end
                               : seeds < options.seeds;
  };
  for (uint64_t seed = options.first; goes_on() && failed < options.most_failed;
       ++seed) {
    if (const auto now = std::chrono::steady_clock::now();
        now - told >= kTellEvery) {
      told = now;
      std::cerr << "at seed " << seed << ": " << seeds << " seeds, " << failed
                << " failed" << std::endl;
    }
    const Plan plan = Plan::FromSeed(seed, options.accounts);
    World world(plan);
    ++seeds;
    const std::string violation = world.Run();
    if (options.prints) Print(world.transcript(), SIZE_MAX);
    if (violation.empty()) continue;
    ++failed;
    Explain(plan, options.shrinks);
  }
  std::cout << seeds << " seeds, " << failed << " failed\n";
  return failed == 0 ? 0 : 1;
}
