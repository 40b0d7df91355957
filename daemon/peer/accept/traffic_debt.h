#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "federation/base/event_loop.h"

namespace interlink::daemon {

// The bytes that a linked account has sent and not paid for. Answered calls and
// accepted messages pay for themselves; time pays for small things outside of
// calls, such as keepalive pings. So the debt grows only by useless work:
// streams that are reset, endless headers, empty frames.
//
// A value. Threading: one thread, or the caller's lock.
class TrafficDebt {
 public:
  // More than HTTP/2's window for a session's messages, plus a message that
  // waits for the loop.
  static constexpr int64_t kMost = 192 * 1024;
  static constexpr int64_t kForgivenPerSecond = 16 * 1024;

  // What pays for itself, in bytes on the wire: no more than honest peers need,
  // because useless work can hide in the rest.
  //
  // A call that was answered. gRPC in C++ sends 80 bytes around its request
  // once its first call has taught both sides the headers; 116 if the headers
  // and the request are in TLS 1.2 records of their own.
  static constexpr uint64_t OfCall(uint64_t bytes) {
    return bytes + bytes / kBytesPerFrame + 128;
  }
  // A message of a stream that was accepted: 36 to 43 bytes around it.
  static constexpr uint64_t OfMessage(uint64_t bytes) {
    return bytes + bytes / kBytesPerFrame + 56;
  }
  // The receipts for a message that the peer has taken: window updates of 48
  // bytes, and now and then the answer to a ping.
  static constexpr uint64_t OfReceipts(uint64_t bytes) {
    return bytes / kBytesPerFrame + 56;
  }

  explicit TrafficDebt(federation::SteadyTime now) : forgiven_at_(now) {}

  // `paid` bytes must have been charged before, or be part of `arrived`:
  // nothing can be paid in advance.
  void Charge(uint64_t arrived, uint64_t paid, federation::SteadyTime now) {
    const std::chrono::duration<double> passed = now - forgiven_at_;
    forgiven_at_ = now;
    bytes_ += static_cast<double>(arrived) - static_cast<double>(paid) -
              passed.count() * kForgivenPerSecond;
    bytes_ = std::max(bytes_, 0.0);
  }

  int64_t bytes() const { return static_cast<int64_t>(bytes_); }
  bool IsTooMuch() const { return bytes_ > kMost; }

 private:
  // So many bytes of a large message have a byte of frames around them.
  static constexpr uint64_t kBytesPerFrame = 64;

  double bytes_ = 0;
  federation::SteadyTime forgiven_at_;
};

}  // namespace interlink::daemon
