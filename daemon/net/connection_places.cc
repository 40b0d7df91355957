#include "daemon/net/connection_places.h"

#include <utility>

namespace interlink::daemon {

std::optional<ConnectionPlaces::Id> ConnectionPlaces::Take(
    const std::string& network, Close close) {
  if (const auto found = networks_.find(network);
      found != networks_.end() && !found->second.silent.empty() &&
      found->second.silent.size() >= limits_.silent_per_source) {
    Evict(found->second.silent.begin()->second);
  } else if (places_.size() >= limits_.in_all) {
    if (!silent_others_.empty()) {
      Evict(silent_others_.begin()->second);
    } else if (IsKept(network) && !silent_kept_.empty()) {
      Evict(silent_kept_.begin()->second);
    } else {
      return std::nullopt;
    }
  }
  const Id id = ++last_id_;
  Place& place = places_[id];
  place = {.network = network, .close = std::move(close)};
  BeSilent(id, place);
  return id;
}

void ConnectionPlaces::Settle(Id id) {
  const auto found = places_.find(id);
  if (found == places_.end() || found->second.silent_since == 0) return;
  EndSilence(found->second);
  ++networks_[found->second.network].settled;
}

void ConnectionPlaces::Unsettle(Id id) {
  const auto found = places_.find(id);
  if (found == places_.end() || found->second.silent_since != 0) return;
  --networks_[found->second.network].settled;
  BeSilent(id, found->second);
}

void ConnectionPlaces::Leave(Id id) {
  const auto node = places_.extract(id);
  if (node.empty()) return;
  Place& place = node.mapped();
  if (place.silent_since != 0) {
    EndSilence(place);
  } else {
    --networks_[place.network].settled;
  }
  ForgetIfIdle(place.network);
}

void ConnectionPlaces::Evict(Id id) {
  Close close = std::move(places_.at(id).close);
  Leave(id);
  close();
}

void ConnectionPlaces::BeSilent(Id id, Place& place) {
  place.silent_since = ++last_turn_;
  Network& network = networks_[place.network];
  network.silent[place.silent_since] = id;
  SilentOf(network)[place.silent_since] = id;
}

void ConnectionPlaces::EndSilence(Place& place) {
  Network& network = networks_.at(place.network);
  network.silent.erase(place.silent_since);
  SilentOf(network).erase(place.silent_since);
  place.silent_since = 0;
}

void ConnectionPlaces::Keep(const std::string& name) {
  Network& network = networks_[name];
  if (network.kept++ > 0) return;
  for (const auto& [turn, id] : network.silent) {
    silent_kept_.insert(silent_others_.extract(turn));
  }
}

void ConnectionPlaces::Release(const std::string& name) {
  Network& network = networks_.at(name);
  if (--network.kept > 0) return;
  for (const auto& [turn, id] : network.silent) {
    silent_others_.insert(silent_kept_.extract(turn));
  }
  ForgetIfIdle(name);
}

bool ConnectionPlaces::IsKept(const std::string& network) const {
  const auto found = networks_.find(network);
  return found != networks_.end() && found->second.kept > 0;
}

bool ConnectionPlaces::HasSettled(const std::string& network) const {
  const auto found = networks_.find(network);
  return found != networks_.end() && found->second.settled > 0;
}

void ConnectionPlaces::ForgetIfIdle(const std::string& network) {
  const auto found = networks_.find(network);
  if (found->second.silent.empty() && found->second.settled == 0 &&
      found->second.kept == 0) {
    networks_.erase(found);
  }
}

}  // namespace interlink::daemon
