#include "daemon/sip/account_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "daemon/sip/sip_server.h"
#include "tests/support/link_to_be_asked.h"
#include "tests/support/simulated_account.h"
#include "tests/support/simulated_network.h"
#include "tests/support/sip_fakes.h"
#include "tests/support/status_matchers.h"
#include "tests/support/virtual_time.h"

namespace interlink::daemon {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::interlink::testing::IsOk;
using ::interlink::testing::KeptAnswers;
using ::interlink::testing::SimulatedAccount;
using ::interlink::testing::SimulatedNetwork;
using ::interlink::testing::SipField;
using ::interlink::testing::SipMessage;
using ::interlink::testing::VirtualLoop;
using ::interlink::testing::VirtualTime;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// A SIP server of Mike's account, to which John is linked, who has 301. He has
// more numbers than Mike keeps of one account, so that he has to be asked.
class AccountCallsTest : public ::testing::Test {
 protected:
  AccountCallsTest() {
    EXPECT_THAT(mike_.AddNumber("201", false, "reception"), IsOk());
    EXPECT_THAT(LinkToBeAsked(mike_, john_, {"301", "302"}, time_), IsOk());
    server_->SetServing(true);
  }

  void Call(const std::string& number, const std::string& branch = "1") {
    server_->Receive(
        SipMessage("INVITE", "sip:" + number + "@a")
            .Branch("z9hG4bK" + branch)
            .text(),
        0,
        {.address = boost::asio::ip::make_address("127.0.0.11"), .port = 40000},
        path_);
  }

  VirtualTime time_;
  SimulatedNetwork network_{time_};
  SimulatedAccount mike_{time_, network_, "Mike"};
  SimulatedAccount john_{time_, network_, "John"};
  VirtualLoop account_loop_{time_};
  VirtualLoop loop_{time_};
  SipCounters counters_;
  KeptAnswers path_;
  std::unique_ptr<AccountCalls> calls_ =
      std::make_unique<AccountCalls>(mike_.account(), account_loop_, loop_);
  std::unique_ptr<SipServer> server_ =
      std::make_unique<SipServer>(loop_, *calls_, counters_, 42);
};

TEST_F(AccountCallsTest, AnOwnNumberIsAnsweredAtOnce) {
  Call("201");
  EXPECT_THAT(path_.statuses(), ElementsAre(302));
}

TEST_F(AccountCallsTest, WhoCallsANumberOfAPeerThatIsSlowIsToldToWait) {
  network_.latency = 150ms;
  Call("301");
  EXPECT_THAT(path_.statuses(), IsEmpty());
  time_.Advance(299ms);
  EXPECT_THAT(path_.statuses(), ElementsAre(100));
  time_.Advance(10ms);
  ASSERT_THAT(path_.statuses(), ElementsAre(100, 302));
  EXPECT_THAT(SipField(path_.sent().back().text, "Contact"),
              StartsWith("<sip:301@john.test>"));
}

// The PBX would take the call for one of its own.
TEST_F(AccountCallsTest, APeerThatLeadsBackToTheAskingPbxIsPassedOver) {
  john_.settings.contact = "sip:{number}@127.0.0.11:40000";
  john_.account().Reload(john_.settings);
  time_.Advance(5s);
  Call("301");
  time_.Advance(1s);
  EXPECT_THAT(path_.statuses(), ElementsAre(404));
  EXPECT_THAT(mike_.EventKinds(), Contains("ROUTE_BACK_REFUSED"));

  SimulatedAccount tim(time_, network_, "Tim");
  EXPECT_THAT(tim.AddNumber("301"), IsOk());
  EXPECT_THAT(tim.Link("Mike", *mike_.GenerateKey("Tim")), IsOk());
  time_.Advance(15s);
  path_.sent().clear();
  Call("301", "another");
  time_.Advance(1s);
  ASSERT_FALSE(path_.sent().empty());
  EXPECT_THAT(SipField(path_.sent().back().text, "Contact"),
              StartsWith("<sip:301@tim.test>"));
}

TEST_F(AccountCallsTest, TheDoorMayGoWhileAPeerIsAsked) {
  network_.latency = 50ms;
  Call("301");
  time_.Advance(60ms);
  server_.reset();
  calls_.reset();
  time_.Advance(5s);
  EXPECT_THAT(path_.statuses(), IsEmpty());
}

}  // namespace
}  // namespace interlink::daemon
