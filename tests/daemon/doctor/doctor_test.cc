#include "daemon/doctor/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "federation/linking/authorization_key.h"
#include "interlink/v1/doctor.grpc.pb.h"
#include "tests/daemon/api_client.h"
#include "tests/daemon/running_daemon.h"
#include "tests/support/http_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::HttpClient;
using ::interlink::testing::IsOk;
using ::testing::HasSubstr;
using tcp = boost::asio::ip::tcp;

struct Examined {
  grpc::Status status;
  v1::ExamineResponse response;

  // The first finding of this check; an empty one if there is none.
  v1::Finding Of(const std::string& check) const {
    const auto& all = response.findings();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& f) {
      return f.check() == check;
    });
    return found == all.end() ? v1::Finding() : *found;
  }
};

Examined Examine(const RunningDaemon& daemon, const std::string& id = "") {
  const auto stub = v1::DoctorService::NewStub(daemon.Admin());
  grpc::ClientContext context;
  SetPatience(context);
  v1::ExamineRequest request;
  request.set_interlink_id(id);
  Examined examined;
  examined.status = stub->Examine(&context, request, &examined.response);
  return examined;
}

// Enters so many keys of accounts that are not there, named by number.
void LinkWithNobody(const RunningDaemon& daemon, char first, int count) {
  std::vector<std::future<grpc::Status>> all;
  for (int i = 0; i < count; ++i) {
    const std::string id(16, static_cast<char>(first + i));
    const federation::AuthorizationKey key{
        .interlink_id = *store::InterlinkId::FromBytes(id),
        .secret = id + id,
        .issuer_account_id = *store::AccountId::FromBytes(id),
        .issuer_root_spki_sha256 = id + id,
        .addresses = {"127.0.0.1:1"},
        .expire_time = {}};
    all.push_back(std::async(std::launch::async, [&daemon, key] {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() +
                           std::chrono::seconds(3));
      v1::LinkAccountRequest request;
      request.set_name("nobody " + key.interlink_id.ToHex());
      request.set_key(key.ToText());
      v1::LinkAccountResponse response;
      return ApiClient(daemon.Admin())
          .interlinks->LinkAccount(&context, request, &response);
    }));
  }
  for (auto& one : all) {
    const grpc::Status status = one.get();
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
}

void OnLoopback(Config& config) {
  config.sip_listen = "127.0.0.1:0";
  config.sip_allow = {*AddressRange::Parse("127.0.0.1")};
  config.pbx_http_listen = "127.0.0.1:0";
  config.pbx_http_allow = config.sip_allow;
}

TEST(DoctorTest, ADaemonThatIsWellIsFoundSo) {
  const RunningDaemon daemon(OnLoopback);
  ASSERT_THAT(daemon.started(), IsOk());
  const Examined examined = Examine(daemon);
  ASSERT_TRUE(examined.status.ok());
  for (const char* check : {"store", "disk", "descriptors", "certificate",
                            "listener", "contact", "sip", "pbx-http"}) {
    const v1::Finding finding = examined.Of(check);
    EXPECT_EQ(finding.outcome(), v1::FINDING_OUTCOME_OK)
        << check << ": " << finding.message();
  }
}

TEST(DoctorTest, ADoorIsAskedWhereItsNameHasLed) {
  const RunningDaemon daemon([](Config& config) {
    OnLoopback(config);
    config.sip_listen = "localhost:0";
    config.sip_allow.push_back(*AddressRange::Parse("::1"));
    config.pbx_http_listen = "localhost:0";
    config.pbx_http_allow = config.sip_allow;
  });
  ASSERT_THAT(daemon.started(), IsOk());
  const Examined examined = Examine(daemon);
  for (const char* check : {"sip", "pbx-http"}) {
    const v1::Finding finding = examined.Of(check);
    EXPECT_EQ(finding.outcome(), v1::FINDING_OUTCOME_OK) << finding.message();
    EXPECT_THAT(finding.message(), HasSubstr("localhost:"));
  }
}

