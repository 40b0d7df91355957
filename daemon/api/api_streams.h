#pragma once

#include <cstddef>
#include <set>

#include "absl/status/status.h"

namespace interlink::daemon {

// The open watches, so that the daemon can end them when it stops: an open
// stream would hold gRPC's shutdown.
//
// Threading: loop only.
class ApiStreams {
 public:
  class Stream {
   public:
    virtual void End(absl::Status status) = 0;

   protected:
    ~Stream() = default;
  };

  // False if there are too many, or the daemon is stopping.
  bool Add(Stream* stream) {
    if (is_stopping_ || open_.size() >= kMaxStreams) return false;
    return open_.insert(stream).second;
  }
  void Remove(Stream* stream) { open_.erase(stream); }
  void EndAll() {
    is_stopping_ = true;
    const std::set<Stream*> open = open_;
    for (Stream* stream : open) {
      stream->End(absl::UnavailableError(
          "UNAVAILABLE: the daemon is stopping; watch again"));
    }
  }

 private:
  static constexpr size_t kMaxStreams = 1000;

  std::set<Stream*> open_;
  bool is_stopping_ = false;
};

}  // namespace interlink::daemon
