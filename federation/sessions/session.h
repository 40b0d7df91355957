#pragma once

#include <list>
#include <memory>
#include <string>

#include "federation/directory/directory_feed.h"
#include "federation/ledger/context.h"
#include "federation/mirrors/mirror_subscription.h"
#include "federation/peer/peer_client.h"
#include "federation/peer/pending_calls.h"
#include "federation/sessions/session_factory.h"

namespace interlink::federation {

// One Session stream of one link, from Hello to Goodbye (design.md section 8):
// pings, lookups, the directory each way, introductions, the link's end. Which
// of several streams a link goes by is for Sessions to decide.
//
// Pings and all short messages go before parts of the directory. A peer that
// answers no ping for 30 seconds, or takes no message, ends it.
// Threading: loop only.
class Session final : private PeerStream::Events {
 public:
  // Who has the sessions. May destroy the session only in OnEnded().
  class Owner {
   public:
    // The peer's Hello has come; the link may be told with Accepted(). If the
    // result is not OK the session is closed with it.
    virtual absl::Status OnHello(Session& session, const v1::Hello& hello) = 0;
    virtual void OnPong(Session& session, Duration round_trip) = 0;
    // The peer has begun, or ceased, to be late with a pong.
    virtual void OnLate(Session& session) = 0;
    // Called once. `from_peer` as in PeerAnswer.
    virtual void OnEnded(Session& session, const absl::Status& status,
                         bool from_peer) = 0;

   protected:
    ~Owner() = default;
  };

  // What this side says first, at the dialling side at once.
  struct Opening {
    std::string instance_id;
    uint64_t epoch = 0;  // 0: the other side dialled.
  };

  // `services` and `owner` must outlive it.
  Session(const SessionServices& services, Owner& owner,
          std::unique_ptr<PeerStream> stream, Opening opening);
  ~Session();

  // The link, as the dialling side knows it and the other learns it.
  void SetLink(store::InterlinkId id) { link_ = id; }
  void Open();

  // This session is the one that the link goes by: believes what the peer says
  // of itself, and asks for the directory.
  void Activate();
  // Asks for a sign of life now.
  void Ping();
  // What this account says of itself has changed.
  void Introduce();
  // Sends what there is to be sent.
  void Wake();

  void Lookup(store::InternalNumber number, Duration timeout,
              PeerClient::Done<v1::LookupResponse> done);
  void Terminate(const v1::TerminateRequest& request, Duration timeout,
                 PeerClient::Done<v1::TerminateResponse> done);

  // Says why and closes.
  void Close(const absl::Status& status);
  // The link is gone here: closes when the peer has been told, or soon.
  void Leave();

  store::InterlinkId link() const { return link_; }
  bool is_dialled_here() const { return opening_.epoch != 0; }
  bool is_open() const { return state_ == State::kOpen; }
  bool is_late() const { return is_late_; }
  uint64_t epoch() const { return epoch_; }
  const std::string& peer_instance() const { return peer_instance_; }
  SteadyTime last_pong() const { return last_pong_; }
  // Why the peer's directory is not mirrored, or not all of it.
  absl::Status mirror_trouble() const { return mirror_.trouble(); }

 private:
  enum class State { kGreeting, kOpen, kClosing, kEnded };

  void OnMessage(v1::SessionMessage message) override;
  void OnGarbage() override;
  void OnSent() override;
  void OnClosed(absl::Status status, bool from_peer) override;

  void Queue(v1::SessionMessage message);
  void SendNow(const v1::SessionMessage& message);
  void SendHello();
  void Tick();
  void TickAt(SteadyTime time);
  void End(const absl::Status& status, bool from_peer);
  bool IsFeeding() const;

  void Handle(const v1::Hello& hello);
  void Handle(const v1::Pong& pong);
  void Handle(const v1::DirectoryPart& part);
  void Handle(const v1::SessionLookup& lookup);
  void Handle(const v1::Introduction& introduction);
  void Handle(const v1::SessionTerminate& terminate);
  void HandleGoodbye(const v1::Goodbye& goodbye);
  void TakeIn(const v1::Introduction& introduction);
  void Send(const v1::Subscribe& subscribe);

  const SessionServices& services_;
  const Context& context_;
  Owner& owner_;
  std::unique_ptr<PeerStream> stream_;
  const Opening opening_;
  store::InterlinkId link_;
  State state_ = State::kGreeting;
  uint64_t epoch_ = 0;
  std::string peer_instance_;
  absl::Status outcome_;  // Once it is closing.

  // A list, because it costs nothing while it is empty.
  std::list<v1::SessionMessage> queue_;
  bool is_sending_ = false;
  SteadyTime sent_at_;
  bool is_closed_ = false;  // The stream was told to close.

  std::unique_ptr<EventLoop::Timer> tick_;
  SteadyTime next_tick_;
  uint64_t pings_ = 0;
  SteadyTime pinged_at_;
  SteadyTime last_pong_;
  bool is_late_ = false;

  DirectoryFeed feed_;
  MirrorSubscription mirror_;

  bool is_active_ = false;
  uint64_t introductions_ = 0;
  std::unique_ptr<v1::Introduction> introduction_;  // Until it is active.
  // Given to Introductions, which may call it for as long as this lives.
  std::shared_ptr<const Introductions::Stored> introduction_stored_;
  bool is_leaving_ = false;
  std::unique_ptr<EventLoop::Timer> leave_timer_;

  PendingCalls<v1::LookupResponse> lookups_;
  PendingCalls<v1::TerminateResponse> terminates_;
};

}  // namespace interlink::federation
