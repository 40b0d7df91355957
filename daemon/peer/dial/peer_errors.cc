#include "daemon/peer/dial/peer_errors.h"

#include <chrono>
#include <string_view>

#include "daemon/rpc/grpc_status.h"
#include "federation/base/reason.h"
#include "google/rpc/error.pb.h"

namespace interlink::daemon {
namespace {

using federation::Reason;

struct Symptom {
  std::string_view message;  // Part of what gRPC says.
  std::string_view words;    // Followed by the address.
  std::string_view end = "";
};

constexpr Symptom kSymptoms[] = {
    {"Connection refused", "connection refused at ",
     ": no daemon listens there"},
    {"Domain name not found", "the host name is not known: "},
    {"DNS resolution failed", "the host name cannot be looked up at present: "},
    {"No route to host", "there is no route to "},
    {"Network is unreachable", "there is no route to "},
    {"WRONG_VERSION_NUMBER", "what listens is no Interlink daemon, at "},
    {"wrong version number", "what listens is no Interlink daemon, at "},
    {"Cannot check peer", "what listens shows no certificate, at "},
    {"Connection timed out", "nobody answers at "},
    {"Timeout occurred", "nobody answers at "},
    {"keepalive", "nobody answers any more at "},
    {"larger than max", "the answer is too large from "},
    {"Socket closed", "the other side closed the connection, at "},
    {"Connection reset", "the other side closed the connection, at "},
    {"andshake", "the TLS handshake failed with what listens at "},
};

// Why nobody answered, in words for the administrator.
absl::Status Unreachable(const grpc::Status& status, const std::string& address,
                         federation::Duration timeout) {
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count();
    return federation::Refusal(
        Reason::kPeerUnreachable,
        "no answer from " + address + " within " +
            (ms % 1000 == 0 ? std::to_string(ms / 1000) + " s"
                            : std::to_string(ms) + " ms"));
  }
  if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
    return federation::Refusal(
        Reason::kPeerUnreachable,
        "the daemon does not know this call and may be too old, at " + address);
  }
  const absl::Status plain = FromGrpc(status);
  const std::string message(plain.message());
  for (const Symptom& symptom : kSymptoms) {
    if (message.find(symptom.message) != message.npos) {
      return federation::Refusal(
          Reason::kPeerUnreachable,
          std::string(symptom.words) + address + std::string(symptom.end));
    }
  }
  return federation::Refusal(Reason::kPeerUnreachable,
                             "the call to " + address + " failed: " + message);
}

// Whether a daemon of ours has sent it: gRPC's own errors carry no details. A
// later version's reasons need not be known here.
bool IsFromDaemon(const absl::Status& status) {
  const auto payload =
      status.GetPayload(std::string(federation::kErrorInfoUrl));
  google::rpc::ErrorInfo info;
  return payload && info.ParseFromString(std::string(*payload)) &&
         info.domain() == federation::kErrorDomain;
}

}  // namespace

PeerVerdict VerdictOf(const grpc::Status& status, const PeerChannel& channel,
                      const std::string& address,
                      federation::Duration timeout) {
  PeerVerdict verdict{.status = FromGrpc(status)};
  verdict.from_peer = status.ok() || IsFromDaemon(verdict.status);
  if (!verdict.from_peer) {
    const absl::Status identity = channel.check->verdict();
    verdict.status =
        identity.ok() ? Unreachable(status, address, timeout) : identity;
  }
  return verdict;
}

}  // namespace interlink::daemon
