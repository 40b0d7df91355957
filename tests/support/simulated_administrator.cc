// What an administrator does at a SimulatedAccount.

#include "tests/support/awaited_numbers.h"
#include "tests/support/simulated_account.h"
#include "tests/support/simulated_pbx.h"

namespace interlink::testing {

absl::StatusOr<std::string> SimulatedAccount::GenerateKey(
    const std::string& name, std::optional<std::chrono::seconds> life) {
  api::GenerateKeyRequest request;
  request.set_name(name);
  if (life) request.mutable_expires_in()->set_seconds(life->count());
  auto response = GenerateKey(request);
  if (!response.ok()) return response.status();
  return response->key();
}

std::shared_ptr<std::optional<absl::StatusOr<api::Interlink>>>
SimulatedAccount::BeginLink(const std::string& name, const std::string& key,
                            std::chrono::seconds wait) {
  auto result =
      std::make_shared<std::optional<absl::StatusOr<api::Interlink>>>();
  api::LinkAccountRequest request;
  request.set_name(name);
  request.set_key(key);
  account_->redeemer().LinkAccount(
      request, wait, [result](absl::StatusOr<api::Interlink> outcome) {
        *result = std::move(outcome);
      });
  time_.AdvanceUntil(
      [&] { return result->has_value() || !is_running() || Row(name); },
      std::chrono::seconds(10));
  return result;
}

absl::StatusOr<api::Interlink> SimulatedAccount::Link(
    const std::string& name, const std::string& key,
    std::chrono::seconds wait) {
  auto result = BeginLink(name, key, wait);
  time_.AdvanceUntil([&] { return result->has_value(); },
                     wait + std::chrono::seconds(1));
  if (!result->has_value()) return absl::InternalError("never answered");
  return **result;
}

absl::Status SimulatedAccount::Delete(const std::string& name) {
  auto row = Row(name);
  if (!row) return absl::NotFoundError(name);
  return DeleteById(row->id());
}

absl::Status SimulatedAccount::Rename(const std::string& from,
                                      const std::string& to) {
  api::UpdateInterlinkRequest request;
  *request.mutable_interlink() = *Row(from);
  request.mutable_interlink()->set_name(to);
  request.mutable_update_mask()->add_paths("name");
  return Update(request).status();
}

absl::Status SimulatedAccount::SetPaused(const std::string& name, bool paused) {
  api::UpdateInterlinkRequest request;
  *request.mutable_interlink() = *Row(name);
  request.mutable_interlink()->set_paused(paused);
  request.mutable_update_mask()->add_paths("paused");
  return Update(request).status();
}

absl::Status SimulatedAccount::SetPriority(const std::string& name,
                                           int priority) {
  api::UpdateInterlinkRequest request;
  *request.mutable_interlink() = *Row(name);
  request.mutable_interlink()->set_priority(priority);
  request.mutable_update_mask()->add_paths("priority");
  return Update(request).status();
}

absl::Status SimulatedAccount::AddNumber(const std::string& number,
                                         bool is_private,
                                         const std::string& destination) {
  api::CreateNumberRequest request;
  request.mutable_number()->set_number(number);
  request.mutable_number()->set_destination(destination);
  request.mutable_number()->set_private_(is_private);
  return AwaitedNumbers(time_, account_->numbers()).Create(request).status();
}

absl::Status SimulatedAccount::SetPrivate(const std::string& number,
                                          bool is_private) {
  api::UpdateNumberRequest request;
  request.mutable_number()->set_number(number);
  request.mutable_number()->set_private_(is_private);
  request.mutable_update_mask()->add_paths("private");
  return AwaitedNumbers(time_, account_->numbers()).Update(request).status();
}

absl::StatusOr<api::Resolution> SimulatedAccount::Resolve(
    const std::string& number, bool bypass_mirror) {
  api::ResolveRequest request;
  request.set_bypass_mirror(bypass_mirror);
  request.set_number(number);
  if (auto local = AnswerAtOnce(*this, request)) return *std::move(local);
  std::optional<absl::StatusOr<api::Resolution>> result;
  account_->resolver().AskPeers(
      request, [&](absl::StatusOr<api::Resolution> r) { result = r; });
  time_.AdvanceUntil([&] { return result.has_value(); },
                     std::chrono::seconds(2));
  if (!result) return absl::InternalError("never answered");
  return *result;
}

}  // namespace interlink::testing
