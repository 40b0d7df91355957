#include "store/etcd/client.h"

#include <grpcpp/grpcpp.h>

#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "etcd/rpc.grpc.pb.h"
#include "store/etcd/options.h"

namespace interlink::store {
namespace {

namespace pb = etcdserverpb;

// A page of values (contents.cc), or what a member sends of a watch at once.
constexpr int kMaxAnswerBytes = 32 * 1024 * 1024;

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(
    const EtcdOptions& options) {
  if (!options.tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = options.tls->authority;
  tls.pem_cert_chain = options.tls->certificate;
  tls.pem_private_key = options.tls->private_key;
  return grpc::SslCredentials(tls);
}

// Longer than the time between two tries to connect.
constexpr std::chrono::milliseconds kConnectTime{500};

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  arguments.SetMaxSendMessageSize(-1);  // Commits have a limit of their own.
  // A transaction that was sent twice would be two.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // A frozen member is noticed within 13 seconds; etcd refuses pings that come
  // more often than every 5.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 3'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2'000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 300);
  return arguments;
}

// Waits until `channel` is connected, or could not be, for a little while. gRPC
// goes on with a connection only while somebody waits for it.
void AwaitConnection(grpc::Channel& channel) {
  const auto end = std::chrono::system_clock::now() + kConnectTime;
  grpc_connectivity_state state = channel.GetState(true);
  while (state != GRPC_CHANNEL_READY &&
         channel.WaitForStateChange(state, end)) {
    const grpc_connectivity_state former = state;
    state = channel.GetState(true);
    if (former == GRPC_CHANNEL_CONNECTING &&
        state == GRPC_CHANNEL_TRANSIENT_FAILURE) {
      return;
    }
  }
}

absl::Status FromGrpc(const grpc::Status& status) {
  return {static_cast<absl::StatusCode>(status.error_code()),
          status.error_message()};
}

}  // namespace

struct EtcdClient::State {
  struct Member {
    std::string endpoint;
    std::shared_ptr<grpc::Channel> channel;
  };

  // Makes `context` the call under way, or returns CANCELLED.
  absl::Status Begin(grpc::ClientContext* context) {
    const absl::MutexLock lock(&mutex);
    if (is_cancelled) return absl::CancelledError("the client has ended");
    under_way = context;
    return absl::OkStatus();
  }
  void End() {
    const absl::MutexLock lock(&mutex);
    under_way = nullptr;
  }
  std::shared_ptr<grpc::Channel> channel() const {
    const absl::MutexLock lock(&mutex);
    return members[current].channel;
  }
  // Makes one call of a service's stub.
  template <class Stub, class Request, class Response>
  absl::Status Call(grpc::Status (Stub::*call)(grpc::ClientContext*,
                                               const Request&, Response*),
                    const Request& request, Response* response) {
    const std::shared_ptr<grpc::Channel> member = channel();
    AwaitConnection(*member);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout);
    if (auto s = Begin(&context); !s.ok()) return s;
    Stub stub(member);
    const grpc::Status status = (stub.*call)(&context, request, response);
    End();
    return FromGrpc(status);
  }

  std::vector<Member> members;  // Constant after construction.
  std::chrono::milliseconds timeout{};

  mutable absl::Mutex mutex;
  size_t current ABSL_GUARDED_BY(mutex) = 0;  // Changed by the caller only.
  grpc::ClientContext* under_way ABSL_GUARDED_BY(mutex) = nullptr;
  bool is_cancelled ABSL_GUARDED_BY(mutex) = false;
};

EtcdClient::EtcdClient(const EtcdOptions& options)
    : state_(std::make_unique<State>()) {
  state_->timeout = options.request_timeout;
  const auto credentials = CredentialsOf(options);
  for (const std::string& endpoint : options.endpoints) {
    state_->members.push_back(
        {endpoint,
         grpc::CreateCustomChannel(endpoint, credentials, Arguments())});
  }
}

EtcdClient::~EtcdClient() = default;

absl::Status EtcdClient::Range(const pb::RangeRequest& request,
                               pb::RangeResponse* response) {
  return state_->Call(&pb::KV::Stub::Range, request, response);
}

absl::Status EtcdClient::Txn(const pb::TxnRequest& request,
                             pb::TxnResponse* response) {
  return state_->Call(&pb::KV::Stub::Txn, request, response);
}

class EtcdClient::WatchStream : public Stream {
 public:
  WatchStream(State& state, const pb::WatchRequest& request) : state_(state) {
    // Ends the watch when the member can no longer hear of changes.
    context_.AddMetadata("hasleader", "true");
    begun_ = state_.Begin(&context_);
    if (!begun_.ok()) return;
    stream_ = pb::Watch::NewStub(state_.channel())->Watch(&context_);
    stream_->Write(request);  // A failure shows at the first Read().
  }
  ~WatchStream() override {
    if (stream_ == nullptr) return;
    context_.TryCancel();
    Finish().IgnoreError();
  }

  absl::Status Read(pb::WatchResponse* response) override {
    if (stream_ == nullptr) return begun_;
    if (!stream_->Read(response)) return Finish();
    if (!response->canceled()) return absl::OkStatus();
    if (response->compact_revision() > 0) {
      return absl::OutOfRangeError(
          "the watch began before revision " +
          std::to_string(response->compact_revision()) +
          ", which is the first that is left");
    }
    const std::string& reason = response->cancel_reason();
    // The code is lost in the text of 3.4.
    return reason.find("permission denied") != reason.npos
               ? absl::PermissionDeniedError(reason)
               : absl::UnavailableError(reason);
  }

 private:
  absl::Status Finish() {
    const absl::Status status = FromGrpc(stream_->Finish());
    stream_.reset();
    state_.End();
    begun_ =
        status.ok() ? absl::UnavailableError("the watch has ended") : status;
    return begun_;
  }

  State& state_;
  grpc::ClientContext context_;
  absl::Status begun_;
  std::unique_ptr<grpc::ClientReaderWriter<pb::WatchRequest, pb::WatchResponse>>
      stream_;
};

std::unique_ptr<EtcdClient::Stream> EtcdClient::Watch(
    const pb::WatchRequest& request) {
  return std::make_unique<WatchStream>(*state_, request);
}

const std::string& EtcdClient::endpoint() const {
  const absl::MutexLock lock(&state_->mutex);
  return state_->members[state_->current].endpoint;
}

size_t EtcdClient::endpoints() const { return state_->members.size(); }

void EtcdClient::Move() {
  const absl::MutexLock lock(&state_->mutex);
  state_->current = (state_->current + 1) % state_->members.size();
}

bool EtcdClient::Pause(std::chrono::milliseconds time) {
  const absl::MutexLock lock(&state_->mutex);
  return !state_->mutex.AwaitWithTimeout(absl::Condition(&state_->is_cancelled),
                                         absl::FromChrono(time));
}

void EtcdClient::Cancel() {
  const absl::MutexLock lock(&state_->mutex);
  state_->is_cancelled = true;
  if (state_->under_way != nullptr) state_->under_way->TryCancel();
}

bool EtcdClient::is_cancelled() const {
  const absl::MutexLock lock(&state_->mutex);
  return state_->is_cancelled;
}

void EtcdClient::Leave(const std::string& endpoint) {
  const absl::MutexLock lock(&state_->mutex);
  if (state_->under_way == nullptr ||
      state_->members[state_->current].endpoint != endpoint) {
    return;
  }
  state_->under_way->TryCancel();
}

}  // namespace interlink::store
