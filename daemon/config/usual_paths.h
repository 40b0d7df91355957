#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

// Where a daemon keeps its data and its socket, and where interlinkctl looks
// for the socket, when nobody says: one rule for both programs.
namespace interlink {

// The process as the rule sees it.
struct PathContext {
  // Empty for a variable that is not set.
  std::function<std::string(const std::string& name)> environment;
  unsigned user_id = 0;
};

// `path` without the "unix:" or "unix://" that gRPC and its tools write before
// the path of a socket.
std::string WithoutUnixScheme(std::string_view path);

// The inverse, as gRPC wants it: a URI, in which a space or "%" is escaped.
std::string UnixTarget(std::string_view path);

// STATE_DIRECTORY, /var/lib/interlink for root, else interlink under
// XDG_STATE_HOME, else under ~/.local/state.
std::string UsualDataDir(const PathContext& context);

// The socket of the administrator's API that a daemon makes: api.sock in
// RUNTIME_DIRECTORY, in /run/interlink for root, in interlink under
// XDG_RUNTIME_DIR, else in the data directory.
std::string UsualSocket(const PathContext& context,
                        const std::string& data_dir);

// Where such a socket may be, seen by a user who need not be the daemon's,
// whose environment need not be the same: the own daemon's places before the
// system's. The first place that UsualSocket() would name comes first.
std::vector<std::string> UsualSockets(const PathContext& context);

}  // namespace interlink
