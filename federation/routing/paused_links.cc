#include "federation/routing/paused_links.h"

namespace interlink::federation {
namespace {

constexpr size_t kMostPausedInWords = 5;

}  // namespace

void PausedLinks::Set(store::InterlinkId id, const Row* row) {
  absl::MutexLock lock(&mutex_);
  if (row == nullptr || row->health != api::INTERLINK_HEALTH_PAUSED) {
    words_.erase(id);
    return;
  }
  words_[id] = "\"" + row->record.name() +
               (row->record.paused() ? "\" (paused here)"
                                     : "\" (paused by the other account)");
}

std::string PausedLinks::InWords() const {
  absl::ReaderMutexLock lock(&mutex_);
  std::string text;
  size_t said = 0;
  for (const auto& [id, words] : words_) {
    if (said++ == kMostPausedInWords) return text + " and others";
    text += (text.empty() ? "" : ", ") + words;
  }
  return text;
}

}  // namespace interlink::federation
