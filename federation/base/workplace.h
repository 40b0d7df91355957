#pragma once

#include <utility>

#include "federation/base/event_loop.h"
#include "store/writer.h"

namespace interlink::federation {

// For a database that `loop` owns: it is written by a thread of its own.
// Lifetime: the loop must outlive the database.
inline store::Workplace WorkplaceOf(EventLoop& loop) {
  return {.post = [&loop](store::Task task) { loop.Post(std::move(task)); },
          .writer = nullptr};
}

}  // namespace interlink::federation
