#pragma once

#include "daemon/cli/api/session.h"

namespace interlink::cli {

// Prints which links were considered for a number that was dialled, what each
// answered, why one comes first and what the PBX is told. `status` is that of
// the Resolve by `request`; `resolution` counts only if it is OK.
void ExplainResolution(Session& session, const v1::ResolveRequest& request,
                       const grpc::Status& status,
                       const v1::Resolution& resolution);

}  // namespace interlink::cli
