#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/virtual_time.h"

namespace interlink::testing {

class SimulatedAccount;
class SimulatedWire;

// What lies between the accounts. Every message takes `latency`. Faults are
// setters; a call is named by its method ("Redeem", "Lookup", "Terminate"), the
// opening of a stream and each of its messages is a "Session".
class SimulatedNetwork {
 public:
  explicit SimulatedNetwork(VirtualTime& time) : time_(time) {}

  federation::Duration latency = std::chrono::milliseconds(1);

  // What becomes of one message, if it is not the same for all: how long it
  // takes, whether it is lost, whether it arrives twice. Over a session
  // messages are only delayed, and keep their order.
  struct Fate {
    federation::Duration delay;
    bool is_lost = false;
    bool is_repeated = false;
  };
  std::function<Fate()> fate;

  // No call passes from one account to the other, and nothing over the sessions
  // that it dialled; the other direction's calls and their answers do.
  void Cut(const SimulatedAccount& from, const SimulatedAccount& to);
  void Mend(const SimulatedAccount& from, const SimulatedAccount& to);
  // The next `count` calls of that method arrive, but their answers are lost.
  void LoseAnswers(const std::string& method, int count);
  // The next `count` calls of that method, or openings of a "Session", are held
  // until Release().
  void Hold(const std::string& method, int count);
  void Release();
  // Nobody can call the account, who can call others: it is behind a NAT.
  void Hide(SimulatedAccount& account);
  // The account is at another address from now on.
  void Move(SimulatedAccount& account, const std::string& address);
  // That address leads to the account, too.
  void Forward(const std::string& address, SimulatedAccount& account) {
    at_[address] = &account;
  }
  // The sessions between the two break, as if a connection were reset.
  void BreakSessions(const SimulatedAccount& a, const SimulatedAccount& b);
  // When the account last had a stream to the peer: now, if it has one.
  federation::SteadyTime LastStream(const SimulatedAccount& account,
                                    const SimulatedAccount& peer) const;
  // Called when a request has arrived, before it is handled.
  std::function<void(const std::string& method, SimulatedAccount& callee)>
      on_arrival;
  // Called when a request was handled, before its answer goes back.
  std::function<void(const std::string& method, SimulatedAccount& callee)>
      on_answer;
  // Called when a pong, or the answer to a call, has come from the peer; `sent`
  // is when the peer said it.
  std::function<void(const SimulatedAccount& receiver,
                     const SimulatedAccount& peer, federation::SteadyTime sent)>
      on_sign_of_life;
  // How many calls of each method were sent.
  std::map<std::string, int> calls;

 private:
  friend class SimulatedAccount;
  friend class SimulatedPeerClient;
  friend class SimulatedWire;

  Fate NextFate() const { return fate ? fate() : Fate{latency}; }

  VirtualTime& time_;
  std::map<std::string, SimulatedAccount*> at_;  // By "host:port".
  std::set<std::pair<std::string, std::string>> cut_;
  std::map<std::string, int> lose_answers_;
  std::map<std::string, int> hold_;
  std::vector<std::function<void()>> held_;
  std::vector<std::weak_ptr<SimulatedWire>> wires_;
  // Whose, to whom.
  std::map<std::pair<const SimulatedAccount*, const SimulatedAccount*>,
           federation::SteadyTime>
      stream_ends_;
};

}  // namespace interlink::testing
