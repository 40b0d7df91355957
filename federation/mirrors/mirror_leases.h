#pragma once

#include <cstddef>
#include <set>
#include <utility>

#include "federation/base/event_loop.h"
#include "federation/mirrors/mirror_index.h"

namespace interlink::federation {

// The ends of the mirrors' leases, the earliest first, so that the mirrors out
// of step are found without a look at the others. Links that may be asked are
// kept apart from silent ones.
//
// Threading: none of its own; many may read while nobody writes.
class MirrorLeases {
 public:
  using Index = MirrorIndex::LinkIndex;

  void Add(SteadyTime until, Index link, bool is_askable) {
    (is_askable ? askable_ : silent_).emplace(until, link);
  }
  void Remove(SteadyTime until, Index link, bool is_askable) {
    (is_askable ? askable_ : silent_).erase({until, link});
  }

  bool IsAnyAskable(SteadyTime now) const {
    return !askable_.empty() && askable_.begin()->first <= now;
  }
  // Call `visit` with the links out of step until it returns false.
  template <class Visitor>
  void VisitAskable(SteadyTime now, Visitor visit) const {
    Visit(askable_, now, visit);
  }
  template <class Visitor>
  void VisitSilent(SteadyTime now, Visitor visit) const {
    Visit(silent_, now, visit);
  }

  size_t InStep(SteadyTime now) const {
    size_t count = 0;
    for (const Leases* leases : {&askable_, &silent_}) {
      for (auto i = leases->rbegin(); i != leases->rend() && i->first > now;
           ++i) {
        ++count;
      }
    }
    return count;
  }

 private:
  using Leases = std::set<std::pair<SteadyTime, Index>>;

  template <class Visitor>
  static void Visit(const Leases& leases, SteadyTime now, Visitor& visit) {
    for (const auto& [until, link] : leases) {
      if (until > now || !visit(link)) return;
    }
  }

  Leases askable_;
  Leases silent_;
};

}  // namespace interlink::federation
