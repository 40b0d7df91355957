#include "federation/sessions/introductions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/federation/sessions/introductions_fixture.h"
#include "tests/support/status_matchers.h"

namespace interlink::federation {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;

class IntroductionsTest : public IntroductionsFixture {
 protected:
  IntroductionsTest() {
    on_pause_ = [this](bool is_paused) {
      steps_.push_back(is_paused ? "paused" : "resumed");
    };
  }

  std::vector<std::string> steps_;
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
  EXPECT_THAT(steps_, ElementsAre("paused"));
  time_.Advance({});
  EXPECT_THAT(steps_, ElementsAre("paused", "stored 7"));
}

}  // namespace
}  // namespace interlink::federation