// By IPv4 or IPv6, whichever is allowed.
TEST(DoctorTest, ADoorAtAllAddressesIsAskedByTheOneThatMayAsk) {
  const RunningDaemon daemon([](Config& config) {
    OnLoopback(config);
    config.sip_listen = "[::]:0";
  });
  ASSERT_THAT(daemon.started(), IsOk());
  const v1::Finding finding = Examine(daemon).Of("sip");
  EXPECT_EQ(finding.outcome(), v1::FINDING_OUTCOME_OK) << finding.message();
}

// The PBX may be another machine: all is well then, and nothing is to be
// counted as a stranger's.
TEST(DoctorTest, ADoorThatTurnsThisMachineAwayIsNotAsked) {
  const RunningDaemon daemon([](Config& config) {
    OnLoopback(config);
    config.sip_allow = {*AddressRange::Parse("192.0.2.1")};
    config.pbx_http_allow = {*AddressRange::Parse("192.0.2.1")};
  });
  ASSERT_THAT(daemon.started(), IsOk());
  const Examined examined = Examine(daemon);
  for (const std::string check : {"sip", "pbx-http"}) {
    const v1::Finding finding = examined.Of(check);
    EXPECT_EQ(finding.outcome(), v1::FINDING_OUTCOME_NOT_EXAMINED);
    EXPECT_THAT(finding.message(),
                HasSubstr("add 127.0.0.1 to --" + check + "-allow"));
  }
  const std::string metrics =
      HttpClient(daemon.Ready("http")).Ask("GET /metrics HTTP/1.0\r\n\r\n");
  for (const char* none :
       {"interlink_sip_requests_total{result=\"not_allowed\"} 0\n",
        "{door=\"pbx_http\",reason=\"stranger\"} 0\n"}) {
    EXPECT_THAT(metrics, HasSubstr(none));
  }
}

TEST(DoctorTest, AnAddressThatPeersAreToldWrongIsAFault) {
  const RunningDaemon daemon(
      [](Config& config) { config.advertise = {"nobody.invalid:7443"}; });
  ASSERT_THAT(daemon.started(), IsOk());
  const v1::Finding finding = Examine(daemon).Of("listener");
  EXPECT_EQ(finding.outcome(), v1::FINDING_OUTCOME_FAULT);
  EXPECT_THAT(finding.message(), HasSubstr("nobody.invalid"));
}

TEST(DoctorTest, AContactWhoseHostIsUnknownIsToldOf) {
  const RunningDaemon daemon(
      [](Config& config) { config.contact = "sip:{number}@nobody.invalid"; });
  ASSERT_THAT(daemon.started(), IsOk());
  const v1::Finding finding = Examine(daemon).Of("contact");
  EXPECT_EQ(finding.outcome(), v1::FINDING_OUTCOME_WARNING);
  EXPECT_THAT(finding.message(), HasSubstr("nobody.invalid"));
}

TEST(DoctorTest, AListenerThatIsSomebodyElsesIsAFault) {
  const RunningDaemon other;
  ASSERT_THAT(other.started(), IsOk());
  const RunningDaemon daemon(
      [&](Config& config) { config.advertise = {other.Ready("federation")}; });
  ASSERT_THAT(daemon.started(), IsOk());
  const v1::Finding finding = Examine(daemon).Of("listener");
  EXPECT_EQ(finding.outcome(), v1::FINDING_OUTCOME_FAULT);
  EXPECT_THAT(finding.message(), HasSubstr("another account"));
}

