#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"

namespace interlink::daemon {

// The places that a listener has for connections, and who gives his up when
// they are all taken: the connection that has been silent for longest
// (design.md section 3).
//
// A connection is silent until Settle() is called for it: when its other end
// has proved who it is, or has sent a whole request. Only silent ones give way,
// and only they count towards the limit of their source. So connections that
// say nothing cannot shut out those that do, wherever they come from.
//
// A listener uses it like this:
//
//   auto place = places_.Take(NetworkOf(remote.address()),
//                             [weak] { if (auto self = weak.lock())
//                             self->Close(); });
//   if (!place) return;            // Close the new connection; count it.
//   places_.Settle(*place);        // It has proved who it is.
//   places_.Unsettle(*place);      // Its request was answered; it idles again.
//   places_.Leave(*place);         // In the connection's destructor.
//
// Threading: one thread, or the caller's lock.
class ConnectionPlaces {
 public:
  struct Limits {
    size_t in_all;
    size_t silent_per_source;
  };
  using Id = uint64_t;
  // Closes the connection that holds a place, later or at once, without calling
  // anything here but Leave().
  using Close = absl::AnyInvocable<void()>;

  explicit ConnectionPlaces(const Limits& limits) : limits_(limits) {}
  ConnectionPlaces(const ConnectionPlaces&) = delete;
  ConnectionPlaces& operator=(const ConnectionPlaces&) = delete;

  // A place for a silent connection from `network` (see NetworkOf()). If there
  // is none left, the oldest silent connection is closed for it: of the same
  // network if that has too many, else of a network without Keep(), else, for a
  // network with Keep(), of any. nullopt if none of them can go.
  std::optional<Id> Take(const std::string& network, Close close);

  // Makes a silent connection one that stays, and the reverse: from then on it
  // counts as the youngest of the silent ones. Does nothing if the connection
  // has lost its place or is already what it is to become.
  void Settle(Id id);
  void Unsettle(Id id);

  // The connection has ended; nothing happens if it has lost its place before.
  void Leave(Id id);

  // Keeps places for `network`: its silent connections give way to nobody from
  // a network that is not kept. Each Keep() is undone by one Release().
  void Keep(const std::string& network);
  void Release(const std::string& network);
  bool IsKept(const std::string& network) const;

  // Whether a connection from `network` holds a place and is settled.
  bool HasSettled(const std::string& network) const;

  size_t taken() const { return places_.size(); }

 private:
  struct Place {
    std::string network;
    Close close;
    uint64_t silent_since = 0;  // Its turn among the silent; 0: it is settled.
  };
  struct Network {
    std::map<uint64_t, Id> silent;  // By their turn, the oldest first.
    size_t settled = 0;
    size_t kept = 0;
  };

  std::map<uint64_t, Id>& SilentOf(const Network& network) {
    return network.kept > 0 ? silent_kept_ : silent_others_;
  }
  void BeSilent(Id id, Place& place);
  void EndSilence(Place& place);
  void Evict(Id id);
  void ForgetIfIdle(const std::string& network);

  const Limits limits_;
  std::map<Id, Place> places_;
  std::map<std::string, Network> networks_;
  // All silent connections by their turn, of networks with Keep() and without.
  std::map<uint64_t, Id> silent_kept_;
  std::map<uint64_t, Id> silent_others_;
  Id last_id_ = 0;
  uint64_t last_turn_ = 0;
};

}  // namespace interlink::daemon
