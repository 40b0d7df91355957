#include "daemon/grpc_peer_client.h"

#include <grpcpp/client_context.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/grpc_status.h"
#include "federation/names.h"
#include "federation/reason.h"
#include "google/rpc/error.pb.h"

namespace interlink::daemon {
namespace {

namespace v1 = federation::v1;
using federation::PeerAnswer;
using federation::PeerTarget;
using federation::Reason;

struct Symptom {
  std::string_view message;  // Part of what gRPC says.
  std::string_view words;    // Followed by the address.
};

constexpr Symptom kSymptoms[] = {
    {"Connection refused", "connection refused, so no daemon listens, at "},
    {"DNS resolution failed", "the host name is not known: "},
    {"Domain name not found", "the host name is not known: "},
    {"No route to host", "there is no route to "},
    {"Network is unreachable", "there is no route to "},
    {"WRONG_VERSION_NUMBER", "what listens is no Interlink daemon, at "},
    {"wrong version number", "what listens is no Interlink daemon, at "},
    {"Cannot check peer", "what listens shows no certificate, at "},
    {"Connection timed out", "nobody answers at "},
    {"Timeout occurred", "nobody answers at "},
    {"larger than max", "the answer is too large from "},
    {"Socket closed", "the other side closed the connection, at "},
    {"Connection reset", "the other side closed the connection, at "},
    {"andshake", "the TLS handshake failed with what listens at "},
};

// In words that an administrator understands.
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
      return federation::Refusal(Reason::kPeerUnreachable,
                                 std::string(symptom.words) + address);
    }
  }
  return federation::Refusal(Reason::kPeerUnreachable,
                             "the call to " + address + " failed: " + message);
}

// gRPC's own errors carry no details; a peer of a later version may have
// reasons that are not known here.
bool IsFromDaemon(const absl::Status& status) {
  const auto payload =
      status.GetPayload(std::string(federation::kErrorInfoUrl));
  google::rpc::ErrorInfo info;
  return payload && info.ParseFromString(std::string(*payload)) &&
         info.domain() == federation::kErrorDomain;
}

}  // namespace

class GrpcPeerClient::CallBase {
 public:
  virtual ~CallBase() = default;
  // The client is being destroyed.
  virtual void Abandon() = 0;
};

// Calls are destroyed on the loop or with the client, but never by gRPC's
// callback: the last owner of a channel there would make gRPC's thread wait for
// its own end.
struct GrpcPeerClient::Shared {
  explicit Shared(federation::EventLoop& the_loop) : loop(the_loop) {}

  federation::EventLoop& loop;
  // Loop only.
  GrpcPeerClient* client = nullptr;  // Until it is destroyed.
  std::map<CallBase*, std::unique_ptr<CallBase>> calls;

  absl::Mutex mutex;
  int at_grpc ABSL_GUARDED_BY(mutex) = 0;  // Calls that gRPC still answers.
};

template <class Request, class Response>
class GrpcPeerClient::Call : public CallBase {
 public:
  Call(std::shared_ptr<Shared> shared, std::shared_ptr<PeerChannel> channel,
       const PeerTarget& target, const Request& request,
       federation::Duration timeout, Done<Response> done)
      : shared_(std::move(shared)),
        channel_(std::move(channel)),
        address_(target.address),
        request_(request),
        timeout_(timeout),
        start_(shared_->loop.Now()),
        done_(std::move(done)) {
    context_.set_deadline(
        shared_->loop.WallNow() +
        std::chrono::duration_cast<federation::WallTime::duration>(timeout_));
  }

  template <class Method>
  void Start(Method method) {
    {
      absl::MutexLock lock(&shared_->mutex);
      ++shared_->at_grpc;
    }
    method(*channel_->stub->async(), &context_, &request_, &answer_.response,
           [this](const grpc::Status& status) { Answered(status); });
  }

  void Abandon() override {
    done_ = nullptr;
    context_.TryCancel();
    channel_->check->Abandon();
  }

