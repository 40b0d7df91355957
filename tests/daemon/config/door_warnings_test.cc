#include "daemon/config/door_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/daemon/config_fixture.h"
#include "tests/support/temp_dir.h"

namespace interlink::daemon {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class DoorWarningsTest : public ConfigTest {
 protected:
  std::vector<std::string> Warnings(const std::vector<std::string>& words) {
    return DoorWarnings(Good(words));
  }
};

TEST_F(DoorWarningsTest, UsualSettingsHaveNone) {
  EXPECT_THAT(Warnings({}), IsEmpty());
  EXPECT_THAT(Warnings({"--sip-listen", "127.0.0.1:0", "--pbx-http-listen",
                        "[::1]:9465"}),
              IsEmpty());
  EXPECT_THAT(Warnings({"--sip-listen", "0.0.0.0:5070", "--sip-allow",
                        "192.0.2.0/24", "--pbx-http-listen", "localhost:9465"}),
              IsEmpty());
}

TEST_F(DoorWarningsTest, ADoorThatIsSeenFromOutsideIsForSomebodyThere) {
  EXPECT_THAT(Warnings({"--sip-listen", "0.0.0.0:5070"}),
              ElementsAre(StartsWith(
                  "--sip-listen is 0.0.0.0:5070, but --sip-allow has "
                  "loopback addresses alone")));
  EXPECT_THAT(Warnings({"--sip-listen", "192.0.2.1:5070", "--sip-allow",
                        "127.0.0.1,::1,::ffff:127.0.0.2"}),
              ElementsAre(HasSubstr("--sip-listen is 192.0.2.1:5070")));
  EXPECT_THAT(Warnings({"--pbx-http-listen", "[::]:9465"}),
              ElementsAre(HasSubstr("--pbx-http-allow has loopback")));
  // It may be there for the phones.
  EXPECT_THAT(Warnings({"--pbx-http-listen", "[::]:9465", "--phonebook-allow",
                        "192.0.2.0/24"}),
              IsEmpty());
}

TEST_F(DoorWarningsTest, EverybodyMayAskOnlyWithAToken) {
  EXPECT_THAT(Warnings({"--pbx-http-listen", "0.0.0.0:9465", "--pbx-http-allow",
                        "0.0.0.0/0,::/0"}),
              ElementsAre(AllOf(StartsWith("--pbx-http-allow has 0.0.0.0/0, "),
                                HasSubstr("--pbx-http-token")),
                          StartsWith("--pbx-http-allow has ::/0, ")));
  EXPECT_THAT(Warnings({"--pbx-http-listen", "0.0.0.0:9465", "--pbx-http-allow",
                        "0.0.0.0/0", "--pbx-http-token", "/nowhere/token"}),
              IsEmpty());
  EXPECT_THAT(
      Warnings({"--sip-listen", "0.0.0.0:5070", "--sip-allow", "192.0.2.5/0"}),
      ElementsAre(StartsWith("--sip-allow allows all of 0.0.0.0/0"),
                  StartsWith("--sip-allow has 0.0.0.0/0, ")));
  // Which nobody else reaches.
  EXPECT_THAT(
      Warnings({"--sip-listen", "127.0.0.1:5070", "--sip-allow", "0.0.0.0/0"}),
      IsEmpty());
}

TEST_F(DoorWarningsTest, AnAddressWithTheBitsOfItsNetworkMeansAllOfIt) {
  EXPECT_THAT(
      Warnings({"--sip-listen", "0.0.0.0:5070", "--sip-allow",
                "192.0.2.5/24,192.0.2.64/26,192.0.2.5/32,2001:db8::5/64"}),
      ElementsAre("--sip-allow allows all of 192.0.2.0/24: write it so, or "
                  "192.0.2.5 for that address alone",
                  "--sip-allow allows all of 2001:db8::/64: write it so, or "
                  "2001:db8::5 for that address alone"));
  EXPECT_THAT(
      Warnings({"--pbx-http-listen", "0.0.0.0:9465", "--pbx-http-allow",
                "192.0.2.5/24", "--phonebook-allow", "198.51.100.7/25"}),
      ElementsAre(StartsWith("--pbx-http-allow allows all of"),
                  StartsWith("--phonebook-allow allows all of "
                             "198.51.100.0/25")));
}

TEST_F(DoorWarningsTest, ATokenIsNotForEveryUserOfTheMachine) {
  const interlink::testing::TempDir dir;
  const std::string file = dir.File("token");
  std::ofstream(file) << "0123456789abcdef\n";
  std::filesystem::permissions(file, std::filesystem::perms(0640));
  const std::vector<std::string> words = {"--pbx-http-listen", "127.0.0.1:9465",
                                          "--pbx-http-token", file};
  EXPECT_THAT(Warnings(words), IsEmpty());
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  EXPECT_THAT(Warnings(words), ElementsAre(HasSubstr("chmod 600 " + file)));
  // Or the daemon could not read it any more.
  if (geteuid() != 0) return;
  ASSERT_EQ(chown(file.c_str(), 65534, 65534), 0);
  EXPECT_THAT(Warnings(words),
              ElementsAre(HasSubstr("chgrp root " + file + " && chmod 640")));
}

}  // namespace
}  // namespace interlink::daemon
