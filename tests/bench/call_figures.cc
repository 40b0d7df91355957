#include "tests/bench/call_figures.h"

#include <cstdint>
#include <string>
#include <vector>

#include "federation/routing/call_token.h"
#include "tests/bench/figures.h"

namespace interlink::bench {
namespace {

using federation::CallToken;

constexpr int kRounds = 11;
constexpr uint32_t kEach = 20'000;

// The median time of one call of `act`, which gets a count.
template <class Act>
double NanosecondsOf(Act act) {
  std::vector<double> rounds;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = Clock::now();
    for (uint32_t i = 0; i < kEach; ++i) act(i);
    rounds.push_back(MillisecondsSince(start) * 1e6 / kEach);
  }
  return Median(rounds);
}

}  // namespace

void MeasureCallTokens() {
  const std::string key(32, 'k');
  const auto link = *store::InterlinkId::FromBytes(std::string(16, 'i'));
  const auto number = *store::InternalNumber::Parse("201");
  size_t written = 0;
  const double mint = NanosecondsOf([&](uint32_t i) {
    written += CallToken::Mint(key, link, number, i, i).ToText().size();
  });
  const std::string text = CallToken::Mint(key, link, number, 1, 2).ToText();
  uint64_t good = 0;
  const double check = NanosecondsOf([&](uint32_t) {
    good += CallToken::Parse(text)->IsMintedWith(key, link) ? 1 : 0;
  });
  if (written == 0 || good != uint64_t{kRounds} * kEach) Fail("call tokens");
  Print("token_mint_ns", mint, "ns", "-", true);
  Print("token_check_ns", check, "ns", "-", true);
}

}  // namespace interlink::bench
