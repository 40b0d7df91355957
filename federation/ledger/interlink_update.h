#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/ledger/ledger.h"
#include "interlink/store/v1/records.pb.h"

namespace interlink::federation {

// Sets the fields of a link that are the administrator's own, all or none of
// those that update_mask names, and gives the link as it is then. Errors: as
// in interlink.proto.
void UpdateInterlink(Ledger& ledger, const api::UpdateInterlinkRequest& request,
                     Ledger::Done<api::Interlink> done);

// Called when the row of `kept` replaces that of `gone`: takes over what the
// administrator has set there. Where both were set, `kept` stays as it is, but
// a pause of either counts.
//
// Returns what the administrator should know of it, as the end of a sentence
// about the new row: ", which takes over: prefix 8". Empty if nothing was set.
std::string TakeOverSettings(const store::v1::InterlinkRecord& gone,
                             store::v1::InterlinkRecord& kept);

}  // namespace interlink::federation
