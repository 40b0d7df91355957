#include "tests/wire/session_ends.h"

#include <grpcpp/server_builder.h>
#include <grpcpp/support/server_interceptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "daemon/peer/accept/accepted_session.h"
#include "daemon/tls/tls_credentials.h"

namespace interlink::testing {
namespace {

class WriteCounter
    : public grpc::experimental::Interceptor,
      public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit WriteCounter(std::atomic<int>& writes) : writes_(writes) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(
            grpc::experimental::InterceptionHookPoints::PRE_SEND_MESSAGE)) {
      ++writes_;
    }
    batch->Proceed();
  }
  Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo*) override {
    return new WriteCounter(writes_);
  }

 private:
  std::atomic<int>& writes_;
};

}  // namespace

v1::SessionMessage Numbered(uint64_t number) {
  v1::SessionMessage message;
  message.mutable_ping()->set_sequence(number);
  return message;
}

bool AreNumbered(const std::vector<v1::SessionMessage>& messages, int count) {
  if (messages.size() != static_cast<size_t>(count)) return false;
  uint64_t next = 1;
  return std::all_of(
      messages.begin(), messages.end(),
      [&](const auto& message) { return message.ping().sequence() == next++; });
}

template <class Action>
void SessionEnd::Call(Action action) {
  if (stream_ == nullptr) return;
  is_calling_ = true;
  action();
  is_calling_ = false;
}

void SessionEnd::Open() {
  Call([this] { stream_->Open(*this); });
}

void SessionEnd::Send(const v1::SessionMessage& message) {
  Call([&] { stream_->Send(message); });
}

void SessionEnd::Admit() {
  Call([this] { stream_->Admit(store::InterlinkId()); });
}

void SessionEnd::SendAll(int count) {
  on_sent = [this, count] {
    if (sent < count) Send(Numbered(static_cast<uint64_t>(sent) + 1));
  };
  Send(Numbered(1));
}

void SessionEnd::Close(const absl::Status& why) {
  Call([&] { stream_->Close(why); });
}

void SessionEnd::Check() const {
  EXPECT_FALSE(is_calling_) << "called from within a call";
  EXPECT_EQ(std::this_thread::get_id(), loop_) << "not on the loop";
  EXPECT_NE(stream_, nullptr) << "called after the stream's destruction";
  EXPECT_EQ(closed, 0) << "called after OnClosed()";
}

void SessionEnd::OnMessage(v1::SessionMessage message) {
  Check();
  received.push_back(std::move(message));
  on_message();
}

void SessionEnd::OnSent() {
  Check();
  ++sent;
  on_sent();
}

void SessionEnd::OnClosed(absl::Status why, bool said_by_peer) {
  Check();
  ++closed;
  status = std::move(why);
  from_peer = said_by_peer;
  on_closed();
}

SessionServer::SessionServer(WireAccount& account, federation::EventLoop& loop)
    : loop_(loop) {
  ServeBytes<v1::SessionRequest>(&SessionServer::Accept);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(
      "127.0.0.1:0", daemon::PeerServerCredentials(*account.tls().current()),
      &port);
  builder.RegisterService(this);
  std::vector<
      std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
      interceptors;
  interceptors.push_back(std::make_unique<WriteCounter>(writes));
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  server_ = builder.BuildAndStart();
  target_ = {"127.0.0.1:" + std::to_string(port), account.pin()};
}

void SessionServer::Shutdown() {
  server_->Shutdown(std::chrono::system_clock::now());
}

grpc::ServerBidiReactor<grpc::ByteBuffer, v1::SessionResponse>*
SessionServer::Accept(grpc::CallbackServerContext* context) {
  static daemon::RpcCounts counts({v1::SessionRequest::descriptor()->file()});
  auto* session = new daemon::AcceptedSession(
      loop_, *context,
      {loop_,
       counts.Of("interlink.federation.v1.FederationService", "Session")});
  loop_.Post([this, session] {
    session->SetOwner({.admitted = [this](store::InterlinkId) { ++admitted; }});
    ends.push_back(std::make_unique<SessionEnd>(session->MakeStream()));
    SessionEnd& end = *ends.back();
    on_accept(end);
    end.Open();
  });
  return session;
}

Dialler::Dialler() {
  OnLoop([this] {
    client_ =
        std::make_unique<daemon::GrpcPeerClient>(mike_.loop(), mike_.tls());
  });
}

Dialler::~Dialler() {
  OnLoop([this] {
    ends_.clear();
    client_.reset();
  });
}

SessionEnd& Dialler::Dial(const federation::PeerTarget& target) {
  return *OnLoop([&] {
    SessionEnd& end = Make(target);
    end.Open();
    return &end;
  });
}

bool Dialler::IsClosed(const SessionEnd& end) {
  return Eventually([&] { return OnLoop([&] { return end.closed > 0; }); });
}

SessionEnd& Dialler::Make(const federation::PeerTarget& target) {
  ends_.push_back(std::make_unique<SessionEnd>(client_->Session(target)));
  return *ends_.back();
}

}  // namespace interlink::testing
