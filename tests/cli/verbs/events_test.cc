#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/cli/ctl.h"
#include "tests/cli/fake_daemon.h"
#include "tests/support/temp_dir.h"

namespace interlink::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class EventsTest : public ::testing::Test {
 protected:
  interlink::testing::TempDir dir_;
  FakeDaemon daemon_{dir_.File("api.sock")};
  Ctl ctl_{dir_.File("api.sock")};
};

TEST_F(EventsTest, EventsAreListedUpToALimit) {
  for (const std::string kind : {"LINKED", "RENAMED", "DELETED"}) {
    daemon_.events.emplace_back().set_kind(kind);
  }
  EXPECT_EQ(ctl_.Run({"events"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, HasSubstr("DELETED"));
  EXPECT_EQ(ctl_.Run({"events", "--limit", "2"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, Not(HasSubstr("DELETED")));
}

TEST_F(EventsTest, EventsAreFollowedFromTheLastFew) {
  for (int sequence = 30; sequence > 0; --sequence) {
    v1::Event& event = daemon_.events.emplace_back();
    event.set_sequence(sequence);
    event.set_kind("KIND_" + std::to_string(sequence));
    event.set_actor("peer");
    event.set_message("it happened\x1b[2J");
  }
  EXPECT_EQ(ctl_.Run({"events", "--follow"}), ExitCode::kUnreachable);
  EXPECT_THAT(ctl_.out, HasSubstr(" KIND_21 by peer: it happened[2J\n"));
  EXPECT_THAT(ctl_.out,
              ::testing::EndsWith(" KIND_30 by peer: it happened[2J\n"));
  EXPECT_THAT(ctl_.out, Not(HasSubstr("KIND_20 ")));
  EXPECT_THAT(ctl_.err, HasSubstr("interlinkd has stopped"));
  ctl_.Run({"events", "--follow", "--limit", "1", "-o", "json"});
  EXPECT_THAT(ctl_.out,
              ::testing::StartsWith("{\"event\":{\"sequence\":\"30\","));
  EXPECT_THAT(ctl_.out, ::testing::EndsWith("{\"current\":true}\n"));
  daemon_.watch_stays_open = true;
  EXPECT_EQ(ctl_.Run({"events", "--follow", "--timeout", "1"}),
            ExitCode::kDone);
}

TEST_F(EventsTest, EventsAreExportedAsJsonLinesOldestFirst) {
  for (int sequence = 3; sequence > 0; --sequence) {
    v1::Event& event = daemon_.events.emplace_back();
    event.set_sequence(sequence);
    event.set_kind("LINKED");
  }
  daemon_.watch_stays_open = true;
  EXPECT_EQ(ctl_.Run({"events", "--export"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, ::testing::StartsWith("{\"sequence\":\"1\","));
  EXPECT_EQ(std::count(ctl_.out.begin(), ctl_.out.end(), '\n'), 3);
  EXPECT_THAT(ctl_.out, Not(HasSubstr("current")));
  EXPECT_EQ(ctl_.Run({"events", "--export", "--after", "2"}), ExitCode::kDone);
  EXPECT_THAT(ctl_.out, ::testing::StartsWith("{\"sequence\":\"3\","));
  EXPECT_EQ(std::count(ctl_.out.begin(), ctl_.out.end(), '\n'), 1);
  EXPECT_EQ(ctl_.Run({"events", "--export", "--after", "3", "--follow",
                      "--timeout", "1"}),
            ExitCode::kDone);
  EXPECT_EQ(ctl_.out, "");
  EXPECT_EQ(ctl_.Run({"events", "--after", "3"}), ExitCode::kUsage);
}

// A program that keeps them would take it for all there are.
TEST_F(EventsTest, AnExportThatIsCutIsAnError) {
  daemon_.events.emplace_back().set_sequence(1);
  daemon_.events_are_cut = true;
  EXPECT_EQ(ctl_.Run({"events", "--export"}), ExitCode::kUnreachable);
  EXPECT_THAT(ctl_.out, ::testing::StartsWith("{\"sequence\":\"1\","));
  EXPECT_THAT(ctl_.err, HasSubstr("interlinkd has stopped"));
  daemon_.events.clear();
  EXPECT_EQ(ctl_.Run({"events", "--export"}), ExitCode::kUnreachable);
  EXPECT_THAT(ctl_.err, HasSubstr("interlinkd has stopped"));
  daemon_.watch_stays_open = true;
  daemon_.events.emplace_back().set_sequence(1);
  EXPECT_EQ(ctl_.Run({"events", "--export", "--timeout", "1"}),
            ExitCode::kUnreachable);
  EXPECT_THAT(ctl_.err, HasSubstr("did not answer in time"));
}

}  // namespace
}  // namespace interlink::cli