TEST(DoctorTest, ARowIsExaminedByItsId) {
  const RunningDaemon daemon;
  ASSERT_THAT(daemon.started(), IsOk());
  ApiClient api(daemon.Admin());
  const std::string id = api.GenerateKey("John").interlink().id();
  api.GenerateKey("Tim");
  const Examined examined = Examine(daemon, id);
  ASSERT_TRUE(examined.status.ok());
  EXPECT_EQ(examined.Of("state").interlink_name(), "John");
  EXPECT_EQ(std::count_if(examined.response.findings().begin(),
                          examined.response.findings().end(),
                          [](const auto& f) { return f.check() == "state"; }),
            1);
  for (const char* unknown : {"00000000000000000000000000000000", "John"}) {
    EXPECT_EQ(ReasonOf(Examine(daemon, unknown).status),
              federation::Reason::kLinkNotFound);
  }
}

TEST(DoctorTest, OwnNumbersThatNoSipCallCanBeLedToAreNamed) {
  const RunningDaemon daemon(OnLoopback);
  ASSERT_THAT(daemon.started(), IsOk());
  ApiClient api(daemon.Admin());
  // The second finding is about them.
  const auto found = [&daemon] {
    const Examined examined = Examine(daemon);
    std::vector<v1::Finding> all;
    for (const v1::Finding& finding : examined.response.findings()) {
      if (finding.check() == "sip") all.push_back(finding);
    }
    return all.size() == 2 ? all[1] : v1::Finding();
  };
  const auto add = [&api](const std::string& number,
                          const std::string& destination) {
    v1::CreateNumberRequest request;
    request.mutable_number()->set_number(number);
    request.mutable_number()->set_destination(destination);
    grpc::ClientContext context;
    SetPatience(context);
    v1::CreateNumberResponse response;
    EXPECT_TRUE(api.numbers->CreateNumber(&context, request, &response).ok());
  };
  add("201", "sip:reception@10.0.0.5");
  add("202", "");
  add("203", "203");
  EXPECT_EQ(found().outcome(), v1::FINDING_OUTCOME_OK);
  EXPECT_THAT(found().message(), HasSubstr("1 is its own destination, such as "
                                           "203"));
  add("204", "PJSIP/desk");
  EXPECT_EQ(found().outcome(), v1::FINDING_OUTCOME_WARNING);
  EXPECT_THAT(found().message(), HasSubstr("to 204 (\"PJSIP/desk\") are "));
  for (int number = 300; number < 310; ++number) {
    add(std::to_string(number), "Local/" + std::to_string(number));
  }
  EXPECT_THAT(found().message(),
              HasSubstr("303 (\"Local/303\") and perhaps to others"));
}

TEST(DoctorTest, ASecretThatWasReplacedOrIsGoneIsToldOf) {
  const interlink::testing::TempDir dir;
  const auto write = [&dir](const std::string& secret) {
    std::ofstream(dir.File("token")) << secret << "\n";
    std::filesystem::permissions(dir.File("token"),
                                 std::filesystem::perms(0600));
  };
  write("a-secret-of-the-pbx-1");
  RunningDaemon daemon([&](Config& config) {
    OnLoopback(config);
    config.pbx_http_token = dir.File("token");
  });
  ASSERT_THAT(daemon.started(), IsOk());
  EXPECT_EQ(Examine(daemon).Of("pbx-http").outcome(), v1::FINDING_OUTCOME_OK);
  write("a-secret-of-the-pbx-2");
  const v1::Finding replaced = Examine(daemon).Of("pbx-http");
  EXPECT_EQ(replaced.outcome(), v1::FINDING_OUTCOME_WARNING);
  EXPECT_THAT(replaced.message(), HasSubstr("has changed since it was read"));
  std::filesystem::remove(dir.File("token"));
  const v1::Finding gone = Examine(daemon).Of("pbx-http");
  EXPECT_EQ(gone.outcome(), v1::FINDING_OUTCOME_FAULT);
  EXPECT_THAT(gone.message(), HasSubstr(dir.File("token")));
}

