#pragma once

#include <list>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "federation/base/event_loop.h"
#include "federation/peer/link_budget.h"
#include "federation/peer/peer_stream.h"
#include "federation/sessions/session_messages.h"
#include "federation/sessions/session_owner.h"

namespace interlink::federation {

// One Session stream of one link, from Hello to Goodbye (design.md section 8).
// Sessions decides which of several streams a link goes by.
//
// Pings and all short messages go before parts of the directory. A peer that
// answers no ping for 30 seconds, or takes no message for 20, ends the session.
// Threading: loop only.
class Session final : private PeerStream::Events {
 public:
  using Owner = SessionOwner;

  // How it begins: the side that dialled greets first.
  struct Opening {
    std::string instance_id;  // Of this daemon's run.
    uint64_t epoch = 0;       // 0: the other side dialled.
    std::string address;      // That was dialled.
  };

  // `budget`: of messages that the peer of each link may send.
  Session(EventLoop& loop, LinkBudget& budget, Owner& owner,
          std::unique_ptr<SessionMessages> messages,
          std::unique_ptr<PeerStream> stream, Opening opening);
  ~Session();

  void SetLink(store::InterlinkId id);
  // Answers the peer's Hello: opens the session, or closes it with `verdict`.
  void Greet(const absl::Status& verdict);
  // For what may come after the session's end: *lock() is the session.
  std::weak_ptr<Session*> Weak() const { return self_; }
  void Open();
  void Activate();  // The link goes by this session from now on.
  void Ping();      // Asks for a sign of life now.
  void Wake();      // Sends what waits.
  void Close(const absl::Status& status);  // Says why.
  // The link is gone here: closes when the peer has been told, or soon.
  void Leave();

  // What may be said over it. REQUIRES: is_open(), but for Introduce().
  SessionMessages& messages() { return *messages_; }

  store::InterlinkId link() const { return link_; }
  bool is_dialled_here() const { return opening_.epoch != 0; }
  const std::string& dialled_address() const { return opening_.address; }
  bool is_open() const { return state_ == State::kOpen; }
  bool is_undecided() const { return state_ == State::kUndecided; }
  bool is_late() const { return is_late_; }
  uint64_t epoch() const { return epoch_; }
  const std::string& peer_instance() const { return peer_instance_; }

 private:
  // Undecided: the peer has greeted, and whether it may is being found out.
  enum class State { kGreeting, kUndecided, kOpen, kClosing, kEnded };

  void OnMessage(v1::SessionMessage message) override;
  void OnGarbage() override;
  void OnSent() override;
  void OnClosed(absl::Status status, bool from_peer) override;

  void SendHello();
  void TakeHello(const v1::Hello& hello);
  void TakeEarly(v1::SessionMessage message);
  void TakePong(const v1::Pong& pong);
  void TakeGoodbye(const v1::Goodbye& goodbye);
  void Queue(v1::SessionMessage message);
  void SendNow(const v1::SessionMessage& message);
  void PingSoon();
  void Tick();
  void TickAt(SteadyTime time);
  void End(const absl::Status& status, bool from_peer);

  EventLoop& loop_;
  LinkBudget& budget_;
  Owner& owner_;
  std::unique_ptr<SessionMessages> messages_;
  std::unique_ptr<PeerStream> stream_;
  const Opening opening_;
  store::InterlinkId link_;
  State state_ = State::kGreeting;
  std::unique_ptr<v1::Hello> hello_;  // While undecided.
  std::list<v1::SessionMessage> early_;
  uint64_t epoch_ = 0;
  std::string peer_instance_;
  absl::Status outcome_;  // Once it is closing.
  std::unique_ptr<EventLoop::Timer> leave_timer_;

  // A list, because it costs nothing while it is empty.
  std::list<v1::SessionMessage> queue_;
  bool is_sending_ = false;
  SteadyTime sent_at_;
  bool is_closed_ = false;  // The stream was told to close.
  std::unique_ptr<EventLoop::Timer> tick_;
  SteadyTime next_tick_;
  uint64_t pings_ = 0;
  SteadyTime pinged_at_;
  SteadyTime ping_due_;  // The next one.
  SteadyTime last_pong_;
  bool asks_again_ = true;  // Soon, if the next pong does not count.
  bool is_late_ = false;
  const std::shared_ptr<Session*> self_ = std::make_shared<Session*>(this);
};

}  // namespace interlink::federation
