#pragma once

#include <optional>
#include <vector>

#include "daemon/doctor/findings.h"
#include "daemon/doctor/way_trial.h"
#include "federation/base/event_loop.h"
#include "federation/ledger/row.h"

namespace interlink::daemon {

// Whether a session with the row's peer stands: a connected row may have lost
// the session that made it so.
bool IsConnected(const federation::Row& row);

// What is known besides the row.
struct LinkFacts {
  federation::WallTime now;
  federation::Duration uptime;
  // The peer's call clock in seconds since 1970; nullopt if it has told none
  // since the daemon started, nor the key of its tokens.
  std::optional<int64_t> peer_clock;
};

// What `row` itself says: its state and, if it is established, its session and
// its calls.
void JudgeRow(const federation::Row& row, const LinkFacts& facts,
              Findings& findings);

// What became of the ways to the row's peer: one trial for each address. The
// steps after the first that fails are not examined.
void JudgeWays(const federation::Row& row,
               const std::vector<WayTrial::Outcome>& trials,
               Findings& findings);

// The same of this daemon's own listener at one of the addresses that peers are
// told; `trial` asked with this account's own pin. `bound`: where it listens.
void JudgeOwnAddress(const WayTrial::Outcome& trial, const std::string& bound,
                     Findings& findings);

}  // namespace interlink::daemon
