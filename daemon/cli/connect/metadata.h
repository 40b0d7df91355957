#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "grpcpp/support/string_ref.h"

namespace interlink::cli {

// Names and values in the order in which they came; values of names that end
// in "-bin" are base64, as HTTP carries them.
using Metadata = std::vector<std::pair<std::string, std::string>>;

// What of a call's metadata is for its client: not what gRPC says to itself,
// what HTTP says of this connection, or what no HTTP header may hold.
Metadata MetadataForClients(
    const std::multimap<grpc::string_ref, grpc::string_ref>& metadata);

}  // namespace interlink::cli
