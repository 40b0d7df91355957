#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

namespace interlink::testing {

// A program that a test runs: its standard input and output are pipes to the
// test. Killed, if it still runs, and reaped at destruction.
//
// Threading: one thread.
class ChildProcess {
 public:
  // `arguments` begins with the path of the program.
  explicit ChildProcess(std::vector<std::string> arguments) {
    std::array<int, 2> input, output;
    if (pipe2(input.data(), O_CLOEXEC) != 0 ||
        pipe2(output.data(), O_CLOEXEC) != 0) {
      std::abort();
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    if (posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ) !=
        0) {
      std::abort();
    }
    posix_spawn_file_actions_destroy(&actions);
    close(input[0]);
    close(output[1]);
    input_ = input[1];
    output_ = output[0];
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess() {
    if (!reaped_) Kill(SIGKILL);
    CloseInput();
    close(output_);
  }

  pid_t pid() const { return pid_; }

  // The next line of its output without the newline; empty, after what was left
  // of a line, when it has ended.
  std::string ReadLine() {
    std::string line;
    char c;
    while (read(output_, &c, 1) == 1 && c != '\n') line += c;
    return line;
  }

  void WriteLine(std::string line) {
    line += '\n';
    if (write(input_, line.data(), line.size()) !=
        static_cast<ssize_t>(line.size())) {
      std::abort();
    }
  }

  void CloseInput() {
    if (input_ >= 0) close(input_);
    input_ = -1;
  }

  // Sends `signal` and waits for the end; returns as Wait().
  int Kill(int signal) {
    kill(pid_, signal);
    return Wait();
  }

  // Waits for the end; what waitpid() says of it.
  int Wait() {
    if (!reaped_) waitpid(pid_, &end_, 0);
    reaped_ = true;
    return end_;
  }

 private:
  pid_t pid_ = 0;
  int input_ = -1;
  int output_ = -1;
  int end_ = 0;
  bool reaped_ = false;
};

}  // namespace interlink::testing
