#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/cli/show/console.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/status.h"

namespace interlink::cli {

// Where the daemon's API is: a unix socket, or TCP with mutual TLS.
struct Endpoint {
  std::string socket;       // --api-socket; empty for the usual places.
  std::string address;      // --api; then the files below are needed.
  std::string certificate;  // PEM files.
  std::string key;
  std::string ca;
  std::string server_name;  // Of the certificate, if it is not the host.

  std::vector<std::string> tried;  // Places where the socket was looked for.
};

// Fills in `socket` and `tried`: the given path, else INTERLINK_API_SOCKET,
// else the first of UsualSockets() at which a daemon listens.
void FindSocket(const Console& console, unsigned user_id, Endpoint* endpoint);

// A channel that connects at its first call. INVALID_ARGUMENT if the path of
// the socket is too long, the address has no port, or something is wrong with
// a file.
grpc::Status OpenChannel(const Endpoint& endpoint,
                         std::shared_ptr<grpc::Channel>* channel);

// Says why no daemon answers at any of the places tried, and what to do.
// `cause` is gRPC's reason.
grpc::Status UnreachableFailure(const Endpoint& endpoint,
                                const std::string& cause);

// `status` of a call, or UnreachableFailure() if the call reached no daemon.
grpc::Status Explained(const Endpoint& endpoint, const grpc::Status& status);

}  // namespace interlink::cli
