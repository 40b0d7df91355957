#pragma once

#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "federation/context.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// What accounts tell each other of themselves over their sessions: names,
// addresses, contacts, pauses (design.md sections 8 and 9).
//
// Threading: loop only.
class Introductions {
 public:
  // `paused` is told of what the peer's administrator has done.
  Introductions(const Context& context,
                std::function<void(store::InterlinkId, bool is_paused)> paused)
      : context_(context), paused_(std::move(paused)) {}

  // What this account says of itself over that link.
  v1::Introduction Own(store::InterlinkId id) const;

  // Stores what the peer says of itself, as far as it keeps the rules, and
  // raises an event if calls would now go to another host than at linking.
  // Addresses that it no longer names are forgotten, but for the one over which
  // it last proved to be itself. Errors: STORE_UNAVAILABLE.
  absl::Status Store(store::InterlinkId id, const v1::Introduction& said);

  // The peer has proved to be itself at that address.
  void StoreGoodAddress(store::InterlinkId id, const std::string& address);

 private:
  Context context_;
  const std::function<void(store::InterlinkId, bool)> paused_;
};

}  // namespace interlink::federation
