#include "daemon/net/once_per_source.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace interlink::daemon {
namespace {

using std::chrono::seconds;

constexpr federation::SteadyTime kStart{std::chrono::hours(1)};

TEST(OncePerSourceTest, ASourceIsLoggedOnceInTenMinutes) {
  OncePerSource sources;
  EXPECT_TRUE(sources.MayLog("a", kStart));
  EXPECT_FALSE(sources.MayLog("a", kStart + seconds(599)));
  EXPECT_TRUE(sources.MayLog("b", kStart + seconds(599)));
  EXPECT_TRUE(sources.MayLog("a", kStart + seconds(600)));
}

TEST(OncePerSourceTest, MoreSourcesThanItRemembersAreNotLogged) {
  OncePerSource sources;
  for (size_t i = 0; i < OncePerSource::kMaxSources; ++i) {
    EXPECT_TRUE(sources.MayLog(std::to_string(i), kStart));
  }
  EXPECT_FALSE(sources.MayLog("late", kStart));
  // There is room once the others may be logged again.
  EXPECT_TRUE(sources.MayLog("late", kStart + seconds(600)));
}

}  // namespace
}  // namespace interlink::daemon
