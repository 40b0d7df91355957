#include "daemon/http/http_message.h"

namespace interlink::daemon {

std::string HeaderText(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string header;
  for (const char c : text) {
    if (c >= ' ' && c <= '~' && c != '%') {
      header += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      header += '%';
      header += kDigits[byte >> 4];
      header += kDigits[byte & 15];
    }
  }
  return header;
}

}  // namespace interlink::daemon