TEST(DoctorTest, RowsWithoutAPeerTakeUpNoRoomOfThoseThatAreTried) {
  const RunningDaemon daemon;
  ASSERT_THAT(daemon.started(), IsOk());
  ApiClient api(daemon.Admin());
  for (int i = 0; i <= Doctor::kMostTried; ++i) {
    api.GenerateKey("pending " + std::to_string(i));
  }
  LinkWithNobody(daemon, 'a', Doctor::kMostTried);
  Examined examined = Examine(daemon);
  const auto count = [&examined](const std::string& check) {
    const auto& all = examined.response.findings();
    return std::count_if(all.begin(), all.end(),
                         [&](const auto& f) { return f.check() == check; });
  };
  EXPECT_EQ(count("tcp"), Doctor::kMostTried);
  EXPECT_EQ(count("state"), 2 * Doctor::kMostTried + 1);
  LinkWithNobody(daemon, 'A', 1);
  examined = Examine(daemon);
  EXPECT_EQ(count("tcp"), Doctor::kMostTried);
  const v1::Finding& last = *examined.response.findings().rbegin();
  EXPECT_EQ(last.outcome(), v1::FINDING_OUTCOME_NOT_EXAMINED);
  EXPECT_EQ(last.interlink_id(), "");
  EXPECT_THAT(last.message(), HasSubstr("1 more link may need attention"));
}

TEST(DoctorTest, ItsOwnPingsAreNoRefusedLookups) {
  const RunningDaemon daemon;
  ASSERT_THAT(daemon.started(), IsOk());
  EXPECT_EQ(Examine(daemon).Of("listener").outcome(), v1::FINDING_OUTCOME_OK);
  EXPECT_THAT(
      HttpClient(daemon.Ready("http")).Ask("GET /metrics HTTP/1.0\r\n\r\n"),
      HasSubstr("interlink_peer_lookups_total{result=\"refused\"} 0"));
}

TEST(DoctorTest, AChangeThatWasNotReloadedIsToldOf) {
  RunningDaemon daemon;
  ASSERT_THAT(daemon.started(), IsOk());
  const v1::Finding before = Examine(daemon).Of("settings");
  daemon.ChangeFile(
      [](Config& config) { config.given["call-limit"].values = {"7"}; });
  const v1::Finding after = Examine(daemon).Of("settings");
  EXPECT_THAT(before.message(), ::testing::Not(HasSubstr("call-limit")));
  EXPECT_THAT(after.message(), HasSubstr("call-limit"));
}

TEST(DoctorTest, WhoWaitsIsAnsweredWhenTheDaemonStops) {
  // Takes connections, and never says anything.
  boost::asio::io_context context;
  const tcp::acceptor silent(context,
                             {boost::asio::ip::address_v4::loopback(), 0});
  RunningDaemon daemon([&](Config& config) {
    config.advertise = {"127.0.0.1:" +
                        std::to_string(silent.local_endpoint().port())};
  });
  ASSERT_THAT(daemon.started(), IsOk());
  // Two that meet: one is refused at once, and the other waits for an answer.
  std::vector<std::future<Examined>> both;
  for (int i = 0; i < 2; ++i) {
    both.push_back(
        std::async(std::launch::async, [&] { return Examine(daemon); }));
  }
  const auto is_ready = [](const std::future<Examined>& one) {
    return one.wait_for(std::chrono::milliseconds(1)) ==
           std::future_status::ready;
  };
  while (!is_ready(both[0]) && !is_ready(both[1])) {
  }
  daemon.Stop();
  const Examined one = both[0].get();
  const Examined other = both[1].get();
  const Examined& refused = one.status.ok() ? other : one;
  const Examined& answered = one.status.ok() ? one : other;
  EXPECT_TRUE(answered.status.ok());
  EXPECT_EQ(ReasonOf(refused.status), federation::Reason::kLimitReached);
  EXPECT_EQ(answered.Of("listener").outcome(),
            v1::FINDING_OUTCOME_NOT_EXAMINED);
}

}  // namespace
}  // namespace interlink::daemon
