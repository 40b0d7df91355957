#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "federation/ledger/row.h"
#include "federation/peer/link_budget.h"
#include "federation/peer/peer_client.h"
#include "federation/sessions/session.h"

namespace interlink::federation {

// Makes the sessions of one account.
//
// Threading: loop only. Lifetime: the references must outlive the factory, and
// the factory must outlive the sessions that it makes.
class SessionFactory {
 public:
  using MakeMessages = std::function<std::unique_ptr<SessionMessages>()>;

  // `instance_id`: random, of this run of the daemon. `starts`: how often the
  // daemon was started with this store, so that epochs only grow.
  SessionFactory(EventLoop& loop, PeerClient& peers, std::string instance_id,
                 uint64_t starts, MakeMessages make_messages);

  std::unique_ptr<Session> Accept(Session::Owner& owner,
                                  std::unique_ptr<PeerStream> stream);
  std::unique_ptr<Session> Dial(Session::Owner& owner, const Row& row,
                                const std::string& address);

 private:
  std::unique_ptr<Session> Make(Session::Owner& owner,
                                std::unique_ptr<PeerStream> stream,
                                Session::Opening opening);

  EventLoop& loop_;
  PeerClient& peers_;
  const std::string instance_id_;
  uint64_t last_epoch_;
  const MakeMessages make_messages_;
  LinkBudget budget_;
};

}  // namespace interlink::federation
