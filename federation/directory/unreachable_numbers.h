#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "federation/base/event_loop.h"
#include "federation/base/settings.h"
#include "federation/directory/directory.h"
#include "federation/ledger/ledger.h"

namespace interlink::federation {

// Tells the administrator of shared numbers that linked accounts cannot call
// since calls need a token, because their contacts have no room for one.
//
// Threading: loop only. Lifetime: the references must outlive it.
class UnreachableNumbers {
 public:
  // Numbers that one task of the loop looks at.
  static constexpr size_t kStep = 2000;

  UnreachableNumbers(EventLoop& loop, Ledger& ledger,
                     const Directory& directory,
                     const AccountSettings& settings)
      : loop_(loop),
        ledger_(ledger),
        directory_(directory),
        settings_(settings) {}

  // Looks at all shared numbers, step by step, and then writes one event if
  // there are such. Begins anew if a look is under way.
  void Look();

 private:
  void LookAtSome();
  void Tell();

  EventLoop& loop_;
  Ledger& ledger_;
  const Directory& directory_;
  const AccountSettings& settings_;
  std::optional<store::InternalNumber> after_;  // The last one looked at.
  std::string named_;                           // The first few, for the event.
  size_t count_ = 0;
  std::unique_ptr<EventLoop::Timer> next_;  // While a look is under way.
};

}  // namespace interlink::federation
