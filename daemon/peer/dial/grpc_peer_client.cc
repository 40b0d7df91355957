#include "daemon/peer/dial/grpc_peer_client.h"

#include <grpcpp/client_context.h>

#include <memory>
#include <string>
#include <utility>

#include "daemon/peer/dial/dialled_session.h"
#include "daemon/peer/dial/peer_errors.h"
#include "federation/base/address.h"

namespace interlink::daemon {

namespace v1 = federation::v1;
using federation::PeerAnswer;
using federation::PeerTarget;

template <class Request, class Response>
class GrpcPeerClient::Call : public PeerCall {
 public:
  Call(const char* name, std::shared_ptr<PeerCalls> shared,
       std::shared_ptr<PeerChannel> channel, const PeerTarget& target,
       const Request& request, federation::Duration timeout,
       Done<Response> done)
      : shared_(std::move(shared)),
        channel_(std::move(channel)),
        address_(target.address),
        request_(request),
        timeout_(timeout),
        start_(shared_->loop.Now()),
        counted_(shared_->Count(name)),
        done_(std::move(done)),
        // gRPC's own deadline goes by the time of day, which may be set back.
        deadline_(shared_->loop.After(timeout_, [this] {
          is_late_ = true;
          if (is_started_) {
            context_.TryCancel();
          } else {
            Finish(grpc::Status::CANCELLED);
          }
        })) {}

  template <class Method>
  void Start(Method method) {
    channel_->WhenMade(alive(), [this, method] {
      is_started_ = true;
      counted_.Sent();
      shared_->Begin();
      method(*channel_->stub->async(), &context_, &request_, &answer_.response,
             [this](const grpc::Status& status) { Answered(status); });
    });
  }

  void Abandon() override {
    done_ = nullptr;
    context_.TryCancel();
    channel_->check->Abandon();
  }

 private:
  // On a thread of gRPC. The posted task may destroy this before Post()
  // returns.
  void Answered(const grpc::Status& status) {
    const std::shared_ptr<PeerCalls> shared = shared_;
    answer_.round_trip = shared->loop.Now() - start_;
    shared->loop.Post([this, shared, status] {
      if (!shared->is_over) Finish(status);
    });
    shared->End();
  }

  void Finish(const grpc::Status& status) {
    const auto self = shared_->calls.extract(this);
    const grpc::Status outcome =
        is_late_ && status.error_code() == grpc::StatusCode::CANCELLED
            ? grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "")
            : status;
    if (outcome.ok()) counted_.Received();
    counted_.Ended(outcome);
    PeerVerdict verdict = VerdictOf(outcome, *channel_, address_, timeout_);
    answer_.status = std::move(verdict.status);
    answer_.from_peer = verdict.from_peer;
    if (!answer_.from_peer) shared_->channels.Failed(*channel_);
    done_(std::move(answer_));
  }

  const std::shared_ptr<PeerCalls> shared_;
  const std::shared_ptr<PeerChannel> channel_;
  const std::string address_;
  const Request request_;
  const federation::Duration timeout_;
  const federation::SteadyTime start_;
  const CountedCall counted_;
  Done<Response> done_;
  grpc::ClientContext context_;
  bool is_started_ = false;  // gRPC has it.
  bool is_late_ = false;
  const std::unique_ptr<federation::EventLoop::Timer> deadline_;
  PeerAnswer<Response> answer_;
};

GrpcPeerClient::GrpcPeerClient(AsioEventLoop& loop, const TlsIdentity& identity)
    : loop_(loop),
      channels_(loop, identity),
      shared_(std::make_shared<PeerCalls>(loop, channels_)) {}

GrpcPeerClient::~GrpcPeerClient() {
  shared_->is_over = true;
  for (const auto& [key, call] : shared_->calls) call->Abandon();
  shared_->AwaitEnd();
  shared_->calls.clear();
}

template <class Request, class Response, class Method>
void GrpcPeerClient::Begin(const char* name, const PeerTarget& target,
                           const Request& request, federation::Duration timeout,
                           Done<Response> done, Method method) {
  if (auto status = federation::CheckAddress(target.address); !status.ok()) {
    loop_.Post([shared = shared_, status, done = std::move(done)]() mutable {
      if (shared->is_over) return;
      PeerAnswer<Response> answer;
      answer.status = std::move(status);
      done(std::move(answer));
    });
    return;
  }
  auto owned = std::make_unique<Call<Request, Response>>(
      name, shared_, channels_.Find(target), target, request, timeout,
      std::move(done));
  auto& call = *owned;
  shared_->calls.emplace(&call, std::move(owned));
  call.Start(method);
}

void GrpcPeerClient::Redeem(const PeerTarget& target,
                            const v1::RedeemRequest& request,
                            federation::Duration timeout,
                            Done<v1::RedeemResponse> done) {
  Begin("Redeem", target, request, timeout, std::move(done),
        [](auto& stub, auto... arguments) { stub.Redeem(arguments...); });
}

void GrpcPeerClient::Lookup(const PeerTarget& target,
                            const v1::LookupRequest& request,
                            federation::Duration timeout,
                            Done<v1::LookupResponse> done) {
  Begin("Lookup", target, request, timeout, std::move(done),
        [](auto& stub, auto... arguments) { stub.Lookup(arguments...); });
}

void GrpcPeerClient::Terminate(const PeerTarget& target,
                               const v1::TerminateRequest& request,
                               federation::Duration timeout,
                               Done<v1::TerminateResponse> done) {
  Begin("Terminate", target, request, timeout, std::move(done),
        [](auto& stub, auto... arguments) { stub.Terminate(arguments...); });
}

std::unique_ptr<federation::PeerStream> GrpcPeerClient::Session(
    const PeerTarget& target) {
  auto session = std::make_unique<DialledSession>(shared_, target);
  auto& dialled = *session;
  shared_->calls.emplace(&dialled, std::move(session));
  return dialled.MakeStream();
}

}  // namespace interlink::daemon
