#pragma once

#include <grpcpp/server_context.h>

#include <iterator>
#include <optional>

#include "federation/base/trace_context.h"

namespace interlink::daemon {

// The trace that a call belongs to, by its metadata `traceparent`; nullopt if
// it has none, several, or one that is not well-formed.
inline std::optional<federation::TraceContext> TraceOf(
    const grpc::ServerContextBase& context) {
  const auto& metadata = context.client_metadata();
  const auto [first, last] = metadata.equal_range("traceparent");
  if (first == last || std::next(first) != last) return std::nullopt;
  return federation::TraceContext::Parse(
      {first->second.data(), first->second.size()});
}

}  // namespace interlink::daemon
