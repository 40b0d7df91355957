#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "tests/support/virtual_time.h"

namespace interlink::testing {

// The answer that is given to the callback with which `begin` is called, in
// virtual time.
template <class Answer, class Begin>
Answer Await(VirtualTime& time, Begin begin) {
  std::optional<Answer> answer;
  begin([&answer](Answer given) { answer = std::move(given); });
  time.AdvanceUntil([&answer] { return answer.has_value(); },
                    std::chrono::seconds(10));
  if (!answer) return absl::InternalError("never answered");
  return *std::move(answer);
}

}  // namespace interlink::testing
