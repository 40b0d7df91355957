#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "federation/base/event_loop.h"

namespace interlink::daemon {

enum class PbxPage { kResolve, kAuthorize, kPhoneBook, kNone };

// What was asked at --pbx-http-listen since the start, by page and status, and
// how long it took to answer what was not refused at the door.
//
// Threading: any thread.
class PbxCounts {
 public:
  static constexpr std::array<const char*, 4> kPages = {"resolve", "authorize",
                                                        "phonebook", "none"};
  static constexpr std::array<unsigned, 10> kStatuses = {
      200, 400, 401, 403, 404, 405, 429, 431, 500, 503};
  // Upper bounds of the histogram, in seconds; one more bucket has the rest.
  static constexpr std::array<double, 7> kBounds = {0.0005, 0.001, 0.005, 0.025,
                                                    0.1,    0.5,   1};

  void Add(PbxPage page, unsigned status);
  void AddTime(federation::Duration took);
  // A connection of somebody who may not ask anything.
  void AddStranger() { ++strangers_; }

  uint64_t requests(size_t page, size_t status) const {
    return requests_[page][status];
  }
  // How many answers took longer than the bound before, and not longer than
  // this one.
  uint64_t bucket(size_t bound) const { return buckets_[bound]; }
  double seconds() const { return static_cast<double>(nanoseconds_) / 1e9; }
  uint64_t strangers() const { return strangers_; }

 private:
  using Count = std::atomic<uint64_t>;

  std::array<std::array<Count, kStatuses.size()>, kPages.size()> requests_{};
  std::array<Count, kBounds.size() + 1> buckets_{};
  Count nanoseconds_ = 0;
  Count strangers_ = 0;
};

}  // namespace interlink::daemon
