#pragma once

#include <string>
#include <vector>

namespace interlink::daemon {

// The variable of a setting: "data-dir" -> "INTERLINK_DATA_DIR".
std::string VariableOf(const std::string& setting);

struct UnknownVariable {
  std::string name;
  std::string resembled;  // The known one that it resembles; else empty.
};

// The INTERLINK_* variables of this process that are not among `known`, except
// those that Kubernetes sets in every pod for a Service named interlink.
std::vector<UnknownVariable> UnknownVariables(
    const std::vector<std::string>& known);

}  // namespace interlink::daemon
