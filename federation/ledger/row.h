#pragma once

#include <optional>
#include <string>

#include "federation/base/api.h"
#include "federation/base/event_loop.h"
#include "store/database.h"
#include "store/records.h"

namespace interlink::federation {

// One listed row: its stored record, and what is known for now.
struct Row {
  store::InterlinkId id;
  store::v1::InterlinkRecord record;
  store::Revision revision = 0;

  // Never stored (design.md section 7).
  api::InterlinkHealth health = api::INTERLINK_HEALTH_UNSPECIFIED;
  WallTime health_since;
  std::string last_error_reason;  // Empty if all is well.
  std::string last_error;
  std::optional<WallTime> next_try;
  std::optional<Duration> round_trip;
  std::optional<WallTime> last_answer;

  bool Is(store::v1::RowState state) const { return record.state() == state; }
  // Zero while PENDING.
  store::AccountId peer() const;
};

}  // namespace interlink::federation
