#pragma once

#include <chrono>
#include <string>

namespace interlink::bench {

constexpr int kFirstNumber = 10'000'000;

struct Scale {
  int numbers;
  int links;
  int rounds;  // Pairs of bursts; runs of a start or a link.
  std::chrono::milliseconds burst;
};

struct Programs {
  std::string interlinkd;
  std::string self;  // For the floor.
  std::string folder;
};

// The figures of sessions and mirrors (design.md section 15); each prints its
// own.
void MeasureResolves(const Programs& programs, const Scale& scale);
void MeasureSessions(const Programs& programs, const Scale& scale);
void MeasureChanges(const Programs& programs, const Scale& scale);

}  // namespace interlink::bench
