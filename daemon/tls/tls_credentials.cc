#include "daemon/tls/tls_credentials.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace interlink::daemon {
namespace {

using grpc::experimental::ExternalCertificateVerifier;
using grpc::experimental::IdentityKeyCertPair;
using grpc::experimental::StaticDataCertificateProvider;
using grpc::experimental::TlsCustomVerificationCheckRequest;

class PinVerifier : public ExternalCertificateVerifier {
 public:
  explicit PinVerifier(std::shared_ptr<PeerCheck> check)
      : check_(std::move(check)) {}

  bool Verify(TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)> /*callback*/,
              grpc::Status* sync_status) override {
    const grpc::string_ref leaf = request->peer_cert();
    const grpc::string_ref chain = request->peer_cert_full_chain();
    const absl::Status status =
        check_->Check({.leaf_pem = {leaf.data(), leaf.size()},
                       .chain_pem = {chain.data(), chain.size()}});
    if (!status.ok()) {
      *sync_status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED,
                                  std::string(status.message()));
    }
    return true;
  }
  void Cancel(TlsCustomVerificationCheckRequest*) override {}

 private:
  const std::shared_ptr<PeerCheck> check_;
};

// gRPC's own verifier, its default, wants host names.
class AnyoneVerifier : public ExternalCertificateVerifier {
 public:
  bool Verify(TlsCustomVerificationCheckRequest*,
              std::function<void(grpc::Status)> /*callback*/,
              grpc::Status* sync_status) override {
    *sync_status = grpc::Status::OK;
    return true;
  }
  void Cancel(TlsCustomVerificationCheckRequest*) override {}
};

std::vector<IdentityKeyCertPair> KeyAndChain(const TlsIdentity::Shown& shown) {
  return {{.private_key = shown.leaf.private_key_pem,
           .certificate_chain = shown.leaf.chain_pem}};
}

}  // namespace

PeerCheck::PeerCheck(federation::PeerPin pin, const federation::EventLoop& loop)
    : pin_(std::move(pin)), loop_(&loop) {}

absl::Status PeerCheck::Check(const federation::PresentedChain& presented) {
  federation::WallTime now;
  {
    absl::MutexLock lock(&mutex_);
    if (loop_ == nullptr) return absl::CancelledError("no longer wanted");
    now = loop_->WallNow();
  }
  absl::Status status =
      federation::VerifyPeer(pin_, presented, federation::TlsSide::kServer, now)
          .status();
  absl::MutexLock lock(&mutex_);
  verdict_ = status;
  return status;
}

absl::Status PeerCheck::verdict() const {
  absl::MutexLock lock(&mutex_);
  return verdict_;
}

void PeerCheck::Abandon() {
  absl::MutexLock lock(&mutex_);
  loop_ = nullptr;
}

std::shared_ptr<grpc::ServerCredentials> PeerServerCredentials(
    const TlsIdentity::Shown& shown) {
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<StaticDataCertificateProvider>(KeyAndChain(shown)));
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
  options.set_certificate_verifier(
      ExternalCertificateVerifier::Create<AnyoneVerifier>());
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> PeerChannelCredentials(
    const TlsIdentity::Shown& shown, std::shared_ptr<PeerCheck> check) {
  // Without a root, gRPC reads all of the system's for every channel. Nothing
  // is checked against it: PinVerifier decides.
  auto provider = std::make_shared<StaticDataCertificateProvider>(
      shown.leaf.root_pem, KeyAndChain(shown));
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::move(provider));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(
      ExternalCertificateVerifier::Create<PinVerifier>(std::move(check)));
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace interlink::daemon
