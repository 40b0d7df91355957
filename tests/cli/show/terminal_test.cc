#include "daemon/cli/show/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <future>
#include <string>

namespace interlink::cli {
namespace {

// A terminal: the end that programs have, and the end that people have.
class TerminalTest : public ::testing::Test {
 protected:
  TerminalTest() : person_(posix_openpt(O_RDWR | O_NOCTTY)) {
    EXPECT_EQ(grantpt(person_), 0);
    EXPECT_EQ(unlockpt(person_), 0);
    std::array<char, 64> name{};
    EXPECT_EQ(ptsname_r(person_, name.data(), name.size()), 0);
    program_ = open(name.data(), O_RDWR | O_NOCTTY);
    EXPECT_GE(program_, 0);
    // Input before the first read is not shown and makes no signal: the tests
    // are about reading a secret.
    termios quiet{};
    tcgetattr(program_, &quiet);
    former_ = quiet;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    tcsetattr(program_, TCSANOW, &quiet);
  }
  ~TerminalTest() override {
    close(program_);
    close(person_);
  }

  std::optional<std::string> ReadTyped(const std::string& text) {
    EXPECT_EQ(write(person_, text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
    return ReadSecret(program_);
  }
  bool ShowsSomething() const {
    pollfd shown{person_, POLLIN, 0};
    return poll(&shown, 1, 0) > 0;
  }

  const int person_;
  int program_ = -1;
  termios former_{};
};

TEST_F(TerminalTest, WhatIsTypedIsReadAndNotShown) {
  EXPECT_EQ(ReadTyped("ilk1_kex\x7fy\r"), "ilk1_key\n");
  EXPECT_FALSE(ShowsSomething());
}

TEST_F(TerminalTest, APasteOfSeveralLinesIsOneSecret) {
  EXPECT_EQ(ReadTyped("Your key:\r> ilk1_k\r> ey\r"),
            "Your key:\n> ilk1_k\n> ey\n");
}

TEST_F(TerminalTest, CtrlCAndCtrlDGiveUp) {
  EXPECT_EQ(ReadTyped("ilk1_\x03"), std::nullopt);
  EXPECT_EQ(ReadTyped("\x04"), std::nullopt);
  EXPECT_EQ(ReadTyped("ilk1_key\x04"), "ilk1_key");
}

TEST_F(TerminalTest, TheTerminalIsLeftAsItWas) {
  ASSERT_EQ(tcsetattr(program_, TCSANOW, &former_), 0);
  // Echoed now, and read by the line, as a shell leaves it.
  EXPECT_EQ(ReadTyped("ilk1_key\r"), "ilk1_key\n");
  termios after{};
  tcgetattr(program_, &after);
  EXPECT_EQ(after.c_lflag, former_.c_lflag);
}

TEST_F(TerminalTest, AFileIsNoTerminal) {
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  EXPECT_EQ(ReadSecret(pipe_ends[0]), std::nullopt);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

// Two ends of a pipe, or of a socket that a program got as its output.
class PipeWatchTest : public ::testing::TestWithParam<bool> {
 protected:
  PipeWatchTest() {
    EXPECT_EQ(GetParam() ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data())
                         : pipe(ends_.data()),
              0);
  }
  ~PipeWatchTest() override {
    if (!is_closed_) close(ends_[0]);
    close(ends_[1]);
  }
  void CloseReader() {
    close(ends_[0]);
    is_closed_ = true;
  }
  int output() const { return ends_[1]; }

 private:
  std::array<int, 2> ends_{};
  bool is_closed_ = false;
};

TEST_P(PipeWatchTest, TellsWhenTheReaderGoes) {
  EXPECT_FALSE(IsPipeClosed(output()));
  std::promise<void> closed;
  const PipeWatch watch(output(), [&closed] { closed.set_value(); });
  CloseReader();
  closed.get_future().wait();
  EXPECT_TRUE(IsPipeClosed(output()));
}

TEST_P(PipeWatchTest, TellsNothingWhileThereIsAReader) {
  const PipeWatch watch(output(), [] { FAIL(); });
  EXPECT_EQ(write(output(), "text", 4), 4);
}

INSTANTIATE_TEST_SUITE_P(PipeAndSocket, PipeWatchTest, ::testing::Bool());

TEST(IsPipeClosedTest, WhatIsNoPipeHasNoReaderThatGoes) {
  const int file = open("/dev/null", O_WRONLY | O_CLOEXEC);
  for (const int descriptor : {file, -1}) {
    EXPECT_FALSE(IsPipeClosed(descriptor));
    const PipeWatch watch(descriptor, [] { FAIL(); });
  }
  close(file);
}

}  // namespace
}  // namespace interlink::cli
