#include "federation/base/host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace interlink::federation {
namespace {

using interlink::testing::IsOk;
using interlink::testing::StatusIs;
using ::testing::HasSubstr;

struct Written {
  const char* text;
  const char* normal;
};

TEST(HostTest, OneHostIsWrittenOneWay) {
  for (const Written& host : {
           Written{"pbx.john.example", "pbx.john.example"},
           Written{"PBX.John.Example", "pbx.john.example"},
           Written{"10.0.0.5", "10.0.0.5"},
           Written{"4.pbx.0xample", "4.pbx.0xample"},
           Written{"0x7f.1.example", "0x7f.1.example"},
           Written{"[::1]", "[::1]"},
           Written{"[2001:DB8:0:0:0:0:0:1]", "[2001:db8::1]"},
           Written{"[2001:0db8::0001]", "[2001:db8::1]"},
           Written{"[2001:db8:0:1:1:1:1:1]", "[2001:db8:0:1:1:1:1:1]"},
           Written{"[2001:0:0:1:0:0:0:1]", "[2001:0:0:1::1]"},
           Written{"[2001:db8:0:0:1:0:0:1]", "[2001:db8::1:0:0:1]"},
           Written{"[1:2:3:4:5:6:0:0]", "[1:2:3:4:5:6::]"},
           Written{"[::ffff:10.0.0.1]", "10.0.0.1"},
           Written{"[::FFFF:a00:1]", "10.0.0.1"},
           Written{"[0:0:0:0:0:ffff:255.255.255.255]", "255.255.255.255"},
           Written{"[::fffe:10.0.0.1]", "[::fffe:a00:1]"},
           Written{"[0:0:0:0:0:0:0:0]", "[::]"},
       }) {
    const auto parsed = Host::Parse(host.text);
    ASSERT_THAT(parsed, IsOk()) << host.text;
    EXPECT_EQ(parsed->text(), host.normal);
    EXPECT_EQ(*parsed, *Host::Parse(host.normal));
  }
}

TEST(HostTest, WhatPeopleWriteInsteadIsRefusedByName) {
  for (const auto& [text, why] : {
           Written{"", "empty"},
           Written{"pbx.john.example:5060", "port"},
           Written{"[::1]:5060", "port"},
           Written{"10.0.0.5:5060", "port"},
           Written{"sip:pbx.john.example", "URI"},
           Written{"https://pbx.john.example", "URI"},
           Written{"*.john.example", "star"},
           Written{"*", "star"},
           Written{" pbx.john.example", "space"},
           Written{"pbx.john.example\t", "space"},
           Written{"pbx.john.example.", "dot"},
           Written{"10.0.0.0/8", "slash"},
           Written{"mike@pbx.john.example", "user"},
           Written{"2001:db8::1", "brackets"},
           Written{"[2001:db8::g]", "no IPv6 address"},
           Written{"gr\xc3\xb6\xc3\x9f.example", "DNS name"},
           // Some resolvers read these as addresses, and not as the same.
           Written{"999.1.1.1", "ends in a number"},
           Written{"127.1", "ends in a number"},
           Written{"010.1.1.1", "ends in a number"},
           Written{"2130706433", "ends in a number"},
           Written{"0x7f.1", "ends in a number"},
           Written{"0x7f000001", "ends in a number"},
           Written{"1.2.3.0X4", "ends in a number"},
           Written{"1.2.3.4.5", "ends in a number"},
           Written{"pbx.example.0x", "ends in a number"},
       }) {
    EXPECT_THAT(Host::Parse(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why)))
        << text;
  }
}

}  // namespace
}  // namespace interlink::federation
