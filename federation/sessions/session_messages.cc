// What a Session does with each kind of message.

#include <optional>
#include <utility>

#include "federation/base/names.h"
#include "federation/base/reason.h"
#include "federation/base/settings.h"
#include "federation/sessions/session.h"

namespace interlink::federation {
namespace {

// Short messages that may wait to be sent.
constexpr size_t kMostQueued = 10'000;

}  // namespace

void Session::OnGarbage() {
  Close(Refusal(Reason::kRequestInvalid,
                "a message of the session is not in protobuf, or a text in it "
                "is not UTF-8; one of the two daemons has to be mended"));
}

void Session::OnMessage(v1::SessionMessage message) {
  if (state_ == State::kClosing || state_ == State::kEnded) return;
  if (state_ == State::kGreeting) {
    if (message.has_hello()) {
      Handle(message.hello());
    } else if (message.has_goodbye()) {
      HandleGoodbye(message.goodbye());
    } else {
      Close(Refusal(Reason::kRequestInvalid,
                    "a session begins with a Hello of either side"));
    }
    return;
  }
  if (!services_.messages.Take(link_)) {
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
  switch (message.content_case()) {
    case v1::SessionMessage::kPing: {
      v1::SessionMessage answer;
      answer.mutable_pong()->set_sequence(message.ping().sequence());
      *answer.mutable_pong()->mutable_directory() =
          ToProto(services_.directory.position());
      Queue(std::move(answer));
      return;
    }
    case v1::SessionMessage::kPong:
      Handle(message.pong());
      return;
    case v1::SessionMessage::kSubscribe:
      feed_.Subscribe(message.subscribe());
      Wake();
      return;
    case v1::SessionMessage::kDirectoryPart:
      Handle(message.directory_part());
      return;
    case v1::SessionMessage::kLookup:
      Handle(message.lookup());
      return;
    case v1::SessionMessage::kLookupAnswer: {
      auto& answer = *message.mutable_lookup_answer();
      absl::Status status;
      if (!answer.reason().empty()) {
        status = Refusal(
            ReasonNamed(answer.reason()).value_or(Reason::kPeerUnreachable),
            ShownSentence(answer.message()));
      }
      lookups_.Answer(answer.call(), std::move(status), true,
                      std::move(*answer.mutable_response()));
      return;
    }
    case v1::SessionMessage::kIntroduction:
      Handle(message.introduction());
      return;
    case v1::SessionMessage::kTerminate:
      Handle(message.terminate());
      return;
    case v1::SessionMessage::kTerminateAnswer: {
      const auto& answer = message.terminate_answer();
      terminates_.Answer(
          answer.call(),
          answer.reason().empty()
              ? absl::OkStatus()
              : Refusal(Reason::kStoreUnavailable, "at the other account"),
          true, v1::TerminateResponse());
      if (is_leaving_ && terminates_.empty()) {
        Close(Refusal(Reason::kLinkTerminated, "this interlink was deleted"));
      }
      return;
    }
    case v1::SessionMessage::kGoodbye:
      HandleGoodbye(message.goodbye());
      return;
    default:
      return;  // A Hello once more, or of a later version.
  }
}

void Session::Handle(const v1::Pong& pong) {
  // Only the answer to the latest ping says how long the way is.
  if (pong.sequence() != pings_) return;
  const SteadyTime now = context_.loop.Now();
  last_pong_ = now;
  is_late_ = false;
  // Not before what the peer said of itself is in force: a pause, or its end.
  if (!services_.introductions.IsBehind(link_)) {
    if (const auto request = mirror_.OnPong(pong)) Send(*request);
  }
  owner_.OnPong(*this, now - pinged_at_);
}

void Session::Activate() {
  is_active_ = true;
  if (introduction_ != nullptr) TakeIn(*std::exchange(introduction_, nullptr));
  Send(mirror_.Begin(link_));
  // Only a pong from now on vouches for the mirror.
  Ping();
}

void Session::Send(const v1::Subscribe& subscribe) {
  v1::SessionMessage message;
  *message.mutable_subscribe() = subscribe;
  Queue(std::move(message));
}

void Session::Handle(const v1::DirectoryPart& part) {
  const auto reply = mirror_.OnPart(part);
  services_.contact_alarm.Heard(link_, part);
  if (reply) Send(*reply);
}

void Session::Handle(const v1::SessionLookup& lookup) {
  v1::SessionMessage message;
  v1::SessionLookupAnswer& answer = *message.mutable_lookup_answer();
  answer.set_call(lookup.call());
  auto response = services_.lookups.AnswerKnown(link_, lookup.number());
  if (response.ok()) {
    *answer.mutable_response() = *std::move(response);
  } else {
    answer.set_reason(std::string(ReasonName(
        ReasonOf(response.status()).value_or(Reason::kStoreUnavailable))));
    answer.set_message(std::string(SentenceOf(response.status())));
  }
  Queue(std::move(message));
}

// Only of the session that the link goes by: the peer tells all of them, and
// what another one was slow to bring may be older than what is known.
void Session::Handle(const v1::Introduction& introduction) {
  if (is_leaving_ || state_ != State::kOpen) return;
  if (is_active_) {
    TakeIn(introduction);
  } else {
    introduction_ = std::make_unique<v1::Introduction>(introduction);
  }
}

void Session::TakeIn(const v1::Introduction& introduction) {
  if (introduction_stored_ == nullptr) {
    introduction_stored_ = std::make_shared<const Introductions::Stored>(
        [this](uint64_t sequence) {
          v1::SessionMessage message;
          message.mutable_introduction_stored()->set_sequence(sequence);
          Queue(std::move(message));
        });
  }
  services_.introductions.Heard(link_, introduction, introduction_stored_);
}

void Session::Handle(const v1::SessionTerminate& terminate) {
  v1::SessionMessage message;
  v1::SessionTerminateAnswer& answer = *message.mutable_terminate_answer();
  answer.set_call(terminate.call());
  const absl::Status status = services_.removals.TerminateOverSession(
      link_, terminate.request(),
      is_dialled_here() ? Removals::Confirmation::kAnswerAndOutbox
                        : Removals::Confirmation::kAnswer);
  if (!status.ok()) {
    answer.set_reason(std::string(ReasonName(Reason::kStoreUnavailable)));
  }
  Queue(std::move(message));
}

void Session::Lookup(store::InternalNumber number, Duration timeout,
                     PeerClient::Done<v1::LookupResponse> done) {
  v1::SessionMessage message;
  message.mutable_lookup()->set_number(number.ToString());
  message.mutable_lookup()->set_call(lookups_.Begin(timeout, std::move(done)));
  Queue(std::move(message));
}

void Session::Terminate(const v1::TerminateRequest& request, Duration timeout,
                        PeerClient::Done<v1::TerminateResponse> done) {
  v1::SessionMessage message;
  *message.mutable_terminate()->mutable_request() = request;
  message.mutable_terminate()->set_call(
      terminates_.Begin(timeout, std::move(done)));
  Queue(std::move(message));
}

}  // namespace interlink::federation
