#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "daemon/net/silent_connections.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// The places that a listener has for connections, and which connection gives
// its place up when they are all taken: the oldest silent one of the source
// that has the most of them (design.md section 3).
//
// A connection is silent until Settle() is called for it: when its other end
// has proved who it is, or has sent a whole request. Only silent ones give way,
// and only they have limits of their own. So connections that say nothing
// cannot shut out those that do, wherever they come from.
//
// Nor can they push out one that is about to speak: a new connection has
// `time_to_speak`, and while no other can give way, newcomers are refused.
//
// A listener uses it like this:
//
//   auto place = places_.Take(NetworkOf(remote.address()), now,
//                             [weak] { if (auto self = weak.lock())
//                             self->Close(); });
//   if (!place) return;            // Close the new connection; count it.
//   places_.Settle(*place);        // It has proved who it is.
//   places_.Unsettle(*place, now); // Its request was answered; it idles again.
//   places_.Leave(*place);         // In the connection's destructor.
//
// Threading: one thread, or the caller's lock.
class ConnectionPlaces {
 public:
  struct Limits {
    size_t in_all;
    size_t silent_in_all;
    size_t silent_per_source;
    // How long an honest client takes until it is settled.
    federation::Duration time_to_speak;
  };
  using Id = SilentConnections::Id;
  // Closes the connection that holds a place, later or at once, without calling
  // anything here but Leave().
  using Close = absl::AnyInvocable<void()>;

  explicit ConnectionPlaces(const Limits& limits)
      : limits_(limits), silent_(limits.time_to_speak) {}
  ConnectionPlaces(const ConnectionPlaces&) = delete;
  ConnectionPlaces& operator=(const ConnectionPlaces&) = delete;

  // A place for a silent connection from `network` (see NetworkOf()). If none
  // is left, a silent connection is closed for it: one of the same network if
  // that has too many, else the first to give way. nullopt if none can go.
  std::optional<Id> Take(const std::string& network, federation::SteadyTime now,
                         Close close);

  // Makes a silent connection one that stays, and the reverse: it is silent
  // from now on, as if it came now, whether it was settled or not. Does nothing
  // if the connection has lost its place.
  void Settle(Id id);
  void Unsettle(Id id, federation::SteadyTime now);

  // The connection has ended; nothing happens if it has lost its place before.
  void Leave(Id id);

  // Keeps places for `network`: its silent connections give way to nobody from
  // a network that is not kept. Each Keep() is undone by one Release().
  void Keep(const std::string& network) { silent_.Keep(network); }
  void Release(const std::string& network) { silent_.Release(network); }
  bool IsKept(const std::string& network) const {
    return silent_.IsKept(network);
  }

  // Whether a connection from `network` holds a place and is settled.
  bool HasSettled(const std::string& network) const {
    return settled_.contains(network);
  }

  size_t taken() const { return places_.size(); }

 private:
  struct Place {
    std::string network;
    Close close;
  };
  bool MakeRoom(const std::string& network, federation::SteadyTime now);
  void EndSettled(const std::string& network);

  const Limits limits_;
  std::map<Id, Place> places_;
  SilentConnections silent_;
  std::map<std::string, size_t> settled_;  // How many, by network.
  Id last_id_ = 0;
};

}  // namespace interlink::daemon
