#include "daemon/tls/tls_identity.h"

#include <chrono>
#include <cstdlib>
#include <utility>

namespace interlink::daemon {
namespace {

// Short, because a timer of ten days would sleep through a suspension or a
// change of the clock.
constexpr std::chrono::seconds kLookInterval{30};

}  // namespace

TlsIdentity::TlsIdentity(const federation::Identity& identity,
                         federation::EventLoop& loop)
    : identity_(identity), loop_(loop) {
  Renew();
  Watch();
}

TlsIdentity::~TlsIdentity() = default;

std::shared_ptr<const TlsIdentity::Shown> TlsIdentity::current() const {
  absl::MutexLock lock(&mutex_);
  return current_;
}

void TlsIdentity::Renew() {
  auto leaf = identity_.IssueLeaf(loop_.WallNow());
  if (!leaf.ok()) std::abort();
  absl::MutexLock lock(&mutex_);
  const uint64_t serial = current_ == nullptr ? 1 : current_->serial + 1;
  current_ = std::make_shared<Shown>(Shown{serial, *std::move(leaf)});
}

bool TlsIdentity::IsDue() const {
  const federation::WallTime now = loop_.WallNow();
  const auto shown = current();
  const auto life = shown->leaf.not_after - shown->leaf.not_before;
  // Before its beginning, if the clock was set back.
  return now < shown->leaf.not_before ||
         now >= shown->leaf.not_before + life * 2 / 3;
}

void TlsIdentity::Watch() {
  timer_ = loop_.After(kLookInterval, [this] {
    if (IsDue()) Renew();
    Watch();
  });
}

}  // namespace interlink::daemon
