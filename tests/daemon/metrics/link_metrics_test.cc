#include "daemon/metrics/link_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/simulated_account.h"
#include "tests/support/simulated_pbx.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using interlink::testing::AskForCallTokens;
using interlink::testing::Authorize;
using interlink::testing::Dial;
using interlink::testing::IsOk;
using interlink::testing::SimulatedAccount;
using interlink::testing::SimulatedNetwork;
using interlink::testing::VirtualLoop;
using interlink::testing::VirtualTime;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class LinkMetricsTest : public ::testing::Test {
 protected:
  // Mike generates the key.
  std::string Link(SimulatedAccount& other) {
    auto key = mike_.GenerateKey(other.name());
    EXPECT_THAT(key, IsOk());
    auto row = other.Link(mike_.name(), *key);
    EXPECT_THAT(row, IsOk());
    time_.Advance(15s);
    return row->id();
  }
  // Mike's links.
  std::string Text(size_t most = LinkMetrics::kMost) {
    MetricsText text;
    LinkMetrics links(mike_.account(), loop_, text, most);
    while (links.WriteSome()) {
    }
    return text.Text();
  }
  static std::string Sample(const std::string& name, const std::string& id,
                            const std::string& more = "") {
    return "\ninterlink_link_" + name + "{interlink_id=\"" + id + "\"" + more +
           "} ";
  }

  VirtualTime time_;
  VirtualLoop loop_{time_};
  SimulatedNetwork network_{time_};
  SimulatedAccount mike_{time_, network_, "Mike"};
  SimulatedAccount john_{time_, network_, "John"};
  SimulatedAccount tim_{time_, network_, "Tim"};
};

TEST_F(LinkMetricsTest, ALinkIsKnownByIdAndItsNameCanBeJoined) {
  const std::string id = Link(john_);
  EXPECT_THAT(
      Text(),
      HasSubstr(Sample("info", id,
                       ",name=\"John\",account_id=\"" +
                           john_.identity().account_id().ToHex() + "\"") +
                "1\n"));
  ASSERT_THAT(mike_.Rename("John", "The \"J\\ohn\""), IsOk());
  EXPECT_THAT(Text(), HasSubstr(",name=\"The \\\"J\\\\ohn\\\"\","));
}

TEST_F(LinkMetricsTest, ALinkTellsItsLifeAndItsMirror) {
  ASSERT_THAT(john_.AddNumber("301"), IsOk());
  const std::string id = Link(john_);
  EXPECT_THAT(Text(), AllOf(HasSubstr(Sample("up", id) + "1\n"),
                            HasSubstr(Sample("round_trip_seconds", id) + "0.0"),
                            HasSubstr(Sample("mirrored_numbers", id) + "1\n"),
                            HasSubstr(Sample("mirror_age_seconds", id) + "0\n"),
                            Not(HasSubstr("interlink_link_trouble{"))));
  john_.Crash();
  time_.Advance(10min);
  const std::string text = Text();
  EXPECT_THAT(
      text,
      AllOf(HasSubstr(Sample("up", id) + "0\n"),
            HasSubstr("\ninterlink_links_by_health{health=\"unreachable\"} 1"),
            HasSubstr(Sample("trouble", id, ",reason=\"PEER_UNREACHABLE\"") +
                      "1\n"),
            HasSubstr(Sample("mirrored_numbers", id) + "1\n")));
  for (const char* age : {"pong_age_seconds", "mirror_age_seconds"}) {
    const std::string sample = Sample(age, id);
    ASSERT_THAT(text, HasSubstr(sample));
    const double seconds =
        std::stod(text.substr(text.find(sample) + sample.size()));
    EXPECT_GT(seconds, 9 * 60) << age;
    EXPECT_LE(seconds, 11 * 60) << age;
  }
  EXPECT_GT(mike_.account().counters().reconnects[static_cast<size_t>(
                federation::Reason::kPeerUnreachable)],
            0u);
}

TEST_F(LinkMetricsTest, APausedLinkIsNoOutage) {
  const std::string id = Link(john_);
  ASSERT_THAT(mike_.SetPaused("John", true), IsOk());
  EXPECT_THAT(Text(),
              AllOf(HasSubstr("\ninterlink_link_info{interlink_id=\"" + id),
                    Not(HasSubstr("interlink_link_up{")),
                    HasSubstr("\ninterlink_links_by_health{health=\"paused\"} "
                              "1\n")));
}

TEST_F(LinkMetricsTest, CallsAreCountedByLinkUntilItIsDeleted) {
  AskForCallTokens(mike_, true);
  const std::string id = Link(john_);
  ASSERT_THAT(mike_.AddNumber("201"), IsOk());
  time_.Advance(15s);
  const std::string token = Dial(john_, "201");
  EXPECT_THAT(Authorize(mike_, token), IsOk());
  ASSERT_THAT(mike_.SetPrivate("201", true), IsOk());
  EXPECT_FALSE(Authorize(mike_, token).ok());
  EXPECT_THAT(
      Text(),
      AllOf(
          HasSubstr(Sample("calls_total", id, ",result=\"admitted\"") + "1\n"),
          HasSubstr(Sample("calls_total", id, ",result=\"refused\"") + "1\n")));
  ASSERT_THAT(mike_.Delete("John"), IsOk());
  const auto after = mike_.account().counters().calls_by_link.Of(
      *store::InterlinkId::FromHex(id));
  EXPECT_EQ(after.admitted + after.refused, 0u);
}

TEST_F(LinkMetricsTest, LinksBeyondTheBoundAreInTheSumsAlone) {
  Link(john_);
  Link(tim_);
  EXPECT_THAT(Text(), HasSubstr("\ninterlink_links_without_series 0\n"));
  const std::string text = Text(1);
  EXPECT_THAT(text,
              AllOf(HasSubstr("\ninterlink_links_without_series 1\n"),
                    HasSubstr("\ninterlink_links{state=\"established\"} 2\n"),
                    HasSubstr("health=\"connected\"} 2\n")));
  const size_t first = text.find("\ninterlink_link_up{");
  EXPECT_EQ(text.find("\ninterlink_link_up{", first + 1), text.npos);
}

TEST_F(LinkMetricsTest, ManyRowsAreWrittenInParts) {
  const size_t rows = 2 * LinkMetrics::kAtOnce + 1;
  for (size_t i = 0; i < rows; ++i) {
    ASSERT_THAT(mike_.GenerateKey("Row " + std::to_string(i)), IsOk());
  }
  MetricsText text;
  LinkMetrics links(mike_.account(), loop_, text);
  int parts = 1;
  while (links.WriteSome()) ++parts;
  EXPECT_EQ(parts, 3);
  EXPECT_THAT(text.Text(),
              HasSubstr("\ninterlink_links{state=\"pending\"} 101\n"));
}

TEST_F(LinkMetricsTest, TheOutboxTellsHowOldItsOldestDeletionIs) {
  Link(john_);
  auto& outbox = mike_.account().outbox();
  EXPECT_EQ(outbox.oldest_undelivered(), std::nullopt);
  john_.Crash();
  ASSERT_THAT(mike_.Delete("John"), IsOk());
  const auto deleted = mike_.Clock();
  time_.Advance(1h);
  ASSERT_EQ(outbox.undelivered(), 1u);
  EXPECT_LE(*outbox.oldest_undelivered() - deleted, 1s);
  john_.Start();
  time_.Advance(30min);
  EXPECT_EQ(outbox.oldest_undelivered(), std::nullopt);
}

}  // namespace
}  // namespace interlink::daemon
