#include "federation/peer/trace_log.h"

#include <cstdio>

#include "federation/base/names.h"
#include "federation/base/reason.h"

namespace interlink::federation {
namespace {

std::string ReasonIn(const absl::Status& status) {
  const auto reason = ReasonOf(status);
  return reason ? std::string(ReasonName(*reason)) : "an error";
}

std::string LinkInWords(const std::string& name, const std::string& id) {
  return "\"" + name + "\" (" + id + ")";
}

std::string InWords(const absl::StatusOr<api::Resolution>& answer) {
  if (!answer.ok()) return ReasonIn(answer.status());
  if (answer->source() == api::RESOLUTION_SOURCE_LOCAL) return "a local number";
  std::string words = answer->stale() ? "last known at" : "found at";
  for (const api::Route& route : answer->routes()) {
    words += " " + LinkInWords(route.interlink_name(), route.interlink_id());
  }
  return words;
}

std::string InWords(const absl::StatusOr<api::AuthorizeCallResponse>& answer) {
  if (!answer.ok()) return ReasonIn(answer.status());
  if (answer->interlink_id().empty()) return "let in without a token";
  return "let in over " +
         LinkInWords(answer->interlink_name(), answer->interlink_id());
}

std::string InWords(const absl::StatusOr<v1::LookupResponse>& answer) {
  if (!answer.ok()) return ReasonIn(answer.status());
  return answer->has_entry() ? "found" : "not found";
}

std::string Milliseconds(Duration took) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3f ms",
                std::chrono::duration<double, std::milli>(took).count());
  return text;
}

}  // namespace

void TraceLog::NoteLookup(const std::optional<TraceContext>& trace,
                          std::string_view door,
                          const absl::StatusOr<api::Resolution>& answer,
                          Duration took) {
  if (!trace) return;
  WriteLine(*trace, "the PBX asks for a number at " + std::string(door) + ": " +
                        InWords(answer) + ", after " + Milliseconds(took));
}

void TraceLog::NoteCall(
    const std::optional<TraceContext>& trace, std::string_view door,
    const absl::StatusOr<api::AuthorizeCallResponse>& answer, Duration took) {
  if (!trace) return;
  WriteLine(*trace, "the PBX asks about a call at " + std::string(door) + ": " +
                        InWords(answer) + ", after " + Milliseconds(took));
}

void TraceLog::NotePeer(store::InterlinkId link, const std::string& name,
                        std::string_view traceparent,
                        const absl::StatusOr<v1::LookupResponse>& answer) {
  const auto trace = TraceContext::Parse(traceparent);
  if (!trace || !TakeLine(link)) return;
  WriteLine(*trace, "a number is asked for over the interlink " +
                        LinkInWords(name, link.ToHex()) + ": " +
                        InWords(answer));
}

bool TraceLog::TakeLine(store::InterlinkId link) {
  const SteadyTime now = loop_.Now();
  absl::MutexLock lock(&mutex_);
  if (buckets_.size() >= kMostBuckets) ForgetFull(buckets_, now);
  const auto [bucket, is_new] =
      buckets_.try_emplace(link, kPeerLinesASecond, kPeerLinesAtOnce);
  return bucket->second.Take(now);
}

void TraceLog::WriteLine(const TraceContext& trace,
                         const std::string& line) const {
  if (write_) write_(line + ", traceparent " + trace.text());
}

}  // namespace interlink::federation
