#include "federation/mirrors/mirror_finding.h"

#include <algorithm>
#include <tuple>

namespace interlink::federation {

void SortAsCalled(std::vector<MirrorHit>& hits) {
  const auto turn = [](const MirrorHit& hit) {
    return std::make_tuple(hit.peer->priority, hit.peer->establish_time,
                           hit.peer->id);
  };
  std::sort(hits.begin(), hits.end(),
            [&](const auto& a, const auto& b) { return turn(a) < turn(b); });
}

}  // namespace interlink::federation
