#include "daemon/system/store_keeper.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

namespace interlink::daemon {

StoreKeeper::StoreKeeper(MeasuredDatabase& database,
                         federation::EventLoop& loop,
                         std::function<void()> changed)
    : database_(database), loop_(loop), changed_(std::move(changed)) {
  database_.OnFailure([this] { Failed(); });
}

StoreKeeper::~StoreKeeper() { database_.OnFailure(nullptr); }

std::string StoreKeeper::trouble() const {
  if (!takes_changes()) return std::string(database_.failure().message());
  if (waited() < MeasuredDatabase::kHang) return "";
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(waited()).count();
  return "the disk has stored nothing for " + std::to_string(seconds) +
         " s, and what is changed waits for it; see to the disk "
         "of --data-dir";
}

void StoreKeeper::Failed() {
  ++failures_;
  failed_at_ = loop_.Now();
  spdlog::error("{}; the daemon tries to open it again every {} s",
                std::string(database_.failure().message()),
                kRetryInterval.count());
  TryLater();
  changed_();
}

void StoreKeeper::TryLater() {
  retry_ = loop_.After(kRetryInterval, [this] { TryAgain(); });
}

void StoreKeeper::TryAgain() {
  const absl::Status reopened = database_.Reopen();
  if (!reopened.ok()) {
    // Once for each thing that is in the way, however often it is tried.
    std::string obstacle(reopened.message());
    if (obstacle != obstacle_) {
      spdlog::warn("the store cannot be opened again yet: {}", obstacle);
    }
    obstacle_ = std::move(obstacle);
    TryLater();
    return;
  }
  retry_.reset();
  obstacle_.clear();
  spdlog::warn(
      "the store takes changes again, after {} s",
      std::chrono::duration_cast<std::chrono::seconds>(loop_.Now() - failed_at_)
          .count());
  changed_();
}

}  // namespace interlink::daemon
