#pragma once

#include "absl/status/status.h"

namespace interlink::federation {

// A refusal of the other account's daemon, reworded for this side: the other
// daemon writes "this account" for itself and advises its own administrator. A
// reason known here gets a sentence of ours; any other sentence is quoted. The
// reason is kept; everything else that the peer attached is dropped.
absl::Status InOurWords(const absl::Status& told_by_peer);

}  // namespace interlink::federation
