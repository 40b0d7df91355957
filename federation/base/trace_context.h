#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace interlink::federation {

// The trace that a question belongs to: the header `traceparent` of
// https://www.w3.org/TR/trace-context/. It is logged and passed on as it came,
// because nothing here records spans of its own.
//
// A value. Its text has 55 characters of [0-9a-f-], whoever sent it.
class TraceContext {
 public:
  // nullopt if `traceparent` is not well-formed, which is to be ignored. What a
  // later version says beyond version 00 is dropped.
  static std::optional<TraceContext> Parse(std::string_view traceparent);

  const std::string& text() const { return text_; }
  bool operator==(const TraceContext&) const = default;

 private:
  explicit TraceContext(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

}  // namespace interlink::federation
