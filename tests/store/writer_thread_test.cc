#include "store/writer_thread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/eventually.h"

namespace interlink::store {
namespace {

using interlink::testing::Eventually;
using ::testing::ElementsAre;

TEST(WriterThreadTest, TasksRunInTheirOrderOnAnotherThread) {
  WriterThread writer;
  std::vector<int> ran;
  std::thread::id where;
  for (int i = 1; i <= 3; ++i) {
    writer.Run([&, i] {
      ran.push_back(i);
      where = std::this_thread::get_id();
    });
  }
  writer.Finish();
  EXPECT_THAT(ran, ElementsAre(1, 2, 3));
  EXPECT_NE(where, std::this_thread::get_id());
}

TEST(WriterThreadTest, FinishWaitsForTasksThatTasksHandOver) {
  WriterThread writer;
  bool is_done = false;
  writer.Run([&] { writer.Run([&] { is_done = true; }); });
  writer.Finish();
  EXPECT_TRUE(is_done);
}

TEST(WriterThreadTest, FinishWithoutATaskReturns) {
  WriterThread writer;
  writer.Finish();
}

TEST(WriterThreadTest, TheEndWaitsForTheTaskThatHasBegun) {
  std::atomic<bool> has_begun = false;
  bool has_ended = false;
  {
    WriterThread writer;
    writer.Run([&] {
      has_begun = true;
      for (int i = 0; i < 1000; ++i) std::this_thread::yield();
      has_ended = true;
    });
    ASSERT_TRUE(Eventually([&] { return has_begun.load(); }));
  }
  EXPECT_TRUE(has_ended);
}

}  // namespace
}  // namespace interlink::store
