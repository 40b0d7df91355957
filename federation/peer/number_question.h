#pragma once

#include <optional>
#include <string>

#include "federation/base/trace_context.h"
#include "store/internal_number.h"

namespace interlink::federation {

// What a linked account is asked.
struct NumberQuestion {
  store::InternalNumber number;
  std::optional<TraceContext> trace;  // Of the PBX's question.

  // As LookupRequest and SessionLookup have it.
  std::string traceparent() const { return trace ? trace->text() : ""; }
};

}  // namespace interlink::federation
