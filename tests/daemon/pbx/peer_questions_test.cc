#include "daemon/pbx/peer_questions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/link_to_be_asked.h"
#include "tests/support/simulated_account.h"
#include "tests/support/simulated_network.h"
#include "tests/support/status_matchers.h"
#include "tests/support/virtual_time.h"

namespace interlink::daemon {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using federation::api::Resolution;
using ::interlink::testing::IsOk;
using ::interlink::testing::SimulatedAccount;
using ::interlink::testing::SimulatedNetwork;
using ::interlink::testing::StatusIs;
using ::interlink::testing::VirtualLoop;
using ::interlink::testing::VirtualTime;
using ::testing::HasSubstr;

// A loop that can be held up, as by a disk.
class HeldLoop final : public VirtualLoop {
 public:
  using VirtualLoop::VirtualLoop;

  void Post(Task task) override {
    if (is_held_) {
      held_.push_back(std::move(task));
    } else {
      VirtualLoop::Post(std::move(task));
    }
  }
  void Hold() { is_held_ = true; }
  void Release() {
    is_held_ = false;
    for (Task& task : held_) VirtualLoop::Post(std::move(task));
    held_.clear();
  }

 private:
  bool is_held_ = false;
  std::vector<Task> held_;
};

// A door beside Mike's account, to which John is linked. He has more numbers
// than Mike keeps of one account, so that he has to be asked.
class PeerQuestionsTest : public ::testing::Test {
 protected:
  PeerQuestionsTest() {
    EXPECT_THAT(LinkToBeAsked(mike_, john_, {"301", "302"}, time_), IsOk());
  }

  // How many questions have come to John.
  uint64_t Asked() { return john_.account().counters().lookups_found; }
  void Ask(const std::string& number) {
    federation::api::ResolveRequest request;
    request.set_number(number);
    questions_->Ask(request, {}, [this](absl::StatusOr<Resolution> answer) {
      answer_ = std::move(answer);
    });
    EXPECT_FALSE(answer_.has_value());
  }

  VirtualTime time_;
  SimulatedNetwork network_{time_};
  SimulatedAccount mike_{time_, network_, "Mike"};
  SimulatedAccount john_{time_, network_, "John"};
  VirtualLoop door_{time_};
  HeldLoop account_loop_{time_};
  std::unique_ptr<PeerQuestions> questions_ = std::make_unique<PeerQuestions>(
      door_, account_loop_, mike_.account().resolver());
  std::optional<absl::StatusOr<Resolution>> answer_;
};

TEST_F(PeerQuestionsTest, ThePeersAnswerComesToTheDoor) {
  Ask("301");
  time_.Advance(1s);
  EXPECT_EQ(Asked(), 1u);
  ASSERT_TRUE(answer_.has_value());
  ASSERT_THAT(*answer_, IsOk());
  EXPECT_EQ((*answer_)->routes(0).uri(), "sip:301@john.test");
  EXPECT_EQ(questions_->open(), 0u);
}

TEST_F(PeerQuestionsTest, ALoopThatIsHeldUpIsNotWaitedFor) {
  account_loop_.Hold();
  Ask("301");
  time_.Advance(PeerQuestions::kLongestWait);
  ASSERT_TRUE(answer_.has_value());
  EXPECT_THAT(*answer_, StatusIs(absl::StatusCode::kUnavailable,
                                 HasSubstr("LOOKUP_INCOMPLETE")));
  EXPECT_EQ(questions_->open(), 0u);
}

TEST_F(PeerQuestionsTest, PeersAreNotAskedWhatTheLoopTakesUpTooLate) {
  account_loop_.Hold();
  Ask("301");
  time_.Advance(PeerQuestions::kLongestWait - 1ms);
  Ask("302");
  time_.Advance(1ms);
  account_loop_.Release();
  time_.Advance(5s);
  EXPECT_EQ(Asked(), 1u);
}

TEST_F(PeerQuestionsTest, NoMoreThanAThousandWaitForTheLoop) {
  account_loop_.Hold();
  for (size_t i = 0; i < PeerQuestions::kMostPosted; ++i) Ask("301");
  time_.Advance(1ms);
  EXPECT_FALSE(answer_.has_value());
  Ask("302");
  time_.Advance(0ms);
  ASSERT_TRUE(answer_.has_value());
  EXPECT_THAT(*answer_, StatusIs(absl::StatusCode::kUnavailable,
                                 HasSubstr("LOOKUP_INCOMPLETE")));
  EXPECT_EQ(questions_->open(), PeerQuestions::kMostPosted);
  account_loop_.Release();
  time_.Advance(5s);
  answer_.reset();
  EXPECT_EQ(questions_->open(), 0u);
  EXPECT_EQ(Asked(), PeerQuestions::kMostPosted);
  Ask("302");
  time_.Advance(1s);
  EXPECT_EQ(Asked(), PeerQuestions::kMostPosted + 1);
}

TEST_F(PeerQuestionsTest, AnAnswerThatComesTooLateIsDropped) {
  network_.latency = 100ms;
  account_loop_.Hold();
  Ask("301");
  time_.Advance(PeerQuestions::kLongestWait - 50ms);
  account_loop_.Release();
  time_.Advance(50ms);
  ASSERT_TRUE(answer_.has_value());
  EXPECT_THAT(*answer_, StatusIs(absl::StatusCode::kUnavailable,
                                 HasSubstr("LOOKUP_INCOMPLETE")));
  answer_.reset();
  time_.Advance(5s);
  EXPECT_EQ(Asked(), 1u);
  EXPECT_FALSE(answer_.has_value());
}

TEST_F(PeerQuestionsTest, TheDoorMayGoWhileAPeerIsAsked) {
  network_.latency = 100ms;
  Ask("301");
  time_.Advance(150ms);
  questions_.reset();
  time_.Advance(5s);
  EXPECT_EQ(Asked(), 1u);
  EXPECT_FALSE(answer_.has_value());
}

}  // namespace
}  // namespace interlink::daemon
