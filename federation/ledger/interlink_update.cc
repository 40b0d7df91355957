#include "federation/ledger/interlink_update.h"

#include <cstdint>
#include <string>
#include <utility>

#include "federation/base/address.h"
#include "federation/base/reason.h"
#include "federation/ledger/interlink_view.h"
#include "federation/ledger/transaction.h"

namespace interlink::federation {
namespace {

constexpr int kMaxPriority = 1000;

absl::Status SetName(const Interlinks& interlinks, const std::string& wanted,
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

absl::Status SetField(const Interlinks& interlinks, const std::string& path,
                      const api::Interlink& wanted, const Row& row,
                      store::v1::InterlinkRecord& record,
                      Transaction& transaction) {
  if (path == "name") {
    return SetName(interlinks, wanted.name(), row, record, transaction);
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
  return Refusal(Reason::kRequestInvalid,
                 "update_mask may name name, priority, paused and "
                 "manual_address only");
}

}  // namespace

absl::StatusOr<api::Interlink> UpdateInterlink(
    Ledger& ledger, const api::UpdateInterlinkRequest& request) {
  auto id = ParseInterlinkId(request.interlink().id());
  if (!id.ok()) return id.status();
  const Interlinks& interlinks = ledger.interlinks();
  const Row* row = interlinks.Find(*id);
  if (row == nullptr) return NoSuchInterlink();
  Transaction transaction = ledger.Begin();
  store::v1::InterlinkRecord record = row->record;
  if (request.update_mask().paths().empty()) {
    return Refusal(Reason::kRequestInvalid,
                   "update_mask is empty; name what is to change");
  }
  for (const std::string& path : request.update_mask().paths()) {
    absl::Status status = SetField(interlinks, path, request.interlink(), *row,
                                   record, transaction);
    if (!status.ok()) return status;
  }
  transaction.Update(*row, record);
  if (absl::Status status = transaction.Commit(); !status.ok()) return status;
  return ShowInterlink(*interlinks.Find(*id));
}

}  // namespace interlink::federation
