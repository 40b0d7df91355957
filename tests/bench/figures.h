#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace interlink::bench {

using Clock = std::chrono::steady_clock;

double MillisecondsSince(Clock::time_point start);
double Median(std::vector<double> values);

// Prints one figure; `is_ok` says whether it meets its target.
void Print(const std::string& name, double value, const std::string& unit,
           const std::string& target, bool is_ok);

// Prints that a figure could not be measured, and why.
void PrintMissing(const std::string& name, const std::string& unit,
                  const std::string& target, const std::string& why);

// The median time of a small write and fdatasync in `directory`, in ms.
double SyncedWriteMs(const std::string& directory);

// Resident memory of a process, in KiB.
double ResidentKib(int pid);

// Ends the program with a message, because there is nothing left to measure.
[[noreturn]] void Fail(const std::string& what);

template <class T>
T OrFail(absl::StatusOr<T> result) {
  if (!result.ok()) Fail(result.status().ToString());
  return *std::move(result);
}

// Waits until `done`, else Fail(what).
void Await(const std::string& what, const std::function<bool()>& done,
           std::chrono::seconds at_most = std::chrono::seconds(10));

}  // namespace interlink::bench
