#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/net/address_range.h"
#include "daemon/net/once_per_source.h"
#include "daemon/system/asio_event_loop.h"

namespace interlink::daemon {

// Accepted connections of trusted proxies, until they have said for whom they
// connect (proxy_header.h). A proxy that sends no header speaks for itself.
//
// At most kMost wait at once, each for `patience`; the oldest goes first.
// Threading: loop only. Lifetime: `loop` must outlive it.
class ProxiedSockets {
 public:
  static constexpr size_t kMost = 1024;

  using Endpoint = boost::asio::ip::tcp::endpoint;
  // Gets a connection whose proxy has said for whom it connects.
  using Ready = std::function<void(boost::asio::ip::tcp::socket socket,
                                   const Endpoint& from)>;

  ProxiedSockets(AsioEventLoop& loop, std::vector<AddressRange> trusted,
                 std::chrono::milliseconds patience, Ready ready);
  ~ProxiedSockets();
  ProxiedSockets(const ProxiedSockets&) = delete;
  ProxiedSockets& operator=(const ProxiedSockets&) = delete;

  // Whether `from` is a trusted proxy, so that Read() is due.
  bool Trusts(const Endpoint& from) const;

  // Calls Ready, or closes the connection.
  void Read(boost::asio::ip::tcp::socket socket, const Endpoint& proxy);

  // Closes the connections that wait.
  void Clear();

 private:
  class Waiting;

  void Done(uint64_t number);
  void Refuse(const Endpoint& proxy, const std::string& why);

  AsioEventLoop& loop_;
  const std::vector<AddressRange> trusted_;
  const std::chrono::milliseconds patience_;
  const Ready ready_;
  OncePerSource refusals_logged_;
  uint64_t last_ = 0;
  std::map<uint64_t, std::shared_ptr<Waiting>> waiting_;  // The oldest first.
};

}  // namespace interlink::daemon
