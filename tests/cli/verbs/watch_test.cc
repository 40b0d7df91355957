#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "tests/cli/ctl.h"
#include "tests/cli/fake_daemon.h"
#include "tests/support/temp_dir.h"

namespace interlink::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class WatchTest : public ::testing::Test {
 protected:
  v1::Interlink& Show(const v1::Interlink& row) {
    v1::Interlink& shown = *daemon_.watch.emplace_back().mutable_interlink();
    shown = row;
    return shown;
  }
  void ShowCurrent() { daemon_.watch.emplace_back().set_current(true); }

  static v1::Interlink Tim() {
    v1::Interlink row;
    row.set_id("aaaaaaaa11111111aaaaaaaa11111111");
    row.set_name("Tim");
    row.set_state(v1::INTERLINK_STATE_PENDING);
    row.set_indicator(v1::INDICATOR_GREY);
    return row;
  }
  static v1::Interlink LinkedTim() {
    v1::Interlink row = Tim();
    row.set_state(v1::INTERLINK_STATE_ESTABLISHED);
    row.set_health(v1::INTERLINK_HEALTH_CONNECTED);
    row.set_indicator(v1::INDICATOR_GREEN);
    row.set_peer_account_name("Tim Andrews");
    return row;
  }

  interlink::testing::TempDir dir_;
  FakeDaemon daemon_{dir_.File("api.sock")};
  Ctl ctl_{dir_.File("api.sock")};
};

// "Once interconnection is established, the status will be automatically
// updated with a green circle."
TEST_F(WatchTest, GreyTurningGreenIsOneLine) {
  Show(Tim());
  ShowCurrent();
  Show(LinkedTim());
  Show(LinkedTim()).mutable_round_trip()->set_nanos(5'000'000);
  ctl_.Run({"watch"});
  EXPECT_THAT(ctl_.out, HasSubstr("● grey  Tim: waiting for its key\n"));
  EXPECT_THAT(ctl_.out, EndsWith("● green Tim: grey → green: linked with Tim "
                                 "Andrews\n"));
}

TEST_F(WatchTest, NewAndRemovedRowsAreLinesToo) {
  ShowCurrent();
  Show(Tim());
  Show(Tim()).set_state(v1::INTERLINK_STATE_REMOVED);
  ctl_.Run({"watch"});
  EXPECT_THAT(ctl_.out, HasSubstr("No interlinks yet.\n"));
  EXPECT_THAT(ctl_.out, HasSubstr("Tim: new: waiting"));
  EXPECT_THAT(ctl_.out, HasSubstr("Tim: removed\n"));
}

TEST_F(WatchTest, JsonIsOneObjectALine) {
  Show(Tim());
  ShowCurrent();
  ctl_.Run({"watch", "--output", "json"});
  EXPECT_THAT(ctl_.out, ::testing::StartsWith("{\"interlink\":{"));
  EXPECT_THAT(ctl_.out, EndsWith("}}\n{\"current\":true}\n"));
}

TEST_F(WatchTest, TheTimeoutIsTheOrdinaryEndToo) {
  ShowCurrent();
  daemon_.watch_stays_open = true;
  EXPECT_EQ(ctl_.Run({"watch", "--timeout", "1"}), ExitCode::kDone);
  EXPECT_EQ(ctl_.out, "No interlinks yet.\n");
}

class WaitTest : public WatchTest {
 protected:
  WaitTest() {
    daemon_.rows.push_back(Tim());
    daemon_.watch_stays_open = true;
  }
};

TEST_F(WaitTest, EndsWhenTheCircleHasTheColour) {
  Show(Tim());
  ShowCurrent();
  Show(LinkedTim());
  EXPECT_EQ(ctl_.Run({"wait", "Tim", "--for", "green"}), ExitCode::kDone)
      << ctl_.err;
  EXPECT_EQ(ctl_.out, "● green Tim: connected\n");
  // What is so already needs no watch.
  daemon_.watch.clear();
  EXPECT_EQ(ctl_.Run({"wait", "Tim", "--for", "grey"}), ExitCode::kDone);
}

TEST_F(WaitTest, SaysHowTheRowIsWhenTheTimeIsUp) {
  Show(Tim());
  ShowCurrent();
  EXPECT_EQ(ctl_.Run({"wait", "Tim", "--for", "green", "--timeout", "1"}),
            ExitCode::kUnreachable);
  EXPECT_THAT(ctl_.err, HasSubstr("STILL_WAITING: the time is up; Tim is still "
                                  "grey: waiting for its key\n"));
}

TEST_F(WaitTest, EndsAtOnceWhenTheColourCannotCome) {
  Show(Tim()).set_state(v1::INTERLINK_STATE_FAILED);
  v1::Interlink& failed = *daemon_.watch.back().mutable_interlink();
  failed.set_indicator(v1::INDICATOR_RED);
  failed.mutable_last_error()->set_reason("KEY_EXPIRED");
  failed.mutable_last_error()->set_message("nobody entered the key in time");
  EXPECT_EQ(ctl_.Run({"wait", "Tim", "--for", "green"}), ExitCode::kRefused);
  EXPECT_THAT(ctl_.err, HasSubstr("KEY_EXPIRED: nobody entered the key"));
  EXPECT_EQ(ctl_.Run({"wait", "Tim", "--for", "red"}), ExitCode::kDone);
}

TEST_F(WaitTest, ARowThatGoesIsRemovedAndNotFound) {
  Show(Tim()).set_state(v1::INTERLINK_STATE_REMOVED);
  EXPECT_EQ(ctl_.Run({"wait", "Tim", "--for", "removed"}), ExitCode::kDone);
  EXPECT_EQ(ctl_.Run({"wait", "Tim", "--for", "green"}), ExitCode::kNotFound);
  EXPECT_EQ(ctl_.Run({"wait", "Nobody", "--for", "green"}),
            ExitCode::kNotFound);
}

