#include "tests/bench/figures.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace interlink::bench {

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start)
      .count();
}

double Median(std::vector<double> values) {
  if (values.empty()) Fail("no values to take the median of");
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Print(const std::string& name, double value, const std::string& unit,
           const std::string& target, bool is_ok) {
  std::printf("%s\t%.4g\t%s\t%s\t%s\n", name.c_str(), value, unit.c_str(),
              target.c_str(), is_ok ? "ok" : "short");
  std::fflush(stdout);
}

void PrintMissing(const std::string& name, const std::string& unit,
                  const std::string& target, const std::string& why) {
  std::printf("%s\tnot measured: %s\t%s\t%s\tshort\n", name.c_str(),
              why.c_str(), unit.c_str(), target.c_str());
  std::fflush(stdout);
}

double SyncedWriteMs(const std::string& directory) {
  const std::string path = directory + "/probe";
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) Fail("cannot write to " + directory);
  const std::string record(500, 'x');
  std::vector<double> times;
  for (int i = 0; i < 51; ++i) {
    const auto start = Clock::now();
    if (write(file, record.data(), record.size()) < 0 || fdatasync(file) != 0) {
      Fail("cannot sync in " + directory);
    }
    times.push_back(MillisecondsSince(start));
  }
  close(file);
  unlink(path.c_str());
  return Median(times);
}

double ResidentKib(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string word;
  while (status >> word) {
    if (word == "VmRSS:") {
      double kib = 0;
      status >> kib;
      return kib;
    }
  }
  Fail("no memory figure of process " + std::to_string(pid));
}

void Fail(const std::string& what) {
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::exit(1);
}

void Await(const std::string& what, const std::function<bool()>& done,
           std::chrono::seconds at_most) {
  const auto end = Clock::now() + at_most;
  while (!done()) {
    if (Clock::now() > end) Fail("not in time: " + what);
    // Without taking the time of what is awaited.
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

}  // namespace interlink::bench
