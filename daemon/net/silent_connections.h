#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "federation/base/event_loop.h"

namespace interlink::daemon {

// The connections of a listener over which nobody has proved anything yet, by
// the network that they come from, and which of them gives way to a new one.
//
// A connection has `time_to_speak`, in which it gives way only to a network
// that would still have fewer silent connections than its own. So clients that
// come and go cannot push out one that is about to speak. The network with the
// most gives way first, so that one cannot hold all places.
//
// Threading: one thread, or the caller's lock.
class SilentConnections {
 public:
  using Id = uint64_t;
  // A network with Keep() that has at most this many gives way to no network
  // without Keep().
  static constexpr size_t kMostKept = 64;

  explicit SilentConnections(federation::Duration time_to_speak)
      : time_to_speak_(time_to_speak) {}

  void Add(Id id, const std::string& network, federation::SteadyTime now);
  // False if it is none of them.
  bool Remove(Id id);
  // Makes it the youngest, as if it came now; false as above. Costs next to
  // nothing, because it gets its new place in the order only when the order is
  // asked for.
  bool Renew(Id id, federation::SteadyTime now);

  // The oldest one of `network`; nullopt if there is none, or if it still has
  // time to speak.
  std::optional<Id> OldestOf(const std::string& network,
                             federation::SteadyTime now);
  // The oldest one of the network with the most, among those without Keep(),
  // else, for a network with Keep(), among all; nullopt as above. A network
  // with Keep() does not wait for those without.
  std::optional<Id> FirstToGiveWayTo(const std::string& network,
                                     federation::SteadyTime now);

  // Each Keep() is undone by one Release().
  void Keep(const std::string& network);
  void Release(const std::string& network);
  bool IsKept(const std::string& network) const;

  size_t size() const { return all_.size(); }
  size_t CountOf(const std::string& network) const;

 private:
  // The order in which they give way.
  struct Turn {
    federation::SteadyTime since;
    uint64_t number = 0;
    auto operator<=>(const Turn&) const = default;
  };
  struct Connection {
    std::string network;
    Turn turn;     // By which it is listed.
    Turn renewed;  // Its true turn; not before the other.
  };
  struct Network {
    std::map<Turn, Id> connections;
    size_t kept = 0;
  };
  // How much a network holds. The greatest is the one to take from.
  struct Share {
    size_t count;
    Turn turn;
    Id oldest;
    bool operator<(const Share& other) const {
      return count != other.count ? count < other.count : other.turn < turn;
    }
  };
  static Share ShareOf(const Network& network);
  std::set<Share>& SharesLike(const Network& network) {
    return network.kept > 0 && network.connections.size() <= kMostKept
               ? kept_shares_
               : other_shares_;
  }
  // False, and lists it by its true turn, if that is not the listed one.
  bool IsInPlace(Id id);
  // Around each change of a network.
  void Unlist(const Network& network);
  void List(const Network& network);
  void ForgetIfEmpty(const std::string& network);
  bool MaySpeakYet(const Turn& turn, federation::SteadyTime now) const {
    return now < turn.since + time_to_speak_;
  }

  const federation::Duration time_to_speak_;
  std::map<Id, Connection> all_;
  std::map<std::string, Network> networks_;
  // Those that only networks with Keep() may take from, and the others.
  std::set<Share> kept_shares_;
  std::set<Share> other_shares_;
  uint64_t last_turn_ = 0;
};

}  // namespace interlink::daemon
