#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/http/http_message.h"
#include "daemon/system/asio_event_loop.h"
#include "federation/base/host.h"

namespace interlink::daemon {

// Plain HTTP/1.1 for programs that ask: GET and HEAD, without a body. What is
// no such request, or may come from a web page (BrowserRule), is refused here;
// the rest is up to the pages.
//
// Allows 8 KiB of header and 5 seconds for each request, and 15 seconds to take
// an answer. One connection more than there are places for closes one that is
// without a request (ConnectionPlaces), so that idle ones keep nobody out.
// Guests and strangers have places of their own (HttpPages::Caller).
// Threading: loop only, or while the loop does not run, except as it says
// below.
class HttpServer {
 public:
  struct Options {
    std::string address;  // "host:port", the port 0 for the system to choose.
    std::string setting;  // Where the address is set, such as "--http-listen".
    std::vector<federation::Host> host_names;  // As SetHostNames() says.
    size_t connections = 256;
    size_t silent_per_source = 128;
  };

  // Errors: CannotListen().
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(AsioEventLoop& loop,
                                                           HttpPages& pages,
                                                           Options options);
  ~HttpServer();

  // The names under which requests may name this daemon, besides localhost and
  // addresses.
  void SetHostNames(std::vector<federation::Host> names);

  // "host:port" as bound. From any thread.
  const std::string& address() const;
  // The same with the host's address as bound. From any thread.
  const std::string& numeric_address() const;
  // How many connections were closed because there were too many. From any
  // thread.
  uint64_t turned_away() const;

 private:
  class Server;

  explicit HttpServer(std::shared_ptr<Server> server);

  // Shared with what Asio has queued.
  std::shared_ptr<Server> server_;
};

}  // namespace interlink::daemon