TEST_F(WaitTest, ARemovedRowIsWaitedForByTheNameItHadAndNoOther) {
  v1::Interlink& old = daemon_.removed_rows.emplace_back();
  old.set_name("Old");
  old.set_state(v1::INTERLINK_STATE_REMOVED);
  old.set_indicator(v1::INDICATOR_RED);
  EXPECT_EQ(ctl_.Run({"wait", "Old", "--for", "removed"}), ExitCode::kDone);
  EXPECT_EQ(ctl_.out, "● red   Old: removed\n");
  EXPECT_EQ(ctl_.Run({"wait", "Odl", "--for", "removed"}), ExitCode::kNotFound);
  EXPECT_THAT(ctl_.err, HasSubstr("LINK_NOT_FOUND: no interlink is or was "
                                  "called \"Odl\""));
}

TEST_F(WatchTest, APauseOfAGreyRowIsALine) {
  Show(Tim());
  ShowCurrent();
  v1::Interlink paused = Tim();
  paused.set_paused(true);
  Show(paused);
  Show(Tim());
  ctl_.Run({"watch"});
  EXPECT_THAT(ctl_.out, HasSubstr(" ● grey  Tim: paused\n"));
  EXPECT_THAT(ctl_.out, EndsWith(" ● grey  Tim: no longer paused\n"));
}

TEST_F(WatchTest, ADaemonThatStopsEndsItWithAMessage) {
  ShowCurrent();
  EXPECT_EQ(ctl_.Run({"watch"}), ExitCode::kUnreachable);
  EXPECT_THAT(ctl_.err, HasSubstr("interlinkd has stopped"));
}

TEST_F(WatchTest, ARefusalIsNotTakenForAStop) {
  daemon_.refusal =
      grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "NOT_PERMITTED: no");
  EXPECT_EQ(ctl_.Run({"watch"}), ExitCode::kRefused);
}

// The program itself, because pipe and signals are its own.
class ProgramTest : public WatchTest {
 protected:
  enum class Reader { kReads, kHasGone };

  // Starts it with a pipe for its output.
  void Start(std::vector<std::string> arguments, Reader reader) {
    std::array<int, 2> out{};
    std::array<int, 2> err{};
    ASSERT_EQ(pipe2(out.data(), O_CLOEXEC), 0);
    ASSERT_EQ(pipe2(err.data(), O_CLOEXEC), 0);
    out_ = out[0];
    err_ = err[0];
    if (reader == Reader::kHasGone) close(std::exchange(out_, -1));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
    arguments.insert(arguments.begin(),
                     {INTERLINKCTL, "--api-socket=" + dir_.File("api.sock")});
    std::vector<char*> words;
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    ASSERT_EQ(posix_spawn(&pid_, INTERLINKCTL, &actions, nullptr, words.data(),
                          environ),
              0);
    posix_spawn_file_actions_destroy(&actions);
    close(out[1]);
    close(err[1]);
  }
  // As a shell tells it.
  int ExitStatus() {
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  std::string Errors() const {
    std::string text(4096, '\0');
    const ssize_t size = read(err_, text.data(), text.size());
    text.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return text;
  }
  ~ProgramTest() override {
    if (out_ >= 0) close(out_);
    if (err_ >= 0) close(err_);
  }

  pid_t pid_ = 0;
  int out_ = -1;
  int err_ = -1;
};

TEST_F(ProgramTest, InterruptIsTheOrdinaryEndOfAWatch) {
  ShowCurrent();
  daemon_.watch_stays_open = true;
  Start({"watch"}, Reader::kReads);
  char first = 0;  // Of "No interlinks yet.": the watch has begun.
  EXPECT_EQ(read(out_, &first, 1), 1);
  kill(pid_, SIGINT);
  EXPECT_EQ(ExitStatus(), 0);
}

TEST_F(ProgramTest, AClosedPipeEndsTheProgramSilently) {
  ShowCurrent();
  daemon_.numbers.emplace_back().set_number("201");
  for (const std::string verb : {"watch", "list", "status", "--help"}) {
    Start({verb}, Reader::kHasGone);
    EXPECT_EQ(ExitStatus(), 128 + SIGPIPE) << verb;
    EXPECT_EQ(Errors(), "") << verb;
    close(std::exchange(err_, -1));
  }
}

// Such as `watch | head -1`: the next line may be long in coming.
TEST_F(ProgramTest, WhatWaitsEndsWhenItsReaderGoes) {
  Show(Tim());
  ShowCurrent();
  daemon_.rows.push_back(Tim());
  daemon_.events.emplace_back().set_sequence(1);
  daemon_.watch_stays_open = true;
  const std::vector<std::vector<std::string>> all = {
      {"watch"}, {"watch", "--output", "json"}, {"events", "--follow"}};
  for (const auto& words : all) {
    Start(words, Reader::kReads);
    char first = 0;
    EXPECT_EQ(read(out_, &first, 1), 1);
    close(std::exchange(out_, -1));
    EXPECT_EQ(ExitStatus(), 128 + SIGPIPE) << words[0];
    EXPECT_EQ(Errors(), "") << words[0];
    close(std::exchange(err_, -1));
  }
  Start({"wait", "Tim", "--for", "green"}, Reader::kHasGone);
  EXPECT_EQ(ExitStatus(), 128 + SIGPIPE);
  EXPECT_EQ(Errors(), "");
}

}  // namespace
}  // namespace interlink::cli
