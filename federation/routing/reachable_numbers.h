#pragma once

#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/directory/directory.h"
#include "federation/mirrors/mirrors.h"
#include "federation/routing/routing_policy.h"

namespace interlink::federation {

// The linked accounts' numbers that can be dialled, as a list.
//
// Threading: any thread. Lifetime: the arguments must outlive it.
class ReachableNumbers {
 public:
  ReachableNumbers(const Directory& directory, const Mirrors& mirrors,
                   const RoutingPolicy& policy)
      : directory_(directory), mirrors_(mirrors), policy_(policy) {}

  // Errors: REQUEST_INVALID, LINK_NOT_FOUND.
  absl::StatusOr<api::ListReachableNumbersResponse> List(
      const api::ListReachableNumbersRequest& request) const;

 private:
  const Directory& directory_;
  const Mirrors& mirrors_;
  const RoutingPolicy& policy_;
};

}  // namespace interlink::federation
