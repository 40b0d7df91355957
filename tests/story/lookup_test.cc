// Who has a number (design.md section 9).

#include "google/rpc/error.pb.h"
#include "tests/story/two_accounts.h"

namespace interlink::testing {
namespace {

using ::testing::HasSubstr;

using LookupTest = AccountsTest;

// What an error tells programs under `key`.
std::string MetadataOf(const absl::Status& status, const std::string& key) {
  google::rpc::ErrorInfo info;
  const auto payload =
      status.GetPayload(std::string(federation::kErrorInfoUrl));
  if (!payload || !info.ParseFromString(std::string(*payload))) return "";
  return info.metadata().contains(key) ? info.metadata().at(key) : "";
}

TEST_F(LookupTest, APrivateAnUnassignedAndAnAbsentNumberAreTheSameBytes) {
  Link(mike, john);
  ASSERT_THAT(john.AddNumber("1", true), IsOk());
  ASSERT_THAT(john.AddNumber("2", false, ""), IsOk());
  auto leaf = *mike.identity().IssueLeaf(time.WallNow());
  const size_t root = leaf.chain_pem.find("-----BEGIN", 1);
  const federation::PeerCaller caller{
      .certificate = {.leaf_pem = leaf.chain_pem.substr(0, root),
                      .chain_pem = leaf.chain_pem.substr(root)},
      .source = "mike.test:1"};
  std::vector<std::string> answers;
  for (const char* number : {"1", "2", "3"}) {
    federation::v1::LookupRequest request;
    request.set_interlink_id(
        store::InterlinkId::FromHex(john.Rows()[0].id())->ToBytes());
    request.set_number(number);
    auto answer = john.account().lookups().Answer(caller, request);
    ASSERT_TRUE(answer.has_value());
    ASSERT_THAT(*answer, IsOk());
    answers.push_back((*answer)->SerializeAsString());
  }
  EXPECT_THAT(answers, ElementsAre("", "", ""));
}

TEST_F(LookupTest, AStrangerIsToldOfNoLink) {
  Link(mike, john);
  auto leaf = *tim.identity().IssueLeaf(time.WallNow());
  const size_t root = leaf.chain_pem.find("-----BEGIN", 1);
  const federation::PeerCaller caller{
      .certificate = {.leaf_pem = leaf.chain_pem.substr(0, root),
                      .chain_pem = leaf.chain_pem.substr(root)},
      .source = "tim.test:1"};
  federation::v1::LookupRequest known;
  known.set_interlink_id(
      store::InterlinkId::FromHex(john.Rows()[0].id())->ToBytes());
  known.set_number("1");
  federation::v1::LookupRequest unknown = known;
  unknown.set_interlink_id(std::string(16, 'x'));
  auto first = john.DecideLookup(caller, known);
  auto second = john.DecideLookup(caller, unknown);
  EXPECT_THAT(first, HasReason(Reason::kLinkUnknown));
  EXPECT_EQ(first.status(), second.status());
}

TEST_F(LookupTest, AnUnassignedLocalNumberHasNoRouteAndStillWins) {
  Link(mike, john);
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  ASSERT_THAT(mike.AddNumber("201", false, ""), IsOk());
  auto resolution = mike.Resolve("201");
  ASSERT_THAT(resolution, IsOk());
  EXPECT_EQ(resolution->source(), api::RESOLUTION_SOURCE_LOCAL);
  EXPECT_EQ(resolution->routes_size(), 0);
}

TEST_F(LookupTest, SevenIsNotDoubleOhSeven) {
  Link(mike, john);
  ASSERT_THAT(john.AddNumber("007"), IsOk());
  EXPECT_THAT(mike.Resolve("007"), IsOk());
  EXPECT_THAT(mike.Resolve("7"), HasReason(Reason::kNumberNotFound));
}

TEST_F(LookupTest, RoutesAreInTheOrderOfPrioritiesThenOfAge) {
  Link(mike, john);
  Advance(1s);
  Link(mike, tim);
  ASSERT_THAT(john.AddNumber("9"), IsOk());
  ASSERT_THAT(tim.AddNumber("9"), IsOk());
  Advance(5s);
  for (int i = 0; i < 5; ++i) {
    auto resolution = mike.Resolve("9");
    ASSERT_THAT(resolution, IsOk());
    ASSERT_EQ(resolution->routes_size(), 2);
    EXPECT_EQ(resolution->routes(0).interlink_name(), "John Smith");
  }
  ASSERT_THAT(mike.SetPriority("Tim Andrews", 1), IsOk());
  EXPECT_EQ(mike.Resolve("9")->routes(0).interlink_name(), "Tim Andrews");
}

TEST_F(LookupTest, ASilentPeerMakesAMissIncomplete) {
  Link(mike, john);
  Link(mike, tim);
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  network.Cut(mike, tim);
  auto hit = mike.Resolve("201");
  ASSERT_THAT(hit, IsOk());
  EXPECT_FALSE(hit->complete());
  EXPECT_THAT(hit->unanswered_interlink_ids(),
              ElementsAre(mike.Row("Tim Andrews")->id()));
  EXPECT_THAT(mike.Resolve("202"), HasReason(Reason::kLookupIncomplete));
}

TEST_F(LookupTest, ADeadPeerDoesNotCostEveryCallItsTime) {
  Link(mike, john);
  Link(mike, tim);
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  network.Cut(mike, tim);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(mike.Resolve("201"), IsOk());
  const auto before = time.Now();
  EXPECT_THAT(mike.Resolve("201"), IsOk());
  EXPECT_LT(time.Now() - before, 10ms);
  EXPECT_FALSE(mike.Resolve("201")->complete());
  // And it is asked again once it answers.
  network.Mend(mike, tim);
  Advance(15s);
  EXPECT_TRUE(mike.Resolve("201")->complete());
}

TEST_F(LookupTest, AnIncompleteMissNamesTheSilentLinksForPrograms) {
  Link(mike, john);
  Link(mike, tim);
  network.Cut(mike, tim);
  const absl::Status miss = mike.Resolve("202").status();
  EXPECT_THAT(miss, HasReason(Reason::kLookupIncomplete));
  EXPECT_EQ(MetadataOf(miss, "unanswered_interlink_ids"),
            mike.Row("Tim Andrews")->id());
  EXPECT_EQ(MetadataOf(miss, "refused_interlink_ids"), "");
  EXPECT_THAT(miss.ToString(),
              HasSubstr("no answer came from \"Tim Andrews\", where number "
                        "202 may be"));
}

// Else the administrator would look for the fault at the other account.
TEST_F(LookupTest, ANumberWhoseContactIsRefusedHereIsNotCalledAbsent) {
  Link(mike, john);
  Link(mike, tim);
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  mike.settings.contact_hosts = {*federation::Host::Parse("timandrews.test")};
  mike.account().Reload(mike.settings);
  Advance(5s);
  const auto john_id = mike.Row("John Smith")->id();
  for (const bool bypass_mirror : {false, true}) {
    const absl::Status miss = mike.Resolve("201", bypass_mirror).status();
    EXPECT_THAT(miss, HasReason(Reason::kNumberNotFound));
    EXPECT_EQ(MetadataOf(miss, "refused_interlink_ids"), john_id);
    EXPECT_THAT(miss.ToString(),
                HasSubstr("\"John Smith\" has it, but its contact leads to "
                          "johnsmith.test, which is not among "
                          "--contact-hosts"));
  }
  // Beside a route, and beside a link that does not answer.
  ASSERT_THAT(tim.AddNumber("201"), IsOk());
  Advance(5s);
  EXPECT_THAT(mike.Resolve("201")->refused_interlink_ids(),
              ElementsAre(john_id));
  ASSERT_THAT(john.AddNumber("202"), IsOk());
  Advance(5s);
  tim.Crash();
  Advance(1min);
  const absl::Status miss = mike.Resolve("202").status();
  EXPECT_THAT(miss, HasReason(Reason::kLookupIncomplete));
  EXPECT_EQ(MetadataOf(miss, "refused_interlink_ids"), john_id);
  EXPECT_EQ(MetadataOf(miss, "unanswered_interlink_ids"),
            mike.Row("Tim Andrews")->id());
}

TEST_F(LookupTest, AfterAStartAMissCallsFewLinksAtOnce) {
  constexpr int kLinks = 40;
  constexpr int kAtOnce = 32;
  std::vector<std::unique_ptr<SimulatedAccount>> peers;
  for (int i = 0; i < kLinks; ++i) {
    peers.push_back(std::make_unique<SimulatedAccount>(
        time, network, "Peer" + std::to_string(i)));
    Link(mike, *peers.back());
  }
  mike.Crash();
  mike.Start();
  network.calls["Lookup"] = 0;
  EXPECT_THAT(mike.Resolve("999"), HasReason(Reason::kNumberNotFound));
  EXPECT_EQ(network.calls["Lookup"], kLinks);  // All were asked in the end.

  for (const auto& peer : peers) network.Cut(mike, *peer);
  mike.Crash();
  mike.Start();
  network.calls["Lookup"] = 0;
  EXPECT_THAT(mike.Resolve("999"), HasReason(Reason::kLookupIncomplete));
  EXPECT_EQ(network.calls["Lookup"], kAtOnce);
}

TEST_F(LookupTest, AnAnswerNeverTakesLongerThanItsBudget) {
  Link(mike, john);
  network.Cut(mike, john);
  const auto before = time.Now();
  EXPECT_THAT(mike.Resolve("201"), HasReason(Reason::kLookupIncomplete));
  EXPECT_LE(time.Now() - before, 800ms);
}

TEST_F(LookupTest, ALinkDeletedWhileItIsAskedLeavesTheAnswerComplete) {
  Link(mike, john);
  Link(mike, tim);
  john.Crash();  // Not even asked,
  Advance(1min);
  network.Cut(tim, mike);  // while this one is waited for.
  time.RunAt(time.Now() + 300ms, [this] {
    ASSERT_THAT(mike.Delete("John Smith"), IsOk());
    ASSERT_THAT(mike.Delete("Tim Andrews"), IsOk());
  });
  EXPECT_THAT(mike.Resolve("201", /*bypass_mirror=*/true),
              HasReason(Reason::kNumberNotFound));
}

TEST_F(LookupTest, EmergencyNumbersAreNeverAskedOfPeers) {
  mike.settings.never_remote = {*store::InternalNumber::Parse("112")};
  mike.account().Reload(mike.settings);
  Link(mike, john);
  ASSERT_THAT(john.AddNumber("112"), IsOk());
  const auto answer = mike.Resolve("112");
  EXPECT_THAT(answer, HasReason(Reason::kNumberNotFound));
  EXPECT_THAT(answer.status().ToString(),
              ::testing::HasSubstr("is never-remote"));
}

TEST_F(LookupTest, AHostOutsideTheAllowListIsNoRoute) {
  Link(mike, john);
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  mike.settings.contact_hosts = {*federation::Host::Parse("elsewhere.test")};
  mike.account().Reload(mike.settings);
  EXPECT_THAT(mike.Resolve("201"), HasReason(Reason::kNumberNotFound));
  mike.settings.contact_hosts = {*federation::Host::Parse("johnsmith.test")};
  mike.account().Reload(mike.settings);
  EXPECT_THAT(mike.Resolve("201"), IsOk());
}

TEST_F(LookupTest, AHostThatDiffersFromTheOneAtLinkingIsReportedOnce) {
  Link(mike, john);
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  john.settings.contact = "sip:{number}@moved.test";
  john.account().Reload(john.settings);
  // Introductions are taken in once a second, and the first may be under way.
  Advance(2s);
  EXPECT_EQ(mike.Resolve("201")->routes(0).uri(), "sip:201@moved.test");
  EXPECT_THAT(mike.Resolve("201"), IsOk());
  const auto kinds = mike.EventKinds();
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "CONTACT_HOST_CHANGED"), 1);
}

