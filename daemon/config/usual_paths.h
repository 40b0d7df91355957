#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

// The default places of a daemon's data and socket, where interlinkctl looks
// for them too: one rule for both programs.
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

// The places where interlinkctl looks for the socket: the usual ones of the
// user's own daemon, then the system's. UsualSocket() is the first; the daemon
// may have had another environment, and so another place.
std::vector<std::string> UsualSockets(const PathContext& context);

}  // namespace interlink
