#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "federation/base/api.h"
#include "federation/base/token_bucket.h"
#include "federation/base/trace_context.h"
#include "interlink/federation/v1/federation.pb.h"
#include "store/ids.h"

namespace interlink::federation {

// Writes a line of the log for each question that came with a trace context,
// of this account's PBX and of peers. A line has no number in it: the trace
// leads to whoever knows that.
//
// A peer can ask as often as --lookup-limit allows, so the lines that it causes
// are bounded: kPeerLinesAtOnce for each link, then one a second.
// Threading: SetWrite() before the first question; the rest from any thread.
// Lifetime: `loop` must outlive it.
class TraceLog {
 public:
  static constexpr int kPeerLinesAtOnce = 20;
  static constexpr int kPeerLinesASecond = 1;

  using Write = std::function<void(const std::string& line)>;

  explicit TraceLog(const EventLoop& loop) : loop_(loop) {}

  void SetWrite(Write write) { write_ = std::move(write); }

  // The PBX has asked for a number at `door`, or about a call that came in.
  void NoteLookup(const std::optional<TraceContext>& trace,
                  std::string_view door,
                  const absl::StatusOr<api::Resolution>& answer, Duration took);
  void NoteCall(const std::optional<TraceContext>& trace, std::string_view door,
                const absl::StatusOr<api::AuthorizeCallResponse>& answer,
                Duration took);
  // A peer has asked for a number over a link. `traceparent` is what it sent.
  void NotePeer(store::InterlinkId link, const std::string& name,
                std::string_view traceparent,
                const absl::StatusOr<v1::LookupResponse>& answer);

 private:
  // Beyond it, those that are full are forgotten.
  static constexpr size_t kMostBuckets = 20'000;

  // Whether the peer of `link` may cause a line now. If so, counts it.
  bool TakeLine(store::InterlinkId link);
  void WriteLine(const TraceContext& trace, const std::string& line) const;

  const EventLoop& loop_;
  Write write_;
  absl::Mutex mutex_;
  // Of lines that peers cause. A LinkBudget would be the loop's alone.
  std::map<store::InterlinkId, TokenBucket> buckets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace interlink::federation
