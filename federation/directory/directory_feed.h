#pragma once

#include <memory>
#include <optional>

#include "federation/directory/directory.h"
#include "federation/directory/directory_parts.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// What one session still has to send of this account's shared directory: no
// more than a place in it, however slow the peer is.
//
// Threading: loop only. Lifetime: the arguments must outlive it.
class DirectoryFeed {
 public:
  DirectoryFeed(DirectoryParts& parts, const Directory& directory)
      : parts_(parts), directory_(directory) {}

  // The peer asks for the directory, or wants no more of it.
  void Subscribe(const v1::Subscribe& request) {
    place_.reset();
    if (request.stop()) return;
    const bool has_all = request.has_have() &&
                         FromProto(request.have()) == directory_.position();
    place_ = has_all ? parts_.End() : parts_.Beginning();
  }

  bool HasPart() const { return place_ && parts_.HasPart(*place_); }
  // REQUIRES: HasPart().
  std::shared_ptr<const v1::SessionMessage> NextPart() {
    return parts_.Next(*place_);
  }

 private:
  DirectoryParts& parts_;
  const Directory& directory_;
  std::optional<DirectoryParts::Place> place_;  // nullopt: nobody asks for it.
};

}  // namespace interlink::federation
