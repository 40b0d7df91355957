#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/reason.h"

namespace interlink::federation {

// How many items the page has that a request with this page_size asks for.
// REQUEST_INVALID if `asked` is negative.
inline absl::StatusOr<size_t> PageSize(int32_t asked) {
  constexpr int32_t kDefault = 100;
  constexpr int32_t kMost = 1000;
  if (asked < 0) {
    return Refusal(Reason::kRequestInvalid,
                   "page_size is negative; ask for 1 to 1000 items, or 0 for "
                   "the usual 100");
  }
  if (asked == 0) return kDefault;
  return static_cast<size_t>(asked < kMost ? asked : kMost);
}

inline absl::Status BadPageToken() {
  return Refusal(Reason::kRequestInvalid,
                 "this page_token was not given by this daemon; begin again "
                 "without one");
}

}  // namespace interlink::federation
