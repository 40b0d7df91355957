#include "daemon/rpc/rpc_counts.h"

#include <algorithm>
#include <cstdlib>

namespace interlink::daemon {
namespace {

const char* TypeOf(const google::protobuf::MethodDescriptor& method) {
  if (method.client_streaming()) {
    return method.server_streaming() ? "bidi_stream" : "client_stream";
  }
  return method.server_streaming() ? "server_stream" : "unary";
}

}  // namespace

RpcCounts::RpcCounts(
    std::initializer_list<const google::protobuf::FileDescriptor*> files) {
  for (const auto* file : files) {
    for (int s = 0; s < file->service_count(); ++s) {
      const auto& service = *file->service(s);
      for (int m = 0; m < service.method_count(); ++m) {
        const auto& method = *service.method(m);
        // The descriptors live as long as the program, and their names, too.
        methods_[{service.full_name(), method.name()}].type = TypeOf(method);
      }
    }
  }
}

RpcCounts::Method& RpcCounts::Of(std::string_view service,
                                 std::string_view method) {
  const auto found = methods_.find({service, method});
  if (found == methods_.end()) std::abort();  // Misspelt in this program.
  return found->second;
}

void CountedCall::Ended(const grpc::Status& status) const {
  const auto code = static_cast<size_t>(status.error_code());
  ++counts_->handled[std::min(code, RpcCounts::kCodes - 1)];
  counts_->times.Add(clock_->Now() - start_);
}

}  // namespace interlink::daemon
