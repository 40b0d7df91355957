#include "federation/sessions/session_messages.h"

#include <algorithm>
#include <string>
#include <utility>

#include "federation/base/names.h"
#include "federation/base/reason.h"
#include "federation/base/settings.h"

namespace interlink::federation {
namespace {

// If the peer has not stored in this time that calls need a token, something is
// wrong with it.
constexpr std::chrono::seconds kTokensAskedLong{10};

}  // namespace

SessionMessages::SessionMessages(EventLoop& loop, const Interlinks& interlinks,
                                 DirectoryFeed feed, MirrorSubscription mirror,
                                 Lookups& lookups, Introductions& introductions,
                                 Removals& removals)
    : loop_(loop),
      interlinks_(interlinks),
      feed_(feed),
      mirror_(mirror),
      lookups_(lookups),
      introductions_(introductions),
      removals_(removals),
      own_lookups_(loop),
      terminates_(loop) {}

v1::Hello SessionMessages::OwnHello() {
  v1::Hello hello;
  hello.set_interlink_id(link_.ToBytes());
  *hello.mutable_directory() = ToProto(feed_.position());
  *hello.mutable_introduction() = OwnIntroduction();
  *hello.mutable_seen_generation() = introductions_.Seen(link_);
  hello.set_redeemed_proof(introductions_.RedeemedProof(link_));
  hello.add_features(std::string(kCallTokenFeature));
  hello.add_features(std::string(kMergeFeature));
  *hello.mutable_replaced_interlink_ids() = introductions_.Replaced(link_);
  return hello;
}

void SessionMessages::Take(v1::SessionMessage message) {
  switch (message.content_case()) {
    case v1::SessionMessage::kPing:
      AnswerPing(message.ping());
      return;
    case v1::SessionMessage::kSubscribe:
      feed_.Subscribe(message.subscribe());
      return;
    case v1::SessionMessage::kDirectoryPart:
      SendIfAny(mirror_.OnPart(message.directory_part()));
      return;
    case v1::SessionMessage::kLookup:
      AnswerLookup(message.lookup());
      return;
    case v1::SessionMessage::kLookupAnswer:
      TakeAnswer(*message.mutable_lookup_answer());
      return;
    case v1::SessionMessage::kIntroduction:
      Take(message.introduction());
      return;
    case v1::SessionMessage::kIntroductionStored:
      stored_ = std::max(stored_, message.introduction_stored().sequence());
      return;
    case v1::SessionMessage::kTerminate:
      AnswerTerminate(message.terminate());
      return;
    case v1::SessionMessage::kTerminateAnswer:
      TakeAnswer(message.terminate_answer());
      return;
    default:
      return;  // A second Hello, or a message of a later version.
  }
}

void SessionMessages::AnswerPing(const v1::Ping& ping) {
  if (has_left_) return;  // A pong would say that the link stands.
  v1::SessionMessage message;
  v1::Pong& pong = *message.mutable_pong();
  pong.set_sequence(ping.sequence());
  *pong.mutable_directory() = ToProto(feed_.position());
  pong.set_call_clock_milliseconds(introductions_.OwnCallClock());
  send_(std::move(message));
}

bool SessionMessages::Take(const v1::Pong& pong, Duration round_trip) {
  if (is_active_) {
    introductions_.HeardCallClock(link_, pong.call_clock_milliseconds(),
                                  round_trip);
  }
  // A pause, or its end, has to be in force before the pong vouches for the
  // mirror.
  if (introductions_.IsBehind(link_)) return false;
  SendIfAny(mirror_.OnPong(pong));
  return true;
}

void SessionMessages::Activate() {
  is_active_ = true;
  if (heard_ != nullptr) Believe(*std::exchange(heard_, nullptr));
  SendIfAny(mirror_.Begin(link_));
}

void SessionMessages::Leave() {
  has_left_ = true;
  mirror_.End();
}

void SessionMessages::SendIfAny(const std::optional<v1::Subscribe>& subscribe) {
  if (!subscribe) return;
  v1::SessionMessage message;
  *message.mutable_subscribe() = *subscribe;
  send_(std::move(message));
}

bool SessionMessages::HasPart() const {
  if (has_left_ || !feed_.HasPart()) return false;
  const Row* row = interlinks_.Find(link_);
  return row != nullptr && !row->record.paused();
}

v1::Introduction SessionMessages::OwnIntroduction() {
  v1::Introduction introduction = introductions_.Own(link_);
  introduction.set_sequence(++own_introductions_);
  if (!AsksForTokens(introduction.call_terms())) {
    tokens_asked_ = 0;
  } else if (tokens_asked_ == 0) {
    tokens_asked_ = own_introductions_;
    tokens_asked_at_ = loop_.Now();
  }
  return introduction;
}

absl::Status SessionMessages::call_trouble() const {
  if (tokens_asked_ == 0) return absl::OkStatus();
  if (!knows_call_tokens_) {
    return Refusal(Reason::kProtocolVersion,
                   "the other account's daemon knows no call tokens, so its "
                   "calls are not let in: have it updated, or set "
                   "--call-admission to open here");
  }
  const bool is_late = loop_.Now() - tokens_asked_at_ > kTokensAskedLong;
  if (stored_ >= tokens_asked_ || !is_late) return absl::OkStatus();
  return Refusal(Reason::kStoreUnavailable,
                 "the other account's daemon has not stored yet that calls "
                 "need a token here, so its calls may not be let in; its "
                 "administrator sees whether its store takes changes");
}

absl::Status SessionMessages::trouble() const {
  const absl::Status of_mirror = mirror_.trouble();
  return of_mirror.ok() ? call_trouble() : of_mirror;
}

void SessionMessages::Introduce() {
  if (own_introductions_ == 0) return;  // The Hello will say the same.
  v1::SessionMessage message;
  *message.mutable_introduction() = OwnIntroduction();
  send_(std::move(message));
}

void SessionMessages::Take(const v1::Hello& hello) {
  const auto knows = [&](std::string_view feature) {
    return std::find(hello.features().begin(), hello.features().end(),
                     feature) != hello.features().end();
  };
  knows_call_tokens_ = knows(kCallTokenFeature);
  knows_merges_ = knows(kMergeFeature);
  Take(hello.introduction());
}

// The peer introduces itself over all of its streams, and a slow one may bring
// an old introduction last. So only the link's own session is believed.
void SessionMessages::Take(const v1::Introduction& introduction) {
  if (has_left_) return;
  if (is_active_) {
    Believe(introduction);
  } else {
    heard_ = std::make_unique<v1::Introduction>(introduction);
  }
}

void SessionMessages::Believe(const v1::Introduction& introduction) {
  if (introduction_stored_ == nullptr) {
    introduction_stored_ = std::make_shared<const Introductions::Stored>(
        [this](uint64_t sequence) {
          v1::SessionMessage message;
          message.mutable_introduction_stored()->set_sequence(sequence);
          send_(std::move(message));
        });
  }
  introductions_.Heard(link_, introduction, introduction_stored_);
}

void SessionMessages::Lookup(const NumberQuestion& question, Duration timeout,
                             PeerClient::Done<v1::LookupResponse> done) {
  v1::SessionMessage message;
  v1::SessionLookup& lookup = *message.mutable_lookup();
  lookup.set_number(question.number.ToString());
  lookup.set_traceparent(question.traceparent());
  lookup.set_call(own_lookups_.Begin(timeout, std::move(done)));
  send_(std::move(message));
}

void SessionMessages::TakeAnswer(v1::SessionLookupAnswer& answer) {
  absl::Status status;
  if (!answer.reason().empty()) {
    status =
        Refusal(ReasonNamed(answer.reason()).value_or(Reason::kPeerUnreachable),
                ShownSentence(answer.message()));
  }
  own_lookups_.Answer(answer.call(), std::move(status), /*from_peer=*/true,
                      std::move(*answer.mutable_response()));
}

void SessionMessages::AnswerLookup(const v1::SessionLookup& lookup) {
  v1::SessionMessage message;
  v1::SessionLookupAnswer& answer = *message.mutable_lookup_answer();
  answer.set_call(lookup.call());
  auto response =
      lookups_.AnswerKnown(link_, lookup.number(), lookup.traceparent());
  if (response.ok()) {
    *answer.mutable_response() = *std::move(response);
  } else {
    answer.set_reason(std::string(ReasonName(
        ReasonOf(response.status()).value_or(Reason::kStoreUnavailable))));
    answer.set_message(std::string(SentenceOf(response.status())));
  }
  send_(std::move(message));
}

bool SessionMessages::Terminate(const v1::TerminateRequest& request,
                                Duration timeout,
                                PeerClient::Done<v1::TerminateResponse> done) {
  // An older version would end the link that is to be kept.
  if (!request.kept_interlink_id().empty() && !knows_merges_) return false;
  v1::SessionMessage message;
  *message.mutable_terminate()->mutable_request() = request;
  message.mutable_terminate()->set_call(
      terminates_.Begin(timeout, std::move(done)));
  send_(std::move(message));
  return true;
}

void SessionMessages::AnswerTerminate(const v1::SessionTerminate& terminate) {
  removals_.TerminateOverSession(
      link_, terminate.request(),
      is_dialled_here_ ? Removals::Confirmation::kAnswerAndOutbox
                       : Removals::Confirmation::kAnswer,
      [this, alive = std::weak_ptr(alive_),
       call = terminate.call()](const absl::Status& status) {
        if (alive.expired()) return;
        v1::SessionMessage message;
        v1::SessionTerminateAnswer& answer =
            *message.mutable_terminate_answer();
        answer.set_call(call);
        if (!status.ok()) {
          answer.set_reason(std::string(ReasonName(Reason::kStoreUnavailable)));
        }
        send_(std::move(message));
      });
}

void SessionMessages::TakeAnswer(const v1::SessionTerminateAnswer& answer) {
  absl::Status status;
  if (!answer.reason().empty()) {
    status = Refusal(Reason::kStoreUnavailable, "at the other account");
  }
  terminates_.Answer(answer.call(), std::move(status), /*from_peer=*/true, {});
}

void SessionMessages::FailCalls() {
  own_lookups_.FailAll();
  terminates_.FailAll();
}

}  // namespace interlink::federation
