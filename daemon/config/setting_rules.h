#pragma once

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/net/address_range.h"
#include "federation/base/host.h"
#include "store/internal_number.h"

// What the text of a setting may be. Errors: INVALID_ARGUMENT with the refused
// text, and what is allowed.
namespace interlink::daemon::rule {

absl::Status IsNot(const std::string& value, const std::string& what);

// Rules that check a value, and may write it anew.
absl::Status Path(std::string& value);        // Without a slash at the end.
absl::Status SocketPath(std::string& value);  // Without "unix:" before it.
absl::Status ListenAddress(std::string& value);
absl::Status ListenAddressOrNone(std::string& value);
absl::Status Advertised(std::string& value);
absl::Status AccountName(std::string& value);
absl::Status Contact(std::string& value);
absl::Status CallAdmission(std::string& value);
absl::Status LogFormat(std::string& value);
absl::Status LogLevel(std::string& value);

absl::StatusOr<int> WholeNumber(const std::string& value, int least, int most);
// As ParseTimeSpan() reads it, or seconds without a unit; at most 30 days.
absl::StatusOr<int> Seconds(const std::string& value);
// The same from 30 seconds to 10 minutes.
absl::StatusOr<int> CallTokenLife(const std::string& value);
absl::StatusOr<federation::Host> ContactHost(const std::string& value);
absl::StatusOr<AddressRange> Network(const std::string& value);
absl::StatusOr<store::InternalNumber> Number(const std::string& value);
// A group by its name or, if there is none of that name, by its number.
absl::StatusOr<gid_t> Group(const std::string& value);

}  // namespace interlink::daemon::rule
