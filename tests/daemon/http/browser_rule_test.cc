#include "daemon/http/browser_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace interlink::daemon {
namespace {

class BrowserRuleTest : public ::testing::Test {
 protected:
  bool Passes(const BrowserRule::Headers& headers) const {
    const auto refusal = rule_.Check(headers);
    EXPECT_EQ(refusal ? refusal->status : 403, 403u);
    return !refusal;
  }
  bool PassesAt(std::string_view host) const { return Passes({.host = host}); }

  const BrowserRule rule_{{*federation::Host::Parse("pbx.example.net")}};
};

TEST_F(BrowserRuleTest, AddressesLocalhostAndTheNamesOfTheSettingPass) {
  for (const char* host :
       {"127.0.0.1", "127.0.0.1:8088", "10.42.0.7:9464", "[::1]",
        "[2001:db8::1]:8088", "localhost", "LocalHost:8088", "pbx.example.net",
        "PBX.example.NET:8088", "pbx.example.net:"}) {
    EXPECT_TRUE(PassesAt(host)) << host;
  }
}

TEST_F(BrowserRuleTest, OtherNamesDoNot) {
  for (const char* host : {"evil.example",
                           "evil.example:8088",
                           "",
                           ":8088",
                           "localhost.",
                           "localhost.evil.example",
                           "127.0.0.1.evil.example",
                           "127.1",
                           "0x7f.0.0.1",
                           "2130706433",
                           "[::1",
                           "::1",
                           "[::1]x",
                           "[]:80",
                           "localhost:80x",
                           "user@localhost",
                           "localhost, evil.example",
                           "evil.example@127.0.0.1",
                           "xpbx.example.net",
                           "[127.0.0.1]"}) {
    EXPECT_FALSE(PassesAt(host)) << host;
  }
}

// HTTP/1.0 has none, and no browser speaks it.
TEST_F(BrowserRuleTest, NoHostAtAllPasses) { EXPECT_TRUE(Passes({})); }

TEST_F(BrowserRuleTest, WhatComesFromAPageDoesNot) {
  EXPECT_FALSE(Passes({.host = "localhost", .has_origin = true}));
  for (const char* site : {"cross-site", "same-site", "same-origin", ""}) {
    EXPECT_FALSE(Passes({.host = "localhost", .sec_fetch_site = site})) << site;
  }
  // Typed by a person.
  EXPECT_TRUE(Passes({.host = "localhost", .sec_fetch_site = "none"}));
}

}  // namespace
}  // namespace interlink::daemon
