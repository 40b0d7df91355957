#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "federation/base/api.h"
#include "federation/base/event_loop.h"
#include "store/internal_number.h"
#include "store/records.h"

// How what the administrator says of a number becomes its record.
namespace interlink::federation {

// Each checks its field; NAME_INVALID or CONTACT_INVALID if it breaks a rule.
// An empty name is the default one.
absl::Status SetName(const std::string& name, store::InternalNumber number,
                     store::v1::NumberRecord& record);
absl::Status SetDestination(const std::string& destination,
                            store::v1::NumberRecord& record);
absl::Status SetContact(const std::string& contact,
                        store::v1::NumberRecord& record);
// The field that an update_mask names; REQUEST_INVALID if there is no such.
absl::Status SetField(const std::string& path, const api::Number& wanted,
                      store::InternalNumber number,
                      store::v1::NumberRecord& record);
// All that the administrator may set.
absl::Status SetAll(const api::Number& wanted, store::InternalNumber number,
                    store::v1::NumberRecord& record);

// Whether ListNumbers shows it. A default name repeats the number, whose digits
// count only from the first on: "24" does not find "Internal Number 1024".
bool PassesFilter(const api::Number& number, const std::string& filter);

// Whether the two differ in nothing but their times.
bool SameContents(const store::v1::NumberRecord& a,
                  const store::v1::NumberRecord& b);

store::v1::EventRecord NumberEvent(std::string_view kind, std::string message,
                                   WallTime now);
// That it was added.
store::v1::EventRecord AddedEvent(store::InternalNumber number,
                                  const store::v1::NumberRecord& record,
                                  WallTime now);
// What differs between the two but for the privacy, which has its own event;
// nullopt if nothing does.
std::optional<store::v1::EventRecord> ChangedEvent(
    store::InternalNumber number, const store::v1::NumberRecord& before,
    const store::v1::NumberRecord& after, WallTime now);
store::v1::EventRecord PrivacyEvent(store::InternalNumber number,
                                    bool is_private, WallTime now);

}  // namespace interlink::federation
