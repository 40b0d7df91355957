#include "federation/sessions/introductions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/seeded_randomness.h"
#include "tests/support/simulated_account.h"
#include "tests/support/status_matchers.h"

namespace interlink::federation {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;

class IntroductionsTest : public ::testing::Test {
 protected:
  testing::VirtualTime time_;
  testing::SimulatedNetwork network_{time_};
  testing::SimulatedAccount mike_{time_, network_, "Mike"};
  testing::VirtualLoop loop_{time_};
  testing::SeededRandomness randomness_{1};
  CallClock clock_{loop_};
  const std::unique_ptr<CallSecrets> secrets_ =
      *CallSecrets::Open(mike_.database(), randomness_, clock_);
  OwnCallTerms own_terms_{*secrets_, clock_};
  PeerCallTerms peer_terms_{loop_};
  LinkBudget budget_ = LinkBudget::ForCommits(loop_);
  AccountSettings settings_;
  std::vector<std::string> steps_;
  Introductions introductions_{
      settings_,
      mike_.identity(),
      loop_,
      mike_.account().ledger(),
      budget_,
      own_terms_,
      peer_terms_,
      [this](store::InterlinkId, bool is_paused) {
        steps_.push_back(is_paused ? "paused" : "resumed");
      }};
};

// A peer that was told so has to be obeyed by the next call.
TEST_F(IntroductionsTest, APauseIsInForceBeforeItIsAcknowledged) {
  ASSERT_THAT(mike_.GenerateKey("John"), IsOk());
  const Row& row = *mike_.account().interlinks().FindByName("John");
  const auto stored =
      std::make_shared<const Introductions::Stored>([this](uint64_t sequence) {
        steps_.push_back("stored " + std::to_string(sequence));
      });
  v1::Introduction said;
  said.set_paused(true);
  said.set_sequence(7);
  introductions_.Heard(row.id, said, stored);
  EXPECT_THAT(steps_, ElementsAre("paused", "stored 7"));
}

}  // namespace
}  // namespace interlink::federation
