#include "daemon/cli/api/endpoint.h"

#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/cli/ctl.h"
#include "tests/cli/fake_daemon.h"
#include "tests/support/temp_dir.h"

namespace interlink::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class EndpointTest : public ::testing::Test {
 protected:
  // What the user `nobody` is told about the socket. The thread takes that
  // user's rights for the call.
  std::string WhyNobodyGetsThrough() {
    constexpr unsigned kNobody = 65534;
    setfsgid(kNobody);
    setfsuid(kNobody);
    Endpoint endpoint;
    endpoint.tried = {dir_.File("api.sock")};
    std::string why = UnreachableFailure(endpoint, "").error_message();
    setfsuid(0);
    setfsgid(0);
    return why;
  }

  interlink::testing::TempDir dir_;
  FakeDaemon daemon_{dir_.File("api.sock")};
  Ctl ctl_{dir_.File("api.sock")};
};

TEST_F(EndpointTest, TheDaemonIsFoundWhereAUserMayHaveIt) {
  ctl_.environment.clear();
  std::filesystem::create_directory(dir_.File("interlink"));
  FakeDaemon mine(dir_.File("interlink/api.sock"));
  // What root asks for first is /run/interlink.
  ctl_.environment[geteuid() == 0 ? "RUNTIME_DIRECTORY" : "XDG_RUNTIME_DIR"] =
      dir_.File(geteuid() == 0 ? "interlink" : "");
  EXPECT_EQ(ctl_.Run({"status"}), ExitCode::kDone) << ctl_.err;
}

TEST_F(EndpointTest, EveryPlaceThatWasTriedIsNamedWithWhatIsWrongThere) {
  ctl_.environment.clear();
  ctl_.environment["RUNTIME_DIRECTORY"] = dir_.path();
  ctl_.environment["INTERLINK_DATA_DIR"] = dir_.File("data");
  std::filesystem::remove(dir_.File("api.sock"));
  std::ofstream(dir_.File("api.sock")) << "no socket";
  EXPECT_EQ(ctl_.Run({"status"}), ExitCode::kUnreachable);
  EXPECT_THAT(ctl_.err, HasSubstr(dir_.File("api.sock") +
                                  ": it is something else than a socket"));
  EXPECT_THAT(ctl_.err, HasSubstr("; /run/interlink/api.sock: "));
  EXPECT_THAT(ctl_.err, HasSubstr("--api-socket PATH"));
}

TEST_F(EndpointTest, ASocketMayBeNamedAsGrpcNamesIt) {
  for (const std::string prefix : {"unix:", "unix://"}) {
    ctl_.environment["INTERLINK_API_SOCKET"] = prefix + dir_.File("api.sock");
    EXPECT_EQ(ctl_.Run({"status"}), ExitCode::kDone) << ctl_.err;
    EXPECT_EQ(ctl_.Run({"status", "--api-socket", prefix + dir_.File("none")}),
              ExitCode::kUnreachable);
    EXPECT_THAT(ctl_.err, HasSubstr("(" + dir_.File("none") + ": there is no"));
  }
}

TEST_F(EndpointTest, WithoutADaemonTheSocketIsNamed) {
  ctl_.environment["INTERLINK_API_SOCKET"] = dir_.File("no.sock");
  EXPECT_EQ(ctl_.Run({"list"}), ExitCode::kUnreachable);
  EXPECT_THAT(ctl_.err, HasSubstr(dir_.File("no.sock")));
  EXPECT_THAT(ctl_.err,
              HasSubstr("start interlinkd (`systemctl status interlinkd`"));
}

// Root may use every socket, so another user has to ask.
TEST_F(EndpointTest, AForbiddenSocketIsNotReportedAsAMissingDaemon) {
  if (geteuid() != 0) GTEST_SKIP() << "to be another user needs root";
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(dir_.File("api.sock"),
                               std::filesystem::perms(0660));
  EXPECT_THAT(WhyNobodyGetsThrough(),
              AllOf(HasSubstr("you may not open " + dir_.File("api.sock") +
                              " (group root, mode 0660); use sudo, or set "
                              "--api-socket-group"),
                    Not(HasSubstr("start interlinkd"))));
}

// "daemon" stands for the group of a package.
TEST_F(EndpointTest, WhoeverIsNotInTheGroupOfASocketIsToldToJoinIt) {
  if (geteuid() != 0) GTEST_SKIP() << "to be another user needs root";
  const group* daemon = getgrnam("daemon");
  ASSERT_NE(daemon, nullptr);
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0755));
  const auto set_rights = [&](const std::string& path, unsigned mode) {
    ASSERT_EQ(chown(path.c_str(), 0, daemon->gr_gid), 0);
    std::filesystem::permissions(path, std::filesystem::perms(mode));
  };
  const std::string join =
      "become a member of the group daemon (`sudo usermod --append --groups "
      "daemon $USER`, then log in again), or use sudo";
  const std::string socket = dir_.File("api.sock");
  set_rights(socket, 0660);
  EXPECT_THAT(WhyNobodyGetsThrough(),
              HasSubstr("you may not open " + socket +
                        " (group daemon, mode 0660); " + join));
  set_rights(socket, 0640);  // Its group may not use it either.
  EXPECT_THAT(WhyNobodyGetsThrough(),
              AllOf(HasSubstr("mode 0640); use sudo, or set "),
                    Not(HasSubstr("become a member"))));
  set_rights(dir_.path(), 0750);
  EXPECT_THAT(WhyNobodyGetsThrough(),
              HasSubstr("you may not look into " + dir_.path() +
                        " (group daemon, mode 0750); " + join));
}

TEST_F(EndpointTest, AFolderThatOneMayNotEnterIsNamed) {
  if (geteuid() != 0) GTEST_SKIP() << "to be another user needs root";
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0750));
  EXPECT_THAT(WhyNobodyGetsThrough(),
              AllOf(HasSubstr("you may not look into " + dir_.path() +
                              " (group root, mode 0750); use sudo"),
                    Not(HasSubstr("start interlinkd"))));
}

}  // namespace
}  // namespace interlink::cli
