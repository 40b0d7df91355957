#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "daemon/cli/connect/connect_server.h"
#include "daemon/cli/page/page_loop.h"
#include "daemon/cli/page/sessions.h"
#include "grpcpp/support/status.h"

namespace interlink::cli {

// The page over HTTP/1.1 on loopback: its files, POST /session, and the API by
// the Connect protocol. Who may ask is up to CheckRequest().
//
// A request without a session has a small body. Of too many connections, the
// oldest that has shown no session ends, so that other users of this machine
// keep nobody out; if each has shown one, the new connection does.
//
// Threading: the thread of the loop. Lifetime: loop, sessions and API must
// outlive it.
class PageServer {
 public:
  struct Options {
    std::string listen = "127.0.0.1:0";  // As ReadListenAddress() reads it.
    size_t connections = 128;
    size_t body_bytes = 4 << 20;  // Of a request with a session.
    std::chrono::milliseconds request_time{10'000};  // For all of a request.
    std::chrono::milliseconds idle_time{75'000};     // Between two requests.
    std::chrono::milliseconds answer_time{60'000};   // To take a part.
    // Called when a token has been tried, rightly or not.
    std::function<void()> token_tried = [] {};
  };
  static constexpr size_t kHeaderBytes = 32 << 10;

  // Errors: INVALID_ARGUMENT (LISTEN_INVALID) for a place that is not HOST:PORT
  // on loopback, or that cannot be listened at.
  static grpc::Status Start(PageLoop& loop, Sessions& sessions,
                            ConnectServer& api, Options options,
                            std::unique_ptr<PageServer>* server);
  // Closes all connections, which cancels their calls.
  ~PageServer();

  // "127.0.0.1:43211".
  const std::string& address() const;

 private:
  class Listener;

  explicit PageServer(std::shared_ptr<Listener> listener);

  std::shared_ptr<Listener> listener_;
};

}  // namespace interlink::cli
