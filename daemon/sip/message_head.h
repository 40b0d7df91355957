#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace interlink::daemon {

// The head of a SIP message, cut into its start line and header fields (RFC
// 3261 section 7): compact names are written out, folded lines joined.
//
// A damaged line is left out and named by fault(), so that its sender can be
// told. No field's value has a CR, LF or NUL.
class MessageHead {
 public:
  static constexpr size_t kMostFields = 256;

  // The fields that somebody here reads.
  enum class Name {
    kCallId,
    kContentLength,
    kCSeq,
    kFrom,
    kMaxForwards,
    kPAssertedIdentity,
    kRequire,
    kTimestamp,
    kTo,
    kVia,
    kOther,
  };
  struct Field {
    Name name;
    std::string_view value;  // Without space around it.
  };

  // `text` has the lines, each with its CRLF, and may end with the empty one.
  explicit MessageHead(std::string_view text);
  MessageHead(const MessageHead&) = delete;
  MessageHead& operator=(const MessageHead&) = delete;

  std::string_view start_line() const { return start_line_; }
  const std::vector<Field>& fields() const { return fields_; }
  // What is wrong with the lines, for the sender; empty if nothing is.
  std::string_view fault() const { return fault_; }

  // The value of the field of this name; nullopt if there is none. If there are
  // several, `is_repeated` becomes true.
  std::optional<std::string_view> Find(Name name, bool& is_repeated) const;

 private:
  void Unfold();
  void AddLine(std::string_view line);

  std::string text_;
  std::string_view start_line_;
  std::vector<Field> fields_;
  std::string_view fault_;
};

// `text` without spaces and tabs around it.
std::string_view Trimmed(std::string_view text);

// A whole number without a sign, up to `most`.
std::optional<size_t> ParseCount(std::string_view digits, size_t most);

// The values of a field that may have several, separated by commas outside
// quotes and angle brackets.
std::vector<std::string_view> SplitValues(std::string_view value);

}  // namespace interlink::daemon
