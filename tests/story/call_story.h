#pragma once

#include <string>

#include "federation/identity/proof.h"
#include "federation/routing/call_token.h"
#include "tests/story/two_accounts.h"
#include "tests/support/simulated_pbx.h"

namespace interlink::testing {

using federation::CallToken;

// John owns the numbers, and Mike's PBX dials them.
class CallTest : public AccountsTest {
 protected:
  CallTest() {
    AskForCallTokens(john, true);
    Link(mike, john);
    EXPECT_THAT(john.AddNumber("201", false, "sip:desk@10.0.0.1"), IsOk());
    EXPECT_THAT(john.AddNumber("202"), IsOk());
    Advance(5s);
  }

  // What John's daemon makes tokens of Mike's link with.
  std::string KeyOfMike() {
    const auto entry = *john.database().Get(store::kAccountKey);
    const auto record = *store::Decode<store::v1::AccountRecord>(entry->value);
    return federation::CallKey(record.call_secret(), LinkId());
  }
  store::InterlinkId LinkId() const {
    return *store::InterlinkId::FromHex(mike.Row("John Smith")->id());
  }
  // Of all events of that kind.
  int64_t CountOf(const std::string& kind) {
    int64_t count = 0;
    const auto events = *john.account().events().List({});
    for (const auto& event : events.events()) {
      if (event.kind() == kind) count += event.count();
    }
    return count;
  }
};

}  // namespace interlink::testing
