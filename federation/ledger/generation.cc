#include "federation/ledger/generation.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "federation/base/reread.h"
#include "federation/base/stored_record.h"
#include "federation/identity/proof.h"

namespace interlink::federation {
namespace {

// Counts that each run has for itself; it begins in the first half of them.
constexpr uint64_t kRun = 1 << 20;
constexpr int kMaxGaps = 128;
// More than is ever counted between a copy and the day when it is put back.
constexpr uint64_t kLeap = uint64_t{1} << 28;
constexpr uint64_t kCountsPerSecond = 1 << 24;

uint64_t FirstStep(Randomness& randomness) {
  const std::string bytes = randomness.Bytes(sizeof(uint64_t));
  uint64_t value;
  std::memcpy(&value, bytes.data(), sizeof(value));
  return value % (kRun / 2);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Generation>> Generation::Open(
    const Identity& identity, store::Database& database,
    Randomness& randomness) {
  std::unique_ptr<Generation> generation(
      new Generation(identity, database, FirstStep(randomness)));
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
  has_counted_ = false;
  return absl::OkStatus();
}

void Generation::Apply(const store::Change& change) {
  if (!change.value) return;
  auto record = store::Decode<store::v1::GenerationRecord>(*change.value);
  if (!record.ok()) return;  // Checked when it was read or written.
  record_ = *std::move(record);
  has_counted_ = true;
}

store::Op Generation::Next() const {
  store::v1::GenerationRecord next = record_;
  if (has_counted_) {
    next.set_count(record_.count() + 1);
  } else {
    next.set_count((record_.count() / kRun + 1) * kRun + first_step_);
    auto& gap = *next.add_gaps();
    gap.set_after(record_.count());
    gap.set_before(next.count());
    if (next.gaps_size() > kMaxGaps) {
      next.mutable_gaps()->erase(next.gaps().begin());
    }
  }
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
      static_cast<uint64_t>(std::max<int64_t>(seconds.count(), 0)) *
      kCountsPerSecond;
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

bool Generation::IsOfAnotherStore(store::InterlinkId id,
                                  const v1::Generation& quote) const {
  if (!SameProof(GenerationProof(identity_.generation_key(), id, quote.count()),
                 quote.proof())) {
    return false;
  }
  return quote.count() > count() ||
         std::any_of(record_.gaps().begin(), record_.gaps().end(),
                     [&](const auto& gap) {
                       return gap.after() < quote.count() &&
                              quote.count() < gap.before();
                     });
}

}  // namespace interlink::federation
