#pragma once

#include <memory>
#include <optional>

#include "federation/directory/directory_parts.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// One session's place in this account's shared directory: all that is kept of
// what a peer has still to be sent, however slow it is.
//
// Threading: loop only. Lifetime: `parts` must outlive it.
class DirectoryFeed {
 public:
  explicit DirectoryFeed(DirectoryParts& parts) : parts_(parts) {}

  // The peer asks for the directory, or wants no more of it.
  void Subscribe(const v1::Subscribe& request) {
    place_.reset();
    if (request.stop()) return;
    const bool has_all =
        request.has_have() && FromProto(request.have()) == position();
    place_ = has_all ? parts_.End() : parts_.Beginning();
  }

  DirectoryPosition position() const { return parts_.position(); }
  bool HasPart() const { return place_ && parts_.HasPart(*place_); }
  // REQUIRES: HasPart().
  std::shared_ptr<const v1::SessionMessage> NextPart() {
    return parts_.Next(*place_);
  }

 private:
  DirectoryParts& parts_;
  std::optional<DirectoryParts::Place> place_;  // nullopt: not asked for.
};

}  // namespace interlink::federation
