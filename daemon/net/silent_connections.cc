#include "daemon/net/silent_connections.h"

#include <utility>

namespace interlink::daemon {

void SilentConnections::Add(Id id, const std::string& name,
                            federation::SteadyTime now) {
  const Turn turn{.since = now, .number = ++last_turn_};
  all_[id] = {.network = name, .turn = turn, .renewed = turn};
  Network& network = networks_[name];
  Unlist(network);
  network.connections[turn] = id;
  List(network);
}

bool SilentConnections::Remove(Id id) {
  const auto node = all_.extract(id);
  if (node.empty()) return false;
  const Connection& connection = node.mapped();
  Network& network = networks_.at(connection.network);
  Unlist(network);
  network.connections.erase(connection.turn);
  List(network);
  ForgetIfEmpty(connection.network);
  return true;
}

bool SilentConnections::Renew(Id id, federation::SteadyTime now) {
  const auto found = all_.find(id);
  if (found == all_.end()) return false;
  found->second.renewed = {.since = now, .number = ++last_turn_};
  return true;
}

bool SilentConnections::IsInPlace(Id id) {
  Connection& connection = all_.at(id);
  if (connection.turn == connection.renewed) return true;
  Network& network = networks_.at(connection.network);
  Unlist(network);
  auto node = network.connections.extract(connection.turn);
  node.key() = connection.turn = connection.renewed;
  network.connections.insert(std::move(node));
  List(network);
  return false;
}

std::optional<SilentConnections::Id> SilentConnections::OldestOf(
    const std::string& network, federation::SteadyTime now) {
  if (CountOf(network) == 0) return std::nullopt;
  const auto& connections = networks_.at(network).connections;
  while (!IsInPlace(connections.begin()->second)) {
  }
  const auto& [turn, id] = *connections.begin();
  return MaySpeakYet(turn, now) ? std::nullopt : std::optional(id);
}

std::optional<SilentConnections::Id> SilentConnections::FirstToGiveWayTo(
    const std::string& network, federation::SteadyTime now) {
  const bool is_kept = IsKept(network);
  const bool takes_from_kept = is_kept && other_shares_.empty();
  const auto& shares = takes_from_kept ? kept_shares_ : other_shares_;
  if (shares.empty()) return std::nullopt;
  // Who is listed too early only looks as if it should go first.
  while (!IsInPlace(shares.rbegin()->oldest)) {
  }
  const Share& greatest = *shares.rbegin();
  const bool does_not_wait =
      (is_kept && !takes_from_kept) || greatest.count > CountOf(network) + 1;
  if (MaySpeakYet(greatest.turn, now) && !does_not_wait) return std::nullopt;
  return greatest.oldest;
}

void SilentConnections::Keep(const std::string& name) {
  Network& network = networks_[name];
  Unlist(network);
  ++network.kept;
  List(network);
}

void SilentConnections::Release(const std::string& name) {
  Network& network = networks_.at(name);
  Unlist(network);
  --network.kept;
  List(network);
  ForgetIfEmpty(name);
}

bool SilentConnections::IsKept(const std::string& network) const {
  const auto found = networks_.find(network);
  return found != networks_.end() && found->second.kept > 0;
}

size_t SilentConnections::CountOf(const std::string& network) const {
  const auto found = networks_.find(network);
  return found == networks_.end() ? 0 : found->second.connections.size();
}

SilentConnections::Share SilentConnections::ShareOf(const Network& network) {
  const auto& [turn, oldest] = *network.connections.begin();
  return {.count = network.connections.size(), .turn = turn, .oldest = oldest};
}

void SilentConnections::Unlist(const Network& network) {
  if (!network.connections.empty()) SharesLike(network).erase(ShareOf(network));
}

void SilentConnections::List(const Network& network) {
  if (!network.connections.empty()) {
    SharesLike(network).insert(ShareOf(network));
  }
}

void SilentConnections::ForgetIfEmpty(const std::string& name) {
  const auto found = networks_.find(name);
  if (found->second.connections.empty() && found->second.kept == 0) {
    networks_.erase(found);
  }
}

}  // namespace interlink::daemon
