#pragma once

#include "interlink/v1/interlink.pb.h"

// Within this namespace `v1` is the peers' protocol, and `api` the
// administrator's.
namespace interlink::federation {
namespace api = ::interlink::v1;
}
