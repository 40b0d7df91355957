#include "daemon/config/usual_paths.h"

#include <algorithm>

namespace interlink {
namespace {

constexpr const char* kSystemSocket = "/run/interlink/api.sock";

// systemd separates several directories by colons.
std::string FirstOf(const std::string& directories) {
  return directories.substr(0, directories.find(':'));
}

}  // namespace

std::string WithoutUnixScheme(std::string_view path) {
  for (const std::string_view scheme : {"unix://", "unix:"}) {
    if (path.starts_with(scheme)) {
      return std::string(path.substr(scheme.size()));
    }
  }
  return std::string(path);
}

std::string UnixTarget(std::string_view path) {
  static constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string target = "unix:";
  for (const char c : path) {
    if (kPlain.find(c) != std::string_view::npos) {
      target += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      target += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return target;
}

std::string UsualDataDir(const PathContext& context) {
  const auto& variable = context.environment;
  const std::string state = FirstOf(variable("STATE_DIRECTORY"));
  if (!state.empty()) return state;
  if (context.user_id == 0) return "/var/lib/interlink";
  const std::string home = variable("XDG_STATE_HOME");
  return (home.empty() ? variable("HOME") + "/.local/state" : home) +
         "/interlink";
}

std::string UsualSocket(const PathContext& context,
                        const std::string& data_dir) {
  const auto& variable = context.environment;
  const std::string runtime = FirstOf(variable("RUNTIME_DIRECTORY"));
  if (!runtime.empty()) return runtime + "/api.sock";
  if (context.user_id == 0) return kSystemSocket;
  const std::string user = variable("XDG_RUNTIME_DIR");
  return user.empty() ? data_dir + "/api.sock" : user + "/interlink/api.sock";
}

std::vector<std::string> UsualSockets(const PathContext& context) {
  const std::string named = context.environment("INTERLINK_DATA_DIR");
  const std::string data_dir = named.empty() ? UsualDataDir(context) : named;
  std::vector<std::string> places;
  const auto add = [&places](const std::string& place) {
    if (std::find(places.begin(), places.end(), place) == places.end()) {
      places.push_back(place);
    }
  };
  add(UsualSocket(context, data_dir));
  if (context.user_id != 0) {
    // A daemon may have been started from a session, or from none.
    add("/run/user/" + std::to_string(context.user_id) + "/interlink/api.sock");
    add(data_dir + "/api.sock");
  }
  add(kSystemSocket);
  return places;
}

}  // namespace interlink
