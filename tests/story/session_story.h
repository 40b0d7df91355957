#pragma once

#include <string>

#include "tests/story/two_accounts.h"
#include "tests/support/scripted_peer.h"

namespace interlink::testing {

class SessionTest : public AccountsTest {
 protected:
  // John's daemon is away; the test speaks for him.
  std::string LinkAndStopJohn() {
    Link(mike, john);
    Advance(5s);
    const std::string id = mike.Rows()[0].id();
    john.Crash();
    Advance(1s);
    return id;
  }
  void Unreachable(SimulatedAccount& account) {
    account.settings.addresses.clear();
    account.account().Reload(account.settings);
  }
};

}  // namespace interlink::testing
