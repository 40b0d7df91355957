#include "tests/support/simulated_network.h"

#include "tests/support/simulated_account.h"
#include "tests/support/simulated_stream.h"

namespace interlink::testing {

void SimulatedNetwork::Cut(const SimulatedAccount& from,
                           const SimulatedAccount& to) {
  cut_.emplace(from.name(), to.name());
}

void SimulatedNetwork::Mend(const SimulatedAccount& from,
                            const SimulatedAccount& to) {
  cut_.erase({from.name(), to.name()});
}

void SimulatedNetwork::LoseAnswers(const std::string& method, int count) {
  lose_answers_[method] = count;
}

void SimulatedNetwork::Hold(const std::string& method, int count) {
  hold_[method] = count;
}

void SimulatedNetwork::Hide(SimulatedAccount& account) {
  std::erase_if(at_, [&](const auto& at) { return at.second == &account; });
}

void SimulatedNetwork::Move(SimulatedAccount& account,
                            const std::string& address) {
  Hide(account);
  at_[address] = &account;
}

void SimulatedNetwork::BreakSessions(const SimulatedAccount& a,
                                     const SimulatedAccount& b) {
  const auto wires = wires_;
  for (const auto& weak : wires) {
    const auto wire = weak.lock();
    if (wire != nullptr && wire->Joins(a, b)) wire->Break();
  }
}

federation::SteadyTime SimulatedNetwork::LastStream(
    const SimulatedAccount& account, const SimulatedAccount& peer) const {
  for (const auto& weak : wires_) {
    const auto wire = weak.lock();
    if (wire != nullptr && wire->StandsFor(account, peer)) return time_.Now();
  }
  const auto end = stream_ends_.find({&account, &peer});
  return end == stream_ends_.end() ? federation::SteadyTime() : end->second;
}

void SimulatedNetwork::Release() {
  hold_.clear();
  for (auto& send : std::exchange(held_, {})) send();
}

}  // namespace interlink::testing
