#include "daemon/system/asio_event_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace interlink::daemon {
namespace {

using ::testing::ElementsAre;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""h;

TEST(AsioEventLoopTest, TasksRunInTheOrderPosted) {
  AsioEventLoop loop;
  std::vector<int> order;
  loop.Post([&] {
    order.push_back(1);
    loop.Post([&] { order.push_back(3); });
    std::thread([&] { loop.Post([&] { order.push_back(4); }); }).join();
    loop.Post([&] { loop.Stop(); });
  });
  loop.Post([&] { order.push_back(2); });
  loop.Run();
  EXPECT_THAT(order, ElementsAre(1, 2, 3, 4));
}

TEST(AsioEventLoopTest, OnlyTheThreadThatRunsItIsTheLoop) {
  AsioEventLoop loop;
  bool is_loop = false;
  EXPECT_FALSE(loop.IsLoopThread());
  std::thread thread([&] { loop.Run(); });
  loop.Post([&] {
    is_loop = loop.IsLoopThread();
    loop.Stop();
  });
  thread.join();
  EXPECT_TRUE(is_loop);
  EXPECT_FALSE(loop.IsLoopThread());
}

TEST(AsioEventLoopTest, WhileItRunsNobodyElseIsOnIt) {
  AsioEventLoop loop;
  EXPECT_TRUE(loop.IsOnLoop());  // Whoever sets it up.
  bool is_loop_on_it = false;
  bool is_other_on_it = true;
  loop.Post([&] {
    is_loop_on_it = loop.IsOnLoop();
    std::thread([&] { is_other_on_it = loop.IsOnLoop(); }).join();
    loop.Stop();
  });
  loop.Run();
  EXPECT_TRUE(is_loop_on_it);
  EXPECT_FALSE(is_other_on_it);
  EXPECT_TRUE(loop.IsOnLoop());  // Whoever takes it down.
}

TEST(AsioEventLoopTest, ATimerRunsItsTaskOnceAndNotEarly) {
  AsioEventLoop loop;
  int runs = 0;
  const auto start = loop.Now();
  const auto timer = loop.After(20ms, [&] {
    ++runs;
    loop.Post([&] { loop.Stop(); });
  });
  loop.Run();
  EXPECT_EQ(runs, 1);
  EXPECT_GE(loop.Now() - start, 20ms);
}

TEST(AsioEventLoopTest, ADestroyedTimersTaskDoesNotRunThoughItIsQueued) {
  AsioEventLoop loop;
  bool is_run = false;
  std::unique_ptr<federation::EventLoop::Timer> timer;
  loop.Post([&] {
    timer = loop.After(0ms, [&] { is_run = true; });
    // Both are due when this one ends.
    loop.Post([&] {
      timer.reset();
      loop.Post([&] { loop.Stop(); });
    });
    std::this_thread::yield();
  });
  auto first = loop.After(0ms, [&] { timer.reset(); });
  loop.Run();
  EXPECT_FALSE(is_run);
}

TEST(AsioEventLoopTest, ATimerMayBeReplacedByItsOwnTask) {
  AsioEventLoop loop;
  int runs = 0;
  std::unique_ptr<federation::EventLoop::Timer> timer;
  std::function<void()> again = [&] {
    if (++runs == 3) return loop.Stop();
    timer = loop.After(0ms, [&, kept = std::vector<int>(100, runs)] {
      again();
      EXPECT_EQ(kept.size(), 100u);  // The task is still whole.
    });
  };
  loop.Post([&] { again(); });
  loop.Run();
  EXPECT_EQ(runs, 3);
}

TEST(AsioEventLoopTest, PendingTasksAreDestroyedWithTheLoop) {
  auto held = std::make_shared<int>(0);
  {
    AsioEventLoop loop;
    loop.Post([held] {});
    const auto timer = loop.After(1h, [held] {});
    EXPECT_EQ(held.use_count(), 3);
  }
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace interlink::daemon
