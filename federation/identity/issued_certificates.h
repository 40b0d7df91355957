#pragma once

#include "federation/base/event_loop.h"
#include "federation/identity/certificate.h"
#include "federation/identity/private_key.h"
#include "store/ids.h"

// The certificates that an account makes for itself (design.md section 4).
namespace interlink::federation {

// A self-signed CA certificate of `key`, valid from 1970 to 9999.
Certificate NewRoot(store::AccountId account, const PrivateKey& key);

// A certificate of `key` for both sides of TLS, signed by `root`, with the SANs
// URI:interlink://account/<id> and DNS:<id>.interlink.internal.
Certificate NewLeaf(store::AccountId account, const Certificate& root,
                    const PrivateKey& root_key, const PrivateKey& key,
                    WallTime begin, WallTime end);

}  // namespace interlink::federation
