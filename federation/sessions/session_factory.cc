#include "federation/sessions/session_factory.h"

#include "federation/identity/pins.h"

namespace interlink::federation {
namespace {

// Messages of a link's peer, over all its streams: more than the rules give it
// cause to send.
constexpr double kMessagesASecond = 10'000;

}  // namespace

SessionFactory::SessionFactory(EventLoop& loop, PeerClient& peers,
                               std::string instance_id, uint64_t starts,
                               MakeMessages make_messages)
    : loop_(loop),
      peers_(peers),
      instance_id_(std::move(instance_id)),
      last_epoch_(starts << 32),
      make_messages_(std::move(make_messages)),
      budget_(loop, kMessagesASecond, kMessagesASecond) {}

std::unique_ptr<Session> SessionFactory::Accept(
    Session::Owner& owner, std::unique_ptr<PeerStream> stream) {
  return Make(owner, std::move(stream), {.instance_id = instance_id_});
}

std::unique_ptr<Session> SessionFactory::Dial(Session::Owner& owner,
                                              const Row& row,
                                              const std::string& address) {
  auto session = Make(
      owner,
      peers_.Session({.address = address, .pin = PinOf(row.record.peer())}),
      {.instance_id = instance_id_,
       .epoch = ++last_epoch_,
       .address = address});
  session->SetLink(row.id);
  return session;
}

std::unique_ptr<Session> SessionFactory::Make(
    Session::Owner& owner, std::unique_ptr<PeerStream> stream,
    Session::Opening opening) {
  return std::make_unique<Session>(loop_, budget_, owner, make_messages_(),
                                   std::move(stream), std::move(opening));
}

}  // namespace interlink::federation
