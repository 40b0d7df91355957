#include "daemon/rpc/grpc_status.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/cord.h"
#include "federation/base/reason.h"
#include "google/rpc/error.pb.h"

namespace interlink::daemon {
namespace {

constexpr size_t kMaxMessageBytes = 1024;
constexpr size_t kMaxDetailsBytes = 4096;
constexpr int kMaxDetails = 8;
constexpr int kLastCode = 16;  // UNAUTHENTICATED.

void AddDetail(std::string_view url, const absl::Cord& value,
               google::rpc::Status& rpc) {
  google::protobuf::Any& detail = *rpc.add_details();
  detail.set_type_url(std::string(url));
  detail.set_value(std::string(value));
}

// It goes into logs, rows and terminals.
std::string PlainText(std::string_view message) {
  std::string text(message.substr(0, kMaxMessageBytes));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status rpc;
  rpc.set_code(static_cast<int>(status.code()));
  rpc.set_message(std::string(status.message()));
  const std::string first(federation::kErrorInfoUrl);
  if (const auto info = status.GetPayload(first)) AddDetail(first, *info, rpc);
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& value) {
    if (url != first) AddDetail({url.data(), url.size()}, value, rpc);
  });
  return {static_cast<grpc::StatusCode>(rpc.code()), rpc.message(),
          rpc.details().empty() ? "" : rpc.SerializeAsString()};
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const int code = status.error_code();
  absl::Status result(code > 0 && code <= kLastCode
                          ? static_cast<absl::StatusCode>(code)
                          : absl::StatusCode::kUnknown,
                      PlainText(status.error_message()));
  google::rpc::Status rpc;
  if (status.error_details().size() > kMaxDetailsBytes ||
      !rpc.ParseFromString(status.error_details()) ||
      rpc.details_size() > kMaxDetails) {
    return result;
  }
  for (const google::protobuf::Any& detail : rpc.details()) {
    result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return result;
}

}  // namespace interlink::daemon
