#pragma once

#include <memory>
#include <string>

#include "daemon/cli/console.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/status.h"

namespace interlink::cli {

// Where the daemon's API is: a unix socket, or TCP with mutual TLS.
struct Endpoint {
  std::string socket;       // --api-socket; empty for the usual place.
  std::string address;      // --api; then the files below are needed.
  std::string certificate;  // PEM files.
  std::string key;
  std::string ca;
  std::string server_name;  // Of the certificate, if it is not the host.
};

// The socket as the daemon itself finds it: `given`, INTERLINK_API_SOCKET,
// RUNTIME_DIRECTORY, /run/interlink for root, XDG_RUNTIME_DIR. Empty if none
// of these says. The ready file's form "unix:PATH" is understood.
std::string SocketPath(const std::string& given, const Console& console,
                       bool is_root);

// A channel that connects at its first call. INVALID_ARGUMENT if there is no
// socket path, the path is too long, or a file cannot be read.
grpc::Status OpenChannel(const Endpoint& endpoint,
                         std::shared_ptr<grpc::Channel>* channel);

// Why there is no way to the daemon, and what to do: from the state of the
// socket, with `cause` as gRPC told it.
grpc::Status UnreachableFailure(const Endpoint& endpoint,
                                const std::string& cause);

}  // namespace interlink::cli
