#pragma once

#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "federation/base/event_loop.h"
#include "federation/identity/identity.h"

namespace interlink::daemon {

// The certificate that this daemon presents in TLS: a leaf of the account's
// identity, replaced after two thirds of its life. New handshakes show the new
// leaf; existing connections live on.
//
// Threading: current() from any thread, the rest loop only.
// Lifetime: both arguments must outlive it.
class TlsIdentity {
 public:
  struct Shown {
    uint64_t serial = 0;  // Grows with every renewal.
    federation::Leaf leaf;
  };

  // Aborts if no leaf can be issued, which only a broken OpenSSL brings about.
  TlsIdentity(const federation::Identity& identity,
              federation::EventLoop& loop);
  ~TlsIdentity();
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;

  std::shared_ptr<const Shown> current() const;

  // Shows a new leaf from now on, however young the present one is.
  void Renew();

 private:
  bool IsDue() const;
  void Watch();

  const federation::Identity& identity_;
  federation::EventLoop& loop_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const Shown> current_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<federation::EventLoop::Timer> timer_;
};

}  // namespace interlink::daemon
