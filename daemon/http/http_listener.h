#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/system/asio_event_loop.h"

namespace interlink::daemon {

// Plain HTTP for Prometheus and the kubelet: GET and HEAD of /metrics, /healthz
// and /readyz.
//
// Allows 256 connections, and 8 KiB of header and 5 seconds for each request.
// One connection more closes the one that has been without a request for
// longest, so that idle ones keep nobody out.
// Threading: loop only, or while the loop does not run.
class HttpListener {
 public:
  struct Pages {
    std::function<std::string()> metrics;
    std::function<bool()> is_ready;
  };

  // `address` is "host:port", the port 0 for the system to choose.
  // Errors: INVALID_ARGUMENT or UNAVAILABLE, naming the address and why.
  static absl::StatusOr<std::unique_ptr<HttpListener>> Start(
      AsioEventLoop& loop, const std::string& address, Pages pages);
  ~HttpListener();

  // "host:port" as bound.
  const std::string& address() const;
  // How many connections were closed because there were too many.
  uint64_t turned_away() const;

 private:
  class Server;

  explicit HttpListener(std::shared_ptr<Server> server);

  // Shared with what Asio has queued.
  std::shared_ptr<Server> server_;
};

}  // namespace interlink::daemon
