#include "daemon/http/pbx_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "federation/ledger/interlink_update.h"
#include "tests/support/link_to_be_asked.h"
#include "tests/support/simulated_account.h"
#include "tests/support/simulated_network.h"
#include "tests/support/status_matchers.h"
#include "tests/support/virtual_time.h"

namespace interlink::daemon {
namespace {

using std::chrono_literals::operator""s;
using ::interlink::testing::IsOk;
using ::interlink::testing::SimulatedAccount;
using ::interlink::testing::SimulatedNetwork;
using ::interlink::testing::VirtualLoop;
using ::interlink::testing::VirtualTime;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kPbx[] = "192.0.2.5";
constexpr char kPhone[] = "192.0.2.130";

struct Asker {
  std::string from = kPbx;
  std::string accept = "*/*";
  std::string authorization;
};

// The pages beside Mike's account, which is linked with John's, who has 301,
// 302, and 303, which is private.
class PbxPagesTest : public ::testing::Test {
 protected:
  PbxPagesTest() {
    EXPECT_THAT(mike_.AddNumber("201", false, "PJSIP/reception"), IsOk());
    EXPECT_THAT(mike_.AddNumber("202", false, ""), IsOk());
    EXPECT_THAT(john_.AddNumber("301"), IsOk());
    EXPECT_THAT(john_.AddNumber("302"), IsOk());
    EXPECT_THAT(john_.AddNumber("303", true), IsOk());
    Link(john_, "John Smith");
  }

  void Link(SimulatedAccount& peer, const std::string& name) {
    const auto key = mike_.GenerateKey(name);
    EXPECT_THAT(key, IsOk());
    EXPECT_THAT(peer.Link("Mike", *key), IsOk());
    time_.Advance(5s);
  }

  // A call token for Mike's 201, as John's daemon gives it out.
  std::string TokenFor201() {
    mike_.settings.asks_for_call_tokens = true;
    mike_.account().Reload(mike_.settings);
    time_.Advance(15s);
    const auto route = john_.Resolve("201");
    EXPECT_THAT(route, IsOk());
    if (!route.ok()) return "";
    const std::string uri = route->routes(0).uri();
    EXPECT_THAT(uri, StartsWith("sip:il-201-"));
    return uri.substr(4, uri.find('@') - 4);
  }

  // nullopt: not answered yet.
  std::optional<HttpResponse> Begin(const std::string& url,
                                    const Asker& asker) {
    answer_.reset();
    const size_t end = std::min(url.find('?'), url.size());
    pages_.Answer(
        {.path = std::string_view(url).substr(0, end),
         .query = std::string_view(url).substr(std::min(end + 1, url.size())),
         .accept = asker.accept,
         .authorization = asker.authorization,
         .source = boost::asio::ip::make_address(asker.from)},
        [this](HttpResponse response) { answer_ = std::move(response); });
    return answer_;
  }
  HttpResponse Get(const std::string& url, const Asker& asker = {}) {
    Begin(url, asker);
    time_.Advance(1s);
    EXPECT_TRUE(answer_.has_value()) << url;
    return answer_.value_or(HttpResponse{.status = 0});
  }
  static std::string BodyOf(const HttpResponse& response) {
    return response.body == nullptr ? "" : *response.body;
  }
  static std::string HeaderOf(const HttpResponse& response,
                              const std::string& name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }
  // The status and the reason, of an answer without a body.
  std::string Refusal(const std::string& url, const Asker& asker = {}) {
    const HttpResponse response = Get(url, asker);
    EXPECT_EQ(BodyOf(response), "") << url;
    EXPECT_NE(response.status, 200u) << url;
    EXPECT_NE(HeaderOf(response, "X-Interlink-Message"), "") << url;
    return std::to_string(response.status) + " " +
           HeaderOf(response, "X-Interlink-Reason");
  }
  std::string Body(const std::string& url, const Asker& asker = {}) {
    const HttpResponse response = Get(url, asker);
    EXPECT_EQ(response.status, 200u)
        << url << ": " << HeaderOf(response, "X-Interlink-Message");
    return BodyOf(response);
  }

