#include "federation/mirrors/linked_peer.h"

#include <utility>

namespace interlink::federation {

std::shared_ptr<const LinkInfo> LinkInfo::Of(const Row& row) {
  if (row.record.paused() || row.health == api::INTERLINK_HEALTH_ORPHANED) {
    return nullptr;
  }
  const store::v1::Peer& peer = row.record.peer();
  auto contact = ContactTemplate::Parse(peer.announced_contact().empty()
                                            ? peer.contact()
                                            : peer.announced_contact());
  auto info = std::make_shared<LinkInfo>();
  info->id = row.id;
  info->id_text = row.id.ToHex();
  info->name = row.record.name();
  info->priority = row.record.priority();
  info->establish_time = store::FromTimestamp(row.record.establish_time());
  if (contact.ok()) info->contact = *std::move(contact);
  info->is_paused = row.health == api::INTERLINK_HEALTH_PAUSED;
  return info;
}

}  // namespace interlink::federation
