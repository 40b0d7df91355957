#include <algorithm>
#include <utility>

#include "tests/simulation/world.h"

namespace interlink::testing {

Plan Shrink(Plan plan, int runs) {
  for (size_t chunk = plan.steps.size() / 2; chunk > 0; chunk /= 2) {
    for (size_t begin = 0; begin < plan.steps.size() && runs > 0;) {
      Plan shorter = plan;
      const auto first =
          shorter.steps.begin() + static_cast<std::ptrdiff_t>(begin);
      const size_t size = std::min(chunk, plan.steps.size() - begin);
      shorter.steps.erase(first, first + static_cast<std::ptrdiff_t>(size));
      --runs;
      if (World(shorter).Run().empty()) {
        begin += size;
      } else {
        plan = std::move(shorter);
      }
    }
  }
  return plan;
}

}  // namespace interlink::testing
