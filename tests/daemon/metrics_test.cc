#include "daemon/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "tests/daemon/api_client.h"
#include "tests/daemon/http_client.h"
#include "tests/daemon/running_daemon.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::IsOk;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

// The pages of a whole daemon.
class MetricsTest : public ::testing::Test {
 protected:
  static std::string Page(const RunningDaemon& daemon,
                          const std::string& path) {
    return HttpClient(daemon.Ready("http"))
        .Ask("GET " + path + " HTTP/1.0\r\n\r\n");
  }
  static std::vector<std::string> Lines(const RunningDaemon& daemon) {
    const std::string page = Page(daemon, "/metrics");
    std::istringstream in(page.substr(page.find("\r\n\r\n") + 4));
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  static std::string Link(const RunningDaemon& issuer,
                          const RunningDaemon& redeemer,
                          const std::string& name) {
    grpc::ClientContext context;
    SetPatience(context);
    v1::LinkAccountRequest request;
    request.set_name(name);
    request.set_key(ApiClient(issuer.Admin()).GenerateKey(name).key());
    v1::LinkAccountResponse response;
    const auto status =
        ApiClient(redeemer.Admin())
            .interlinks->LinkAccount(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.interlink().state(), v1::INTERLINK_STATE_ESTABLISHED);
    return response.interlink().id();
  }
};

TEST_F(MetricsTest, EachLineIsInPrometheusFormat) {
  RunningDaemon daemon;
  ASSERT_THAT(daemon.started(), IsOk());
  const auto comment = MatchesRegex("# (HELP|TYPE) interlink_[a-z_]+ .+");
  const auto sample = MatchesRegex(
      "interlink_[a-z_]+(\\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*\\})? "
      "[0-9]+(\\.[0-9]+)?(e[+-][0-9]+)?");
  const auto lines = Lines(daemon);
  EXPECT_THAT(lines, Not(IsEmpty()));
  for (const std::string& line : lines) {
    EXPECT_THAT(line, AnyOf(comment, sample));
  }
}

TEST_F(MetricsTest, ALinkThatIsMeantToBeUpHasOneSampleWhateverItsHealth) {
  RunningDaemon mike;
  RunningDaemon john;
  RunningDaemon tim;
  const std::string first = Link(john, mike, "John");
  const std::string second = Link(tim, mike, "Tim");
  ApiClient(mike.Admin()).GenerateKey("pending");
  const auto count = [&](const std::string& start) {
    int found = 0;
    for (const std::string& line : Lines(mike))
      found += line.starts_with(start);
    return found;
  };
  EXPECT_EQ(count("interlink_link_up{"), 2);
  for (const std::string& id : {first, second}) {
    EXPECT_EQ(count("interlink_link_up{interlink_id=\"" + id + "\"} "), 1);
  }
  EXPECT_EQ(count("interlink_links{state=\"established\"} 2"), 1);
  EXPECT_EQ(count("interlink_links{state=\"pending\"} 1"), 1);
  john.Stop();  // A link that is down is not one that is gone.
  EXPECT_EQ(count("interlink_link_up{"), 2);
  v1::UpdateInterlinkRequest pause;
  pause.mutable_interlink()->set_id(second);
  pause.mutable_interlink()->set_paused(true);
  pause.mutable_update_mask()->add_paths("paused");
  v1::UpdateInterlinkResponse paused;
  grpc::ClientContext context;
  SetPatience(context);
  ASSERT_TRUE(ApiClient(mike.Admin())
                  .interlinks->UpdateInterlink(&context, pause, &paused)
                  .ok());
  EXPECT_EQ(count("interlink_link_up{interlink_id=\"" + second + "\"} "), 0);
}

TEST_F(MetricsTest, EveryResolveIsCountedByItsResult) {
  RunningDaemon daemon([](Config& config) {
    config.never_remote = {*store::InternalNumber::Parse("112")};
  });
  ASSERT_THAT(daemon.started(), IsOk());
  const auto resolver = v1::ResolverService::NewStub(daemon.Admin());
  for (const char* number : {"112", "x", "555", "x"}) {
    grpc::ClientContext context;
    SetPatience(context);
    v1::ResolveRequest request;
    request.set_number(number);
    v1::ResolveResponse response;
    EXPECT_FALSE(resolver->Resolve(&context, request, &response).ok());
  }
  const auto lines = Lines(daemon);
  const std::string name = "interlink_resolves_total{result=";
  EXPECT_THAT(lines, Contains(name + "\"never_remote\"} 1"));
  EXPECT_THAT(lines, Contains(name + "\"refused\"} 2"));
  EXPECT_THAT(lines, Contains(name + "\"not_found\"} 1"));
  EXPECT_THAT(lines, Contains(name + "\"local\"} 0"));
}

TEST_F(MetricsTest, TheProbesSayThatTheDaemonIsReadyUntilItIsStopped) {
  RunningDaemon daemon;
  ASSERT_THAT(daemon.started(), IsOk());
  EXPECT_THAT(Page(daemon, "/healthz"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Page(daemon, "/readyz"), StartsWith("HTTP/1.1 200 "));
  const HttpClient client(daemon.Ready("http"));
  ASSERT_TRUE(client.Send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_THAT(client.ReadUntil("ok\n"), EndsWith("ok\n"));
  daemon.Stop();
  EXPECT_EQ(client.ReadAll(), "");
}

TEST_F(MetricsTest, HttpCanBeOff) {
  RunningDaemon daemon([](Config& config) { config.http_listen = "none"; });
  ASSERT_THAT(daemon.started(), IsOk());
  EXPECT_EQ(daemon.Ready("http"), "");
}

}  // namespace
}  // namespace interlink::daemon
