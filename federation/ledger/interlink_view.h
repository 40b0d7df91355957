#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/ledger/interlinks.h"
#include "federation/ledger/row.h"
#include "store/records.h"

// Links as the API shows them. Errors: as in interlink.proto.
namespace interlink::federation {

// How a log line names a row: `interlink "John Smith" 0123...`, with the name
// escaped, so that it cannot end its own quotes.
std::string TitleOf(std::string_view name, store::InterlinkId id);

api::Interlink ShowInterlink(const Row& row);
api::Interlink ShowTombstone(const store::v1::InterlinkRecord& record);

// The row or the tombstone of that id.
absl::StatusOr<api::Interlink> GetInterlink(const Interlinks& interlinks,
                                            std::string_view id);
absl::StatusOr<api::ListInterlinksResponse> ListInterlinks(
    const Interlinks& interlinks, const api::ListInterlinksRequest& request);

}  // namespace interlink::federation
