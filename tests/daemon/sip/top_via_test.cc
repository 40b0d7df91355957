#include "daemon/sip/top_via.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace interlink::daemon {
namespace {

SipSource From(const std::string& address, uint16_t port = 5060) {
  return {.address = boost::asio::ip::make_address(address), .port = port};
}

struct ViaCase {
  std::string value;
  std::string source;
  std::string answered;
  uint16_t port;

  friend void PrintTo(const ViaCase& c, std::ostream* out) { *out << c.value; }
};

class TopViaTest : public ::testing::TestWithParam<ViaCase> {};

// RFC 3261 section 18.2, RFC 3581.
TEST_P(TopViaTest, IsAnsweredWithWhereItCameFrom) {
  const auto via = TopVia::Parse(GetParam().value);
  ASSERT_TRUE(via.has_value());
  const SipSource source = From(GetParam().source, 40000);
  EXPECT_EQ(via->ToText(source), GetParam().answered);
  EXPECT_EQ(via->AnswerPort(source), GetParam().port);
}

INSTANTIATE_TEST_SUITE_P(
    Vias, TopViaTest,
    ::testing::Values(
        ViaCase{"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa", "192.0.2.1",
                "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa", 5060},
        ViaCase{"SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bKa", "192.0.2.7",
                "SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bKa"
                ";received=192.0.2.7",
                5080},
        ViaCase{"SIP/2.0/UDP 192.0.2.1:5080;rport;branch=z9hG4bKa", "192.0.2.1",
                "SIP/2.0/UDP 192.0.2.1:5080;rport=40000;branch=z9hG4bKa"
                ";received=192.0.2.1",
                40000},
        ViaCase{"SIP/2.0/UDP pbx.example.net;branch=z9hG4bKa;received=1.2.3.4",
                "192.0.2.1",
                "SIP/2.0/UDP pbx.example.net;branch=z9hG4bKa"
                ";received=192.0.2.1",
                5060},
        ViaCase{"SIP/2.0/TCP [2001:db8:0::1]:5070;branch=z9hG4bKa",
                "2001:db8::1",
                "SIP/2.0/TCP [2001:db8:0::1]:5070;branch=z9hG4bKa", 5070},
        ViaCase{"SIP  /  2.0 /UDP    192.0.2.1 ;  branch = x; p=\"a;b\" ;q",
                "192.0.2.1", "SIP/2.0/UDP 192.0.2.1;branch=x;p=\"a;b\";q",
                5060},
        // Where an answer goes is not for the sender to choose.
        ViaCase{"SIP/2.0/UDP 192.0.2.1;maddr=203.0.113.9;branch=z9hG4bKa",
                "192.0.2.1",
                "SIP/2.0/UDP 192.0.2.1;maddr=203.0.113.9;branch=z9hG4bKa",
                5060}));

// By each of these a call would come back to the sender.
TEST(TopViaAskerTest, IsKnownByWhatItSaysAndByWhereItCameFrom) {
  const auto asker = [](const char* via, const char* source) {
    return TopVia::Parse(via)->AskerAt(From(source, 40000));
  };
  const auto is_called_by = [](const federation::Asker& sender,
                               const std::string& place) {
    return sender.IsCalledBy(
        *federation::ContactTemplate::Parse("sip:{number}@" + place));
  };
  const auto named =
      asker("SIP/2.0/TCP PBX.example.net;branch=z9hG4bK1", "192.0.2.1");
  for (const char* place : {"pbx.example.net", "192.0.2.1",
                            "[::ffff:192.0.2.1]:5060", "192.0.2.1:40000"}) {
    EXPECT_TRUE(is_called_by(named, place)) << place;
  }
  for (const char* place : {"192.0.2.2", "192.0.2.1:5070", "pbx.example.org"}) {
    EXPECT_FALSE(is_called_by(named, place)) << place;
  }
  const auto ipv6 = asker("SIP/2.0/UDP [2001:db8:0::1]:5070", "2001:db8::7");
  EXPECT_TRUE(is_called_by(ipv6, "[2001:db8::1]:5070"));
  EXPECT_TRUE(is_called_by(ipv6, "[2001:db8::7]:5070"));
  EXPECT_FALSE(is_called_by(ipv6, "[2001:db8::1]:5060"));
}

TEST(TopViaParsingTest, RefusesWhatIsNone) {
  for (const std::string& value :
       {std::string(), std::string("SIP/2.0/UDP"), std::string("192.0.2.1"),
        std::string("SIP/2.0/UDP 192.0.2.1:0"),
        std::string("SIP/2.0/UDP 192.0.2.1:99999"),
        std::string("SIP/2.0/UDP 192.0.2.1:x"),
        std::string("SIP/2.0/UDP a b;branch=x"),
        std::string("SIP/2.0/UDP <sip:x>;branch=x"),
        std::string("SIP/2.0/UDP [::1;branch=x"),
        std::string("SIP/2.0/UDP 192.0.2.1;branch=\0x", 31)}) {
    EXPECT_FALSE(TopVia::Parse(value).has_value()) << value;
  }
}

}  // namespace
}  // namespace interlink::daemon
