#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "daemon/net/connection_places.h"

namespace interlink::daemon {

// The places for connections that one unix socket has, by the user who
// connects. A silent connection, over which nothing has come yet, gives way as
// ConnectionPlaces says. One that has spoken stays; but its user may not have
// too many, and when all places are taken by such ones, the user with the most
// loses the latest to a user with fewer. So no user shuts out another.
//
// Threading: one thread.
class SocketPlaces {
 public:
  static constexpr size_t kInAll = 1024;
  static constexpr size_t kSilentPerUser = 256;
  static constexpr size_t kSpokenPerUser = 512;
  // A client that has connected speaks at once, unless its machine is busy.
  static constexpr std::chrono::seconds kTimeToSpeak{1};

  using Id = uint64_t;
  // Closes a connection that has lost its place; it must not call back.
  using Close = std::function<void(Id)>;

  explicit SocketPlaces(Close close)
      : close_(std::move(close)),
        places_({.in_all = kInAll,
                 .silent_in_all = kInAll,
                 .silent_per_source = kSilentPerUser,
                 .time_to_speak = kTimeToSpeak}) {}

  // A place for a silent connection, which another may lose; nullopt if there
  // is none.
  std::optional<Id> Take(const std::string& user, federation::SteadyTime now);
  // It has spoken. False if its user has too many such ones; then it has lost
  // its place.
  bool Settle(Id id);
  // It has ended; nothing happens if it has lost its place before.
  void Leave(Id id);

  size_t taken() const { return taken_.size(); }

 private:
  struct Place {
    std::string user;
    ConnectionPlaces::Id place;
  };
  std::optional<ConnectionPlaces::Id> Try(Id id, const std::string& user,
                                          federation::SteadyTime now);
  // Whether a user who has more than `user` has lost a connection, so that
  // there is a place for `user`.
  bool TakeFromGreediest(const std::string& user);
  void Forget(Id id);

  const Close close_;
  ConnectionPlaces places_;
  std::map<Id, Place> taken_;
  std::map<std::string, std::set<Id>> spoken_;  // By user; none is empty.
  std::map<std::string, size_t> counts_;        // Of all by user; none is 0.
  Id last_id_ = 0;
};

}  // namespace interlink::daemon
