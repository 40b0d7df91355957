#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "federation/base/api.h"
#include "federation/mirrors/linked_peer.h"
#include "store/ids.h"

namespace interlink::federation {

// Why links that have a number, or may have it, give no route to it: their
// peers did not answer, or this account refuses the route that they offer. A
// value.
class RouteGaps {
 public:
  RouteGaps() = default;
  explicit RouteGaps(std::vector<store::InterlinkId> unanswered)
      : unanswered_(std::move(unanswered)) {}

  // Each link counts once.
  void AddUnanswered(store::InterlinkId id);
  // `why`: what is wrong with the peer's contact, and what to do.
  void AddRefused(const LinkedPeer& peer, const absl::Status& why);
  // Drops the links that are gone meanwhile.
  void Forget(const std::function<bool(store::InterlinkId id)>& is_gone);

  const std::vector<store::InterlinkId>& unanswered() const {
    return unanswered_;
  }
  bool has_refused() const { return !refused_.empty(); }
  // Such as `"John Smith" has it, but its contact leads to ...`.
  std::string RefusedInWords() const;

  // Names the links in an answer, and in the metadata of an error.
  void AddTo(api::Resolution& resolution) const;
  absl::Status AddTo(absl::Status refusal) const;

 private:
  struct Refused {
    store::InterlinkId id;
    std::string words;
  };

  std::vector<store::InterlinkId> unanswered_;
  std::vector<Refused> refused_;
};

}  // namespace interlink::federation
