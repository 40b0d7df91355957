#include "federation/mirrors/linked_peer.h"

#include <utility>

#include "federation/ledger/peer_record.h"

namespace interlink::federation {

std::shared_ptr<const LinkedPeer> LinkedPeer::Of(const Row& row) {
  if (row.record.paused() || row.health == api::INTERLINK_HEALTH_ORPHANED) {
    return nullptr;
  }
  const store::v1::Peer& peer = row.record.peer();
  auto contact = ContactTemplate::Parse(ContactOf(peer));
  auto linked = std::make_shared<LinkedPeer>();
  linked->id = row.id;
  linked->id_text = row.id.ToHex();
  linked->name = row.record.name();
  linked->priority = row.record.priority();
  linked->dial_prefix = row.record.dial_prefix();
  linked->establish_time = store::FromTimestamp(row.record.establish_time());
  if (contact.ok()) linked->contact = *std::move(contact);
  linked->asks_for_call_tokens = peer.asks_for_call_tokens();
  linked->is_paused = row.health == api::INTERLINK_HEALTH_PAUSED;
  return linked;
}

}  // namespace interlink::federation
