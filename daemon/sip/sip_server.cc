#include "daemon/sip/sip_server.h"

#include <spdlog/spdlog.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "absl/hash/hash.h"
#include "daemon/net/source_network.h"
#include "daemon/sip/message_head.h"
#include "daemon/sip/redirect_rules.h"

namespace interlink::daemon {
namespace {

using State = ServerTransactions::State;

// One tag for all answers to a request, also if it is forgotten in between.
std::string TagFor(const std::string& key, uint64_t seed) {
  char text[17];
  std::snprintf(text, sizeof(text), "%016llx",
                static_cast<unsigned long long>(absl::HashOf(seed, key)));
  return text;
}

}  // namespace

SipServer::SipServer(federation::EventLoop& loop, CallDirectory& calls,
                     SipCounters& counters, uint64_t seed)
    : loop_(loop),
      calls_(calls),
      counters_(counters),
      seed_(seed),
      transactions_(loop, {}) {}

void SipServer::Receive(std::string_view text, size_t body_bytes,
                        const SipSource& source, ReplyPath& path) {
  const MessageHead head(text);
  const auto request = SipRequest::Parse(head, body_bytes, source.is_stream);
  if (!request) return Drop(source, "it is no request that can be answered");
  if (!request->fault.empty()) LogMalformed(source, request->fault);
  std::string key = request->TransactionKey();
  if (request->method == "ACK") {
    transactions_.Acknowledge(key);
  } else if (request->method == "CANCEL") {
    Cancel(*request, key, source, path);
  } else if (const auto known = transactions_.Find(key);
             known.state != State::kNew) {
    ++counters_.repeated;
    if (!known.answer.empty()) {
      path.Send(known.answer, request->via.AnswerPort(source));
    }
  } else if (const auto answer =
                 redirect::AnswerWithoutAsking(*request, is_serving_)) {
    Count(*answer);
    AnswerNow(*answer, *request, std::move(key), source, path);
  } else {
    Call(*request, std::move(key), source, path);
  }
}

void SipServer::Drop(const SipSource& source, std::string_view why) {
  ++counters_.malformed;
  LogMalformed(source, why);
}

void SipServer::LogMalformed(const SipSource& source, std::string_view why) {
  const std::string network = NetworkOf(source.address);
  if (!log_.MayLog(network, loop_.Now())) return;
  spdlog::warn("SIP from {} is malformed: {}", network, why);
}

// Its answer is not kept: it has the key of the INVITE.
void SipServer::Cancel(const SipRequest& request, const std::string& key,
                       const SipSource& source, ReplyPath& path) {
  const State state = transactions_.Find(key).state;
  const bool is_good = request.is_sip_2_0 && request.fault.empty();
  const SipAnswer answer =
      !is_good ? *redirect::AnswerWithoutAsking(request, is_serving_)
               : SipAnswer{state == State::kNew ? 481 : 200, {}};
  path.Send(Text(answer, request, key, source), request.via.AnswerPort(source));
  Count(answer);
  if (!is_good) return;
  const auto found = waiting_.find(key);
  if (found == waiting_.end()) return;
  // Made of the INVITE: a CANCEL has the topmost Via alone (section 9.1), and a
  // proxy needs those below it.
  const SipAnswer ended{487, {}};
  Count(ended);
  EndWait(*std::shared_ptr(found->second), ended);
}

void SipServer::Call(const SipRequest& request, std::string key,
                     const SipSource& source, ReplyPath& path) {
  const SipCall call{.dialled = request.user,
                     .call_id = request.call_id,
                     .calling_number = request.calling_number,
                     .asker = request.via.AskerAt(source)};
  const auto target = redirect::HasToken(call)
                          ? std::optional(calls_.Admit(call))
                          : calls_.AnswerAtOnce(call);
  if (!target) {
    CallLater(request, call, std::move(key), source, path);
    return;
  }
  const SipAnswer answer = AnswerTo(request, source, call, *target);
  AnswerNow(answer, request, std::move(key), source, path);
}

void SipServer::CallLater(const SipRequest& request, const SipCall& call,
                          std::string key, const SipSource& source,
                          ReplyPath& path) {
  const auto waiting =
      std::make_shared<const Waiting>(Waiting{request, call, source, key});
  const auto give_up = [this, waiting] {
    const SipAnswer answer = redirect::NotKnownNow();
    Count(answer);
    EndWait(*waiting, answer);
  };
  const bool is_waiting =
      transactions_.Wait(key, Text({100, {}}, request, key, source),
                         {.path = path.Keep(),
                          .port = request.via.AnswerPort(source),
                          .is_stream = source.is_stream},
                         give_up);
  if (!is_waiting) {
    const SipAnswer answer = redirect::NotKnownNow();
    Count(answer);
    AnswerNow(answer, request, std::move(key), source, path);
    return;
  }
  waiting_.emplace(waiting->key, waiting);
  calls_.AskPeers(call, [this, waiting](CallDirectory::Answer target) {
    // It may have been cancelled, or have waited for too long.
    if (!IsStillWaiting(*waiting)) return;
    EndWait(*waiting,
            AnswerTo(waiting->request, waiting->source, waiting->call, target));
  });
}

bool SipServer::IsStillWaiting(const Waiting& call) const {
  const auto found = waiting_.find(call.key);
  return found != waiting_.end() && found->second.get() == &call;
}

void SipServer::EndWait(const Waiting& call, const SipAnswer& answer) {
  transactions_.Answer(call.key,
                       Text(answer, call.request, call.key, call.source));
  waiting_.erase(call.key);
}

SipAnswer SipServer::AnswerTo(const SipRequest& request,
                              const SipSource& source, const SipCall& call,
                              const CallDirectory::Answer& target) {
  redirect::CallAnswer given =
      redirect::AnswerTo(request, source, call, target);
  CountCall(given.answer, call, target);
  if (!given.why_unusable.empty()) {
    LogUnusable(call, *target, given.why_unusable);
  }
  return std::move(given.answer);
}

// A call token is a secret, and so not logged.
void SipServer::LogUnusable(const SipCall& call,
                            const CallDirectory::Target& target,
                            std::string_view why) {
  const std::string number =
      redirect::HasToken(call) ? "" : " to " + call.dialled;
  if (!unusable_log_.MayLog(number + target.uri, loop_.Now())) return;
  spdlog::warn("a SIP call{} is answered 404: {} (\"{}\")", number, why,
               target.uri);
}

void SipServer::AnswerNow(const SipAnswer& answer, const SipRequest& request,
                          std::string key, const SipSource& source,
                          ReplyPath& path) {
  std::string text = Text(answer, request, key, source);
  path.Send(text, request.via.AnswerPort(source));
  transactions_.Remember(std::move(key), std::move(text));
}

std::string SipServer::Text(const SipAnswer& answer, const SipRequest& request,
                            const std::string& key,
                            const SipSource& source) const {
  return ToText(answer, request, source, TagFor(key, seed_));
}

void SipServer::CountCall(const SipAnswer& answer, const SipCall& call,
                          const CallDirectory::Answer& target) {
  if (answer.status != 302) {
    Count(answer);
  } else if (redirect::HasToken(call)) {
    ++counters_.admitted;
  } else if (target->is_local) {
    ++counters_.redirected_locally;
  } else {
    ++counters_.redirected_to_peers;
  }
}

void SipServer::Count(const SipAnswer& answer) {
  switch (answer.status) {
    case 200:
      ++counters_.answered_ok;
      break;
    case 400:
      ++counters_.malformed;
      break;
    case 403:
      ++counters_.refused;
      break;
    case 404:
      ++counters_.not_found;
      break;
    case 480:
    case 503:
      ++counters_.unavailable;
      break;
    case 487:
      ++counters_.cancelled;
      break;
    default:
      ++counters_.refused_otherwise;
  }
}

}  // namespace interlink::daemon
