#include "federation/sessions/introductions.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "federation/base/contact_template.h"
#include "federation/ledger/peer_record.h"
#include "federation/linking/link_key.h"
#include "store/failpoint.h"

namespace interlink::federation {
namespace {

// A peer's introductions are taken in at most once in this time.
constexpr std::chrono::seconds kInterval{1};
constexpr size_t kProofBytes = 32;

void KeepHigherGeneration(uint64_t count, const std::string& proof,
                          store::v1::Peer& peer) {
  if (count <= peer.generation() || proof.size() != kProofBytes) return;
  peer.set_generation(count);
  peer.set_generation_proof(proof);
}

// What is known of a peer after it has introduced itself.
store::v1::Peer After(const store::v1::Peer& known,
                      const store::v1::Peer& heard) {
  store::v1::Peer peer = known;
  peer.set_account_name(heard.account_name());
  // Until a new address has proved to be the peer's, the old first one is kept.
  if (known.good_address().empty() && known.addresses_size() > 0 &&
      heard.addresses_size() > 0 && known.addresses(0) != heard.addresses(0)) {
    peer.set_good_address(known.addresses(0));
  }
  *peer.mutable_addresses() = heard.addresses();
  // It is empty if it broke a rule.
  if (!heard.contact().empty()) {
    // The issuer's own call made the link, so no contact is known from then.
    if (known.contact().empty() && known.generation() == 0) {
      peer.set_contact(heard.contact());
    }
    const bool is_as_linked = heard.contact() == peer.contact();
    peer.set_announced_contact(is_as_linked ? "" : heard.contact());
  }
  peer.set_asks_for_call_tokens(heard.asks_for_call_tokens());
  peer.set_paused(heard.paused());
  KeepHigherGeneration(heard.generation(), heard.generation_proof(), peer);
  return peer;
}

bool IsNews(const store::v1::Peer& known, const store::v1::Peer& heard) {
  return After(known, heard).SerializeAsString() != known.SerializeAsString();
}

bool HasAddressesOf(const store::v1::Peer& a, const store::v1::Peer& b) {
  return std::equal(a.addresses().begin(), a.addresses().end(),
                    b.addresses().begin(), b.addresses().end());
}

void AddHeard(const Row& row, const store::v1::Peer& heard,
              Transaction& transaction) {
  const store::v1::Peer& known = row.record.peer();
  store::v1::InterlinkRecord record = row.record;
  store::v1::Peer& peer = *record.mutable_peer();
  peer = After(known, heard);
  transaction.Update(row, record);
  const std::string host = HostOf(heard.contact());
  const std::string linked = HostOf(peer.contact());
  if (!host.empty() && host != linked &&
      host != HostOf(known.announced_contact())) {
    transaction.Tell("CONTACT_HOST_CHANGED", kByPeer, &row,
                     "calls over this interlink now go to " + host +
                         ", which is not the host named at linking, " +
                         (linked.empty() ? "none" : linked));
  }
  if (!HasAddressesOf(peer, known)) {
    const std::string list = absl::StrJoin(peer.addresses(), ", ");
    transaction.Tell(
        "ADDRESSES_CHANGED", kByPeer, &row,
        "the other account is now at " + (list.empty() ? "no address" : list));
  }
}

}  // namespace

Introductions::Introductions(
    const AccountSettings& settings, const Identity& identity, EventLoop& loop,
    Ledger& ledger, LinkBudget& store_budget,
    const OwnCallTerms& own_call_terms, PeerCallTerms& peer_call_terms,
    std::function<void(store::InterlinkId, bool is_paused)> paused)
    : settings_(settings),
      identity_(identity),
      loop_(loop),
      ledger_(ledger),
      interlinks_(ledger.interlinks()),
      store_budget_(store_budget),
      own_call_terms_(own_call_terms),
      peer_call_terms_(peer_call_terms),
      paused_(std::move(paused)) {}

v1::Introduction Introductions::Own(store::InterlinkId id) const {
  v1::Introduction own;
  own.set_account_name(settings_.account_name);
  for (const std::string& address : settings_.addresses) {
    own.add_addresses(address);
  }
  own.set_contact(settings_.contact);
  const Row* row = interlinks_.Find(id);
  own.set_paused(row != nullptr && row->record.paused());
  *own.mutable_generation() = ledger_.generation().ToTell(id);
  *own.mutable_call_terms() = own_call_terms_.For(id);
  return own;
}

std::string Introductions::RedeemedProof(store::InterlinkId id) const {
  const Row* row = interlinks_.Find(id);
  return row == nullptr ? "" : OwnRedeemedProof(identity_, row->record);
}

ReplacedIds Introductions::Replaced(store::InterlinkId id) const {
  const Row* row = interlinks_.Find(id);
  return row == nullptr ? ReplacedIds() : ReplacedBy(row->record);
}

void Introductions::Heard(store::InterlinkId id, const v1::Introduction& said,
                          std::weak_ptr<const Stored> stored) {
  const Row* row = interlinks_.Find(id);
  if (row == nullptr) return;
  peer_call_terms_.Heard(id, said.call_terms(), std::nullopt);
  auto peer = std::make_shared<store::v1::Peer>(PeerFrom(
      row->peer(), "", said.account_name(), said.addresses(), said.contact()));
  peer->set_asks_for_call_tokens(AsksForTokens(said.call_terms()));
  peer->set_paused(said.paused());
  KeepHigherGeneration(said.generation().count(), said.generation().proof(),
                       *peer);
  Word& word = words_[id];
  if (word.peer != nullptr) {
    KeepHigherGeneration(word.peer->generation(), word.peer->generation_proof(),
                         *peer);
  }
  word.peer = std::move(peer);
  word.is_paused = said.paused();
  word.is_new = true;
  word.sequence = said.sequence();
  word.stored = std::move(stored);
  if (word.timer == nullptr) TakeIn(id);
}

void Introductions::TakeIn(store::InterlinkId id) {
  const auto found = words_.find(id);
  Word& word = found->second;
  const Row* row = interlinks_.Find(id);
  if (row == nullptr || (word.peer == nullptr && !word.is_storing)) {
    words_.erase(found);
    return;
  }
  word.timer = loop_.After(kInterval, [this, id] { TakeIn(id); });
  // A pause is in force before the peer hears that it has arrived.
  if (std::exchange(word.is_new, false)) paused_(id, word.is_paused);
  if (word.peer != nullptr && !word.is_storing) Store(*row, word);
}

void Introductions::Store(const Row& row, Word& word) {
  if (!IsNews(row.record.peer(), *word.peer)) {
    IsStored(word);
    return;
  }
  const store::InterlinkId id = row.id;
  if (!store_budget_.Take(id)) return;  // At the next round.
  word.is_storing = true;
  ledger_.Submit(
      Subject::Link(id),
      [this, id, heard = word.peer](Transaction& transaction) {
        const Row* now = interlinks_.Find(id);
        if (now != nullptr && IsNews(now->record.peer(), *heard)) {
          AddHeard(*now, *heard, transaction);
        }
        return absl::OkStatus();
      },
      [this, id, heard = word.peer](const absl::Status& status) {
        if (status.ok()) store::PassFailpoint("session/introduced");
        const auto found = words_.find(id);
        if (found == words_.end()) return;
        found->second.is_storing = false;
        // The peer may have said more meanwhile.
        if (status.ok() && found->second.peer == heard) IsStored(found->second);
      });
}

void Introductions::IsStored(Word& word) {
  word.peer.reset();
  if (const auto stored = word.stored.lock()) (*stored)(word.sequence);
}

bool Introductions::IsBehind(store::InterlinkId id) const {
  const auto word = words_.find(id);
  const Row* row = interlinks_.Find(id);
  if (word == words_.end() || word->second.peer == nullptr || row == nullptr) {
    return false;
  }
  const store::v1::Peer& known = row->record.peer();
  const store::v1::Peer after = After(known, *word->second.peer);
  return word->second.is_new || ContactOf(after) != ContactOf(known) ||
         after.asks_for_call_tokens() != known.asks_for_call_tokens();
}

v1::Generation Introductions::Seen(store::InterlinkId id) const {
  store::v1::Peer seen;
  if (const Row* row = interlinks_.Find(id)) {
    const store::v1::Peer& known = row->record.peer();
    KeepHigherGeneration(known.generation(), known.generation_proof(), seen);
  }
  const auto word = words_.find(id);
  if (word != words_.end() && word->second.peer != nullptr) {
    const store::v1::Peer& heard = *word->second.peer;
    KeepHigherGeneration(heard.generation(), heard.generation_proof(), seen);
  }
  v1::Generation generation;
  generation.set_count(seen.generation());
  generation.set_proof(seen.generation_proof());
  return generation;
}

void Introductions::StoreGoodAddress(store::InterlinkId id,
                                     const std::string& address) {
  const auto is_news = [address](const Row* row) {
    return row != nullptr && row->record.peer().good_address() != address &&
           row->record.manual_address() != address;
  };
  if (!is_news(interlinks_.Find(id)) || !store_budget_.Take(id)) {
    return;  // Without a token it is learned the next time.
  }
  ledger_.Submit(
      Subject::Link(id),
      [this, id, address, is_news](Transaction& transaction) {
        const Row* row = interlinks_.Find(id);
        if (!is_news(row)) return absl::OkStatus();
        store::v1::InterlinkRecord record = row->record;
        record.mutable_peer()->set_good_address(address);
        transaction.Update(*row, record);
        return absl::OkStatus();
      },
      [](const absl::Status&) {});
}

}  // namespace interlink::federation
