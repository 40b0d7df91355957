#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/directory/directory.h"
#include "federation/mirrors/mirrors.h"
#include "federation/routing/dial_prefixes.h"
#include "federation/routing/routing_policy.h"

namespace interlink::federation {

// The linked accounts' numbers that can be dialled, as a list.
//
// Threading: any thread. Lifetime: the arguments must outlive it.
class ReachableNumbers {
 public:
  ReachableNumbers(const Directory& directory, const Mirrors& mirrors,
                   const DialPrefixes& prefixes, const RoutingPolicy& policy)
      : directory_(directory),
        mirrors_(mirrors),
        prefixes_(prefixes),
        policy_(policy) {}

  // Errors: REQUEST_INVALID, LINK_NOT_FOUND.
  absl::StatusOr<api::ListReachableNumbersResponse> List(
      const api::ListReachableNumbersRequest& request) const;

 private:
  // Whether `dialled` asks for the number of `listed`, of its link alone or of
  // all links.
  bool LeadsTo(const MirrorListed& listed, store::InternalNumber dialled) const;
  // The links of the accounts that have the number, in the order in which they
  // are called.
  std::vector<store::InterlinkId> CallOrder(store::InternalNumber number) const;

  const Directory& directory_;
  const Mirrors& mirrors_;
  const DialPrefixes& prefixes_;
  const RoutingPolicy& policy_;
};

}  // namespace interlink::federation
