#include "daemon/net/connection_places.h"

#include <utility>

namespace interlink::daemon {

std::optional<ConnectionPlaces::Id> ConnectionPlaces::Take(
    const std::string& network, federation::SteadyTime now, Close close) {
  if (!MakeRoom(network, now)) return std::nullopt;
  const Id id = ++last_id_;
  places_[id] = {.network = network, .close = std::move(close)};
  silent_.Add(id, network, now);
  return id;
}

bool ConnectionPlaces::MakeRoom(const std::string& network,
                                federation::SteadyTime now) {
  const size_t own = silent_.CountOf(network);
  const bool is_greedy = own > 0 && own >= limits_.silent_per_source;
  if (!is_greedy && places_.size() < limits_.in_all &&
      silent_.size() < limits_.silent_in_all) {
    return true;
  }
  const auto given_up = is_greedy ? silent_.OldestOf(network, now)
                                  : silent_.FirstToGiveWayTo(network, now);
  if (!given_up) return false;
  Close close = std::move(places_.at(*given_up).close);
  Leave(*given_up);
  close();
  return true;
}

void ConnectionPlaces::Settle(Id id) {
  if (silent_.Remove(id)) ++settled_[places_.at(id).network];
}

void ConnectionPlaces::Unsettle(Id id, federation::SteadyTime now) {
  if (silent_.Renew(id, now)) return;
  const auto found = places_.find(id);
  if (found == places_.end()) return;
  EndSettled(found->second.network);
  silent_.Add(id, found->second.network, now);
}

void ConnectionPlaces::Leave(Id id) {
  const auto node = places_.extract(id);
  if (node.empty()) return;
  if (!silent_.Remove(id)) EndSettled(node.mapped().network);
}

void ConnectionPlaces::EndSettled(const std::string& network) {
  const auto found = settled_.find(network);
  if (--found->second == 0) settled_.erase(found);
}

}  // namespace interlink::daemon
