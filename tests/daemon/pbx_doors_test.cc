#include "daemon/pbx_doors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/http_client.h"
#include "tests/support/simulated_account.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::HttpClient;
using ::interlink::testing::IsOk;
using ::interlink::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::StartsWith;

std::vector<std::string> InWords(
    const std::vector<federation::HostPort>& places) {
  std::vector<std::string> words;
  for (const auto& place : places) {
    words.push_back(place.host.text() + ":" + std::to_string(place.port));
  }
  return words;
}

TEST(PlacesOfTest, ADoorAtAllAddressesIsAtEachOfTheMachine) {
  const std::vector<std::string> hosts = {"192.0.2.7", "[2001:db8::7]"};
  EXPECT_THAT(InWords(PlacesOf("192.0.2.9:5060", hosts)),
              ElementsAre("192.0.2.9:5060"));
  EXPECT_THAT(
      InWords(PlacesOf("0.0.0.0:5060", hosts)),
      ElementsAre("0.0.0.0:5060", "192.0.2.7:5060", "[2001:db8::7]:5060"));
  EXPECT_THAT(InWords(PlacesOf("[::]:5060", hosts)),
              ElementsAre("[::]:5060", "192.0.2.7:5060", "[2001:db8::7]:5060"));
}

// Doors of an account that has number 201.
class PbxDoorsTest : public ::testing::Test {
 protected:
  PbxDoorsTest() {
    config_.pbx_http_listen = "127.0.0.1:0";
    config_.pbx_http_allow = {*AddressRange::Parse("127.0.0.1")};
    config_.sip_listen = "127.0.0.1:0";
    config_.sip_allow = {*AddressRange::Parse("127.0.0.1")};
    EXPECT_THAT(mike_.AddNumber("201"), IsOk());
  }
  absl::StatusOr<std::unique_ptr<PbxDoors>> Open() {
    return PbxDoors::Open(config_, loop_, mike_.account(), randomness_);
  }
  std::string Token(const std::string& name, const std::string& secret) {
    std::ofstream(dir_.File(name)) << secret << "\n";
    std::filesystem::permissions(dir_.File(name), std::filesystem::perms(0600));
    return dir_.File(name);
  }
  // The status line of the answer to a question of the PBX.
  static std::string Ask(const PbxDoors& doors,
                         const std::string& secret = "") {
    const std::string shown =
        secret.empty() ? "" : "Authorization: Bearer " + secret + "\r\n";
    const std::string answer =
        HttpClient(doors.http()->address())
            .Ask("GET /v1/resolve?number=201 HTTP/1.0\r\n" + shown + "\r\n");
    return answer.substr(0, answer.find('\r'));
  }

  interlink::testing::TempDir dir_;
  interlink::testing::VirtualTime time_;
  interlink::testing::SimulatedNetwork network_{time_};
  interlink::testing::SimulatedAccount mike_{time_, network_, "Mike"};
  interlink::testing::VirtualLoop loop_{time_};
  interlink::testing::SeededRandomness randomness_{1};
  Config config_;
};

TEST_F(PbxDoorsTest, EachDoorIsOpenedByItsSettingAlone) {
  auto both = *Open();
  ReadyFile::Lines lines;
  both->AddTo(lines);
  EXPECT_THAT(lines, ElementsAre(Pair("pbx_http", both->http()->address()),
                                 Pair("sip", both->sip()->address())));
  EXPECT_THAT(InWords(both->Places()),
              ElementsAre(both->http()->address(), both->sip()->address()));
  config_.pbx_http_listen = "";
  const auto sip = *Open();
  EXPECT_EQ(sip->http(), nullptr);
  EXPECT_THAT(InWords(sip->Places()), ElementsAre(sip->sip()->address()));
  config_.sip_listen = "";
  const auto none = *Open();
  EXPECT_EQ(none->sip(), nullptr);
  EXPECT_THAT(none->Places(), IsEmpty());
}

TEST_F(PbxDoorsTest, WhatKeepsADoorShutIsSaidOfItsSetting) {
  config_.pbx_http_token = dir_.File("none");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kNotFound,
                               StartsWith("--pbx-http-token: ")));
  config_.pbx_http_token = "";
  const auto doors = *Open();
  config_.pbx_http_listen = doors->http()->address();
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kUnavailable,
                               StartsWith("--pbx-http-listen: ")));
  config_.pbx_http_listen = "";
  config_.sip_listen = doors->sip()->address();
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kUnavailable,
                               StartsWith("--sip-listen: ")));
}

TEST_F(PbxDoorsTest, AReloadTakesOverTheSecretAndSaysSo) {
  config_.pbx_http_token = Token("token", "a-secret-of-the-pbx-1");
  const auto doors = *Open();
  EXPECT_THAT(Ask(*doors), HasSubstr(" 401 "));
  EXPECT_THAT(Ask(*doors, "a-secret-of-the-pbx-1"), HasSubstr(" 200 "));
  EXPECT_FALSE(*doors->Reload(config_));
  Token("token", "a-secret-of-the-pbx-2");
  EXPECT_THAT(Ask(*doors, "a-secret-of-the-pbx-2"), HasSubstr(" 401 "));
  EXPECT_TRUE(*doors->Reload(config_));
  EXPECT_THAT(Ask(*doors, "a-secret-of-the-pbx-1"), HasSubstr(" 401 "));
  EXPECT_THAT(Ask(*doors, "a-secret-of-the-pbx-2"), HasSubstr(" 200 "));
  EXPECT_FALSE(*doors->Reload(config_));
}

TEST_F(PbxDoorsTest, AReloadThatFailsOrClosesADoorChangesNothingOfIt) {
  config_.pbx_http_token = Token("token", "a-secret-of-the-pbx-1");
  const auto doors = *Open();
  config_.pbx_http_token = dir_.File("none");
  EXPECT_THAT(
      doors->Reload(config_),
      StatusIs(absl::StatusCode::kNotFound, StartsWith("--pbx-http-token: ")));
  EXPECT_THAT(Ask(*doors, "a-secret-of-the-pbx-1"), HasSubstr(" 200 "));
  config_.pbx_http_listen = "";
  EXPECT_THAT(doors->Reload(config_), IsOk());
  EXPECT_THAT(Ask(*doors), HasSubstr(" 401 "));
  EXPECT_THAT(Ask(*doors, "a-secret-of-the-pbx-1"), HasSubstr(" 200 "));
}

}  // namespace
}  // namespace interlink::daemon
