#pragma once

#include <grpc/grpc_security.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "federation/base/reason.h"
#include "federation/identity/identity.h"
#include "interlink/federation/v1/federation.grpc.pb.h"

// Both ends of a federation connection as somebody else might program them:
// plain gRPC, with any certificate, and without checking the other side.
namespace interlink::testing {

inline const std::string kService =
    "interlink.federation.v1.FederationService/";
std::optional<federation::Reason> ReasonOf(const grpc::Status& status);

// The TLS sessions that a client remembers.
class SessionCache {
 public:
  SessionCache() : cache_(grpc_ssl_session_cache_create_lru(16)) {}
  ~SessionCache() { grpc_ssl_session_cache_destroy(cache_); }
  SessionCache(const SessionCache&) = delete;
  SessionCache& operator=(const SessionCache&) = delete;

  grpc_ssl_session_cache* get() const { return cache_; }

 private:
  grpc_ssl_session_cache* const cache_;
};

// Calls any method.
class RawClient {
 public:
  // Shows `leaf`; nullopt: no certificate.
  RawClient(const std::string& address, std::optional<federation::Leaf> leaf);
  static RawClient Plaintext(const std::string& address);
  // Checks the server as a stock client does that was given its root.
  static RawClient Resuming(const std::string& address,
                            const federation::Leaf& leaf,
                            const federation::Identity& server,
                            const SessionCache& sessions);

  // `method` is a full name such as "interlink.federation.v1.Service/Method".
  // Waits for the answer for at most kPatience.
  grpc::Status Call(const std::string& method, const std::string& request,
                    std::string* response = nullptr);
  grpc::Status Call(const std::string& method,
                    const google::protobuf::Message& request) {
    return Call(method, request.SerializeAsString());
  }

  // Sends `request` over a new stream of both ways, with a Write() only, and
  // waits for the other side to end it, for at most kPatience; `responses` gets
  // what was said until then.
  grpc::Status Stream(const std::string& method, const std::string& request,
                      std::vector<std::string>& responses);

  // Of the latest call: whether its TLS session was resumed, and what the
  // server presented.
  bool is_resumed() const { return is_resumed_; }
  const std::string& server_leaf_pem() const { return server_leaf_pem_; }

  // Whether there is a connection within kPatience.
  bool Connect();
  // Whether the connection that is there ends within kPatience.
  bool IsDisconnected();

 private:
  explicit RawClient(std::shared_ptr<grpc::Channel> channel)
      : channel_(std::move(channel)) {}

  std::shared_ptr<grpc::Channel> channel_;
  bool is_resumed_ = false;
  std::string server_leaf_pem_;
};

// Answers every Lookup with `response`, to whoever asks.
class RawServer : private federation::v1::FederationService::Service {
 public:
  explicit RawServer(const federation::Leaf& leaf);
  ~RawServer() override;

  const std::string& address() const { return address_; }
  int calls() const { return calls_; }

  federation::v1::LookupResponse response;  // Before the first call.

 private:
  grpc::Status Lookup(grpc::ServerContext* context,
                      const federation::v1::LookupRequest* request,
                      federation::v1::LookupResponse* answer) override;

  std::string address_;
  std::atomic<int> calls_{0};
  std::unique_ptr<grpc::Server> server_;
};

// Sends `answer` on every stream that somebody begins, and waits for its end.
class RawStreamServer {
 public:
  RawStreamServer(const std::string& address, const federation::Leaf& leaf,
                  const std::string& answer);
  ~RawStreamServer();

 private:
  class Service;

  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace interlink::testing
