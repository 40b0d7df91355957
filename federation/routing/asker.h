#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "federation/base/contact_template.h"
#include "federation/base/host.h"
#include "federation/base/trace_context.h"

namespace interlink::federation {

// The PBX that asks where a number leads. A call that led back to it would come
// in as one of its own, with all that those may do (design.md section 9).
// Without hosts it is not known, as when a program asks by gRPC.
// A value.
struct Asker {
  // Whether a call to `contact` comes back to it.
  bool IsCalledBy(const ContactTemplate& contact) const;

  std::vector<Host> hosts;
  // Where it takes calls; if there are none, nobody knows, so at any port.
  std::vector<uint32_t> ports;
  std::optional<TraceContext> trace;  // Of its question.
};

}  // namespace interlink::federation
