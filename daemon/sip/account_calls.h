#pragma once

#include "daemon/pbx/peer_questions.h"
#include "daemon/sip/call_directory.h"
#include "federation/account.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// The account behind a SIP server.
//
// Threading: the thread of `server_loop`. Lifetime: the account and both loops
// must outlive it, and the account's loop must not run once the account is
// gone.
class AccountCalls final : public CallDirectory {
 public:
  AccountCalls(federation::Account& account,
               federation::EventLoop& account_loop,
               federation::EventLoop& server_loop)
      : account_(account),
        server_loop_(server_loop),
        counts_(account.counters().at_sip),
        questions_(server_loop, account_loop, account.resolver()) {}

  std::optional<Answer> AnswerAtOnce(const SipCall& call) override;
  void AskPeers(const SipCall& call, Done done) override;
  Answer Admit(const SipCall& call) override;

 private:
  Answer TargetOf(absl::StatusOr<federation::api::Resolution> resolution) const;

  federation::Account& account_;
  federation::EventLoop& server_loop_;
  federation::DoorCounts& counts_;
  PeerQuestions questions_;
};

}  // namespace interlink::daemon
