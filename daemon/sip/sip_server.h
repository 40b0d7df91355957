#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "daemon/net/once_per_source.h"
#include "daemon/sip/call_directory.h"
#include "daemon/sip/reply_path.h"
#include "daemon/sip/server_transactions.h"
#include "daemon/sip/sip_answer.h"
#include "daemon/sip/sip_counters.h"
#include "daemon/sip/sip_request.h"
#include "daemon/sip/sip_source.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// Answers the SIP messages of an account's PBX as a redirect server (RFC 3261
// section 8.3, design.md section 17). Knows no socket.
//
// Threading: the thread of `loop`; SetServing() from any. Lifetime: the
// arguments must outlive it.
class SipServer {
 public:
  // `seed` makes the tags of its answers differ from those of other servers.
  SipServer(federation::EventLoop& loop, CallDirectory& calls,
            SipCounters& counters, uint64_t seed);

  // Whether calls are answered, or told that the account is not ready.
  void SetServing(bool is_serving) { is_serving_ = is_serving; }

  // Answers a message now or later. `head` is its start line and header fields;
  // `body_bytes` follow it.
  void Receive(std::string_view head, size_t body_bytes,
               const SipSource& source, ReplyPath& path);

  // Counts what is dropped without an answer, and logs why, at times.
  void Drop(const SipSource& source, std::string_view why);

 private:
  // A call about which the account asks its peers.
  struct Waiting {
    SipRequest request;
    SipCall call;
    SipSource source;
    std::string key;
  };

  void LogMalformed(const SipSource& source, std::string_view why);
  void Cancel(const SipRequest& request, const std::string& key,
              const SipSource& source, ReplyPath& path);
  void Call(const SipRequest& request, std::string key, const SipSource& source,
            ReplyPath& path);
  // While the account asks its peers.
  void CallLater(const SipRequest& request, const SipCall& call,
                 std::string key, const SipSource& source, ReplyPath& path);
  bool IsStillWaiting(const Waiting& call) const;
  void EndWait(const Waiting& call, const SipAnswer& answer);
  // Also counts it, and logs a target that is of no use.
  SipAnswer AnswerTo(const SipRequest& request, const SipSource& source,
                     const SipCall& call, const CallDirectory::Answer& target);
  void LogUnusable(const SipCall& call, const CallDirectory::Target& target,
                   std::string_view why);
  void AnswerNow(const SipAnswer& answer, const SipRequest& request,
                 std::string key, const SipSource& source, ReplyPath& path);
  std::string Text(const SipAnswer& answer, const SipRequest& request,
                   const std::string& key, const SipSource& source) const;
  void Count(const SipAnswer& answer);
  void CountCall(const SipAnswer& answer, const SipCall& call,
                 const CallDirectory::Answer& target);

  federation::EventLoop& loop_;
  CallDirectory& calls_;
  SipCounters& counters_;
  const uint64_t seed_;
  std::atomic<bool> is_serving_ = false;
  ServerTransactions transactions_;
  // Those of transactions_ that wait, by their keys.
  absl::flat_hash_map<std::string_view, std::shared_ptr<const Waiting>>
      waiting_;
  OncePerSource log_;
  OncePerSource unusable_log_;  // By what was dialled.
};

}  // namespace interlink::daemon
