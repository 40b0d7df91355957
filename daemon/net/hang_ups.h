#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <set>

namespace interlink::daemon {

// Learns when sockets end that were handed to gRPC, which does not tell. Keeps
// a duplicate of each descriptor and watches it for the hang-up, whichever side
// closes.
//
// Threading: Break() from any thread while its socket is kept; the rest on the
// thread of `context`, or while it does not run.
class HangUps {
 public:
  using Duplicate = int;
  using Ended = std::function<void(Duplicate)>;

  // `ended` is called once for each socket, just before its duplicate is
  // closed.
  HangUps(boost::asio::io_context& context, Ended ended);
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

 private:
  void Watch();
  void ForgetEnded();

  const Ended ended_;
  // An epoll of our own, because Asio's would wake the loop for every byte
  // that arrives.
  boost::asio::posix::stream_descriptor ends_;
  std::set<Duplicate> kept_;
  // Handlers that Asio still has queued after the destruction find this gone.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace interlink::daemon
