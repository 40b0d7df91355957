#pragma once

#include "absl/status/status.h"

namespace interlink::federation {

// A refusal of the other account's daemon in words that are right on this side:
// it writes "this account" and means itself, and tells its own administrator
// what to do. A reason that is known here gets a sentence of ours; any other
// sentence is quoted. The reason stays; what else the peer attached is dropped.
absl::Status InOurWords(const absl::Status& told_by_peer);

}  // namespace interlink::federation
