#include "federation/mirrors/mirror_index.h"

#include <iterator>

namespace interlink::federation {

MirrorIndex::~MirrorIndex() {
  for (const Slot& slot : slots_) Free(slot);
}

MirrorIndex::Entry MirrorIndex::Read(const Slot& slot) {
  const Header& header = HeaderOf(slot.block);
  const char* texts = slot.block + sizeof(Header);
  return {.number = slot.number,
          .link = header.link,
          .generation = header.generation,
          .name = {texts, header.name_size},
          .contact = {texts + header.name_size, header.contact_size}};
}

char* MirrorIndex::Allocate(const Entry& entry) {
  const size_t size = sizeof(Header) + entry.name.size() + entry.contact.size();
  auto* block = static_cast<char*>(::operator new(size));
  new (block) Header{.link = entry.link,
                     .name_size = static_cast<uint16_t>(entry.name.size()),
                     .contact_size = static_cast<uint8_t>(entry.contact.size()),
                     .generation = entry.generation};
  char* texts = block + sizeof(Header);
  entry.name.copy(texts, entry.name.size());
  entry.contact.copy(texts + entry.name.size(), entry.contact.size());
  return block;
}

void MirrorIndex::Free(const Slot& slot) { ::operator delete(slot.block); }

std::optional<MirrorIndex::Entry> MirrorIndex::Find(Key key) const {
  const auto found = slots_.find(key);
  if (found == slots_.end()) return std::nullopt;
  return Read(*found);
}

void MirrorIndex::Put(const Entry& entry) {
  const Slot fresh{entry.number, Allocate(entry)};
  const auto found = slots_.find(Key{entry.number, entry.link});
  if (found != slots_.end()) {
    Free(*found);
    // Its place in the order stays, because number and link do.
    const_cast<Slot&>(*found).block = fresh.block;
  } else {
    const auto added = slots_.insert(fresh).first;
    if (HasOneMore(added)) ++shared_;
  }
}

void MirrorIndex::Erase(Key key) {
  const auto found = slots_.find(key);
  if (found != slots_.end()) Remove(found);
}

bool MirrorIndex::HasOneMore(Slots::iterator entry) const {
  const store::InternalNumber number = entry->number;
  int others = 0;
  // Two on a side are more than one.
  for (auto i = entry; others < 2 && i != slots_.begin();) {
    if ((--i)->number != number) break;
    ++others;
  }
  for (auto i = std::next(entry); others < 2 && i != slots_.end(); ++i) {
    if (i->number != number) break;
    ++others;
  }
  return others == 1;
}

MirrorIndex::Slots::iterator MirrorIndex::Remove(Slots::iterator entry) {
  if (HasOneMore(entry)) --shared_;
  Free(*entry);
  return slots_.erase(entry);
}

}  // namespace interlink::federation
