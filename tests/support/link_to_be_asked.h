#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/support/simulated_account.h"
#include "tests/support/virtual_time.h"

namespace interlink::testing {

// Links the two, each under the other's name, so that `asker` has to ask for
// the numbers of `asked`: those are more than it keeps of one account.
inline absl::Status LinkToBeAsked(SimulatedAccount& asker,
                                  SimulatedAccount& asked,
                                  const std::vector<std::string>& numbers,
                                  VirtualTime& time) {
  asker.settings.max_mirrored_numbers_per_link = numbers.size() - 1;
  asker.account().Reload(asker.settings);
  for (const std::string& number : numbers) {
    if (auto s = asked.AddNumber(number); !s.ok()) return s;
  }
  const auto key = asker.GenerateKey(asked.name());
  if (!key.ok()) return key.status();
  const auto row = asked.Link(asker.name(), *key);
  time.Advance(std::chrono::seconds(15));
  return row.status();
}

}  // namespace interlink::testing
