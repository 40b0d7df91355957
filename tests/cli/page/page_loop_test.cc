#include "daemon/cli/page/page_loop.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace interlink::cli {
namespace {

// A signal and the end of the terminal both stop the page.
TEST(PageLoopTest, AStopThatComesTwiceDoesNotEndTheWait) {
  PageLoop loop;
  bool is_done = false;
  loop.Post([&loop] { loop.context().stop(); });
  loop.Post([&loop] { loop.context().stop(); });
  loop.Post([&is_done] { is_done = true; });
  loop.context().run();
  loop.RunUntil([&is_done] { return is_done; });
}

TEST(PageLoopTest, WhatIsPostedLaterIsRunToo) {
  PageLoop loop;
  bool is_done = false;
  std::promise<void> looked;
  std::thread other([&] {
    looked.get_future().wait();
    loop.Post([&is_done] { is_done = true; });
  });
  bool has_looked = false;
  loop.RunUntil([&] {
    // Nothing is posted yet when this is asked for the first time.
    if (!has_looked) looked.set_value();
    has_looked = true;
    return is_done;
  });
  other.join();
}

}  // namespace
}  // namespace interlink::cli
