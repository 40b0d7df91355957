// An examination while the name servers do not answer.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>

#include "daemon/doctor/doctor.h"
#include "tests/support/no_peers.h"
#include "tests/support/simulated_account.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::IsOk;
using ::testing::HasSubstr;

TEST(SlowNamesTest, AContactWhoseNameIsNotAnsweredIsNotExamined) {
  interlink::testing::VirtualTime time;
  interlink::testing::SimulatedNetwork network(time);
  interlink::testing::SimulatedAccount mike(time, network, "Mike");
  mike.settings.addresses.clear();
  mike.account().Reload(mike.settings);
  AsioEventLoop loop;
  interlink::testing::NoPeers peers(loop);
  const TlsIdentity tls(mike.identity(), loop);
  std::promise<void> end;
  Doctor doctor({.loop = loop,
                 .account = mike.account(),
                 .identity = mike.identity(),
                 .tls = tls,
                 .peers = peers,
                 .start = loop.Now(),
                 .data_dir = "/",
                 .listens_at = "127.0.0.1:7443",
                 .examine = [](Findings&) {},
                 .sip_door = [] { return std::nullopt; },
                 .http_door = [] { return std::nullopt; },
                 .sip_leads_to = [](const std::string&) { return true; },
                 .ask_dns =
                     [answer = end.get_future().share()](const std::string&,
                                                         const std::string&) {
                       answer.wait();
                       return HostLookup::Endpoints();
                     },
                 .time_for_names = std::chrono::milliseconds(1)});
  v1::Finding contact;
  doctor.Examine({}, [&](absl::StatusOr<v1::ExamineResponse> examined) {
    ASSERT_THAT(examined, IsOk());
    for (const v1::Finding& finding : examined->findings()) {
      if (finding.check() == "contact") contact = finding;
    }
    loop.Stop();
  });
  loop.Run();
  end.set_value();
  EXPECT_EQ(contact.outcome(), v1::FINDING_OUTCOME_NOT_EXAMINED);
  EXPECT_THAT(contact.message(), HasSubstr("do not answer in time; see"));
}

}  // namespace
}  // namespace interlink::daemon
