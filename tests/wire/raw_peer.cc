#include "tests/wire/raw_peer.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <utility>
#include <vector>

#include "daemon/rpc/grpc_status.h"
#include "tests/wire/wire_account.h"

namespace interlink::testing {
namespace {

using grpc::experimental::IdentityKeyCertPair;

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(
    const std::optional<federation::Leaf>& leaf) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  if (leaf) {
    options.set_certificate_provider(
        std::make_shared<grpc::experimental::StaticDataCertificateProvider>(
            std::vector<IdentityKeyCertPair>{
                {leaf->private_key_pem, leaf->chain_pem}}));
    options.watch_identity_key_cert_pairs();
  }
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(
      std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
  return grpc::experimental::TlsCredentials(options);
}

std::shared_ptr<grpc::Channel> NewChannel(
    const std::string& address,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, credentials, arguments);
}

std::shared_ptr<grpc::ServerCredentials> ServerCredentialsOf(
    const federation::Leaf& leaf) {
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
  options.pem_key_cert_pairs.push_back({leaf.private_key_pem, leaf.chain_pem});
  return grpc::SslServerCredentials(options);
}

std::chrono::system_clock::time_point Deadline() {
  return std::chrono::system_clock::now() + kPatience;
}

}  // namespace

std::optional<federation::Reason> ReasonOf(const grpc::Status& status) {
  return federation::ReasonOf(daemon::FromGrpc(status));
}

RawClient::RawClient(const std::string& address,
                     std::optional<federation::Leaf> leaf)
    : channel_(NewChannel(address, CredentialsOf(leaf))) {}

RawClient RawClient::Plaintext(const std::string& address) {
  return RawClient(NewChannel(address, grpc::InsecureChannelCredentials()));
}

RawClient RawClient::Resuming(const std::string& address,
                              const federation::Leaf& leaf,
                              const federation::Identity& server,
                              const SessionCache& sessions) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetSslTargetNameOverride(server.account_id().ToHex() +
                                     ".interlink.internal");
  const grpc_arg cache =
      grpc_ssl_session_cache_create_channel_arg(sessions.get());
  arguments.SetPointerWithVtable(cache.key, cache.value.pointer.p,
                                 cache.value.pointer.vtable);
  return RawClient(grpc::CreateCustomChannel(
      address,
      grpc::SslCredentials({.pem_root_certs = server.root().ToPem(),
                            .pem_private_key = leaf.private_key_pem,
                            .pem_cert_chain = leaf.chain_pem}),
      arguments));
}

grpc::Status RawClient::Call(const std::string& method,
                             const std::string& request,
                             std::string* response) {
  grpc::GenericStub stub(channel_);
  grpc::ClientContext context;
  context.set_deadline(Deadline());
  const grpc::Slice slice(request);
  const grpc::ByteBuffer sent(&slice, 1);
  grpc::ByteBuffer received;
  std::promise<grpc::Status> result;
  stub.UnaryCall(&context, "/" + method, {}, &sent, &received,
                 [&](grpc::Status status) { result.set_value(status); });
  grpc::Status status = result.get_future().get();
  if (const auto authentication = context.auth_context()) {
    const auto reused =
        authentication->FindPropertyValues(GRPC_SSL_SESSION_REUSED_PROPERTY);
    is_resumed_ = !reused.empty() && reused[0] == "true";
    const auto leaf =
        authentication->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
    if (!leaf.empty()) server_leaf_pem_.assign(leaf[0].begin(), leaf[0].end());
  }
  grpc::Slice answer;
  if (response != nullptr && status.ok() &&
      received.DumpToSingleSlice(&answer).ok()) {
    response->assign(answer.begin(), answer.end());
  }
  return status;
}

grpc::Status RawClient::Stream(const std::string& method,
                               const std::string& request,
                               std::vector<std::string>& responses) {
  grpc::GenericStub stub(channel_);
  grpc::ClientContext context;
  context.set_deadline(Deadline());
  grpc::CompletionQueue queue;
  const auto await = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const auto call = stub.PrepareCall(&context, "/" + method, &queue);
  call->StartCall(nullptr);
  await();
  const grpc::Slice slice(request);
  call->Write(grpc::ByteBuffer(&slice, 1), nullptr);
  await();
  grpc::ByteBuffer received;
  for (call->Read(&received, nullptr); await();
       call->Read(&received, nullptr)) {
    grpc::Slice response;
    if (!received.DumpToSingleSlice(&response).ok()) break;
    responses.emplace_back(response.begin(), response.end());
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  await();
  return status;
}

bool RawClient::Connect() { return channel_->WaitForConnected(Deadline()); }

bool RawClient::IsDisconnected() {
  return channel_->WaitForStateChange(GRPC_CHANNEL_READY, Deadline());
}

RawServer::RawServer(const federation::Leaf& leaf) {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", ServerCredentialsOf(leaf), &port);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  address_ = "127.0.0.1:" + std::to_string(port);
}

RawServer::~RawServer() { server_->Shutdown(); }

grpc::Status RawServer::Lookup(grpc::ServerContext*,
                               const federation::v1::LookupRequest*,
                               federation::v1::LookupResponse* answer) {
  ++calls_;
  *answer = response;
  return grpc::Status::OK;
}

class RawStreamServer::Service final : public grpc::CallbackGenericService {
 public:
  explicit Service(const std::string& answer) : answer_(answer) {}

 private:
  class Stream final : public grpc::ServerGenericBidiReactor {
   public:
    explicit Stream(const std::string& answer) {
      const grpc::Slice slice(answer);
      out_ = grpc::ByteBuffer(&slice, 1);
      StartWrite(&out_);
      StartRead(&in_);
    }

   private:
    void OnReadDone(bool ok) override {
      if (ok) {
        StartRead(&in_);
      } else {
        Finish(grpc::Status::OK);
      }
    }
    void OnDone() override { delete this; }

    grpc::ByteBuffer in_;
    grpc::ByteBuffer out_;
  };

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext*) override {
    return new Stream(answer_);
  }

  const std::string answer_;
};

RawStreamServer::RawStreamServer(const std::string& address,
                                 const federation::Leaf& leaf,
                                 const std::string& answer)
    : service_(std::make_unique<Service>(answer)) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, ServerCredentialsOf(leaf));
  builder.RegisterCallbackGenericService(service_.get());
  server_ = builder.BuildAndStart();
}

RawStreamServer::~RawStreamServer() {
  server_->Shutdown(std::chrono::system_clock::now());
}

}  // namespace interlink::testing
