#include "federation/sessions/session.h"

#include <algorithm>
#include <utility>

#include "federation/base/names.h"
#include "federation/base/reason.h"
#include "federation/base/settings.h"
#include "store/failpoint.h"

namespace interlink::federation {
namespace {

constexpr std::chrono::seconds kHelloTimeout{5};
// If a pong takes longer, calls no longer wait for this peer.
constexpr std::chrono::seconds kLate{2};
// An introduction of the peer is in force by then (Introductions).
constexpr std::chrono::seconds kSoon{1};
// How long one message may wait to leave.
constexpr std::chrono::seconds kStuck{20};
constexpr std::chrono::seconds kCloseGrace{2};
// As long as the peer may take to answer a Terminate.
constexpr std::chrono::seconds kLeaveGrace{kCallTimeout};
// If a timer is so late, this process did not run or the loop was held, and the
// peer is not to blame.
constexpr std::chrono::seconds kOverslept{3};
constexpr size_t kMaxInstanceBytes = 16;
// Messages that may come before the peer's Hello is answered.
constexpr size_t kMostEarly = 32;
// Short messages that may wait to be sent.
constexpr size_t kMostQueued = 10'000;

absl::Status Deleted() {
  return Refusal(Reason::kLinkTerminated, "this interlink was deleted");
}

// Whether this version can talk to a peer that greets so.
absl::Status CheckHello(const v1::Hello& hello) {
  if (hello.protocol_min() > kOwnProtocol ||
      hello.protocol_max() < kOwnProtocol) {
    return Refusal(Reason::kProtocolVersion,
                   "this daemon speaks version 1 of the protocol, and the "
                   "other none that it knows; update the older one");
  }
  if (hello.instance_id().size() > kMaxInstanceBytes) {
    return Refusal(Reason::kRequestInvalid,
                   "the instance_id of a Hello has 16 bytes");
  }
  return absl::OkStatus();
}

}  // namespace

Session::Session(EventLoop& loop, LinkBudget& budget, Owner& owner,
                 std::unique_ptr<SessionMessages> messages,
                 std::unique_ptr<PeerStream> stream, Opening opening)
    : loop_(loop),
      budget_(budget),
      owner_(owner),
      messages_(std::move(messages)),
      stream_(std::move(stream)),
      opening_(std::move(opening)),
      epoch_(opening_.epoch) {
  messages_->Start(
      [this](v1::SessionMessage message) { Queue(std::move(message)); },
      is_dialled_here());
}

Session::~Session() = default;

void Session::SetLink(store::InterlinkId id) {
  link_ = id;
  messages_->SetLink(id);
}

void Session::Open() {
  stream_->Open(*this);
  if (is_dialled_here()) SendHello();
  tick_ = loop_.After(kHelloTimeout, [this] {
    End(state_ == State::kUndecided
            ? Refusal(Reason::kStoreUnavailable,
                      "the Hello could not be answered, because this account's "
                      "store has stored nothing for 5 s")
            : Refusal(Reason::kPeerUnreachable,
                      "the other account's daemon did not greet within 5 s"),
        false);
  });
}

void Session::SendHello() {
  v1::SessionMessage message;
  v1::Hello& hello = *message.mutable_hello();
  hello = messages_->OwnHello();
  hello.set_protocol_min(kOwnProtocol);
  hello.set_protocol_max(kOwnProtocol);
  hello.set_epoch(opening_.epoch);
  hello.set_instance_id(opening_.instance_id);
  Queue(std::move(message));
  store::PassFailpoint("session/greeted");
}

void Session::TakeHello(const v1::Hello& hello) {
  if (absl::Status status = CheckHello(hello); !status.ok()) {
    Close(status);
    return;
  }
  if (!is_dialled_here()) epoch_ = hello.epoch();
  peer_instance_ = hello.instance_id();
  state_ = State::kUndecided;
  hello_ = std::make_unique<v1::Hello>(hello);
  owner_.OnHello(*this, hello);
}

void Session::Greet(const absl::Status& verdict) {
  if (state_ != State::kUndecided) return;  // It has ended meanwhile.
  if (!verdict.ok()) {
    Close(verdict);
    return;
  }
  stream_->Admit(link_);
  state_ = State::kOpen;
  if (!is_dialled_here()) SendHello();
  last_pong_ = loop_.Now();
  Ping();
  messages_->Take(*std::exchange(hello_, nullptr));
  const std::weak_ptr<Session*> self = self_;
  for (v1::SessionMessage& message : std::exchange(early_, {})) {
    OnMessage(std::move(message));
    if (self.expired()) return;
  }
}

void Session::TakeEarly(v1::SessionMessage message) {
  if (early_.size() == kMostEarly) {
    Close(Refusal(Reason::kRateLimited,
                  "too many messages before the Hello was answered"));
    return;
  }
  early_.push_back(std::move(message));
}

void Session::Activate() {
  messages_->Activate();
  asks_again_ = true;
  // Only a pong from now on vouches for the mirror.
  Ping();
}

void Session::Ping() {
  if (state_ != State::kOpen) return;
  v1::SessionMessage message;
  message.mutable_ping()->set_sequence(++pings_);
  Queue(std::move(message));
  pinged_at_ = loop_.Now();
  ping_due_ = pinged_at_ + kPingInterval;
  TickAt(pinged_at_ + kLate);
}

void Session::PingSoon() {
  asks_again_ = true;
  ping_due_ = std::min(ping_due_, loop_.Now() + kSoon);
  TickAt(std::min(next_tick_, ping_due_));
}

void Session::TickAt(SteadyTime time) {
  next_tick_ = time;
  tick_ = loop_.After(time - loop_.Now(), [this] { Tick(); });
}

// Due when a pong should have come, and when the next ping is to go.
void Session::Tick() {
  const SteadyTime now = loop_.Now();
  if (now - next_tick_ >= kOverslept) {
    // A peer that lives answers this ping.
    last_pong_ = std::max(last_pong_, now - kPingInterval);
    sent_at_ = now;
    Ping();
  } else if (is_sending_ && now - sent_at_ >= kStuck) {
    End(Refusal(Reason::kPeerUnreachable,
                "the other account's daemon takes no messages"),
        false);
  } else if (now - last_pong_ >= kAnswerCounts - kLate) {
    End(Refusal(Reason::kPeerUnreachable,
                "the other account has not answered for 30 seconds"),
        false);
  } else if (now >= ping_due_) {
    Ping();
  } else {
    TickAt(ping_due_);
    if (last_pong_ < pinged_at_ && !is_late_) {
      is_late_ = true;
      owner_.OnLate(*this);
    }
  }
}

void Session::Queue(v1::SessionMessage message) {
  if (state_ == State::kEnded || is_closed_) return;
  queue_.push_back(std::move(message));
  Wake();
}

void Session::Wake() {
  if (is_sending_ || is_closed_ || state_ == State::kEnded) return;
  if (!queue_.empty()) {
    const v1::SessionMessage message = std::move(queue_.front());
    queue_.pop_front();
    SendNow(message);
  } else if (state_ == State::kClosing) {
    is_closed_ = true;
    stream_->Close(outcome_);
  } else if (state_ == State::kOpen && messages_->HasPart()) {
    SendNow(*messages_->NextPart());
  }
}

void Session::SendNow(const v1::SessionMessage& message) {
  is_sending_ = true;
  sent_at_ = loop_.Now();
  stream_->Send(message);
}

void Session::OnSent() {
  is_sending_ = false;
  Wake();
}

void Session::Close(const absl::Status& status) {
  if (state_ == State::kClosing || state_ == State::kEnded) return;
  v1::SessionMessage message;
  if (const auto reason = ReasonOf(status)) {
    message.mutable_goodbye()->set_reason(std::string(ReasonName(*reason)));
  }
  message.mutable_goodbye()->set_message(std::string(SentenceOf(status)));
  state_ = State::kClosing;
  outcome_ = status;
  tick_ = loop_.After(kCloseGrace, [this] { End(outcome_, false); });
  Queue(std::move(message));
}

void Session::Leave() {
  if (messages_->has_left()) return;
  messages_->Leave();
  // The outbox may still tell the peer of the removal over this session, in a
  // later task; the peer's answer then closes the session.
  leave_timer_ = loop_.After(kLeaveGrace, [this] { Close(Deleted()); });
}

void Session::OnMessage(v1::SessionMessage message) {
  if (state_ == State::kClosing || state_ == State::kEnded) return;
  if (message.has_goodbye()) {
    TakeGoodbye(message.goodbye());
    return;
  }
  if (state_ == State::kUndecided) {
    TakeEarly(std::move(message));
    return;
  }
  if (state_ == State::kGreeting) {
    if (message.has_hello()) {
      TakeHello(message.hello());
    } else {
      Close(Refusal(Reason::kRequestInvalid,
                    "a session begins with a Hello of either side"));
    }
    return;
  }
  if (!budget_.Take(link_)) {
    Close(Refusal(
        Reason::kRateLimited,
        "too many messages in a session; it may be opened again, for fewer"));
    return;
  }
  if (queue_.size() > kMostQueued) {
    End(Refusal(Reason::kPeerUnreachable,
                "the other account's daemon asks much and takes no answers"),
        false);
    return;
  }
  if (message.has_pong()) {
    TakePong(message.pong());
    return;
  }
  const auto kind = message.content_case();
  messages_->Take(std::move(message));
  if (kind == v1::SessionMessage::kSubscribe) {
    Wake();
  } else if (kind == v1::SessionMessage::kIntroduction) {
    PingSoon();  // After a pause the mirror is asked for with the pong.
  } else if (kind == v1::SessionMessage::kTerminateAnswer &&
             messages_->has_left() && !messages_->IsTerminating()) {
    Close(Deleted());
  }
}

void Session::TakePong(const v1::Pong& pong) {
  // Only the answer to the latest ping says how long the way is.
  if (pong.sequence() != pings_) return;
  const SteadyTime now = loop_.Now();
  last_pong_ = now;
  is_late_ = false;
  const bool counts = messages_->Take(pong, now - pinged_at_);
  if (!counts && asks_again_) PingSoon();
  asks_again_ = counts;
  owner_.OnPong(*this, now - pinged_at_);
}

void Session::OnGarbage() {
  Close(Refusal(Reason::kRequestInvalid,
                "a message of the session is not in protobuf, or a text in it "
                "is not UTF-8; one of the two daemons has to be mended"));
}

void Session::TakeGoodbye(const v1::Goodbye& goodbye) {
  const auto reason = ReasonNamed(goodbye.reason());
  const std::string sentence = ShownSentence(goodbye.message());
  End(reason ? Refusal(*reason, sentence) : absl::UnavailableError(sentence),
      true);
}

void Session::OnClosed(absl::Status status, bool from_peer) {
  if (state_ == State::kClosing) {
    End(outcome_, false);
  } else {
    End(status, from_peer);
  }
}

void Session::End(const absl::Status& status, bool from_peer) {
  if (state_ == State::kEnded) return;
  state_ = State::kEnded;
  tick_.reset();
  messages_->FailCalls();
  // A copy, because `status` may be a member, and the owner destroys this.
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
  const absl::Status why = status;
  owner_.OnEnded(*this, why, from_peer);
}

}  // namespace interlink::federation
