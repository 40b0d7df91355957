#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/net/once_per_source.h"
#include "daemon/net/unread_sockets.h"
#include "daemon/system/asio_event_loop.h"

namespace interlink::daemon {

// Learns when sockets end that were handed to gRPC, which does not tell, and
// ends those whose clients read nothing (UnreadSockets), which gRPC cannot.
// Keeps a duplicate of each descriptor and watches it for the hang-up,
// whichever side closes.
//
// Threading: Break() from any thread while its socket is kept, BreakAll() from
// any; the rest on the loop, or while it does not run. Lifetime: the loop must
// outlive it.
class HangUps {
 public:
  using Duplicate = int;
  using Ended = std::function<void(Duplicate)>;

  // `ended` is called once for each socket, just before its duplicate is
  // closed. `listener` is the setting of the listener, such as "--api-listen".
  HangUps(AsioEventLoop& loop, std::string listener, Ended ended,
          federation::Duration patience = UnreadSockets::kPatience);
  ~HangUps();
  HangUps(const HangUps&) = delete;
  HangUps& operator=(const HangUps&) = delete;

  // nullopt if the system has no descriptor left.
  std::optional<Duplicate> Keep(boost::asio::ip::tcp::socket& socket) {
    return Keep(socket.native_handle());
  }
  std::optional<Duplicate> Keep(int socket);
  // Ends the connection; gRPC then closes its side.
  static void Break(Duplicate duplicate);
  // Ends all that are kept.
  void BreakAll() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Watch();
  void ForgetEnded() ABSL_LOCKS_EXCLUDED(mutex_);
  void BreakUnread(Duplicate duplicate);

  const AsioEventLoop& loop_;
  const std::string listener_;
  const Ended ended_;
  // An epoll of our own, because Asio's would wake the loop for every byte
  // that arrives.
  boost::asio::posix::stream_descriptor ends_;
  UnreadSockets unread_;
  OncePerSource log_;
  absl::Mutex mutex_;
  std::set<Duplicate> kept_ ABSL_GUARDED_BY(mutex_);
  // Handlers that Asio still has queued after the destruction find this gone.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace interlink::daemon
