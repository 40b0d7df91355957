#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/http/http_server.h"
#include "daemon/http/pbx_access.h"
#include "daemon/http/pbx_pages.h"
#include "daemon/system/loop_thread.h"
#include "federation/account.h"
#include "federation/base/event_loop.h"
#include "federation/base/host.h"

namespace interlink::daemon {

// The HTTP door of the PBX, --pbx-http-listen: PbxPages on a server with a
// thread of its own, so that no call waits for the account's loop when memory
// has the answer.
//
// Threading: one thread; counts() and turned_away() from any. Lifetime: what is
// passed to Open() must outlive it.
class PbxHttpDoor {
 public:
  // Errors: CannotListen().
  static absl::StatusOr<std::unique_ptr<PbxHttpDoor>> Open(
      federation::EventLoop& account_loop, federation::Account& account,
      PbxAccess access, const std::vector<federation::Host>& host_names,
      const std::string& address);
  ~PbxHttpDoor();

  // Holds for requests that come after this, over open connections too.
  void Reload(PbxAccess access, std::vector<federation::Host> host_names);

  // "host:port" as bound.
  const std::string& address() const { return server_->address(); }
  // The same with the host's address as bound.
  const std::string& numeric_address() const {
    return server_->numeric_address();
  }
  const PbxCounts& counts() const { return pages_.counts(); }
  uint64_t turned_away() const { return server_->turned_away(); }

 private:
  PbxHttpDoor(federation::EventLoop& account_loop, federation::Account& account,
              PbxAccess access);

  LoopThread thread_;
  PbxPages pages_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace interlink::daemon
