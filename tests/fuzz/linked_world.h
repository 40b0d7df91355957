#pragma once

#include <map>
#include <memory>
#include <string>

#include "federation/linking/authorization_key.h"
#include "tests/support/simulated_account.h"
#include "tests/support/simulated_network.h"
#include "tests/support/virtual_time.h"

namespace interlink::fuzz {

// One account that is attacked, "Mike": linked with John, who does not run, so
// that a target can speak in his name, and with Tim, who does; with a key that
// nobody has used, four numbers and a private one. Eve is linked with nobody.
//
// Making it takes about as long as a hundred inputs, so it is used again: what
// an input has changed is put back in the store, which the account follows.
class LinkedWorld {
 public:
  // The one of this process; a new one now and then, because a store in memory
  // grows with every change.
  static LinkedWorld& Fresh();

  LinkedWorld();

  // As it was at first. Mike's row of John is made anew, and with it all that
  // is known of him.
  void PutBack();

  // Whether Mike's numbers are as they were at first.
  bool AreNumbersUntouched();
  // Whose account it is that each established row leads to.
  std::map<store::InterlinkId, store::AccountId> Links();

  testing::VirtualTime time;
  testing::SimulatedNetwork network{time};
  testing::SimulatedAccount mike{time, network, "Mike Brown"};
  testing::SimulatedAccount john{time, network, "John Smith"};
  testing::SimulatedAccount tim{time, network, "Tim Andrews"};
  testing::SimulatedAccount eve{time, network, "Eve"};
  store::InterlinkId johns_link;
  store::InterlinkId tims_link;
  federation::AuthorizationKey pending_key;

 private:
  using Contents = std::map<std::string, std::string>;

  void Link(testing::SimulatedAccount& peer, store::InterlinkId& id);
  Contents Read(std::string_view prefix);
  Contents ReadAll();

  Contents at_first_;
};

}  // namespace interlink::fuzz
