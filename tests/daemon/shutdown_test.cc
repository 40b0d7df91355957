#include "daemon/shutdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace interlink::daemon {
namespace {

using ::testing::ElementsAre;

// Notes each step, and whether the loop took it.
class ShutdownTest : public ::testing::Test {
 protected:
  // Stops a loop whose peers hear the goodbye, or never do.
  std::vector<std::string> Stop(bool peers_listen) {
    Shutdown shutdown(loop_,
                      {.release_clients = [this] { Note("release clients"); },
                       .close_api = [this](auto) { Note("close api"); },
                       .say_goodbye =
                           [this, peers_listen](std::function<void()> told) {
                             Note("say goodbye");
                             if (peers_listen) told();
                           },
                       .close_peers = [this] { Note("close peers"); }});
    shutdown.Begin();
    shutdown.Begin();
    loop_.Run();
    shutdown.Await();
    return std::move(steps_);
  }

 private:
  // One step ends before the next begins, so no lock is needed.
  void Note(const std::string& step) {
    steps_.push_back(step + (loop_.IsLoopThread() ? " on the loop" : ""));
  }

  AsioEventLoop loop_;
  std::vector<std::string> steps_;
};

TEST_F(ShutdownTest, ClientsAreReleasedBeforeServersCloseAndTheLoopStopsLast) {
  EXPECT_THAT(Stop(/*peers_listen=*/true),
              ElementsAre("release clients on the loop", "close api",
                          "say goodbye on the loop", "close peers"));
}

TEST_F(ShutdownTest, APeerThatDoesNotListenHoldsNobodyUp) {
  EXPECT_THAT(Stop(/*peers_listen=*/false),
              ElementsAre("release clients on the loop", "close api",
                          "say goodbye on the loop", "close peers"));
}

TEST(ShutdownAloneTest, OneThatNeverBeganLeavesNothingToAwait) {
  AsioEventLoop loop;
  Shutdown shutdown(loop, {});
  shutdown.Await();
  EXPECT_FALSE(shutdown.has_begun());
}

}  // namespace
}  // namespace interlink::daemon
