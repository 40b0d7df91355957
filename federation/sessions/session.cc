#include "federation/sessions/session.h"

#include <algorithm>
#include <utility>

#include "federation/base/names.h"
#include "federation/base/reason.h"
#include "federation/base/settings.h"
#include "federation/linking/link_key.h"
#include "store/failpoint.h"

namespace interlink::federation {
namespace {

constexpr std::chrono::seconds kHelloTimeout{5};
// How long a pong may take before calls no longer wait for this peer.
constexpr std::chrono::seconds kLate{2};
// How long one message may wait to leave.
constexpr std::chrono::seconds kStuck{20};
constexpr std::chrono::seconds kCloseGrace{2};
constexpr std::chrono::seconds kLeaveGrace{5};
// A timer that is so late says that this process did not run, or the loop was
// held; the peer is not to blame.
constexpr std::chrono::seconds kOverslept{3};
constexpr size_t kMaxInstanceBytes = 16;

}  // namespace

Session::Session(const SessionServices& services, Owner& owner,
                 std::unique_ptr<PeerStream> stream, Opening opening)
    : services_(services),
      context_(services.context),
      owner_(owner),
      stream_(std::move(stream)),
      opening_(std::move(opening)),
      epoch_(opening_.epoch),
      feed_(services.parts, services.directory),
      mirror_(services.mirrors, context_.loop),
      lookups_(context_.loop),
      terminates_(context_.loop) {}

Session::~Session() = default;

void Session::Open() {
  stream_->Open(*this);
  if (is_dialled_here()) SendHello();
  tick_ = context_.loop.After(kHelloTimeout, [this] {
    End(Refusal(Reason::kPeerUnreachable,
                "the other account's daemon did not greet within 5 s"),
        false);
  });
}

void Session::SendHello() {
  v1::SessionMessage message;
  v1::Hello& hello = *message.mutable_hello();
  hello.set_interlink_id(link_.ToBytes());
  hello.set_protocol_min(kOwnProtocol);
  hello.set_protocol_max(kOwnProtocol);
  hello.set_epoch(opening_.epoch);
  hello.set_instance_id(opening_.instance_id);
  *hello.mutable_directory() = ToProto(services_.directory.position());
  *hello.mutable_introduction() = services_.introductions.Own(link_);
  hello.mutable_introduction()->set_sequence(++introductions_);
  *hello.mutable_seen_generation() = services_.introductions.Seen(link_);
  if (const Row* row = context_.interlinks.Find(link_)) {
    hello.set_redeemed_proof(OwnRedeemedProof(context_.identity, row->record));
  }
  Queue(std::move(message));
  store::PassFailpoint("session/greeted");
}

void Session::Handle(const v1::Hello& hello) {
  absl::Status status;
  if (hello.protocol_min() > kOwnProtocol ||
      hello.protocol_max() < kOwnProtocol) {
    status = Refusal(Reason::kProtocolVersion,
                     "this daemon speaks version 1 of the protocol, and the "
                     "other none that it knows; update the older one");
  } else if (hello.instance_id().size() > kMaxInstanceBytes) {
    status = Refusal(Reason::kRequestInvalid,
                     "the instance_id of a Hello has 16 bytes");
  } else {
    if (!is_dialled_here()) epoch_ = hello.epoch();
    peer_instance_ = hello.instance_id();
    status = owner_.OnHello(*this, hello);
  }
  if (status.ok() && hello.has_seen_generation()) {
    status = services_.restoration.CheckQuote(link_, hello.seen_generation());
  }
  if (!status.ok()) {
    Close(status);
    return;
  }
  stream_->Admit(link_);
  state_ = State::kOpen;
  if (!is_dialled_here()) SendHello();
  last_pong_ = context_.loop.Now();
  Ping();
  Handle(hello.introduction());
}

void Session::Ping() {
  if (state_ != State::kOpen) return;
  v1::SessionMessage message;
  message.mutable_ping()->set_sequence(++pings_);
  Queue(std::move(message));
  pinged_at_ = context_.loop.Now();
  TickAt(pinged_at_ + kLate);
}

void Session::TickAt(SteadyTime time) {
  next_tick_ = time;
  tick_ = context_.loop.After(time - context_.loop.Now(), [this] { Tick(); });
}

// Comes when a pong should be there, and when the next ping is due.
void Session::Tick() {
  const SteadyTime now = context_.loop.Now();
  if (now - next_tick_ >= kOverslept) {
    // Whoever lives answers now.
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
  } else if (now - pinged_at_ >= kPingInterval) {
    Ping();
  } else {
    TickAt(pinged_at_ + kPingInterval);
    if (last_pong_ < pinged_at_ && !is_late_) {
      is_late_ = true;
      owner_.OnLate(*this);
    }
  }
}

void Session::Introduce() {
  // Before its Hello, which will say the same.
  if (introductions_ == 0) return;
  v1::SessionMessage message;
  *message.mutable_introduction() = services_.introductions.Own(link_);
  message.mutable_introduction()->set_sequence(++introductions_);
  Queue(std::move(message));
}

void Session::Queue(v1::SessionMessage message) {
  if (state_ == State::kEnded || is_closed_) return;
  queue_.push_back(std::move(message));
  Wake();
}

bool Session::IsFeeding() const {
  if (state_ != State::kOpen || is_leaving_ || !feed_.HasPart()) return false;
  const Row* row = context_.interlinks.Find(link_);
  return row != nullptr && !row->record.paused();
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
  } else if (IsFeeding()) {
    SendNow(*feed_.NextPart());
  }
}

void Session::SendNow(const v1::SessionMessage& message) {
  is_sending_ = true;
  sent_at_ = context_.loop.Now();
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
  tick_ = context_.loop.After(kCloseGrace, [this] { End(outcome_, false); });
  Queue(std::move(message));
}

void Session::Leave() {
  if (is_leaving_) return;
  is_leaving_ = true;
  mirror_.End();
  leave_timer_ = context_.loop.After(
      terminates_.empty() ? Duration(kCloseGrace) : Duration(kLeaveGrace),
      [this] {
        Close(Refusal(Reason::kLinkTerminated, "this interlink was deleted"));
      });
}

void Session::HandleGoodbye(const v1::Goodbye& goodbye) {
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
  lookups_.FailAll();
  terminates_.FailAll();
  // A copy, because this is destroyed by whoever is told.
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
  const absl::Status why = status;
  owner_.OnEnded(*this, why, from_peer);
}

}  // namespace interlink::federation
