#include "daemon/cli/api/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/cli/ctl.h"
#include "tests/cli/fake_daemon.h"
#include "tests/support/temp_dir.h"

namespace interlink::cli {
namespace {

using ::testing::HasSubstr;

class EndpointTest : public ::testing::Test {
 protected:
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
                                  ": nobody listens there any more"));
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
  EXPECT_THAT(ctl_.err, HasSubstr("start interlinkd"));
}

}  // namespace
}  // namespace interlink::cli
