#include "federation/ledger/interlink_update.h"

#include <cstdint>
#include <string>
#include <utility>

#include "federation/base/address.h"
#include "federation/base/reason.h"
#include "federation/base/settings.h"
#include "federation/ledger/interlink_view.h"
#include "federation/ledger/transaction.h"

namespace interlink::federation {
namespace {

constexpr int kMaxPriority = 1000;

absl::Status UpdateName(const Interlinks& interlinks, const std::string& wanted,
                        const Row& row, store::v1::InterlinkRecord& record,
                        Transaction& transaction) {
  auto name = interlinks.CheckName(wanted, &row);
  if (!name.ok()) return name.status();
  if (*name != record.name()) {
    transaction.Tell("RENAMED", kByAdministrator, &row,
                     "renamed to \"" + *name + "\"");
  }
  record.set_name(*std::move(name));
  return absl::OkStatus();
}

absl::Status SetPriority(int32_t wanted, const Row& row,
                         store::v1::InterlinkRecord& record,
                         Transaction& transaction) {
  if (wanted < 0 || wanted > kMaxPriority) {
    return Refusal(Reason::kRequestInvalid,
                   "a priority is a number from 0 to 1000");
  }
  const auto priority = static_cast<uint32_t>(wanted);
  if (priority != record.priority()) {
    transaction.Tell("PRIORITY_CHANGED", kByAdministrator, &row,
                     "the priority is now " + std::to_string(priority) +
                         ", and was " + std::to_string(record.priority()));
  }
  record.set_priority(priority);
  return absl::OkStatus();
}

absl::Status SetManualAddress(const std::string& wanted, const Row& row,
                              store::v1::InterlinkRecord& record,
                              Transaction& transaction) {
  if (!wanted.empty()) {
    absl::Status status = CheckPeerAddress(wanted);
    if (!status.ok()) return status;
  }
  if (wanted != record.manual_address()) {
    transaction.Tell("ADDRESS_SET", kByAdministrator, &row,
                     wanted.empty()
                         ? "no address is set by hand any more"
                         : "the address " + wanted + " was set by hand");
  }
  record.set_manual_address(wanted);
  return absl::OkStatus();
}

absl::Status SetDialPrefix(const Interlinks& interlinks,
                           const std::string& wanted, const Row& row,
                           store::v1::InterlinkRecord& record,
                           Transaction& transaction) {
  if (wanted.size() > kMaxDialPrefix ||
      wanted.find_first_not_of("0123456789") != wanted.npos) {
    return Refusal(Reason::kRequestInvalid,
                   "a dial_prefix has up to 6 digits and nothing else");
  }
  if (wanted == record.dial_prefix()) return absl::OkStatus();
  if (const Row* other = interlinks.FindByDialPrefix(wanted)) {
    return Refusal(Reason::kNameTaken,
                   "\"" + other->record.name() + "\" has the prefix " + wanted +
                       "; choose another, or take it from that one first");
  }
  transaction.Tell("PREFIX_SET", kByAdministrator, &row,
                   wanted.empty() ? "no prefix leads to it any more"
                                  : "the prefix " + wanted + " leads to it");
  record.set_dial_prefix(wanted);
  return absl::OkStatus();
}

absl::Status UpdateField(const Interlinks& interlinks, const std::string& path,
                         const api::Interlink& wanted, const Row& row,
                         store::v1::InterlinkRecord& record,
                         Transaction& transaction) {
  if (path == "name") {
    return UpdateName(interlinks, wanted.name(), row, record, transaction);
  }
  if (path == "priority") {
    return SetPriority(wanted.priority(), row, record, transaction);
  }
  if (path == "paused") {
    if (wanted.paused() != record.paused()) {
      transaction.Tell(wanted.paused() ? "PAUSED" : "RESUMED", kByAdministrator,
                       &row, wanted.paused() ? "paused" : "resumed");
    }
    record.set_paused(wanted.paused());
    return absl::OkStatus();
  }
  if (path == "manual_address") {
    return SetManualAddress(wanted.manual_address(), row, record, transaction);
  }
  if (path == "dial_prefix") {
    return SetDialPrefix(interlinks, wanted.dial_prefix(), row, record,
                         transaction);
  }
  return Refusal(Reason::kRequestInvalid,
                 "update_mask may name name, priority, paused, "
                 "manual_address and dial_prefix only");
}

std::string TakeoverInWords(const store::v1::InterlinkRecord& gone,
                            const store::v1::InterlinkRecord& before,
                            const store::v1::InterlinkRecord& kept) {
  std::string taken;
  const auto add = [&taken](const std::string& setting) {
    taken += (taken.empty() ? "" : ", ") + setting;
  };
  if (kept.dial_prefix() != before.dial_prefix()) {
    add("prefix " + kept.dial_prefix());
  }
  if (kept.priority() != before.priority()) {
    add("priority " + std::to_string(kept.priority()));
  }
  if (kept.manual_address() != before.manual_address()) {
    add("address " + kept.manual_address());
  }
  if (kept.paused() && !before.paused()) add("the pause");
  std::string words = taken.empty() ? "" : ", which takes over: " + taken;
  if (!gone.dial_prefix().empty() && gone.dial_prefix() != kept.dial_prefix()) {
    words += "; the prefix " + gone.dial_prefix() +
             " is free now, because the new link has the prefix " +
             kept.dial_prefix();
  }
  return words;
}

absl::StatusOr<store::InterlinkId> DecideUpdate(
    const Interlinks& interlinks, const api::UpdateInterlinkRequest& request,
    Transaction& transaction) {
  auto id = ParseInterlinkId(request.interlink().id());
  if (!id.ok()) return id.status();
  const Row* row = interlinks.Find(*id);
  if (row == nullptr) return NoSuchInterlink();
  store::v1::InterlinkRecord record = row->record;
  if (request.update_mask().paths().empty()) {
    return Refusal(Reason::kRequestInvalid,
                   "update_mask is empty; name what is to change");
  }
  for (const std::string& path : request.update_mask().paths()) {
    absl::Status status = UpdateField(interlinks, path, request.interlink(),
                                      *row, record, transaction);
    if (!status.ok()) return status;
  }
  transaction.Update(*row, record);
  return *id;
}

}  // namespace

void UpdateInterlink(Ledger& ledger, const api::UpdateInterlinkRequest& request,
                     Ledger::Done<api::Interlink> done) {
  const Interlinks& interlinks = ledger.interlinks();
  ledger.Submit<store::InterlinkId>(
      Subject::AllLinks(),
      [&interlinks, request](Transaction& transaction) {
        return DecideUpdate(interlinks, request, transaction);
      },
      [&interlinks,
       done = std::move(done)](absl::StatusOr<store::InterlinkId> id) mutable {
        if (!id.ok()) return done(id.status());
        const Row* row = interlinks.Find(*id);
        if (row == nullptr) return done(NoSuchInterlink());
        done(ShowInterlink(*row));
      });
}

std::string TakeOverSettings(const store::v1::InterlinkRecord& gone,
                             store::v1::InterlinkRecord& kept) {
  const store::v1::InterlinkRecord before = kept;
  if (kept.dial_prefix().empty()) kept.set_dial_prefix(gone.dial_prefix());
  if (kept.priority() == kDefaultPriority) kept.set_priority(gone.priority());
  if (kept.manual_address().empty()) {
    kept.set_manual_address(gone.manual_address());
  }
  // Or a peer that has another key could end the pause by redeeming it.
  if (gone.paused()) kept.set_paused(true);
  return TakeoverInWords(gone, before, kept);
}

}  // namespace interlink::federation