 private:
  // On a thread of gRPC. The posted task may run, and this be gone, before
  // Post() returns; the loop is there until `at_grpc` is counted down.
  void Answered(const grpc::Status& status) {
    const std::shared_ptr<Shared> shared = shared_;
    answer_.round_trip = shared->loop.Now() - start_;
    shared->loop.Post([this, shared, status] {
      if (shared->client != nullptr) Finish(status);
    });
    absl::MutexLock lock(&shared->mutex);
    --shared->at_grpc;
  }

  void Finish(const grpc::Status& status) {
    const auto self = shared_->calls.extract(this);
    answer_.status = FromGrpc(status);
    answer_.from_peer = status.ok() || IsFromDaemon(answer_.status);
    if (!answer_.from_peer) {
      const absl::Status verdict = channel_->check->verdict();
      answer_.status =
          verdict.ok() ? Unreachable(status, address_, timeout_) : verdict;
      shared_->client->channels_.Failed(*channel_);
    }
    done_(std::move(answer_));
  }

  const std::shared_ptr<Shared> shared_;
  const std::shared_ptr<PeerChannel> channel_;
  const std::string address_;
  const Request request_;
  const federation::Duration timeout_;
  const federation::SteadyTime start_;
  Done<Response> done_;
  grpc::ClientContext context_;
  PeerAnswer<Response> answer_;
};

GrpcPeerClient::GrpcPeerClient(federation::EventLoop& loop,
                               const TlsIdentity& identity)
    : loop_(loop),
      channels_(loop, identity),
      shared_(std::make_shared<Shared>(loop)) {
  shared_->client = this;
}

GrpcPeerClient::~GrpcPeerClient() {
  shared_->client = nullptr;
  for (const auto& [key, call] : shared_->calls) call->Abandon();
  // gRPC answers cancelled calls at once, and without the loop.
  const auto none = [shared = shared_.get()] {
    shared->mutex.AssertReaderHeld();
    return shared->at_grpc == 0;
  };
  {
    absl::MutexLock lock(&shared_->mutex);
    shared_->mutex.Await(absl::Condition(&none));
  }
  shared_->calls.clear();
}

template <class Request, class Response, class Method>
void GrpcPeerClient::Begin(const PeerTarget& target, const Request& request,
                           federation::Duration timeout, Done<Response> done,
                           Method method) {
  if (auto status = federation::CheckAddress(target.address); !status.ok()) {
    loop_.Post([shared = shared_, status, done = std::move(done)]() mutable {
      if (shared->client == nullptr) return;
      PeerAnswer<Response> answer;
      answer.status = std::move(status);
      done(std::move(answer));
    });
    return;
  }
  auto owned = std::make_unique<Call<Request, Response>>(
      shared_, channels_.Find(target), target, request, timeout,
      std::move(done));
  auto& call = *owned;
  shared_->calls.emplace(&call, std::move(owned));
  call.Start(method);
}

void GrpcPeerClient::Redeem(const PeerTarget& target,
                            const v1::RedeemRequest& request,
                            federation::Duration timeout,
                            Done<v1::RedeemResponse> done) {
  Begin(target, request, timeout, std::move(done),
        [](auto& stub, auto... arguments) { stub.Redeem(arguments...); });
}

void GrpcPeerClient::Lookup(const PeerTarget& target,
                            const v1::LookupRequest& request,
                            federation::Duration timeout,
                            Done<v1::LookupResponse> done) {
  Begin(target, request, timeout, std::move(done),
        [](auto& stub, auto... arguments) { stub.Lookup(arguments...); });
}

void GrpcPeerClient::Terminate(const PeerTarget& target,
                               const v1::TerminateRequest& request,
                               federation::Duration timeout,
                               Done<v1::TerminateResponse> done) {
  Begin(target, request, timeout, std::move(done),
        [](auto& stub, auto... arguments) { stub.Terminate(arguments...); });
}

}  // namespace interlink::daemon
