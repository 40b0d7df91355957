#include "federation/mirrors/mirror_index.h"

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
    slots_.insert(fresh);
  }
}

void MirrorIndex::Erase(Key key) {
  const auto found = slots_.find(key);
  if (found == slots_.end()) return;
  Free(*found);
  slots_.erase(found);
}

}  // namespace interlink::federation
