#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace interlink::bench {

using Clock = std::chrono::steady_clock;

double MillisecondsSince(Clock::time_point start);
double Median(std::vector<double> values);

// Prints one figure; `is_ok` says whether it meets its target.
void Print(const std::string& name, double value, const std::string& unit,
           const std::string& target, bool is_ok);

// The median time of a small write and fdatasync in `directory`, in ms.
double SyncedWriteMs(const std::string& directory);

// Resident memory of a process, in KiB.
double ResidentKib(int pid);

// Ends the program with a message, because there is nothing left to measure.
[[noreturn]] void Fail(const std::string& what);

// Waits until `done`, at most ten seconds, else Fail(what).
void Await(const std::string& what, const std::function<bool()>& done);

}  // namespace interlink::bench
