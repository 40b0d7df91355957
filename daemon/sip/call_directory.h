#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "federation/routing/asker.h"

namespace interlink::daemon {

// Who asks for what. A value.
struct SipCall {
  std::string dialled;  // The user of the request URI: a number or a token.
  std::string call_id;
  std::string calling_number;  // Digits; empty if it is not known.
  federation::Asker asker;     // The PBX that the call is at.
};

// What a SIP server asks of the account: where a dialled number leads, and
// whether a call may be let in. Account behind it, or a fake in tests.
//
// Errors of all answers are those of the API, with their reasons.
// Threading: one thread, which is not the account's.
class CallDirectory {
 public:
  // Where a call goes.
  struct Target {
    // A local number's destination, as its administrator wrote it, empty if it
    // has none, or a SIP URI at the peer.
    std::string uri;
    bool is_local = false;
    // For how long the answer holds; absent for this call alone.
    std::optional<std::chrono::seconds> holds_for;
    // Of a call that was let in by token: the interlink's name here, and the
    // number that was called.
    std::string interlink_name;
    std::string number;
  };
  using Answer = absl::StatusOr<Target>;
  using Done = absl::AnyInvocable<void(Answer)>;

  virtual ~CallDirectory() = default;

  // Who has the number. nullopt if peers have to be asked. Never waits.
  virtual std::optional<Answer> AnswerAtOnce(const SipCall& call) = 0;
  // Asks them. `done` is called once, later, on the thread of this call, unless
  // it ends before.
  virtual void AskPeers(const SipCall& call, Done done) = 0;
  // Lets a call with a call token in: the destination of its number. Never
  // waits.
  virtual Answer Admit(const SipCall& call) = 0;
};

}  // namespace interlink::daemon
