#include "tests/bench/empty_streams.h"

#include <grpcpp/create_channel.h>

#include <atomic>

#include "daemon/tls/tls_credentials.h"
#include "interlink/federation/v1/federation.grpc.pb.h"
#include "tests/bench/figures.h"

namespace interlink::bench {

class EmptyStreams::Stream
    : public grpc::ClientBidiReactor<federation::v1::SessionRequest,
                                     federation::v1::SessionResponse> {
 public:
  Stream(const daemon::TlsIdentity& identity, federation::EventLoop& loop,
         const std::string& address, const federation::PeerPin& pin) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    auto channel = grpc::CreateCustomChannel(
        address,
        daemon::PeerChannelCredentials(
            *identity.current(),
            std::make_shared<daemon::PeerCheck>(pin, loop)),
        arguments);
    stub_ = federation::v1::FederationService::NewStub(channel);
    stub_->async()->Session(&context_, this);
    StartWrite(&out_);
    StartRead(&in_);
    StartCall();
  }

  void OnReadDone(bool ok) override { answered = ok; }
  void OnDone(const grpc::Status& /*status*/) override { is_over = true; }
  void Cancel() { context_.TryCancel(); }

  std::atomic<bool> answered{false};
  std::atomic<bool> is_over{false};

 private:
  std::unique_ptr<federation::v1::FederationService::Stub> stub_;
  grpc::ClientContext context_;
  federation::v1::SessionRequest out_;
  federation::v1::SessionResponse in_;
};

EmptyStreams::EmptyStreams(const daemon::TlsIdentity& identity,
                           federation::EventLoop& loop,
                           const std::string& address,
                           const federation::PeerPin& pin, int count) {
  for (int i = 0; i < count; ++i) {
    streams_.push_back(std::make_unique<Stream>(identity, loop, address, pin));
    Await("an empty stream", [&] { return streams_.back()->answered.load(); });
  }
}

EmptyStreams::~EmptyStreams() {
  for (auto& stream : streams_) stream->Cancel();
  for (auto& stream : streams_) {
    Await("the end of an empty stream", [&] { return stream->is_over.load(); });
  }
}

}  // namespace interlink::bench
