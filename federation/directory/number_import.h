#pragma once

#include <cstddef>
#include <map>

#include "absl/status/status.h"
#include "federation/base/api.h"
#include "federation/base/event_loop.h"
#include "federation/base/settings.h"
#include "federation/directory/directory.h"
#include "federation/ledger/ledger.h"
#include "store/internal_number.h"
#include "store/records.h"

namespace interlink::federation {

// One chunk of an import of numbers, stored as a whole or not at all. If
// several lines name the same number, the last one wins.
//
// A short-lived value: run, drop. Threading: loop only.
class NumberImport {
 public:
  NumberImport(Ledger& ledger, const Directory& directory,
               const AccountSettings& settings)
      : ledger_(ledger),
        directory_(directory),
        settings_(settings),
        now_(ledger.WallNow()) {}

  // Stores the chunk, or refuses it, and adds the outcome to `summary`; with
  // validate_only, the outcome that it would have. Errors: STORE_UNAVAILABLE.
  absl::Status Run(const api::ImportNumbersRequest& chunk,
                   api::ImportNumbersResponse& summary);

 private:
  using Entry = api::ImportNumbersRequest::Entry;

  // Takes in one line; the error says why it is refused.
  absl::Status Add(const Entry& entry);
  absl::Status Store();

  Ledger& ledger_;
  const Directory& directory_;
  const AccountSettings& settings_;
  const WallTime now_;
  std::map<store::InternalNumber, store::v1::NumberRecord> puts_;
  size_t created_ = 0;
  size_t updated_ = 0;
  size_t made_private_ = 0;
  size_t made_shared_ = 0;
  size_t unchanged_ = 0;
};

}  // namespace interlink::federation
