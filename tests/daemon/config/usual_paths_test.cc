#include "daemon/config/usual_paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace interlink {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

using Variables = std::map<std::string, std::string>;

PathContext ContextOf(const Variables& variables, unsigned user_id) {
  return {.environment =
              [variables](const std::string& name) {
                const auto found = variables.find(name);
                return found == variables.end() ? "" : found->second;
              },
          .user_id = user_id};
}

TEST(UsualPathsTest, TheSystemsDaemonIsSoughtAfterTheUsersOwn) {
  EXPECT_THAT(UsualSockets(ContextOf({{"XDG_RUNTIME_DIR", "/run/user/1000"},
                                      {"HOME", "/home/mike"}},
                                     1000)),
              ElementsAre("/run/user/1000/interlink/api.sock",
                          "/home/mike/.local/state/interlink/api.sock",
                          "/run/interlink/api.sock"));
  EXPECT_THAT(UsualSockets(ContextOf({}, 0)),
              ElementsAre("/run/interlink/api.sock"));
}

// A daemon started by cron has no session, and its administrator has one; or
// the other way round.
TEST(UsualPathsTest, WhateverEnvironmentADaemonHadItIsSoughtWhereItIs) {
  const Variables at_home = {{"HOME", "/home/mike"}};
  Variables in_session = at_home;
  in_session["XDG_RUNTIME_DIR"] = "/run/user/1000";
  for (const Variables& daemons : {at_home, in_session}) {
    for (const Variables& clients : {at_home, in_session}) {
      const PathContext daemon = ContextOf(daemons, 1000);
      EXPECT_THAT(UsualSockets(ContextOf(clients, 1000)),
                  Contains(UsualSocket(daemon, UsualDataDir(daemon))));
    }
    EXPECT_THAT(UsualSockets(ContextOf(daemons, 1000)),
                Contains(UsualSocket(ContextOf({}, 0), "/var/lib/interlink")));
  }
}

TEST(UsualPathsTest, TheFirstOfAUnitsDirectoriesCounts) {
  const PathContext unit = ContextOf({{"RUNTIME_DIRECTORY", "/run/a:/run/b"},
                                      {"STATE_DIRECTORY", "/var/lib/a:/b"}},
                                     999);
  EXPECT_EQ(UsualSocket(unit, "/x"), "/run/a/api.sock");
  EXPECT_EQ(UsualDataDir(unit), "/var/lib/a");
  EXPECT_EQ(UsualSockets(unit).front(), "/run/a/api.sock");
}

TEST(UsualPathsTest, ASocketsSchemeIsNoPartOfItsPath) {
  EXPECT_EQ(WithoutUnixScheme("unix:/run/a"), "/run/a");
  EXPECT_EQ(WithoutUnixScheme("unix:///run/a"), "/run/a");
  EXPECT_EQ(WithoutUnixScheme("unix:a.sock"), "a.sock");
  EXPECT_EQ(WithoutUnixScheme("/run/unix:a"), "/run/unix:a");
}

}  // namespace
}  // namespace interlink
