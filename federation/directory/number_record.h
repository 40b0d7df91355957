#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "federation/base/api.h"
#include "federation/base/event_loop.h"
#include "federation/base/settings.h"
#include "store/internal_number.h"
#include "store/records.h"

// Makes the record of a number from what the administrator has entered, and the
// events that tell of its changes.
namespace interlink::federation {

// SetName(), SetField() and SetAll() check what they set.
// Errors: NAME_INVALID, CONTACT_INVALID.

// An empty name means the default one.
absl::Status SetName(const std::string& name, store::InternalNumber number,
                     store::v1::NumberRecord& record);
// Sets the field that an update_mask names; REQUEST_INVALID if there is none.
absl::Status SetField(const std::string& path, const api::Number& wanted,
                      store::InternalNumber number,
                      store::v1::NumberRecord& record);
// Sets every field that the administrator may set.
absl::Status SetAll(const api::Number& wanted, store::InternalNumber number,
                    store::v1::NumberRecord& record);

// CONTACT_INVALID if calls need a token, which `contact` has no room for. One
// that is as it was before is not refused with every other change.
absl::Status CheckNewContact(const std::string& before,
                             const std::string& contact,
                             const AccountSettings& settings);

// Whether linked accounts cannot call a number with that contact, because calls
// need a token, which it has no room for.
bool IsUnreachableBy(const std::string& contact,
                     const AccountSettings& settings);

// Whether ListNumbers shows the number, by a filter in the form of
// FoldedName(). Digits are matched from the first on, also those that a default
// name repeats: "24" does not find "Internal Number 1024".
bool PassesFilter(const api::Number& number, const std::string& folded_filter);

// Whether two records are equal apart from their times.
bool SameContents(const store::v1::NumberRecord& a,
                  const store::v1::NumberRecord& b);

// LIMIT_REACHED, of an account that has `count` numbers.
absl::Status TooManyNumbers(size_t count);

store::v1::EventRecord NumberEvent(std::string_view kind, std::string message,
                                   WallTime now);
store::v1::EventRecord AddedEvent(store::InternalNumber number,
                                  const store::v1::NumberRecord& record,
                                  WallTime now);
// Names the fields that differ; nullopt if none does. The privacy does not
// count, because it has its own event.
std::optional<store::v1::EventRecord> ChangedEvent(
    store::InternalNumber number, const store::v1::NumberRecord& before,
    const store::v1::NumberRecord& after, WallTime now);
store::v1::EventRecord PrivacyEvent(store::InternalNumber number,
                                    bool is_private, WallTime now);

}  // namespace interlink::federation
