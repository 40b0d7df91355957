#include "daemon/http/phone_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/support/simulated_account.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using std::chrono_literals::operator""s;
using ::interlink::testing::IsOk;
using ::interlink::testing::StatusIs;
using ::testing::HasSubstr;

constexpr char kEmpty[] = "number,name\r\n";

// The book of Mike's account, which is linked with John's, who has 301.
class PhoneBookTest : public ::testing::Test {
 protected:
  PhoneBookTest() {
    EXPECT_THAT(john_.AddNumber("301"), IsOk());
    const auto key = mike_.GenerateKey("John");
    EXPECT_THAT(key, IsOk());
    EXPECT_THAT(john_.Link("Mike", *key), IsOk());
    time_.Advance(5s);
  }

  // Mike's daemon: only now there is a book.
  void Restart() {
    book_.reset();
    mike_.Crash();
    mike_.Start();
    book_.emplace(door_, mike_.account().reachable(),
                  mike_.account().mirrors());
  }
  auto Book() { return book_->In(PhoneBookFormat::kCsv); }

  interlink::testing::VirtualTime time_;
  interlink::testing::SimulatedNetwork network_{time_};
  interlink::testing::SimulatedAccount mike_{time_, network_, "Mike"};
  interlink::testing::SimulatedAccount john_{time_, network_, "John"};
  interlink::testing::VirtualLoop door_{time_};
  std::optional<PhoneBook> book_;
};

// A phone keeps the book that it gets for hours.
TEST_F(PhoneBookTest, AfterAStartThereIsNoneUntilEveryLinkWasHeard) {
  Restart();
  EXPECT_THAT(Book(), StatusIs(absl::StatusCode::kUnavailable,
                               HasSubstr("has just started")));
  time_.Advance(10s);
  const auto book = Book();
  ASSERT_THAT(book, IsOk());
  EXPECT_THAT(**book, HasSubstr("\"301\""));
}

TEST_F(PhoneBookTest, APeerThatIsAwayKeepsItForHalfAMinute) {
  john_.Crash();
  Restart();
  time_.Advance(29s);
  EXPECT_THAT(Book(), StatusIs(absl::StatusCode::kUnavailable));
  time_.Advance(1s);
  const auto book = Book();
  ASSERT_THAT(book, IsOk());
  EXPECT_EQ(**book, kEmpty);
}

TEST_F(PhoneBookTest, ALinkThatIsPausedHereIsNotWaitedFor) {
  EXPECT_THAT(mike_.SetPaused("John", true), IsOk());
  Restart();
  const auto book = Book();
  ASSERT_THAT(book, IsOk());
  EXPECT_EQ(**book, kEmpty);
}

TEST_F(PhoneBookTest, ALinkThatIsPausedThereIsNotWaitedForOnceThatIsKnown) {
  EXPECT_THAT(john_.SetPaused("Mike", true), IsOk());
  Restart();
  time_.Advance(10s);
  const auto book = Book();
  ASSERT_THAT(book, IsOk());
  EXPECT_EQ(**book, kEmpty);
}

}  // namespace
}  // namespace interlink::daemon
