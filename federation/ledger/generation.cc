#include "federation/ledger/generation.h"

#include <algorithm>
#include <utility>

#include "federation/base/reread.h"
#include "federation/base/stored_record.h"
#include "federation/identity/proof.h"

namespace interlink::federation {
namespace {

constexpr uint64_t kLeap = 1 << 24;

}  // namespace

absl::StatusOr<std::unique_ptr<Generation>> Generation::Open(
    const Identity& identity, store::Database& database) {
  std::unique_ptr<Generation> generation(new Generation(identity, database));
  generation->subscription_ = database.Follow(
      std::string(store::kGenerationKey),
      {.on_commit = [generation = generation.get()](
                        store::Revision,
                        const auto& changes) { generation->Apply(changes[0]); },
       .on_reset = [generation =
                        generation.get()] { CheckReread(generation->Load()); },
       .tell =
           [generation = generation.get()] {
             generation->observers_.Tell(generation->count());
           }});
  if (auto s = generation->Load(); !s.ok()) return s;
  return generation;
}

absl::Status Generation::Load() {
  auto record =
      ReadRecord<store::v1::GenerationRecord>(database_, store::kGenerationKey);
  if (!record.ok()) return record.status();
  record_ = (*std::move(record)).value_or(store::v1::GenerationRecord());
  return absl::OkStatus();
}

void Generation::Apply(const store::Change& change) {
  if (!change.value) return;
  auto record = store::Decode<store::v1::GenerationRecord>(*change.value);
  if (!record.ok()) return;  // Checked when it was read or written.
  record_ = *std::move(record);
}

store::Op Generation::Next() const {
  store::v1::GenerationRecord next = record_;
  next.set_count(record_.count() + 1);
  return store::Op::Put(std::string(store::kGenerationKey),
                        store::Encode(next));
}

// A store that was put back does not know how far it had come, and peers that
// are away cannot say so. A leap that counting never makes takes the count past
// all that was told; the time in it takes it past an earlier restore of the
// same copy, too. A wrong clock costs keys, but links nobody.
store::Op Generation::Restored(uint64_t highest, WallTime now,
                               std::string_view sign) const {
  store::v1::GenerationRecord next;
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  const uint64_t by_time =
      static_cast<uint64_t>(std::max<int64_t>(seconds.count(), 0)) * kLeap;
  next.set_count(std::max(std::max(highest, record_.count()) + kLeap, by_time));
  *next.mutable_restore_time() = store::ToTimestamp(now);
  next.set_restore_sign(std::string(sign));
  return store::Op::Put(std::string(store::kGenerationKey),
                        store::Encode(next));
}

v1::Generation Generation::ToTell(store::InterlinkId id) const {
  v1::Generation told;
  told.set_count(count());
  told.set_proof(GenerationProof(identity_.generation_key(), id, count()));
  return told;
}

uint64_t Generation::Quoted(store::InterlinkId id,
                            const v1::Generation& quote) const {
  const bool is_own =
      SameProof(GenerationProof(identity_.generation_key(), id, quote.count()),
                quote.proof());
  return is_own ? quote.count() : 0;
}

}  // namespace interlink::federation
