#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/http/phone_book_text.h"
#include "federation/base/event_loop.h"
#include "federation/mirrors/mirrors.h"
#include "federation/routing/reachable_numbers.h"

namespace interlink::daemon {

// What can be dialled at linked accounts, as a phone book: each entry is
// dialled as it stands, and its name says whose it is, "Support (John Smith)".
// A number that several accounts share stands for the account that a call would
// reach; with a link's dial_prefix it stands for that link's.
//
// A book is kept for a second, because all phones of a building ask for it when
// the power comes back. The daemon comes back then, too: for kPatience it gives
// out no book while it has not heard yet what a link's account shares, because
// phones keep the book that they get for hours.
// Threading: one thread. Lifetime: the arguments must outlive it.
class PhoneBook {
 public:
  static constexpr size_t kMostEntries = 5000;

  static constexpr std::chrono::seconds kPatience{30};

  // Made when the account starts.
  PhoneBook(const federation::EventLoop& loop,
            const federation::ReachableNumbers& reachable,
            const federation::Mirrors& mirrors);

  // Errors: LOOKUP_INCOMPLETE if there is no whole book now.
  absl::StatusOr<std::shared_ptr<const std::string>> In(PhoneBookFormat format);

 private:
  struct Book {
    std::shared_ptr<const std::string> text;
    federation::SteadyTime written;
  };

  absl::StatusOr<std::vector<PhoneBookEntry>> Entries() const;
  bool IsAnyLinkUnheard() const;

  const federation::EventLoop& loop_;
  const federation::ReachableNumbers& reachable_;
  const federation::Mirrors& mirrors_;
  const federation::SteadyTime start_;
  std::array<Book, 3> books_;  // By format.
};

}  // namespace interlink::daemon
