#include "daemon/cli/connect/metadata.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "absl/strings/escaping.h"

namespace interlink::cli {
namespace {

constexpr std::string_view kBinary = "-bin";

bool IsForClients(std::string_view name) {
  static constexpr std::array<std::string_view, 13> kNotForClients = {
      ":",         "access-control-", "connect-",  "connection", "content-",
      "date",      "grpc-",           "keep-",     "set-cookie", "trailer",
      "transfer-", "upgrade",         "user-agent"};
  return std::none_of(
      kNotForClients.begin(), kNotForClients.end(),
      [name](std::string_view start) { return name.starts_with(start); });
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

Metadata MetadataForClients(
    const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
  Metadata shown;
  for (const auto& [key, value] : metadata) {
    const std::string name(key.data(), key.size());
    std::string text(value.data(), value.size());
    if (name.ends_with(kBinary)) text = absl::Base64Escape(text);
    if (!IsForClients(name) || !IsPrintable(name) || !IsPrintable(text)) {
      continue;
    }
    shown.emplace_back(name, std::move(text));
  }
  return shown;
}

}  // namespace interlink::cli
