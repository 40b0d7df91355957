#include "daemon/system/service_reports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"
#include "tests/support/virtual_time.h"

namespace interlink::daemon {
namespace {

using std::chrono::seconds;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using Environment = std::map<std::string, std::string>;

// The service manager's end. `name` is as NOTIFY_SOCKET has it.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(name.begin(), name.end(), address.sun_path);
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto length = offsetof(sockaddr_un, sun_path) + name.size();
    EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&address),
                   static_cast<socklen_t>(length)),
              0);
  }
  ~NotifySocket() { close(socket_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  // What has come since the last call, in its order.
  std::vector<std::string> Reports() {
    std::vector<std::string> reports;
    std::array<char, 1000> text;
    ssize_t size = 0;
    while ((size = recv(socket_, text.data(), text.size(), MSG_DONTWAIT)) > 0) {
      reports.emplace_back(text.data(), static_cast<size_t>(size));
    }
    return reports;
  }

 private:
  const int socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

ServiceReports::Wanted WantedBy(const Environment& environment) {
  return ServiceReports::WantedBy(
      [&environment](const std::string& name) {
        const auto found = environment.find(name);
        return found != environment.end() ? found->second : "";
      },
      4711);
}

class ServiceReportsTest : public ::testing::Test {
 protected:
  const testing::TempDir directory_;
  const std::string path_ = directory_.File("notify");
  NotifySocket manager_{path_};
  testing::VirtualTime time_;
  testing::VirtualLoop loop_{time_};
};

TEST_F(ServiceReportsTest, ItsStatusIsToldInTheOrderOfItsTurns) {
  ServiceReports reports(loop_, {.socket = path_});
  reports.Ready("all is well");
  reports.Reloading();
  reports.Reloaded();
  reports.Stopping();
  // Virtual time begins at one hour.
  EXPECT_THAT(manager_.Reports(),
              ElementsAre("READY=1\nSTATUS=all is well",
                          "RELOADING=1\nMONOTONIC_USEC=3600000000", "READY=1",
                          "STOPPING=1\nSTATUS=stopping"));
}

TEST_F(ServiceReportsTest, AReloadThatAStopOvertakesIsNotReported) {
  ServiceReports reports(loop_, {.socket = path_});
  reports.Stopping();
  reports.Reloading();
  reports.Reloaded();
  EXPECT_THAT(manager_.Reports(), ElementsAre(StartsWith("STOPPING=1")));
}

TEST_F(ServiceReportsTest, TheWatchdogIsFedOnceReadyThreeTimesInItsTime) {
  ServiceReports reports(loop_, {.socket = path_, .watchdog = seconds(30)});
  time_.Advance(seconds(60));
  EXPECT_THAT(manager_.Reports(), IsEmpty());
  reports.Ready("");
  EXPECT_THAT(manager_.Reports(),
              ElementsAre("READY=1\nSTATUS=", "WATCHDOG=1"));
  time_.Advance(seconds(30));
  EXPECT_THAT(manager_.Reports(),
              ElementsAre("WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"));
}

// A new start would have to wait for the same disk.
TEST_F(ServiceReportsTest, TheWatchdogIsFedWhileTheLoopWaitsForTheDisk) {
  ServiceReports reports(loop_, {.socket = path_, .watchdog = seconds(1)});
  reports.Ready("");
  EXPECT_THAT(manager_.Reports(),
              ElementsAre("READY=1\nSTATUS=", "WATCHDOG=1"));
  const DiskWait::Scope waiting(reports.disk_wait(), loop_.Now());
  std::vector<std::string> fed;
  EXPECT_TRUE(testing::Eventually([&] {
    for (std::string& report : manager_.Reports()) {
      fed.push_back(std::move(report));
    }
    return fed.size() >= 2;
  }));
  EXPECT_THAT(fed, Each(std::string("WATCHDOG=1")));
}

TEST_F(ServiceReportsTest, ADiskIsWaitedForTenTimesTheWatchdogsTime) {
  DiskWait wait;
  const auto is_patient_after = [&](seconds after) {
    return DiskPatience::IsPatient(wait, loop_.Now() + after, seconds(60));
  };
  EXPECT_FALSE(is_patient_after(seconds(0))) << "it does not wait";
  {
    const DiskWait::Scope waiting(wait, loop_.Now());
    // Whoever watches the commit makes another one.
    { const DiskWait::Scope inner(wait, loop_.Now() + seconds(300)); }
    EXPECT_TRUE(is_patient_after(seconds(0)));
    EXPECT_TRUE(is_patient_after(seconds(599)));
    EXPECT_FALSE(is_patient_after(seconds(600)));
  }
  EXPECT_FALSE(is_patient_after(seconds(0)));
}

// Though the loop does not wait for it.
TEST_F(ServiceReportsTest, ADiskThatHangsStarvesTheWatchdog) {
  ServiceReports reports(loop_, {.socket = path_, .watchdog = seconds(30)});
  federation::Duration waited = seconds(299);
  reports.WatchDisk([&waited] { return waited; });
  reports.Ready("");
  time_.Advance(seconds(10));
  EXPECT_THAT(manager_.Reports(),
              ElementsAre("READY=1\nSTATUS=", "WATCHDOG=1", "WATCHDOG=1"));
  waited = seconds(300);
  time_.Advance(seconds(30));
  EXPECT_THAT(manager_.Reports(), IsEmpty());
  waited = seconds(0);
  time_.Advance(seconds(10));
  EXPECT_THAT(manager_.Reports(), ElementsAre("WATCHDOG=1"));
}

TEST_F(ServiceReportsTest, AnAbstractSocketIsFound) {
  const std::string name = "@" + path_;
  NotifySocket manager(name);
  ServiceReports reports(loop_, {.socket = name});
  reports.Stopping();
  EXPECT_THAT(manager.Reports(), ElementsAre(StartsWith("STOPPING=1")));
}

TEST_F(ServiceReportsTest, ASocketThatIsNoneOrGoneStopsNothing) {
  for (const std::string& socket :
       {std::string("relative"), std::string("/"), std::string(200, '/'),
        std::string("vsock:2:1234"), path_ + ".gone"}) {
    ServiceReports reports(loop_, {.socket = socket, .watchdog = seconds(3)});
    reports.Ready("");
    reports.Stopping();
    time_.Advance(seconds(3));
  }
  EXPECT_THAT(manager_.Reports(), IsEmpty());
}

// The loop goes on, and the manager hears what holds once it reads again.
TEST_F(ServiceReportsTest, AManagerThatDoesNotReadIsToldTheLatestTurnLater) {
  ServiceReports reports(loop_, {.socket = path_});
  // More than the socket keeps (net.unix.max_dgram_qlen).
  for (int i = 0; i < 2000; ++i) reports.Reloading();
  reports.Reloaded();
  EXPECT_THAT(manager_.Reports(), Each(StartsWith("RELOADING=1")));
  time_.Advance(seconds(1));
  EXPECT_THAT(manager_.Reports(), ElementsAre("READY=1"));
  time_.Advance(seconds(5));
  EXPECT_THAT(manager_.Reports(), IsEmpty());
}

TEST_F(ServiceReportsTest, AWatchdogThatIsInAHurryIsFedTenTimesASecond) {
  ServiceReports reports(
      loop_, {.socket = path_, .watchdog = std::chrono::microseconds(1)});
  reports.Ready("");
  manager_.Reports();
  time_.Advance(seconds(1));
  EXPECT_EQ(manager_.Reports().size(), 10u);
}

TEST_F(ServiceReportsTest, TheEnvironmentSaysWhatIsWanted) {
  const auto wanted = WantedBy({{"NOTIFY_SOCKET", "/run/systemd/notify"},
                                {"WATCHDOG_USEC", "60000000"},
                                {"WATCHDOG_PID", "4711"}});
  EXPECT_EQ(wanted.socket, "/run/systemd/notify");
  EXPECT_EQ(wanted.watchdog, seconds(60));
  EXPECT_EQ(WantedBy({}).socket, "");
  EXPECT_EQ(WantedBy({{"WATCHDOG_USEC", "60000000"}}).watchdog, seconds(0));
}

TEST_F(ServiceReportsTest, AWatchdogOfAnotherProcessIsNotFed) {
  for (const char* process : {"1", "47110", "x"}) {
    EXPECT_EQ(WantedBy({{"NOTIFY_SOCKET", "/n"},
                        {"WATCHDOG_USEC", "60000000"},
                        {"WATCHDOG_PID", process}})
                  .watchdog,
              seconds(0))
        << process;
  }
}

TEST_F(ServiceReportsTest, ATimeThatIsNoneIsNoWatchdog) {
  for (const char* time : {"0", "-5", "soon", "", "99999999999999999999"}) {
    EXPECT_EQ(
        WantedBy({{"NOTIFY_SOCKET", "/n"}, {"WATCHDOG_USEC", time}}).watchdog,
        seconds(0))
        << time;
  }
}

}  // namespace
}  // namespace interlink::daemon
