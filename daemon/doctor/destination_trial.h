#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "daemon/doctor/findings.h"
#include "federation/base/event_loop.h"
#include "federation/directory/numbers.h"

namespace interlink::daemon {

// Looks through the account's own numbers for those that a call by SIP cannot
// be led to, some at a time: an account may have two million.
//
// Threading: loop only. Lifetime: the arguments must outlive it; destroying it
// calls it off.
class DestinationTrial : public std::enable_shared_from_this<DestinationTrial> {
 public:
  static constexpr size_t kMostNamed = 5;

  struct Outcome {
    absl::Status status;  // Why not all were looked at.
    size_t examined = 0;  // Those that have a destination.
    // The first kMostNamed, such as `203 ("PJSIP/desk")`. If there are so many,
    // the rest was not looked at.
    std::vector<std::string> unusable;
    // Numbers whose destination is the number itself, and the first of them.
    size_t own = 0;
    std::string first_own;
  };
  using Done = absl::AnyInvocable<void(Outcome)>;

  // `leads_to`: whether a call can be led to this destination. `done` is called
  // on the loop, never before the return.
  static std::shared_ptr<DestinationTrial> Start(
      federation::EventLoop& loop, const federation::Numbers& numbers,
      std::function<bool(const std::string& destination)> leads_to, Done done);

 private:
  DestinationTrial(federation::EventLoop& loop,
                   const federation::Numbers& numbers,
                   std::function<bool(const std::string&)> leads_to, Done done);
  void GoOnLater();
  void LookAtSome();
  void LookAt(const std::string& number, const std::string& destination);
  void End() { std::exchange(done_, nullptr)(std::move(outcome_)); }

  federation::EventLoop& loop_;
  const federation::Numbers& numbers_;
  const std::function<bool(const std::string&)> leads_to_;
  Done done_;
  std::string next_page_;
  Outcome outcome_;
};

void JudgeDestinations(const DestinationTrial::Outcome& outcome,
                       Findings& findings);

}  // namespace interlink::daemon
