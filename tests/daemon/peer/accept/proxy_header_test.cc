#include "daemon/peer/accept/proxy_header.h"

#include <gtest/gtest.h>

#include <string>

#include "daemon/net/address_range.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using testing::StatusIs;

const std::string kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
const std::string kAddresses =
    std::string("\xc0\0\2\7\x0a\0\0\1", 8) + std::string("\x13\xc4\x1d\x13", 4);

std::string Fixed(char version_and_command, char family, size_t size) {
  return kSignature + version_and_command + family +
         static_cast<char>(size >> 8) + static_cast<char>(size & 0xff);
}

// The source in a header with these addresses; "none" if it has none, "bad" if
// it is no header.
std::string SourceIn(char version_and_command, char family,
                     const std::string& following) {
  const auto source = proxy_header::Source(
      Fixed(version_and_command, family, following.size()), following);
  if (!source.ok()) return "bad";
  if (!*source) return "none";
  return (*source)->address().to_string() + " " +
         std::to_string((*source)->port());
}

TEST(ProxyHeaderTest, ItTellsTheSourceOfEitherFamily) {
  EXPECT_EQ(SourceIn(0x21, 0x11, kAddresses), "192.0.2.7 5060");
  std::string addresses(32, '\0');
  addresses.replace(0, 4, "\x20\x01\x0d\xb8");
  addresses[15] = 9;
  EXPECT_EQ(SourceIn(0x21, 0x21, addresses + "\x13\xc4\x1d\x13"),
            "2001:db8::9 5060");
  // With extensions that nobody knows.
  EXPECT_EQ(SourceIn(0x21, 0x11, kAddresses + "\x04rest"), "192.0.2.7 5060");
}

TEST(ProxyHeaderTest, AProxyMayConnectForItselfOrForSomebodyWithoutAddress) {
  EXPECT_EQ(SourceIn(0x20, 0x00, ""), "none");
  EXPECT_EQ(SourceIn(0x20, 0x11, kAddresses), "none");
  EXPECT_EQ(SourceIn(0x21, 0x00, ""), "none");
  EXPECT_EQ(SourceIn(0x21, 0x31, std::string(216, 'x')), "none");
}

TEST(ProxyHeaderTest, ATruncatedOrUnknownHeaderIsBad) {
  for (size_t size = 0; size < kAddresses.size(); ++size) {
    EXPECT_EQ(SourceIn(0x21, 0x11, kAddresses.substr(0, size)), "bad") << size;
  }
  EXPECT_EQ(SourceIn(0x21, 0x21, kAddresses), "bad");
  EXPECT_EQ(SourceIn(0x22, 0x11, kAddresses), "bad");
}

TEST(ProxyHeaderTest, OnlyTheSignatureVersion2AndABoundedSizeAreTaken) {
  using proxy_header::FollowingSize;
  const auto invalid = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(*FollowingSize(Fixed(0x21, 0x11, 12)), 12u);
  EXPECT_EQ(*FollowingSize(Fixed(0x21, 0x11, proxy_header::kMostFollowing)),
            proxy_header::kMostFollowing);
  EXPECT_THAT(
      FollowingSize(Fixed(0x21, 0x11, proxy_header::kMostFollowing + 1)),
      invalid);
  EXPECT_THAT(FollowingSize(Fixed(0x11, 0x11, 12)), invalid);
  EXPECT_THAT(FollowingSize(Fixed(0x31, 0x11, 12)), invalid);
  EXPECT_THAT(FollowingSize("PROXY TCP4 192.0"), invalid);
  EXPECT_THAT(FollowingSize(""), invalid);
  std::string damaged = Fixed(0x21, 0x11, 12);
  for (size_t i = 0; i < kSignature.size(); ++i) {
    damaged[i] ^= 1;
    EXPECT_THAT(FollowingSize(damaged), invalid) << i;
    damaged[i] ^= 1;
  }
}

bool IsIn(const std::string& range, const std::string& address) {
  return AddressRange::Parse(range)->Contains(
      boost::asio::ip::make_address(address));
}

TEST(AddressRangeTest, ItContainsAddressesThatAgreeInItsBits) {
  EXPECT_TRUE(IsIn("192.0.2.0/24", "192.0.2.255"));
  EXPECT_FALSE(IsIn("192.0.2.0/24", "192.0.3.0"));
  EXPECT_TRUE(IsIn("192.0.2.128/25", "192.0.2.200"));
  EXPECT_FALSE(IsIn("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(IsIn("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(IsIn("192.0.2.7", "192.0.2.8"));
  EXPECT_TRUE(IsIn("0.0.0.0/0", "203.0.113.1"));
  EXPECT_FALSE(IsIn("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(IsIn("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(IsIn("2001:db8::/33", "2001:db8:8000::1"));
}

TEST(AddressRangeTest, Ipv4WrittenAsIpv6IsIpv4) {
  EXPECT_TRUE(IsIn("192.0.2.0/24", "::ffff:192.0.2.1"));
  EXPECT_TRUE(IsIn("::ffff:192.0.2.0/120", "192.0.2.1"));
}

TEST(AddressRangeTest, TextThatIsNoRangeIsRefused) {
  for (const char* text :
       {"", "/", "192.0.2", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1",
        "192.0.2.0/8x", "2001:db8::/129", "::ffff:192.0.2.0/24", "localhost"}) {
    EXPECT_FALSE(AddressRange::Parse(text)) << text;
  }
}

}  // namespace
}  // namespace interlink::daemon
