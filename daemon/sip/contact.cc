#include "daemon/sip/contact.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "daemon/net/source_network.h"

namespace interlink::daemon {
namespace {

constexpr size_t kMostExtension = 32;

bool IsSipUri(const std::string& text) {
  if (!absl::StartsWithIgnoreCase(text, "sip:") &&
      !absl::StartsWithIgnoreCase(text, "sips:")) {
    return false;
  }
  // These would end it within the angle brackets of a Contact.
  return text.find_first_of("<>\"\\") == std::string::npos &&
         text.size() > text.find(':') + 1;
}

}  // namespace

bool IsExtension(const std::string& destination) {
  return !destination.empty() && destination.size() <= kMostExtension &&
         std::all_of(destination.begin(), destination.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                  std::string_view("*#+._-").find(c) != std::string_view::npos;
         });
}

bool CanBeContact(const std::string& destination) {
  return IsSipUri(destination) || IsExtension(destination);
}

std::optional<std::string> ContactUri(const std::string& destination,
                                      const TopVia& via,
                                      const SipSource& source) {
  if (IsSipUri(destination)) return destination;
  if (!IsExtension(destination)) return std::nullopt;
  const std::string host =
      via.IsSentFrom(source) ? via.sent_by() : HostText(source.address);
  return "sip:" + absl::StrReplaceAll(destination, {{"#", "%23"}}) + "@" + host;
}

}  // namespace interlink::daemon
