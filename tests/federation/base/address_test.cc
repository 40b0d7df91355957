#include "federation/base/address.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/federation/reason_matcher.h"

namespace interlink::federation {
namespace {

using testing::IsOk;
using testing::Refuses;

TEST(CheckAddressTest, AnAddressIsHostAndPort) {
  for (const char* good :
       {"a:1", "pbx.example.net:7443", "PBX-1.example:65535", "10.0.0.1:7443",
        "[::1]:7443", "[2001:db8::1]:1", "[::ffff:10.0.0.1]:7443",
        "[1:2:3:4:5:6:7:8]:7443", "[::]:7443", "john_smith.test:7443"}) {
    EXPECT_THAT(CheckAddress(good), IsOk()) << good;
  }
  for (const char* bad : {"",
                          ":",
                          "a",
                          "a:",
                          ":7443",
                          "a:0",
                          "a:65536",
                          "a:99999999999",
                          "a:-1",
                          "a:+1",
                          "a: 1",
                          "a:1 ",
                          " a:1",
                          "a:1:2",
                          "a:x",
                          "unix:/x",
                          "unix:///run/x",
                          "unix-abstract:x",
                          "dns:///a:1",
                          "ipv4:10.0.0.1:1",
                          "vsock:1:2:3",
                          "http://a:1",
                          "user@a:1",
                          "a/b:1",
                          "a?b:1",
                          "a%41:1",
                          "::1:7443",
                          "[::1]",
                          "[::1]7443",
                          "[::1]:",
                          "[::1]:0",
                          "[::1:7443",
                          "[]:1",
                          "[a]:1",
                          "[10.0.0.1]:1",
                          "[fe80::1%eth0]:1",
                          "[:::]:1",
                          "[:::1]:1",
                          "[1:2]:1",
                          "[1::2::3]:1",
                          "[12345::]:1",
                          "[::1.2.3]:1",
                          "[1:2:3:4:5:6:7:8:9]:1",
                          "[::1.2.3.4:5]:1",
                          "[1:2:3:4:5:6:7:]:1",
                          ".a:1",
                          "a.:1",
                          "a..b:1",
                          "-a:1",
                          "a-:1",
                          "a-.b:1",
                          "a\n:1",
                          "\xc3\xbc:1"}) {
    EXPECT_THAT(CheckAddress(bad), Refuses(Reason::kRequestInvalid)) << bad;
  }
}

TEST(CheckAddressTest, NamesAreBounded) {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." +
                              std::string(61, 'a');  // 253 bytes.
  EXPECT_THAT(CheckAddress(longest + ":65535"), IsOk());
  EXPECT_THAT(CheckAddress(longest + "a:65535"),
              Refuses(Reason::kRequestInvalid));
  EXPECT_THAT(CheckAddress(label + "a:1"), Refuses(Reason::kRequestInvalid));
  EXPECT_THAT(CheckAddress(std::string(1 << 20, 'a')),
              Refuses(Reason::kRequestInvalid));
}

TEST(CheckPeerAddressTest, NobodyIsReachedAtAllAddressesOfAMachine) {
  for (const char* good : {"10.0.0.0:1", "[::1]:1", "0.example:1", "a:1"}) {
    EXPECT_THAT(CheckPeerAddress(good), IsOk()) << good;
  }
  for (const char* bad :
       {"0.0.0.0:7443", "0:7443", "00.0:1", "[::]:7443", "[0:0::0]:7443",
        "[::0.0.0.0]:1", "[::ffff:0.0.0.0]:1", "a:0"}) {
    EXPECT_THAT(CheckPeerAddress(bad), Refuses(Reason::kRequestInvalid)) << bad;
  }
}

TEST(IsSameAddressTest, WhateverWayEachIsWritten) {
  for (const char* other :
       {"pbx.test:7443", "PBX.Test:7443", "pbx.test:07443"}) {
    EXPECT_TRUE(IsSameAddress("pbx.test:7443", other)) << other;
  }
  EXPECT_TRUE(IsSameAddress("[2001:db8::1]:1", "[2001:DB8:0::1]:1"));
  EXPECT_TRUE(IsSameAddress("10.0.0.1:1", "[::ffff:10.0.0.1]:1"));
  for (const char* other :
       {"pbx.test:7444", "b.pbx.test:7443", "pbx.test", ""}) {
    EXPECT_FALSE(IsSameAddress("pbx.test:7443", other)) << other;
  }
  EXPECT_FALSE(IsSameAddress("", ""));
}

}  // namespace
}  // namespace interlink::federation
