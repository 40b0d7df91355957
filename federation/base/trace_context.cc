#include "federation/base/trace_context.h"

#include <algorithm>

namespace interlink::federation {
namespace {

// "00-<32 digits>-<16 digits>-<2 digits>"
constexpr size_t kBytes = 55;
constexpr size_t kTraceId = 3;
constexpr size_t kParentId = 36;
constexpr size_t kFlags = 53;

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}
bool IsId(std::string_view text) {
  return IsHex(text) && text.find_first_not_of('0') != text.npos;
}

}  // namespace

std::optional<TraceContext> TraceContext::Parse(std::string_view traceparent) {
  const std::string_view text = traceparent.substr(0, kBytes);
  if (text.size() < kBytes || text[kTraceId - 1] != '-' ||
      text[kParentId - 1] != '-' || text[kFlags - 1] != '-') {
    return std::nullopt;
  }
  const std::string_view version = text.substr(0, kTraceId - 1);
  if (!IsHex(version) || version == "ff" ||
      !IsId(text.substr(kTraceId, kParentId - 1 - kTraceId)) ||
      !IsId(text.substr(kParentId, kFlags - 1 - kParentId)) ||
      !IsHex(text.substr(kFlags))) {
    return std::nullopt;
  }
  if (version == "00") {
    if (traceparent.size() > kBytes) return std::nullopt;
    return TraceContext(std::string(text));
  }
  if (traceparent.size() > kBytes && traceparent[kBytes] != '-') {
    return std::nullopt;
  }
  // Of the flags of a later version only the lowest one, "sampled", is known.
  const bool is_sampled =
      std::string_view("13579bdf").find(text.back()) != std::string_view::npos;
  return TraceContext("00" + std::string(text.substr(2, kFlags - 2)) +
                      (is_sampled ? "01" : "00"));
}

}  // namespace interlink::federation
