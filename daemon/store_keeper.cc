#include "daemon/store_keeper.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

namespace interlink::daemon {

StoreKeeper::StoreKeeper(store::Database& database, federation::EventLoop& loop,
                         std::function<void(bool)> changed)
    : database_(database), loop_(loop), changed_(std::move(changed)) {
  LookLater();
}

void StoreKeeper::LookLater() {
  timer_ = loop_.After(kInterval, [this] {
    Look();
    LookLater();
  });
}

void StoreKeeper::Look() {
  if (is_failed_) {
    if (++looks_ % kLooksPerTry == 0) TryAgain();
    return;
  }
  const absl::Status failure = database_.failure();
  if (failure.ok()) return;
  is_failed_ = true;
  looks_ = 0;
  ++failures_;
  failed_at_ = loop_.Now();
  spdlog::error("{}", std::string(failure.message()));
  changed_(false);
}

void StoreKeeper::TryAgain() {
  const absl::Status reopened = database_.Reopen();
  if (!reopened.ok()) {
    spdlog::debug("the store is not opened again yet: {}",
                  std::string(reopened.message()));
    return;
  }
  is_failed_ = false;
  spdlog::warn(
      "the store takes changes again, after {} s",
      std::chrono::duration_cast<std::chrono::seconds>(loop_.Now() - failed_at_)
          .count());
  changed_(true);
}

}  // namespace interlink::daemon
