// Oracle: what the circles of rows say.

#include "tests/simulation/oracle.h"

namespace interlink::testing {
namespace {

using federation::SteadyTime;

// From the contract (design.md section 7), not from the code under test.
constexpr std::chrono::seconds kSessionCounts{5};

}  // namespace

void Oracle::CheckCircles() {
  for (size_t i = 0; i < accounts_.size(); ++i) {
    if (!At(i).is_running()) continue;
    for (const auto& row : At(i).Rows()) {
      if (row.indicator() == api::INDICATOR_GREEN) CheckGreen(i, row);
    }
  }
}

void Oracle::CheckGreen(size_t account, const api::Interlink& row) {
  const size_t peer = IndexOf(row.peer_account_id());
  const federation::Duration age =
      time_.Now() - established_[{account, row.id()}];
  const auto& pongs = pongs_[{account, peer}];
  const bool is_answered =
      !pongs.empty() && time_.Now() - pongs.back().arrived <= Pong::kCounts;
  if (!is_answered && age > Pong::kCounts) {
    Violate(NameOf(account) +
            " shows green without a pong in 30 s: " + row.name());
  }
  const SteadyTime last_stream = network_.LastStream(At(account), At(peer));
  if (time_.Now() - last_stream > kSessionCounts && age > kSessionCounts) {
    Violate(NameOf(account) +
            " shows green without a session in 5 s: " + row.name());
  }
  if (row.last_error().reason() == "LINK_TERMINATED") {
    Violate(NameOf(account) +
            " shows green over a link that its peer ended: " + row.name());
  }
}

}  // namespace interlink::testing
