#pragma once

#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/ledger/ledger.h"

namespace interlink::federation {

// Sets the fields of a link that are the administrator's own, all or none of
// those that update_mask names, and returns the link as it is then. Errors: as
// in interlink.proto.
absl::StatusOr<api::Interlink> UpdateInterlink(
    Ledger& ledger, const api::UpdateInterlinkRequest& request);

}  // namespace interlink::federation