TEST_F(LookupTest, APeersContactCannotSmuggleAnythingIn) {
  Link(mike, john);
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  for (const char* contact :
       {"tel:+1900123456", "sip:{number}@a.test?Subject=x",
        "sip:premium@a.test", "sip:{number}@a.test\r\nX: y",
        "sip:{number}{number}@a.test",
        "sip:{number}@johnsmith.test;maddr=a.test",
        "sip:{number}&Local/0900@a.test", "sip:{number}@vm"}) {
    john.settings.contact = contact;
    john.account().Reload(john.settings);
    Advance(5s);
    // What was good at linking stays; and what an owner says when it is asked
    // is not believed either.
    EXPECT_EQ(mike.Resolve("201")->routes(0).uri(), "sip:201@johnsmith.test");
    EXPECT_THAT(mike.Resolve("201", /*bypass_mirror=*/true), Not(IsOk()))
        << contact;
  }
}

// A peer that names our own PBX as its contact would have our PBX call itself.
TEST_F(LookupTest, ARouteBackToTheAskingPbxIsNotGivenOut) {
  Link(mike, john);
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  mike.settings.contact = "sip:{number}@pbx.mike.test";
  mike.settings.is_contact_set = true;
  mike.account().Reload(mike.settings);
  john.settings.contact = "sip:{number}@PBX.mike.test:5060;transport=tcp";
  john.account().Reload(john.settings);
  Advance(5s);
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(mike.Resolve("201"), HasReason(Reason::kNumberNotFound));
    EXPECT_THAT(mike.Resolve("201", /*bypass_mirror=*/true),
                HasReason(Reason::kNumberNotFound));
  }
  EXPECT_EQ(mike.account().reachable().List({})->numbers_size(), 0);
  const auto kinds = mike.EventKinds();
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "ROUTE_BACK_REFUSED"), 1);
  // Another port there is another PBX; and what was derived is nobody's word.
  john.settings.contact = "sip:{number}@pbx.mike.test:5080";
  john.account().Reload(john.settings);
  Advance(5s);
  EXPECT_THAT(mike.Resolve("201"), IsOk());
  john.settings.contact = "sip:{number}@pbx.mike.test";
  john.account().Reload(john.settings);
  mike.settings.is_contact_set = false;
  mike.account().Reload(mike.settings);
  Advance(5s);
  EXPECT_THAT(mike.Resolve("201"), IsOk());
}

TEST_F(LookupTest, ACallingNumberIsBounded) {
  api::ResolveRequest request;
  request.set_number("201");
  request.set_calling_number(std::string(255, '1'));
  EXPECT_THAT(*mike.account().resolver().AnswerAtOnce(request),
              HasReason(Reason::kNumberNotFound));
  request.set_calling_number(std::string(256, '1'));
  EXPECT_THAT(*mike.account().resolver().AnswerAtOnce(request),
              HasReason(Reason::kRequestInvalid));
}

TEST_F(LookupTest, AskingTooOftenIsRefused) {
  Link(mike, john);
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  john.settings.lookup_limit = 10;
  john.account().Reload(john.settings);
  network.latency = {};
  int refused = 0;
  for (int i = 0; i < 30; ++i) {
    refused += mike.Resolve("201", /*bypass_mirror=*/true).ok() ? 0 : 1;
  }
  EXPECT_EQ(refused, 20);
}

}  // namespace
}  // namespace interlink::testing
