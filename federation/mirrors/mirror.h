#pragma once

#include <memory>
#include <string>

#include "federation/mirrors/mirrors.h"
#include "federation/mirrors/omitted_entries.h"

namespace interlink::federation {

// In the order of leases: out of step.
inline constexpr SteadyTime kNoLease{};

// What Mirrors knows of one link.
struct Mirrors::Link {
  Index index = 0;
  // Entries of the generations from `oldest` to `newest` count; those before
  // are to be swept.
  uint8_t oldest = 0;
  uint8_t newest = 0;
  bool is_dead = false;  // Its entries are to be swept.
  bool is_askable = false;
  bool is_complete = false;
  bool is_loading = false;
  std::shared_ptr<const LinkInfo> info;
  size_t stored = 0;  // Entries, counting or not.
  // When it was last in step.
  SteadyTime last_word;
  // What the entries of `newest` add up to; the sequence is the peer's word.
  DirectoryPosition position;
  OmittedEntries omitted;
  // Where the peer was last known to be, and what that was worth.
  DirectoryPosition known;
  SteadyTime lease_end;
  SteadyTime fresh_until = kNoLease;  // As in `leases_`.

  bool IsPaused() const { return info != nullptr && info->is_paused; }
  // Until when what is here is what the peer shares: nothing if it has paused.
  SteadyTime FreshUntil() const {
    const bool is_in_step = IsPaused() || (is_complete && position == known);
    return is_in_step ? lease_end : kNoLease;
  }
  // Takes over one entry, or its end. LIMIT_REACHED if it is one too many.
  absl::Status Put(const v1::DirectoryEntry& entry, MirrorIndex& entries,
                   const Limits& limits);
  void Remove(const std::string& digits, MirrorIndex& entries);
  // What the entry adds to the position is to be forgotten.
  void Forget(const MirrorIndex::Entry& old) {
    if (old.generation != newest) return;
    position.digest -= EntryDigest(old.number, old.name, old.contact);
    --position.count;
  }
  bool Counts(const MirrorIndex::Entry& entry) const {
    return !is_dead && static_cast<uint8_t>(entry.generation - oldest) <=
                           static_cast<uint8_t>(newest - oldest);
  }
  bool Gives(const MirrorIndex::Entry& entry) const {
    return info != nullptr && !info->is_paused && Counts(entry);
  }
};

}  // namespace interlink::federation
