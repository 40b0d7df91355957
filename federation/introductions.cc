#include "federation/introductions.h"

#include <algorithm>
#include <utility>

#include "federation/names.h"
#include "federation/pairing.h"
#include "store/failpoint.h"

namespace interlink::federation {
namespace {

constexpr size_t kProofBytes = 32;

std::string HostOf(const std::string& contact) {
  auto parsed = ContactTemplate::Parse(contact);
  return parsed.ok() ? parsed->host() : "";
}

}  // namespace

v1::Introduction Introductions::Own(store::InterlinkId id) const {
  v1::Introduction own;
  own.set_account_name(context_.settings.account_name);
  for (const std::string& address : context_.settings.addresses) {
    own.add_addresses(address);
  }
  own.set_contact(context_.settings.contact);
  const Row* row = context_.interlinks.Find(id);
  own.set_paused(row != nullptr && row->record.paused());
  *own.mutable_generation() = context_.generation.ToTell(id);
  return own;
}

absl::Status Introductions::Store(store::InterlinkId id,
                                  const v1::Introduction& said) {
  const Row* row = context_.interlinks.Find(id);
  if (row == nullptr) return absl::OkStatus();
  const store::v1::Peer& known = row->record.peer();
  const store::v1::Peer heard = PeerFrom(row->peer(), "", said.account_name(),
                                         said.addresses(), said.contact());
  store::v1::InterlinkRecord record = row->record;
  store::v1::Peer& peer = *record.mutable_peer();
  peer.set_account_name(heard.account_name());
  // Until a new address has proved to be his, the first one of old is kept.
  if (known.good_address().empty() && known.addresses_size() > 0 &&
      heard.addresses_size() > 0 && known.addresses(0) != heard.addresses(0)) {
    peer.set_good_address(known.addresses(0));
  }
  *peer.mutable_addresses() = heard.addresses();
  // One that breaks a rule is as if it had not been said.
  if (!heard.contact().empty()) {
    // The issuer's call has made the link: no contact is known before this.
    if (known.contact().empty() && known.generation() == 0) {
      peer.set_contact(heard.contact());
    }
    const bool is_as_linked = heard.contact() == peer.contact();
    peer.set_announced_contact(is_as_linked ? "" : heard.contact());
  }
  const v1::Generation& generation = said.generation();
  if (generation.count() > known.generation() &&
      generation.proof().size() == kProofBytes) {
    peer.set_generation(generation.count());
    peer.set_generation_proof(generation.proof());
  }
  const bool is_changed = peer.SerializeAsString() != known.SerializeAsString();
  if (is_changed) {
    Transaction transaction = Begin(context_);
    transaction.Update(*row, record);
    const std::string host = HostOf(heard.contact());
    const std::string linked = HostOf(peer.contact());
    if (!host.empty() && host != linked &&
        host != HostOf(known.announced_contact())) {
      transaction.Tell("CONTACT_HOST_CHANGED", kByPeer, row,
                       "calls over this interlink now go to " + host +
                           ", which is not the host named at linking, " +
                           (linked.empty() ? "none" : linked));
    }
    if (peer.addresses_size() != known.addresses_size() ||
        !std::equal(peer.addresses().begin(), peer.addresses().end(),
                    known.addresses().begin())) {
      std::string list;
      for (const std::string& address : peer.addresses()) {
        list += (list.empty() ? "" : ", ") + address;
      }
      transaction.Tell("ADDRESSES_CHANGED", kByPeer, row,
                       "the other account is now at " +
                           (list.empty() ? "no address" : list));
    }
    if (auto s = transaction.Commit(); !s.ok()) return s;
    store::PassFailpoint("session/introduced");
  }
  paused_(id, said.paused());
  return absl::OkStatus();
}

void Introductions::StoreGoodAddress(store::InterlinkId id,
                                     const std::string& address) {
  const Row* row = context_.interlinks.Find(id);
  if (row == nullptr || row->record.peer().good_address() == address ||
      row->record.manual_address() == address) {
    return;
  }
  store::v1::InterlinkRecord record = row->record;
  record.mutable_peer()->set_good_address(address);
  Transaction transaction = Begin(context_);
  transaction.Update(*row, record);
  transaction.Commit().IgnoreError();  // Learned again the next time.
}

}  // namespace interlink::federation
