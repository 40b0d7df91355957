// The trace of a PBX's question, in the logs of both accounts (design.md
// section 20).

#include "federation/routing/asker.h"
#include "tests/story/two_accounts.h"

namespace interlink::testing {
namespace {

using federation::Asker;
using federation::TraceContext;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

const std::string kTrace =
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

class TraceTest : public AccountsTest {
 protected:
  TraceTest() {
    john.account().traces().SetWrite(
        [this](const std::string& line) { johns_log.push_back(line); });
    EXPECT_THAT(john.AddNumber("301"), IsOk());
    Link(mike, john);
    Advance(15s);
  }
  // Mike's PBX asks, and its question is put to John.
  absl::StatusOr<api::Resolution> Ask(const std::string& number,
                                      const Asker& asker) {
    api::ResolveRequest request;
    request.set_number(number);
    request.set_bypass_mirror(true);
    absl::StatusOr<api::Resolution> answer = absl::UnknownError("none");
    mike.account().resolver().AskPeers(
        request, [&answer](auto found) { answer = std::move(found); }, asker);
    Advance(1s);
    return answer;
  }

  std::vector<std::string> johns_log;
};

TEST_F(TraceTest, ThePeerThatIsAskedLogsTheTraceOverASessionAndWithoutOne) {
  const Asker asker{.trace = TraceContext::Parse(kTrace)};
  ASSERT_TRUE(asker.trace.has_value());
  EXPECT_THAT(Ask("301", asker), IsOk());
  const std::string of_link = "\"Mike Brown\" (" + john.Rows()[0].id() + ")";
  EXPECT_THAT(johns_log,
              ElementsAre(AllOf(HasSubstr(of_link + ": found"),
                                EndsWith(kTrace), Not(HasSubstr("301")))));
  EXPECT_EQ(network.calls["Lookup"], 0);
  mike.Crash();
  mike.Start();
  EXPECT_THAT(Ask("999", asker), Not(IsOk()));
  EXPECT_EQ(network.calls["Lookup"], 1);
  ASSERT_THAT(johns_log, SizeIs(2));
  EXPECT_THAT(johns_log[1],
              AllOf(HasSubstr(of_link + ": not found"), EndsWith(kTrace)));
}

TEST_F(TraceTest, AQuestionWithoutATraceHasNoLine) {
  EXPECT_THAT(Ask("301", {}), IsOk());
  EXPECT_THAT(johns_log, IsEmpty());
}

TEST_F(TraceTest, WhatAHostilePeerSendsIsNotLoggedAndItsLinesAreBounded) {
  const auto id = *store::InterlinkId::FromHex(john.Rows()[0].id());
  const auto& lookups = john.account().lookups();
  for (const std::string& trace :
       {"x\n" + kTrace, kTrace + "\ntrue", std::string(900, 'a')}) {
    EXPECT_THAT(lookups.AnswerKnown(id, "301", trace), IsOk());
  }
  EXPECT_THAT(johns_log, IsEmpty());
  constexpr size_t kAtOnce = federation::TraceLog::kPeerLinesAtOnce;
  for (size_t i = 0; i < 2 * kAtOnce; ++i) {
    EXPECT_TRUE(lookups.AnswerKnown(id, "301", kTrace).ok());
  }
  EXPECT_THAT(johns_log, SizeIs(kAtOnce));
}

// A stranger could otherwise fill the log of whoever it can reach.
TEST_F(TraceTest, WhoIsNotTheLinksPeerHasNoLine) {
  federation::v1::LookupRequest request;
  request.set_interlink_id(
      store::InterlinkId::FromHex(john.Rows()[0].id())->ToBytes());
  request.set_number("301");
  request.set_traceparent(kTrace);
  const auto& lookups = john.account().lookups();
  const auto refused = lookups.Answer(tim.AsCaller(), request);
  EXPECT_FALSE(refused && refused->ok());
  EXPECT_THAT(johns_log, IsEmpty());
  const auto answered = lookups.Answer(mike.AsCaller(), request);
  ASSERT_TRUE(answered.has_value());
  EXPECT_THAT(*answered, IsOk());
  EXPECT_THAT(johns_log, SizeIs(1));
}

}  // namespace
}  // namespace interlink::testing
