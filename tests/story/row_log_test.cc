// The daemon's log of rows, and how long it gets.

#include "federation/sessions/row_log.h"

#include "tests/story/session_story.h"

namespace interlink::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class RowLogTest : public SessionTest {
 protected:
  void Watch() {
    log_ = std::make_unique<federation::RowLog>(
        loop_, mike.account().interlinks(),
        [this](const std::string& line) { lines.push_back(line); });
  }
  // Turns the circle that Mike sees.
  void Pause(bool is_paused) {
    ASSERT_THAT(john.SetPaused("Mike Brown", is_paused), IsOk());
    Advance(50ms);
  }

  std::vector<std::string> lines;

 private:
  VirtualLoop loop_{time};
  std::unique_ptr<federation::RowLog> log_;
};

TEST_F(RowLogTest, TheQuotesOfANameAreEscaped) {
  Watch();
  ASSERT_THAT(mike.GenerateKey("O'Brien \"Bob\" \\ Söhne"), IsOk());
  EXPECT_THAT(
      lines,
      ElementsAre(StartsWith(R"(interlink "O'Brien \"Bob\" \\ Söhne" )")));
}

TEST_F(RowLogTest, ARowThatComesTurnsAndGoesHasALineEach) {
  Watch();
  Link(mike, john);
  Advance(1s);
  const std::string title =
      "interlink \"John Smith\" " + mike.Rows()[0].id() + ": ";
  EXPECT_THAT(lines, ElementsAre(title + "PENDING, GREY",
                                 title + "ESTABLISHED, GREEN"));
  lines.clear();
  Pause(true);
  EXPECT_THAT(lines, ElementsAre(StartsWith(title + "ESTABLISHED, AMBER")));
  lines.clear();
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  Advance(1s);
  EXPECT_THAT(lines, ElementsAre(title + "removed"));
}

TEST_F(RowLogTest, AnErrorIsToldAsTheReasonOfNoCircleButItsOwn) {
  Link(mike, john);
  Advance(1min);
  Watch();
  const std::string title =
      "interlink \"John Smith\" " + mike.Rows()[0].id() + ": ";
  ASSERT_THAT(mike.SetPaused("John Smith", true), IsOk());
  john.Crash();
  Advance(3s);
  // It counts as connected until it has been without a session for 5 s.
  ASSERT_THAT(mike.SetPaused("John Smith", false), IsOk());
  EXPECT_THAT(lines, ElementsAre(title + "ESTABLISHED, AMBER",
                                 title +
                                     "ESTABLISHED, GREEN; last error: "
                                     "connection refused at " +
                                     john.address()));
  lines.clear();
  Advance(10s);
  EXPECT_THAT(lines,
              ElementsAre(title + "ESTABLISHED, AMBER: connection refused at " +
                          john.address()));
}

TEST_F(RowLogTest, RowsThatAreThereAtTheStartHaveNoLine) {
  Link(mike, john);
  Advance(1s);
  Watch();
  Advance(1min);
  EXPECT_THAT(lines, IsEmpty());
}

// However often the peer turns the circle, the last line is true.
TEST_F(RowLogTest, ALinkThatTurnsWithoutEndWritesLittle) {
  Link(mike, john);
  Advance(1s);
  Watch();
  for (int i = 0; i < 200; ++i) {
    Pause(i % 2 == 0);
    Advance(1450ms);  // Peers are told once a second.
  }
  const int minutes = 200 * 1500 / 60'000;
  EXPECT_LE(lines.size(), federation::RowLog::kAtOnce + minutes + 1);
  EXPECT_GE(lines.size(), federation::RowLog::kAtOnce + minutes - 1);
  EXPECT_THAT(lines.back(), HasSubstr(" turns"));
  Pause(true);
  Advance(2min);
  EXPECT_THAT(lines.back(), HasSubstr("ESTABLISHED, AMBER"));
  const size_t written = lines.size();
  Advance(1h);
  EXPECT_THAT(lines, SizeIs(written));
}

}  // namespace
}  // namespace interlink::testing
