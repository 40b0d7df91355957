#include "daemon/sip/account_calls.h"

#include <utility>

#include "store/records.h"

namespace interlink::daemon {
namespace {

federation::api::ResolveRequest RequestFor(const SipCall& call) {
  federation::api::ResolveRequest request;
  request.set_number(call.dialled);
  request.set_calling_number(call.calling_number);
  return request;
}

}  // namespace

std::optional<CallDirectory::Answer> AccountCalls::AnswerAtOnce(
    const SipCall& call) {
  const auto start = server_loop_.Now();
  auto known = account_.resolver().AnswerAtOnce(RequestFor(call), call.asker);
  if (!known) return std::nullopt;
  counts_.AddLookup(*known, server_loop_.Now() - start);
  return TargetOf(*std::move(known));
}

void AccountCalls::AskPeers(const SipCall& call, Done done) {
  questions_.Ask(
      RequestFor(call), call.asker,
      [this, start = server_loop_.Now(), done = std::move(done)](
          absl::StatusOr<federation::api::Resolution> answer) mutable {
        counts_.AddLookup(answer, server_loop_.Now() - start);
        done(TargetOf(std::move(answer)));
      });
}

CallDirectory::Answer AccountCalls::Admit(const SipCall& call) {
  federation::api::AuthorizeCallRequest request;
  request.set_dialled(call.dialled);
  request.set_call_id(call.call_id);
  request.set_calling_number(call.calling_number);
  const auto start = server_loop_.Now();
  auto admitted = account_.call_admission().Authorize(request);
  counts_.AddCall(admitted, server_loop_.Now() - start);
  if (!admitted.ok()) return admitted.status();
  return Target{
      .uri = std::move(*admitted->mutable_destination()),
      .is_local = true,
      .interlink_name = std::move(*admitted->mutable_interlink_name()),
      .number = std::move(*admitted->mutable_number())};
}

CallDirectory::Answer AccountCalls::TargetOf(
    absl::StatusOr<federation::api::Resolution> resolution) const {
  if (!resolution.ok()) return resolution.status();
  if (resolution->routes().empty()) return Target{.is_local = true};
  // A second one would ring another company's person.
  const federation::api::Route& first = resolution->routes(0);
  Target target{.uri = first.uri(),
                .is_local = resolution->source() ==
                            federation::api::RESOLUTION_SOURCE_LOCAL};
  if (first.has_expire_time()) {
    target.holds_for = std::chrono::floor<std::chrono::seconds>(
        store::FromTimestamp(first.expire_time()) - server_loop_.WallNow());
  }
  return target;
}

}  // namespace interlink::daemon