  VirtualTime time_;
  SimulatedNetwork network_{time_};
  SimulatedAccount mike_{time_, network_, "Mike"};
  SimulatedAccount john_{time_, network_, "John"};
  SimulatedAccount tim_{time_, network_, "Tim"};
  VirtualLoop door_{time_};
  VirtualLoop account_loop_{time_};
  PbxPages pages_{door_,
                  account_loop_,
                  mike_.account(),
                  {.pbx = {*AddressRange::Parse("192.0.2.0/25")},
                   .phones = {*AddressRange::Parse("192.0.2.128/25")},
                   .token = std::nullopt}};
  std::optional<HttpResponse> answer_;
};

TEST_F(PbxPagesTest, ANumberLeadsToOneLineWithoutAnEnd) {
  EXPECT_EQ(Body("/v1/resolve?number=301"), "sip:301@john.test");
  EXPECT_EQ(Body("/v1/resolve?number=301&from=100"), "sip:301@john.test");
  EXPECT_EQ(Body("/v1/resolve?number=201"), "PJSIP/reception");
}

TEST_F(PbxPagesTest, WhatMemoryHasIsAnsweredAtOnce) {
  ASSERT_TRUE(Begin("/v1/resolve?number=301", {}).has_value());
  ASSERT_TRUE(Begin("/v1/resolve?number=999", {}).has_value());
}

TEST_F(PbxPagesTest, APeerIsAskedWhatMemoryDoesNotHave) {
  ASSERT_THAT(LinkToBeAsked(mike_, tim_, {"401", "402"}, time_), IsOk());
  ASSERT_FALSE(Begin("/v1/resolve?number=401", {}).has_value());
  time_.Advance(1s);
  ASSERT_TRUE(answer_.has_value());
  EXPECT_EQ(answer_->status, 200u);
  EXPECT_EQ(BodyOf(*answer_), "sip:401@tim.test");
}

TEST_F(PbxPagesTest, WhatNobodyHasIsNotFound) {
  EXPECT_EQ(Refusal("/v1/resolve?number=999"), "404 NUMBER_NOT_FOUND");
  EXPECT_EQ(Refusal("/v1/resolve?number=303"), "404 NUMBER_NOT_FOUND");
  EXPECT_EQ(Refusal("/v1/resolve?number=112"), "404 NUMBER_NOT_FOUND");
  // It has no destination.
  EXPECT_EQ(Refusal("/v1/resolve?number=202"), "404 NUMBER_NOT_FOUND");
  for (const char* number :
       {"", "il-301", "1234567890123456", "%2b301", "3 1", "301%20", "*98"}) {
    EXPECT_EQ(Refusal(std::string("/v1/resolve?number=") + number),
              "404 NUMBER_INVALID")
        << number;
  }
}

TEST_F(PbxPagesTest, ABadQuestionIsSaidToBeOne) {
  for (const char* url :
       {"/v1/resolve", "/v1/resolve?", "/v1/resolve?nubmer=301",
        "/v1/resolve?number=301&number=302", "/v1/resolve?number=%3",
        "/v1/resolve?number=301%00", "/v1/phonebook",
        "/v1/phonebook?format=pdf"}) {
    const std::string from =
        std::string_view(url).starts_with("/v1/phonebook") ? kPhone : kPbx;
    EXPECT_EQ(Refusal(url, {.from = from}), "400 REQUEST_INVALID") << url;
  }
  EXPECT_EQ(Refusal("/v1/resolve?number=301&from=" + std::string(256, '1')),
            "400 REQUEST_INVALID");
  for (const char* url : {"/", "/v1/resolve/", "/V1/resolve?number=301",
                          "//v1/resolve?number=301", "/v1", "/metrics",
                          "/v1%2fresolve?number=301"}) {
    EXPECT_EQ(Refusal(url), "404 REQUEST_INVALID") << url;
  }
}

TEST_F(PbxPagesTest, ASilentPeerMakesItUnavailableForASecond) {
  john_.Crash();
  time_.Advance(60s);
  const HttpResponse response = Get("/v1/resolve?number=399");
  EXPECT_EQ(response.status, 503u);
  EXPECT_EQ(HeaderOf(response, "X-Interlink-Reason"), "LOOKUP_INCOMPLETE");
  EXPECT_EQ(HeaderOf(response, "Retry-After"), "1");
  EXPECT_EQ(BodyOf(response), "");
  // His last word still holds.
  EXPECT_EQ(Body("/v1/resolve?number=301"), "sip:301@john.test");
}

TEST_F(PbxPagesTest, JsonHasAllRoutesAsTheApiDoes) {
  EXPECT_THAT(tim_.AddNumber("301"), IsOk());
  Link(tim_, "Tim Andrews");
  const HttpResponse response =
      Get("/v1/resolve?number=301", {.accept = "application/json"});
  EXPECT_STREQ(response.content_type, "application/json");
  EXPECT_THAT(BodyOf(response),
              AllOf(HasSubstr("\"source\":\"RESOLUTION_SOURCE_PEER\""),
                    HasSubstr("\"uri\":\"sip:301@john.test\""),
                    HasSubstr("\"uri\":\"sip:301@tim.test\""),
                    HasSubstr("\"interlink_name\":\"Tim Andrews\"")));
  EXPECT_THAT(Body("/v1/resolve?number=301",
                   {.accept = "text/html, Application/JSON ;q=0.5"}),
              HasSubstr("\"routes\""));
  EXPECT_EQ(
      Body("/v1/resolve?number=301", {.accept = "application/json;q=0, */*"}),
      "sip:301@john.test");
  // What is refused has no body in any form.
  EXPECT_EQ(Refusal("/v1/resolve?number=999", {.accept = "application/json"}),
            "404 NUMBER_NOT_FOUND");
}

// It would take the call for one of its own.
TEST_F(PbxPagesTest, ARouteToTheAskingPbxIsNotGivenOut) {
  EXPECT_THAT(mike_.AddNumber("203", false, "sip:desk@192.0.2.5"), IsOk());
  const auto lead_to = [this](SimulatedAccount& peer, const std::string& host) {
    peer.settings.contact = "sip:{number}@" + host;
    peer.account().Reload(peer.settings);
    time_.Advance(5s);
  };
  for (const char* host :
       {"192.0.2.5", "192.0.2.5:5080;transport=tcp", "[::ffff:192.0.2.5]"}) {
    lead_to(john_, host);
    EXPECT_EQ(Refusal("/v1/resolve?number=301"), "404 NUMBER_NOT_FOUND");
    EXPECT_EQ(Refusal("/v1/resolve?number=301", {.accept = "application/json"}),
              "404 NUMBER_NOT_FOUND");
  }
  EXPECT_EQ(Body("/v1/resolve?number=301", {.from = "192.0.2.6"}),
            "sip:301@[::ffff:192.0.2.5]");
  EXPECT_THAT(mike_.EventKinds(), Contains("ROUTE_BACK_REFUSED"));
  // What leads elsewhere still does, and what the administrator says counts.
  EXPECT_EQ(Body("/v1/resolve?number=203"), "sip:desk@192.0.2.5");
  EXPECT_THAT(tim_.AddNumber("301"), IsOk());
  Link(tim_, "Tim Andrews");
  EXPECT_EQ(Body("/v1/resolve?number=301"), "sip:301@tim.test");
  lead_to(john_, "192.0.2.50");
  EXPECT_EQ(Body("/v1/resolve?number=301"), "sip:301@192.0.2.50");
}

TEST_F(PbxPagesTest, ACallIsLetInByItsTokenAndLedToItsDestination) {
  const std::string token = TokenFor201();
  const std::string url = "/v1/authorize?dialled=" + token;
  const HttpResponse call = Get(url + "&call_id=abc%40pbx");
  EXPECT_EQ(call.status, 200u);
  EXPECT_EQ(BodyOf(call), "PJSIP/reception");
  EXPECT_EQ(HeaderOf(call, "X-Interlink-Name"), "John Smith");
  EXPECT_EQ(HeaderOf(call, "X-Interlink-Number"), "201");
  EXPECT_EQ(HeaderOf(call, "Cache-Control"), "no-store");
  EXPECT_EQ(Body(url + "&want=number"), "201");
  EXPECT_EQ(Body(url + "&want=name"), "John Smith");
  EXPECT_EQ(Body(url + "&want=call"), "PJSIP/reception John Smith");
  EXPECT_THAT(Body(url, {.accept = "application/json"}),
              AllOf(HasSubstr("\"interlink_name\":\"John Smith\""),
                    HasSubstr("\"destination\":\"PJSIP/reception\"")));
  EXPECT_EQ(Refusal(url, {.from = kPhone}), "403 NOT_PERMITTED");
  // What was answered is obeyed by the next call.
  EXPECT_THAT(mike_.SetPrivate("201", true), IsOk());
  EXPECT_EQ(Refusal(url), "404 NUMBER_NOT_FOUND");
  EXPECT_THAT(mike_.SetPrivate("201", false), IsOk());
  EXPECT_EQ(Body(url), "PJSIP/reception");
  EXPECT_THAT(mike_.Delete("John Smith"), IsOk());
  EXPECT_EQ(Refusal(url), "403 CALL_TOKEN_INVALID");
}

TEST_F(PbxPagesTest, ACallWithoutAGoodTokenIsRefused) {
  const std::string token = TokenFor201();
  EXPECT_EQ(Refusal("/v1/authorize"), "400 REQUEST_INVALID");
  EXPECT_EQ(Refusal("/v1/authorize?dialled=" + token + "&want=uri"),
            "400 REQUEST_INVALID");
  std::string forged = token;
  forged[10] = forged[10] == 'a' ? 'b' : 'a';
  for (const std::string& dialled : {forged, std::string("201"), std::string(),
                                     std::string("il-"), token + "x"}) {
    EXPECT_EQ(Refusal("/v1/authorize?dialled=" + dialled),
              "403 CALL_TOKEN_INVALID")
        << dialled;
  }
}

TEST_F(PbxPagesTest, ANameThatIsNotAsciiIsEncodedInTheHeader) {
  EXPECT_THAT(mike_.Rename("John Smith", "J\xc3\xbcrgen 100%"), IsOk());
  const std::string url = "/v1/authorize?dialled=" + TokenFor201();
  EXPECT_EQ(HeaderOf(Get(url), "X-Interlink-Name"), "J%C3%BCrgen 100%25");
  EXPECT_EQ(Body(url + "&want=name"), "J\xc3\xbcrgen 100%");
}

TEST_F(PbxPagesTest, EachPageIsForItsOwnSources) {
  const boost::asio::ip::address mapped =
      boost::asio::ip::make_address("::ffff:192.0.2.5");
  EXPECT_EQ(pages_.CallerAt(mapped), HttpPages::Caller::kOwn);
  EXPECT_EQ(pages_.CallerAt(boost::asio::ip::make_address(kPhone)),
            HttpPages::Caller::kGuest);
  EXPECT_EQ(pages_.CallerAt(boost::asio::ip::make_address("192.0.3.5")),
            HttpPages::Caller::kStranger);
  EXPECT_EQ(Refusal("/v1/resolve?number=301", {.from = kPhone}),
            "403 NOT_PERMITTED");
  EXPECT_EQ(Refusal("/v1/phonebook?format=csv"), "403 NOT_PERMITTED");
  EXPECT_EQ(Refusal("/v1/resolve?number=301", {.from = "192.0.3.5"}),
            "403 NOT_PERMITTED");
}

TEST_F(PbxPagesTest, ThePhoneBookHasNumbersAndWhoseTheyAre) {
  EXPECT_EQ(Body("/v1/phonebook?format=csv", {.from = kPhone}),
            "number,name\r\n"
            "\"301\",\"Internal Number 301 (John Smith)\"\r\n"
            "\"302\",\"Internal Number 302 (John Smith)\"\r\n");
  for (const char* format : {"yealink", "cisco"}) {
    const HttpResponse book =
        Get(std::string("/v1/phonebook?format=") + format, {.from = kPhone});
    EXPECT_STREQ(book.content_type, "text/xml; charset=utf-8");
    EXPECT_THAT(BodyOf(book),
                AllOf(HasSubstr("<Name>Internal Number 301 (John Smith)</Name>"
                                "<Telephone>301</Telephone>"),
                      Not(HasSubstr("sip:")), Not(HasSubstr("303"))));
  }
}

TEST_F(PbxPagesTest, APhoneBookThatIsNotWholeYetIsUnavailable) {
  ASSERT_THAT(LinkToBeAsked(mike_, tim_, {"401", "402"}, time_), IsOk());
  const HttpResponse early = Get("/v1/phonebook?format=csv", {.from = kPhone});
  EXPECT_EQ(early.status, 503u);
  EXPECT_EQ(HeaderOf(early, "X-Interlink-Reason"), "LOOKUP_INCOMPLETE");
  EXPECT_EQ(HeaderOf(early, "Retry-After"), "1");
  EXPECT_EQ(BodyOf(early), "");
}

TEST_F(PbxPagesTest, ThePhoneBookHasWhatDiallingReaches) {
  EXPECT_THAT(mike_.AddNumber("302"), IsOk());  // Hides John's.
  EXPECT_THAT(tim_.AddNumber("301"), IsOk());
  EXPECT_THAT(tim_.AddNumber("304"), IsOk());
  Link(tim_, "Tim");
  const std::string url = "/v1/phonebook?format=csv";
  EXPECT_THAT(Body(url, {.from = kPhone}),
              AllOf(HasSubstr("\"301\",\"Internal Number 301 (John Smith)\""),
                    Not(HasSubstr("301 (Tim)")), Not(HasSubstr("302")),
                    HasSubstr("\"304\",\"Internal Number 304 (Tim)\"")));
  EXPECT_THAT(mike_.SetPriority("Tim", 1), IsOk());
  time_.Advance(1s);
  EXPECT_THAT(Body(url, {.from = kPhone}),
              AllOf(HasSubstr("\"301\",\"Internal Number 301 (Tim)\""),
                    Not(HasSubstr("301 (John Smith)"))));
  federation::api::UpdateInterlinkRequest request;
  *request.mutable_interlink() = *mike_.Row("John Smith");
  request.mutable_interlink()->set_dial_prefix("8");
  request.mutable_update_mask()->add_paths("dial_prefix");
  EXPECT_THAT(mike_.Update(request), IsOk());
  time_.Advance(1s);
  EXPECT_THAT(
      Body(url, {.from = kPhone}),
      AllOf(HasSubstr("\"301\",\"Internal Number 301 (Tim)\""),
            HasSubstr("\"8301\",\"Internal Number 301 (John Smith)\""),
            HasSubstr("\"8302\",\"Internal Number 302 (John Smith)\"")));
  EXPECT_THAT(mike_.Delete("Tim"), IsOk());
  time_.Advance(1s);
  EXPECT_THAT(Body(url, {.from = kPhone}), Not(HasSubstr("Tim")));
}

TEST_F(PbxPagesTest, EveryRequestIsCounted) {
  Get("/v1/resolve?number=301");
  Get("/v1/resolve?number=999");
  Get("/v1/resolve?number=301", {.from = kPhone});
  Get("/nothing");
  EXPECT_EQ(pages_.counts().requests(0, 0), 1u);  // resolve, 200
  EXPECT_EQ(pages_.counts().requests(0, 4), 1u);  // resolve, 404
  EXPECT_EQ(pages_.counts().requests(0, 3), 1u);  // resolve, 403
  EXPECT_EQ(pages_.counts().requests(3, 4), 1u);  // none, 404
}

TEST_F(PbxPagesTest, NoAnswerMayBeKept) {
  for (const char* url : {"/v1/resolve?number=301", "/v1/resolve?number=999"}) {
    EXPECT_EQ(HeaderOf(Get(url), "Cache-Control"), "no-store") << url;
  }
}

TEST(HeaderTextTest, NothingInItEndsTheHeader) {
  EXPECT_EQ(HeaderText("John Smith"), "John Smith");
  EXPECT_EQ(HeaderText("J\xc3\xbcrgen 100%"), "J%C3%BCrgen 100%25");
  EXPECT_EQ(HeaderText("a\r\nSet-Cookie: b"), "a%0D%0ASet-Cookie: b");
  EXPECT_EQ(HeaderText(std::string("\0\x7f\t", 3)), "%00%7F%09");
}

}  // namespace
}  // namespace interlink::daemon
