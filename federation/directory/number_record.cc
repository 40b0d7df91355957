#include "federation/directory/number_record.h"

#include <string_view>
#include <utility>

#include "federation/base/contact_template.h"
#include "federation/base/names.h"
#include "federation/base/reason.h"
#include "federation/ledger/event_log.h"

namespace interlink::federation {
namespace {

constexpr char kDefaultName[] = "Internal Number ";

absl::Status SetDestination(const std::string& destination,
                            store::v1::NumberRecord& record) {
  absl::Status status = CheckDestination(destination);
  if (status.ok()) record.set_destination(destination);
  return status;
}

absl::Status SetContact(const std::string& contact,
                        store::v1::NumberRecord& record) {
  if (!contact.empty()) {
    auto parsed = ContactTemplate::Parse(contact);
    if (!parsed.ok()) return parsed.status();
  }
  record.set_contact(contact);
  return absl::OkStatus();
}

}  // namespace

absl::Status SetName(const std::string& name, store::InternalNumber number,
                     store::v1::NumberRecord& record) {
  if (name.empty()) {
    record.set_name(kDefaultName + number.ToString());
    return absl::OkStatus();
  }
  auto parsed = ParseName(name, "the name of a number");
  if (!parsed.ok()) return parsed.status();
  record.set_name(*std::move(parsed));
  return absl::OkStatus();
}

absl::Status SetField(const std::string& path, const api::Number& wanted,
                      store::InternalNumber number,
                      store::v1::NumberRecord& record) {
  if (path == "name") return SetName(wanted.name(), number, record);
  if (path == "destination") {
    return SetDestination(wanted.destination(), record);
  }
  if (path == "contact") return SetContact(wanted.contact(), record);
  if (path == "private") {
    record.set_private_(wanted.private_());
    return absl::OkStatus();
  }
  return Refusal(Reason::kRequestInvalid,
                 "update_mask may name name, destination, private and contact "
                 "only");
}

absl::Status SetAll(const api::Number& wanted, store::InternalNumber number,
                    store::v1::NumberRecord& record) {
  if (auto s = SetName(wanted.name(), number, record); !s.ok()) return s;
  if (auto s = SetDestination(wanted.destination(), record); !s.ok()) return s;
  if (auto s = SetContact(wanted.contact(), record); !s.ok()) return s;
  record.set_private_(wanted.private_());
  return absl::OkStatus();
}

absl::Status CheckNewContact(const std::string& before,
                             const std::string& contact,
                             const AccountSettings& settings) {
  if (!settings.asks_for_call_tokens || contact.empty() || contact == before) {
    return absl::OkStatus();
  }
  const auto parsed = ContactTemplate::Parse(contact);
  return parsed.ok() ? parsed->CheckHasRoomForToken() : parsed.status();
}

bool IsUnreachableBy(const std::string& contact,
                     const AccountSettings& settings) {
  return !CheckNewContact("", contact, settings).ok();
}

bool PassesFilter(const api::Number& number, const std::string& folded_filter) {
  if (number.number().starts_with(folded_filter)) return true;
  const size_t found = FoldedName(number.name()).find(folded_filter);
  const bool is_default = number.name() == kDefaultName + number.number();
  return found != std::string::npos &&
         (!is_default || found < std::string_view(kDefaultName).size());
}

bool SameContents(const store::v1::NumberRecord& a,
                  const store::v1::NumberRecord& b) {
  return a.name() == b.name() && a.destination() == b.destination() &&
         a.private_() == b.private_() && a.contact() == b.contact();
}

absl::Status TooManyNumbers(size_t count) {
  return Refusal(Reason::kLimitReached,
                 "this account has " + std::to_string(count) +
                     " numbers, which is all that it may have; delete some "
                     "that are not needed");
}

store::v1::EventRecord NumberEvent(std::string_view kind, std::string message,
                                   WallTime now) {
  store::v1::EventRecord event;
  *event.mutable_time() = store::ToTimestamp(now);
  event.set_kind(std::string(kind));
  event.set_actor(std::string(kByAdministrator));
  event.set_message(std::move(message));
  return event;
}

store::v1::EventRecord AddedEvent(store::InternalNumber number,
                                  const store::v1::NumberRecord& record,
                                  WallTime now) {
  return NumberEvent("NUMBER_ADDED",
                     "number " + number.ToString() + " was added" +
                         (record.private_() ? ", private" : ""),
                     now);
}

std::optional<store::v1::EventRecord> ChangedEvent(
    store::InternalNumber number, const store::v1::NumberRecord& before,
    const store::v1::NumberRecord& after, WallTime now) {
  std::string fields;
  const auto compare = [&fields](std::string_view name, const std::string& old,
                                 const std::string& fresh) {
    if (old == fresh) return;
    fields += (fields.empty() ? "" : ", ") + std::string(name);
  };
  compare("name", before.name(), after.name());
  compare("destination", before.destination(), after.destination());
  compare("contact", before.contact(), after.contact());
  if (fields.empty()) return std::nullopt;
  return NumberEvent("NUMBER_CHANGED",
                     "number " + number.ToString() + " has changed: " + fields,
                     now);
}

store::v1::EventRecord PrivacyEvent(store::InternalNumber number,
                                    bool is_private, WallTime now) {
  return NumberEvent("NUMBER_PRIVACY_CHANGED",
                     "number " + number.ToString() +
                         (is_private ? " is private now" : " is shared now"),
                     now);
}

}  // namespace interlink::federation
