#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>

#include "daemon/rpc/grpc_status.h"
#include "federation/base/reason.h"
#include "interlink/v1/interlink.grpc.pb.h"
#include "tests/daemon/running_daemon.h"

namespace interlink::daemon {

// The outcome of a call of any kind. `answered`: at least one message came.
struct Outcome {
  bool answered = false;
  std::string answer;   // The first message, serialized.
  grpc::Status status;  // For a stream that answered: of its cancellation.
};

// Calls "package.Service/Method" with one request, serialized: by default the
// empty one.
Outcome Call(const std::shared_ptr<grpc::Channel>& channel,
             const std::string& method, const std::string& request = "");

inline std::optional<federation::Reason> ReasonOf(const grpc::Status& status) {
  return federation::ReasonOf(FromGrpc(status));
}

// The administrator's four services, each call bounded by kPatience.
class ApiClient {
 public:
  explicit ApiClient(const std::shared_ptr<grpc::Channel>& channel)
      : interlinks(v1::InterlinkService::NewStub(channel)),
        numbers(v1::NumberService::NewStub(channel)),
        daemon(v1::DaemonService::NewStub(channel)) {}

  // The row and its key; the call has to succeed.
  v1::GenerateKeyResponse GenerateKey(const std::string& name);
  grpc::Status Rename(const std::string& id, const std::string& name);
  grpc::Status Delete(const std::string& id);
  grpc::Status CreateNumber(const std::string& number);
  grpc::Status GetAccount(v1::GetAccountResponse* response = nullptr,
                          bool wait_for_ready = false);

  std::unique_ptr<v1::InterlinkService::Stub> interlinks;
  std::unique_ptr<v1::NumberService::Stub> numbers;
  std::unique_ptr<v1::DaemonService::Stub> daemon;
};

}  // namespace interlink::daemon
