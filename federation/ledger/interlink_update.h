#pragma once

#include <string>

#include "absl/status/status.h"
#include "federation/ledger/interlinks.h"
#include "federation/ledger/transaction.h"

namespace interlink::federation {

// Sets in `record`, which becomes that of `row`, the field that an update_mask
// names, to what it is in `wanted`; `transaction` tells of it if it differs.
// Errors: NAME_INVALID, NAME_TAKEN; REQUEST_INVALID for what cannot be the
// field, or if there is no such.
absl::Status SetField(const Interlinks& interlinks, const std::string& path,
                      const api::Interlink& wanted, const Row& row,
                      store::v1::InterlinkRecord& record,
                      Transaction& transaction);

}  // namespace interlink::federation
