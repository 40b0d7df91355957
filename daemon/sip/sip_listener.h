#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/net/address_range.h"
#include "daemon/sip/call_directory.h"
#include "daemon/sip/sip_counters.h"
#include "daemon/system/loop_thread.h"

namespace interlink::daemon {

// The SIP door of the account's PBX, over UDP and TCP at one port (design.md
// section 17). Sources that are not allowed are not answered.
//
// Threading: it answers on a thread of its own, so that a call never waits for
// the account's loop while memory has the answer. The methods may be called
// from any thread.
class SipListener {
 public:
  struct Options {
    std::string address;  // "host:port"; the port 0 for the system to choose.
    std::vector<AddressRange> allowed;
    uint64_t seed = 0;  // Random.
  };
  // The account, to be asked on the thread of this loop. Made here, because it
  // needs the loop.
  using MakeDirectory = std::function<std::unique_ptr<CallDirectory>(
      federation::EventLoop& loop)>;

  // Answers 503 until SetServing(). Errors: UNAVAILABLE, saying why.
  static absl::StatusOr<std::unique_ptr<SipListener>> Start(
      const Options& options, const MakeDirectory& make_directory);
  // Returns when the thread has ended.
  ~SipListener();

  // Whether calls are answered, or told that the account is not ready.
  void SetServing(bool is_serving);

  // Holds for what comes after this, over open connections too.
  void SetAllowed(std::vector<AddressRange> allowed);

  // "host:port" with the host as it was given and the port as bound.
  const std::string& address() const { return address_; }
  // The same with the host's address as bound.
  const std::string& numeric_address() const { return numeric_address_; }
  const SipCounters& counters() const { return counters_; }
  // How many connections were closed because there were too many.
  uint64_t turned_away() const;

 private:
  class Doors;

  SipListener();

  LoopThread thread_;
  SipCounters counters_;
  std::unique_ptr<CallDirectory> calls_;
  std::unique_ptr<Doors> doors_;
  std::string address_;
  std::string numeric_address_;
};

}  // namespace interlink::daemon
