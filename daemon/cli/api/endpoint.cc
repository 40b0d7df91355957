#include "daemon/cli/api/endpoint.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/api/tls_files.h"
#include "daemon/config/usual_paths.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace interlink::cli {
namespace {

grpc::Status Refuse(const std::string& sentence) {
  return LocalFailure(grpc::StatusCode::INVALID_ARGUMENT, "API_ADDRESS_INVALID",
                      sentence);
}

// Whether there is a port behind the last colon of `address`, and a host.
bool IsHostAndPort(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  const std::string_view port = std::string_view(address).substr(colon + 1);
  return !port.empty() && port.size() <= 5 &&
         port.find_first_not_of("0123456789") == std::string_view::npos;
}

// A daemon that was restarted is found within two seconds. gRPC's own pauses
// grow to two minutes.
grpc::ChannelArguments AttemptsOften() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  return arguments;
}

grpc::Status OpenTcpChannel(const Endpoint& endpoint,
                            std::shared_ptr<grpc::Channel>* channel) {
  if (!IsHostAndPort(endpoint.address)) {
    return Refuse("--api is HOST:PORT, such as pbx.example.net:7444, not \"" +
                  endpoint.address + "\"");
  }
  grpc::SslCredentialsOptions options;
  grpc::Status status =
      ReadTlsFiles(endpoint.certificate, endpoint.key, endpoint.ca, &options);
  if (!status.ok()) return status;
  grpc::ChannelArguments arguments = AttemptsOften();
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (!endpoint.server_name.empty()) {
    arguments.SetSslTargetNameOverride(endpoint.server_name);
  }
  *channel = grpc::CreateCustomChannel(
      endpoint.address, grpc::SslCredentials(options), arguments);
  return grpc::Status::OK;
}

// 0 if a daemon listens at this path, else errno.
int ErrorOfConnecting(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return ENAMETOOLONG;
  path.copy(address.sun_path, path.size());
  const int probe =
      socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return errno;
  const bool is_open =
      connect(probe, reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) == 0;
  const int error = is_open ? 0 : errno;
  close(probe);
  return error;
}

bool IsSocket(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
}

std::string WhyNotAt(const std::string& path) {
  const int error = ErrorOfConnecting(path);
  switch (error) {
    case 0:
      return "it does not answer; look into its log";
    case ENOENT:
    case ENOTDIR:
      return "there is no such socket";
    case ECONNREFUSED:
      return IsSocket(path) ? "nobody listens there any more"
                            : "it is something else than a socket";
    default:
      return std::strerror(error);
  }
}

// Why this user may not open `path`, of which `bit` is the right that its group
// would need, and what to do.
std::string WhyForbidden(std::string_view may_not, const std::string& path,
                         mode_t bit) {
  const std::string why = "you may not " + std::string(may_not) + " " + path;
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return why + "; use sudo";
  const group* owner = getgrgid(found.st_gid);
  const std::string name =
      owner != nullptr ? owner->gr_name : std::to_string(found.st_gid);
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", found.st_mode & 07777U);
  const std::string rights =
      why + " (group " + name + ", mode " + mode.data() + "); ";
  // Whoever is in the group of root may do much more than this.
  if (found.st_gid == 0 || (found.st_mode & bit) == 0) {
    return rights +
           "use sudo, or set --api-socket-group of interlinkd to a group that "
           "you are in";
  }
  return rights + "become a member of the group " + name +
         " (`sudo usermod --append --groups " + name +
         " $USER`, then log in again), or use sudo";
}

// The same of the socket at `path`, behind which a daemon may well run; empty
// if the user may open it.
std::string WhyForbidden(const std::string& path) {
  if (ErrorOfConnecting(path) != EACCES) return "";
  struct stat found {};
  if (stat(path.c_str(), &found) == 0) {
    return WhyForbidden("open", path, S_IWGRP);
  }
  return WhyForbidden(
      "look into", std::filesystem::path(path).parent_path().string(), S_IXGRP);
}

// gRPC's reason for a failed connection, in words for people.
std::string CauseInWords(const std::string& cause, const std::string& name) {
  using Symptom = std::pair<std::string_view, std::string_view>;
  static constexpr std::array<Symptom, 8> kSymptoms = {{
      {"Connection refused", "nobody listens there"},
      {"empty address list", "the host name is not known"},
      {"DNS resolution failed", "the host name is not known"},
      {"Domain name not found", "the host name is not known"},
      {"No route to host", "there is no route to it"},
      {"Network is unreachable", "there is no route to it"},
      {"CERTIFICATE_VERIFY_FAILED", "its certificate is not of that --ca"},
      {"andshake", "the TLS handshake failed"},
  }};
  if (cause.find("is not in peer certificate") != std::string::npos) {
    return "its certificate is not for " + name;
  }
  for (const auto& [said, words] : kSymptoms) {
    if (cause.find(said) != std::string::npos) return std::string(words);
  }
  return cause;
}

}  // namespace

void FindSocket(const Console& console, unsigned user_id, Endpoint* endpoint) {
  std::string given = endpoint->socket;
  if (given.empty()) given = console.environment("INTERLINK_API_SOCKET");
  endpoint->tried = given.empty()
                        ? UsualSockets({console.environment, user_id})
                        : std::vector<std::string>{WithoutUnixScheme(given)};
  endpoint->socket = endpoint->tried.front();
  for (const std::string& place : endpoint->tried) {
    if (ErrorOfConnecting(place) != 0) continue;
    endpoint->socket = place;
    return;
  }
}

grpc::Status OpenChannel(const Endpoint& endpoint,
                         std::shared_ptr<grpc::Channel>* channel) {
  if (!endpoint.address.empty()) return OpenTcpChannel(endpoint, channel);
  if (endpoint.socket.size() >= sizeof(sockaddr_un::sun_path)) {
    return Refuse("the socket's path " + endpoint.socket + " is longer than " +
                  std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " bytes");
  }
  *channel = grpc::CreateCustomChannel(UnixTarget(endpoint.socket),
                                       grpc::InsecureChannelCredentials(),
                                       AttemptsOften());
  return grpc::Status::OK;
}

grpc::Status UnreachableFailure(const Endpoint& endpoint,
                                const std::string& cause) {
  const auto unreachable = [](const std::string& sentence) {
    return LocalFailure(grpc::StatusCode::UNAVAILABLE, "DAEMON_UNREACHABLE",
                        sentence);
  };
  if (!endpoint.address.empty()) {
    const std::string host =
        endpoint.address.substr(0, endpoint.address.rfind(':'));
    return unreachable(
        "no connection to interlinkd at " + endpoint.address + " (" +
        CauseInWords(
            cause, endpoint.server_name.empty() ? host : endpoint.server_name) +
        "); check that it runs with --api-listen, and the "
        "files given as --cert, --key and --ca");
  }
  std::string places;
  for (const std::string& place : endpoint.tried) {
    if (const std::string why = WhyForbidden(place); !why.empty()) {
      return unreachable(why);
    }
    if (!places.empty()) places += "; ";
    places += place + ": " + WhyNotAt(place);
  }
  return unreachable("no interlinkd answers (" + places +
                     "); start interlinkd (`systemctl status interlinkd` says "
                     "why it does not run), or name its socket with "
                     "--api-socket PATH or INTERLINK_API_SOCKET");
}

grpc::Status Explained(const Endpoint& endpoint, const grpc::Status& status) {
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE) return status;
  // What the daemon itself answers has a reason.
  if (!FailureOf(status).reason.empty()) return status;
  return UnreachableFailure(endpoint, status.error_message());
}

}  // namespace interlink::cli
