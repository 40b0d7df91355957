#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "federation/directory/number_import.h"
#include "federation/directory/numbers.h"
#include "tests/support/awaited.h"
#include "tests/support/virtual_time.h"

namespace interlink::testing {

// Changes of an account's numbers whose answer is waited for, in virtual time.
//
// Lifetime: short; the references must outlive it.
class AwaitedNumbers {
 public:
  AwaitedNumbers(VirtualTime& time, federation::Numbers& numbers)
      : time_(time), numbers_(numbers) {}

  absl::StatusOr<interlink::v1::Number> Create(
      const interlink::v1::CreateNumberRequest& request) {
    return Await<absl::StatusOr<interlink::v1::Number>>(
        time_, [&](auto done) { numbers_.Create(request, std::move(done)); });
  }
  absl::StatusOr<interlink::v1::Number> Update(
      const interlink::v1::UpdateNumberRequest& request) {
    return Await<absl::StatusOr<interlink::v1::Number>>(
        time_, [&](auto done) { numbers_.Update(request, std::move(done)); });
  }
  absl::Status Delete(std::string_view number) {
    return Await<absl::Status>(
        time_, [&](auto done) { numbers_.Delete(number, std::move(done)); });
  }
  // Adds to `summary`, as the API does.
  absl::Status Import(const interlink::v1::ImportNumbersRequest& chunk,
                      interlink::v1::ImportNumbersResponse& summary) {
    auto outcome = Await<absl::StatusOr<interlink::v1::ImportNumbersResponse>>(
        time_, [&](auto done) { numbers_.Import(chunk, std::move(done)); });
    if (!outcome.ok()) return outcome.status();
    federation::AddChunk(*std::move(outcome), summary);
    return absl::OkStatus();
  }

 private:
  VirtualTime& time_;
  federation::Numbers& numbers_;
};

}  // namespace interlink::testing
