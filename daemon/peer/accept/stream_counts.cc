#include "daemon/peer/accept/stream_counts.h"

#include <grpc/grpc.h>
#include <grpc/support/alloc.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

namespace interlink::daemon {
namespace {

constexpr intptr_t kOverlap = 64;

// Of one page of channelz.
constexpr intptr_t kMostSockets = 500;

std::string Take(char* text) {
  if (text == nullptr) return "";
  std::string taken = text;
  gpr_free(text);
  return taken;
}

// Calls `found` with each value of the string field `key`, in order. A peer's
// text cannot look like a field, because its quotes are escaped.
template <class Found>
void ForEachValue(std::string_view json, const std::string& key, Found found) {
  const std::string start = "\"" + key + "\":\"";
  for (size_t at = json.find(start); at != json.npos; at = json.find(start)) {
    json.remove_prefix(at + start.size());
    found(json.substr(0, json.find('"')));
  }
}

int64_t ToNumber(std::string_view digits) {
  int64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

int64_t Number(std::string_view json, const std::string& key) {
  int64_t number = 0;
  ForEachValue(json, key,
               [&](std::string_view digits) { number = ToNumber(digits); });
  return number;
}

}  // namespace

void StreamCounts::FindNew(
    const std::function<void(const std::string& peer, Socket socket)>& found) {
  // A server lists a connection a moment after it was numbered, so one with a
  // smaller number may appear later.
  const Socket first = std::max<Socket>(0, last_ - kOverlap);
  const std::string servers = Take(grpc_channelz_get_servers(0));
  ForEachValue(servers, "serverId", [&](std::string_view server) {
    Socket next = first;
    for (bool is_end = false; !is_end;) {
      const std::string page = Take(grpc_channelz_get_server_sockets(
          ToNumber(server), next, kMostSockets));
      is_end = page.empty() || page.find("\"end\":true") != page.npos;
      // "chttp2 ipv4:192.0.2.1:5060" and a number for each.
      std::vector<std::string_view> names;
      ForEachValue(page, "name",
                   [&](std::string_view name) { names.push_back(name); });
      auto name = names.begin();
      ForEachValue(page, "socketId", [&](std::string_view digits) {
        const Socket socket = ToNumber(digits);
        last_ = std::max(last_, socket);
        next = socket + 1;
        if (name == names.end()) return;
        found(std::string(name->substr(name->find(' ') + 1)), socket);
        ++name;
      });
    }
  });
}

std::optional<int64_t> StreamCounts::OpenOn(Socket socket) {
  const std::string json = Take(grpc_channelz_get_socket(socket));
  if (json.empty()) return std::nullopt;
  return Number(json, "streamsStarted") - Number(json, "streamsSucceeded") -
         Number(json, "streamsFailed");
}

}  // namespace interlink::daemon
