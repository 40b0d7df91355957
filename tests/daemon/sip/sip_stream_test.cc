#include "daemon/sip/sip_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace interlink::daemon {
namespace {

using Found = SipStream::Found;
using ::testing::ElementsAre;

const std::string kShort = "OPTIONS sip:a SIP/2.0\r\nl: 0\r\n\r\n";
const std::string kHeadOfLong =
    "INVITE sip:a SIP/2.0\r\nContent-Length : 4\r\n\r\n";

// What comes out, in words.
std::vector<std::string> TakeAll(SipStream& stream) {
  std::vector<std::string> all;
  for (;;) {
    switch (stream.Next()) {
      case Found::kNothing:
        return all;
      case Found::kPing:
        all.emplace_back("ping");
        break;
      case Found::kGarbage:
        all.emplace_back("garbage");
        return all;
      case Found::kMessage:
        all.push_back(std::string(stream.head()) + "+" +
                      std::to_string(stream.body_bytes()) +
                      (stream.is_last() ? " last" : ""));
        if (stream.is_last()) return all;
    }
  }
}

std::vector<std::string> TakeAll(const std::string& bytes) {
  SipStream stream;
  stream.Add(bytes);
  return TakeAll(stream);
}

TEST(SipStreamTest, FindsManyMessagesAndPingsAtOnce) {
  EXPECT_THAT(TakeAll("\r\n\r\n" + kShort + kHeadOfLong + "body\r\n\r\n\r\n" +
                      kShort + "\r\n"),
              ElementsAre("ping", kShort + "+0", kHeadOfLong + "+4", "ping",
                          kShort + "+0"));
}

TEST(SipStreamTest, FindsTheSameByteByByte) {
  SipStream stream;
  std::vector<std::string> all;
  for (const char c : "\r\n\r\n" + kShort + kHeadOfLong + "body" + kShort) {
    stream.Add({&c, 1});
    for (auto& found : TakeAll(stream)) all.push_back(std::move(found));
  }
  EXPECT_THAT(all, ElementsAre("ping", kShort + "+0", kHeadOfLong + "+4",
                               kShort + "+0"));
  EXPECT_FALSE(stream.has_begun());
}

TEST(SipStreamTest, ABodyMayLookLikeAMessage) {
  const std::string head =
      "INVITE sip:a SIP/2.0\r\nl: " + std::to_string(kShort.size()) +
      "\r\n\r\n";
  EXPECT_THAT(TakeAll(head + kShort),
              ElementsAre(head + "+" + std::to_string(kShort.size())));
}

TEST(SipStreamTest, AMessageThatHasBegunIsWaitedFor) {
  SipStream stream;
  stream.Add(kHeadOfLong + "bod");
  EXPECT_EQ(stream.Next(), Found::kNothing);
  EXPECT_TRUE(stream.has_begun());
}

TEST(SipStreamTest, LineEndsBeginNoMessage) {
  SipStream stream;
  for (const std::string& bytes : {kShort + "\r\n", std::string("\r")}) {
    stream.Add(bytes);
    TakeAll(stream);
    EXPECT_FALSE(stream.has_begun());
  }
  stream.Add("\nO");
  TakeAll(stream);
  EXPECT_TRUE(stream.has_begun());
}

TEST(SipStreamTest, WithoutALengthItIsTheLast) {
  for (const std::string length :
       {"", "Content-Length: -5\r\n", "l: x\r\n", "l: 1\r\nl: 1\r\n",
        "l: 99999999999999999999\r\n"}) {
    const std::string head = "INVITE sip:a SIP/2.0\r\n" + length + "\r\n";
    EXPECT_THAT(TakeAll(head + "rest"), ElementsAre(head + "+0 last"))
        << length;
  }
}

// A proxy that ends a line, or a head, at a bare LF forwards a stranger's
// request as the body of another.
TEST(SipStreamTest, NothingBehindADamagedHeadIsAMessage) {
  const std::string start = "OPTIONS sip:a SIP/2.0\r\n";
  for (const std::string fields :
       {"X: b\nl: 31\r\nl: 0\r\n", "X: b\rl: 31\r\nl: 0\r\n",
        "l 31\r\nl: 0\r\n"}) {
    const std::string head = start + fields + "\r\n";
    EXPECT_THAT(TakeAll(head + kShort), ElementsAre(head + "+0 last"));
  }
  for (const std::string end : {"\n\n", "\n\r\n"}) {
    const std::string head = start + "l: 0" + end;
    EXPECT_THAT(TakeAll(head), ElementsAre("garbage"));
    EXPECT_THAT(TakeAll(head + kShort), ElementsAre(head + kShort + "+0 last"));
  }
}

TEST(SipStreamTest, BeyondTheLimitNoEndIsLookedFor) {
  const std::string start = "INVITE sip:a SIP/2.0\r\nX: ";
  EXPECT_THAT(TakeAll(start + std::string(SipStream::kMostBytes, 'x')),
              ElementsAre("garbage"));
  EXPECT_THAT(
      TakeAll(start + std::string(SipStream::kMostBytes, 'x') + "\r\n\r\n"),
      ElementsAre("garbage"));
  EXPECT_THAT(TakeAll("INVITE sip:a SIP/2.0\r\nl: 65536\r\n\r\n"),
              ElementsAre("garbage"));
  EXPECT_THAT(TakeAll(std::string(SipStream::kMostBytes + 1, '\0')),
              ElementsAre("garbage"));
}

}  // namespace
}  // namespace interlink::daemon
