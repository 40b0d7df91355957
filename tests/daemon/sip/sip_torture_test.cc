#include <gtest/gtest.h>

#include <string>

#include "daemon/sip/sip_server.h"
#include "tests/daemon/sip/torture.h"
#include "tests/support/sip_fakes.h"
#include "tests/support/virtual_time.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::FakeCalls;
using ::interlink::testing::KeptAnswers;
using ::interlink::testing::SipStatus;

class SipTortureTest : public ::testing::TestWithParam<Torture> {};

TEST_P(SipTortureTest, IsAnsweredAsItShouldBe) {
  interlink::testing::VirtualTime time;
  interlink::testing::VirtualLoop loop(time);
  FakeCalls calls;
  SipCounters counters;
  KeptAnswers path;
  SipServer server(loop, calls, counters, 1);
  server.SetServing(true);
  std::string text;
  for (const char c : GetParam().message) {
    if (c == '\n') text += '\r';
    text += c;
  }
  server.Receive(
      text, GetParam().body_bytes,
      {.address = boost::asio::ip::make_address("192.0.2.1"), .port = 5060},
      path);
  if (GetParam().status == 0) {
    EXPECT_TRUE(path.sent().empty());
  } else {
    ASSERT_EQ(path.sent().size(), 1U);
    EXPECT_EQ(SipStatus(path.sent()[0].text), GetParam().status)
        << path.sent()[0].text;
  }
}

INSTANTIATE_TEST_SUITE_P(Rfc4475, SipTortureTest,
                         ::testing::ValuesIn(TortureRequests()),
                         [](const ::testing::TestParamInfo<Torture>& torture) {
                           return torture.param.name;
                         });

}  // namespace
}  // namespace interlink::daemon
