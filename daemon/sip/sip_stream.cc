#include "daemon/sip/sip_stream.h"

#include <algorithm>
#include <optional>

#include "daemon/sip/message_head.h"

namespace interlink::daemon {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

// Whether a proxy that forwards a stranger's message may take it to end here.
bool HasBareEnd(std::string_view bytes, size_t from) {
  return bytes.find("\n\n", from) != bytes.npos ||
         bytes.find("\n\r\n", from) != bytes.npos;
}

}  // namespace

void SipStream::Add(std::string_view bytes) {
  bytes_.erase(0, start_);
  start_ = 0;
  bytes_.append(bytes);
}

SipStream::Found SipStream::Next() {
  if (rest().starts_with(kHeadEnd)) {
    start_ += kHeadEnd.size();
    return Found::kPing;
  }
  // What may still become a ping stays.
  if (kHeadEnd.starts_with(rest())) return Found::kNothing;
  if (rest().starts_with(kLineEnd)) start_ += kLineEnd.size();
  return FindMessage();
}

bool SipStream::has_begun() const { return !kHeadEnd.starts_with(rest()); }

SipStream::Found SipStream::FindMessage() {
  if (rest().size() < wanted_) return Found::kNothing;
  const size_t end = rest().find(kHeadEnd, scanned_);
  if (end == std::string_view::npos) {
    if (HasBareEnd(rest(), scanned_)) return Found::kGarbage;
    scanned_ = rest().size() - std::min(rest().size(), kHeadEnd.size() - 1);
    return rest().size() > kMostBytes ? Found::kGarbage : Found::kNothing;
  }
  scanned_ = end;
  head_ = rest().substr(0, end + kHeadEnd.size());
  if (head_.size() > kMostBytes) return Found::kGarbage;
  const MessageHead head(head_);
  bool is_repeated = false;
  const auto text = head.Find(MessageHead::Name::kContentLength, is_repeated);
  // If a line is damaged, a proxy may have read another length, and a stranger
  // may have written what looks like the next message.
  const auto length = is_repeated || !head.fault().empty()
                          ? std::nullopt
                          : ParseCount(text.value_or(""), kMostBytes);
  is_last_ = !length;
  body_bytes_ = length.value_or(0);
  const size_t size = head_.size() + body_bytes_;
  if (size > kMostBytes) return Found::kGarbage;
  if (rest().size() < size) {
    wanted_ = size;  // The head is not read again for each part of the body.
    return Found::kNothing;
  }
  start_ += is_last_ ? rest().size() : size;
  scanned_ = wanted_ = 0;
  return Found::kMessage;
}

}  // namespace interlink::daemon
