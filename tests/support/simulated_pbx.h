#pragma once

#include <optional>
#include <string>

#include "tests/support/simulated_account.h"

// What an account's PBX asks of its daemon, and what it wants of calls.
namespace interlink::testing {

// It lets in calls by call token only, or by their numbers too.
inline void AskForCallTokens(SimulatedAccount& account, bool asks) {
  account.settings.asks_for_call_tokens = asks;
  account.account().Reload(account.settings);
}

// A call has come in to that user part.
inline absl::StatusOr<api::AuthorizeCallResponse> Authorize(
    SimulatedAccount& account, const std::string& dialled,
    const std::string& call_id = "") {
  api::AuthorizeCallRequest request;
  request.set_dialled(dialled);
  request.set_call_id(call_id);
  const OffLoop off_loop;
  return account.account().call_admission().Authorize(request);
}

// What can be answered from memory; nullopt: peers have to be asked.
inline std::optional<absl::StatusOr<api::Resolution>> AnswerAtOnce(
    SimulatedAccount& account, const api::ResolveRequest& request) {
  const OffLoop off_loop;
  return account.account().resolver().AnswerAtOnce(request);
}

inline absl::StatusOr<api::ListReachableNumbersResponse> ListReachable(
    SimulatedAccount& account,
    const api::ListReachableNumbersRequest& request = {}) {
  const OffLoop off_loop;
  return account.account().reachable().List(request);
}

// The user part of the URI that it dials; empty if there is no route.
inline std::string Dial(SimulatedAccount& account, const std::string& number) {
  const auto resolution = account.Resolve(number);
  if (!resolution.ok() || resolution->routes().empty()) return "";
  const std::string uri = resolution->routes(0).uri();
  return uri.substr(4, uri.find('@') - 4);
}

}  // namespace interlink::testing
