#include "daemon/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "tests/daemon/api_client.h"
#include "tests/daemon/running_daemon.h"
#include "tests/support/eventually.h"
#include "tests/support/http_client.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::HttpClient;
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
  const auto comment =
      MatchesRegex("# (HELP|TYPE) (interlink|grpc)_[a-z_]+ .+");
  const auto sample = MatchesRegex(
      "(interlink|grpc)_[a-z_]+(\\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*\\})"
      "? "
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
  const std::string nobody =
      "interlink_lookups_total{door=\"grpc\",source=\"none\",outcome=";
  EXPECT_THAT(lines, Contains(nobody + "\"never_remote\"} 1"));
  EXPECT_THAT(lines, Contains(nobody + "\"refused\"} 2"));
  EXPECT_THAT(lines, Contains(nobody + "\"not_found\"} 1"));
  EXPECT_THAT(lines, Contains("interlink_lookups_total{door=\"grpc\",source="
                              "\"local\",outcome=\"found\"} 0"));
}

TEST_F(MetricsTest, EveryCallIsCountedByWhatWasDecided) {
  RunningDaemon daemon;
  ASSERT_THAT(daemon.started(), IsOk());
  const auto resolver = v1::ResolverService::NewStub(daemon.Pbx());
  for (const char* dialled : {"201", "x", "il-201"}) {
    grpc::ClientContext context;
    SetPatience(context);
    v1::AuthorizeCallRequest request;
    request.set_dialled(dialled);
    v1::AuthorizeCallResponse response;
    EXPECT_FALSE(resolver->AuthorizeCall(&context, request, &response).ok());
  }
  const auto lines = Lines(daemon);
  const std::string name = "interlink_calls_total{result=";
  EXPECT_THAT(lines, Contains(name + "\"not_shared\"} 1"));
  EXPECT_THAT(lines, Contains(name + "\"invalid\"} 2"));
  EXPECT_THAT(lines, Contains(name + "\"admitted\"} 0"));
}

TEST_F(MetricsTest, WhatThePbxAskedIsCountedByDoorAndOutcome) {
  RunningDaemon daemon([](Config& config) {
    config.pbx_http_listen = "127.0.0.1:0";
    config.pbx_http_allow = {*AddressRange::Parse("127.0.0.1")};
  });
  ASSERT_THAT(daemon.started(), IsOk());
  const auto resolver = v1::ResolverService::NewStub(daemon.Pbx());
  grpc::ClientContext context;
  SetPatience(context);
  v1::ResolveRequest request;
  request.set_number("555");
  v1::ResolveResponse response;
  EXPECT_FALSE(resolver->Resolve(&context, request, &response).ok());
  for (const char* target : {"/v1/resolve?number=555", "/v1/resolve?number=x",
                             "/v1/authorize?dialled=il-x"}) {
    HttpClient(daemon.Ready("pbx_http"))
        .Ask("GET " + std::string(target) + " HTTP/1.0\r\n\r\n");
  }
  const auto lines = Lines(daemon);
  const auto counts = [&lines](const std::string& sample) {
    EXPECT_THAT(lines, Contains("interlink_" + sample));
  };
  counts(R"(lookups_total{door="grpc",source="none",outcome="not_found"} 1)");
  counts(R"(lookups_total{door="http",source="none",outcome="not_found"} 1)");
  counts(R"(lookups_total{door="http",source="none",outcome="refused"} 1)");
  counts(R"(lookups_total{door="sip",source="peer",outcome="found"} 0)");
  counts(R"(admissions_total{door="http",source="none",outcome="invalid"} 1)");
  counts(R"(lookup_seconds_count{door="http"} 2)");
  counts(R"(lookup_seconds_bucket{door="http",le="+Inf"} 2)");
  counts(R"(admission_seconds_count{door="grpc"} 0)");
}

