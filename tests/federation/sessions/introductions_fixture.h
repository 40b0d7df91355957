#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "federation/sessions/introductions.h"
#include "tests/support/seeded_randomness.h"
#include "tests/support/simulated_account.h"

namespace interlink::federation {

// The account Mike's Introductions, with what they are made of.
class IntroductionsFixture : public ::testing::Test {
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
  LinkBudget commits_ = LinkBudget::ForCommits(loop_);
  AccountSettings settings_;
  // Called when a peer pauses or resumes.
  std::function<void(bool is_paused)> on_pause_ = [](bool) {};
  Introductions introductions_{
      settings_,
      mike_.identity(),
      loop_,
      mike_.account().ledger(),
      commits_,
      own_terms_,
      peer_terms_,
      [this](store::InterlinkId, bool is_paused) { on_pause_(is_paused); }};
};

}  // namespace interlink::federation
