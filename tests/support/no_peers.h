#pragma once

#include <memory>
#include <utility>

#include "federation/base/reason.h"
#include "federation/peer/peer_client.h"

namespace interlink::testing {

// A network on which nobody is reached: every call fails at once.
class NoPeers : public federation::PeerClient {
 public:
  // `loop` must outlive it.
  explicit NoPeers(federation::EventLoop& loop) : loop_(loop) {}

  void Redeem(const federation::PeerTarget& /*target*/,
              const federation::v1::RedeemRequest& /*request*/,
              federation::Duration /*timeout*/,
              Done<federation::v1::RedeemResponse> done) override {
    Fail(std::move(done));
  }
  void Lookup(const federation::PeerTarget& /*target*/,
              const federation::v1::LookupRequest& /*request*/,
              federation::Duration /*timeout*/,
              Done<federation::v1::LookupResponse> done) override {
    Fail(std::move(done));
  }
  void Terminate(const federation::PeerTarget& /*target*/,
                 const federation::v1::TerminateRequest& /*request*/,
                 federation::Duration /*timeout*/,
                 Done<federation::v1::TerminateResponse> done) override {
    Fail(std::move(done));
  }
  std::unique_ptr<federation::PeerStream> Session(
      const federation::PeerTarget& /*target*/) override {
    return std::make_unique<Stream>(loop_);
  }

 private:
  static absl::Status Unreachable() {
    return Refusal(federation::Reason::kPeerUnreachable, "nobody is there");
  }

  class Stream : public federation::PeerStream {
   public:
    explicit Stream(federation::EventLoop& loop) : loop_(loop) {}
    void Open(Events& events) override {
      end_ = loop_.After({}, [&events] {
        events.OnClosed(Unreachable(), /*from_peer=*/false);
      });
    }
    void Send(const federation::v1::SessionMessage& /*message*/) override {}
    void Close(absl::Status /*status*/) override {}
    void Admit(store::InterlinkId) override {}

   private:
    federation::EventLoop& loop_;
    std::unique_ptr<federation::EventLoop::Timer> end_;
  };

  // What was posted to a loop dies with it, and so before this.
  template <class Response>
  void Fail(Done<Response> done) {
    loop_.Post([done = std::move(done)]() mutable {
      done({.status = Unreachable(), .from_peer = false, .response = {}});
    });
  }

  federation::EventLoop& loop_;
};

}  // namespace interlink::testing
