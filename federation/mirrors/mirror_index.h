#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "absl/container/btree_set.h"
#include "store/internal_number.h"

namespace interlink::federation {

// The mirrored numbers of all links, in the order of numbers. An entry is 16
// bytes of a tree and one block of memory with its texts: with a name of 16
// bytes it costs at most 80 bytes.
//
// Threading: none of its own; many may read while nobody writes.
class MirrorIndex {
 public:
  using LinkIndex = uint16_t;
  struct Key {
    store::InternalNumber number;
    LinkIndex link;
  };
  // Views live until the entry is changed.
  struct Entry {
    store::InternalNumber number;
    LinkIndex link;
    uint8_t generation;
    std::string_view name;
    std::string_view contact;
  };
  // Before all entries.
  static Key First() { return {*store::InternalNumber::Parse("0"), 0}; }
  static constexpr size_t kMaxNameBytes = 256;
  static constexpr size_t kMaxContactBytes = 255;

  MirrorIndex() = default;
  ~MirrorIndex();
  MirrorIndex(const MirrorIndex&) = delete;
  MirrorIndex& operator=(const MirrorIndex&) = delete;

  std::optional<Entry> Find(Key key) const;
  // REQUIRES: texts within the limits above.
  void Put(const Entry& entry);
  void Erase(Key key);

  // Calls `visit` with each entry from `from` on until it returns false.
  template <class Visitor>
  void Visit(Key from, Visitor visit) const {
    for (auto i = slots_.lower_bound(from); i != slots_.end(); ++i) {
      if (!visit(Read(*i))) return;
    }
  }

  // Looks at `count` entries from `from` on and erases those that `keep`
  // refuses. Returns where to go on; nullopt at the end.
  template <class Keep>
  std::optional<Key> Sweep(Key from, size_t count, Keep keep) {
    auto i = slots_.lower_bound(from);
    for (; i != slots_.end() && count > 0; --count) {
      i = keep(Read(*i)) ? std::next(i) : Remove(i);
    }
    if (i == slots_.end()) return std::nullopt;
    const Entry next = Read(*i);
    return Key{next.number, next.link};
  }

  size_t size() const { return slots_.size(); }
  size_t shared() const { return shared_; }  // Numbers of more than one link.

 private:
  // The beginning of a block, before the name and the contact.
  struct Header {
    LinkIndex link;
    uint16_t name_size;
    uint8_t contact_size;
    uint8_t generation;
  };
  // Has the number, so that a search seldom looks into blocks.
  struct Slot {
    store::InternalNumber number;
    char* block;
  };
  static const Header& HeaderOf(const char* block) {
    return *reinterpret_cast<const Header*>(block);
  }
  static LinkIndex LinkOf(const Slot& slot) {
    return HeaderOf(slot.block).link;
  }
  static LinkIndex LinkOf(const Key& key) { return key.link; }
  // Looks into blocks only if the numbers are equal.
  struct Less {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      if (a.number != b.number) return a.number < b.number;
      return LinkOf(a) < LinkOf(b);
    }
  };

  static Entry Read(const Slot& slot);
  static char* Allocate(const Entry& entry);
  static void Free(const Slot& slot);

  using Slots = absl::btree_set<Slot, Less>;
  // Whether exactly one entry beside this one has its number.
  bool HasOneMore(Slots::iterator entry) const;
  // Returns the entry after it.
  Slots::iterator Remove(Slots::iterator entry);

  Slots slots_;
  size_t shared_ = 0;
};

}  // namespace interlink::federation