TEST_F(MetricsTest, RpcsAreCountedByMethodAndCodeOnBothSides) {
  RunningDaemon mike;
  RunningDaemon john;
  Link(mike, john, "link");
  ApiClient(mike.Admin()).CreateNumber("x");
  // Either dials, after the answer to LinkAccount.
  EXPECT_TRUE(interlink::testing::Eventually([&] {
    for (const RunningDaemon* dialler : {&mike, &john}) {
      for (const std::string& line : Lines(*dialler)) {
        if (line.starts_with("grpc_client_started_total{") &&
            line.ends_with(",grpc_method=\"Session\"} 1")) {
          return true;
        }
      }
    }
    return false;
  }));
  const std::string at_peer =
      "grpc_type=\"unary\","
      "grpc_service=\"interlink.federation.v1.FederationService\","
      "grpc_method=\"Redeem\"";
  const std::string number =
      "grpc_type=\"unary\",grpc_service=\"interlink.v1.NumberService\","
      "grpc_method=\"CreateNumber\"";
  const auto of_mike = Lines(mike);
  for (const std::string& line :
       {"grpc_server_started_total{" + at_peer + "} 1",
        "grpc_server_handled_total{" + at_peer + ",grpc_code=\"OK\"} 1",
        "grpc_server_msg_received_total{" + at_peer + "} 1",
        "grpc_server_msg_sent_total{" + at_peer + "} 1",
        "grpc_server_handling_seconds_count{" + at_peer + "} 1",
        "grpc_server_handled_total{" + number +
            ",grpc_code=\"InvalidArgument\"} 1",
        "grpc_server_msg_sent_total{" + number + "} 0"}) {
    EXPECT_THAT(of_mike, Contains(line));
  }
  EXPECT_THAT(Lines(john), Contains("grpc_client_handled_total{" + at_peer +
                                    ",grpc_code=\"OK\"} 1"));
}

TEST_F(MetricsTest, AStreamThatItsClientBrokeOffIsCountedAsCancelled) {
  RunningDaemon daemon;
  ASSERT_THAT(daemon.started(), IsOk());
  ApiClient client(daemon.Admin());
  const std::string import =
      "grpc_server_handled_total{grpc_type=\"client_stream\",grpc_service="
      "\"interlink.v1.NumberService\",grpc_method=\"ImportNumbers\",grpc_code=";
  const auto is_counted = [&](const std::string& count) {
    return interlink::testing::Eventually([&] {
      const auto lines = Lines(daemon);
      return std::find(lines.begin(), lines.end(), import + count) !=
             lines.end();
    });
  };
  {
    grpc::ClientContext context;
    SetPatience(context);
    v1::ImportNumbersResponse summary;
    const auto writer = client.numbers->ImportNumbers(&context, &summary);
    v1::ImportNumbersRequest chunk;
    chunk.add_entries()->mutable_number()->set_number("201");
    EXPECT_TRUE(writer->Write(chunk));
    EXPECT_TRUE(interlink::testing::Eventually([&] {
      v1::GetAccountResponse account;
      return client.GetAccount(&account).ok() && account.number_count() == 1;
    }));
    context.TryCancel();
    EXPECT_FALSE(writer->Finish().ok());
  }
  EXPECT_TRUE(is_counted("\"Canceled\"} 1"));
  grpc::ClientContext context;
  SetPatience(context);
  v1::ImportNumbersResponse summary;
  const auto writer = client.numbers->ImportNumbers(&context, &summary);
  writer->WritesDone();
  EXPECT_TRUE(writer->Finish().ok());
  EXPECT_TRUE(is_counted("\"OK\"} 1"));
}

TEST_F(MetricsTest, CommitsAreTimed) {
  RunningDaemon daemon;
  ASSERT_THAT(daemon.started(), IsOk());
  const auto commits = [&daemon] {
    const std::string start = "interlink_store_commit_seconds_count ";
    for (const std::string& line : Lines(daemon)) {
      if (line.starts_with(start)) return std::stoi(line.substr(start.size()));
    }
    return -1;
  };
  const int before = commits();
  EXPECT_TRUE(ApiClient(daemon.Admin()).CreateNumber("201").ok());
  EXPECT_EQ(commits(), before + 1);
}

TEST_F(MetricsTest, TheProbesSayThatTheDaemonIsReadyUntilItIsStopped) {
  RunningDaemon daemon;
  ASSERT_THAT(daemon.started(), IsOk());
  EXPECT_THAT(Page(daemon, "/healthz"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Page(daemon, "/readyz"), StartsWith("HTTP/1.1 200 "));
  const HttpClient client(daemon.Ready("http"));
  ASSERT_TRUE(client.Send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"));
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
