#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "federation/base/api.h"
#include "federation/base/event_loop.h"
#include "store/internal_number.h"
#include "store/records.h"

// From the administrator's words to the record of a number, and to the events
// that tell of its changes.
namespace interlink::federation {

// Each checks what it sets. Errors: NAME_INVALID, CONTACT_INVALID.
//
// An empty name means the default one.
absl::Status SetName(const std::string& name, store::InternalNumber number,
                     store::v1::NumberRecord& record);
// The field that an update_mask names; REQUEST_INVALID if there is no such.
absl::Status SetField(const std::string& path, const api::Number& wanted,
                      store::InternalNumber number,
                      store::v1::NumberRecord& record);
// Every field that the administrator may set.
absl::Status SetAll(const api::Number& wanted, store::InternalNumber number,
                    store::v1::NumberRecord& record);

// Whether ListNumbers shows the number. Digits are matched from the first on,
// also those that a default name repeats: "24" does not find "Internal Number
// 1024".
bool PassesFilter(const api::Number& number, const std::string& filter);

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
