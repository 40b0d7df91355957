#include "daemon/cli/endpoint.h"

#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string_view>

#include "daemon/cli/failure.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace interlink::cli {
namespace {

constexpr size_t kMaxPemBytes = 1 << 20;

grpc::Status Refuse(const std::string& sentence) {
  return LocalFailure(grpc::StatusCode::INVALID_ARGUMENT, "API_ADDRESS_INVALID",
                      sentence);
}

// gRPC reads the target as a URI: a space or '%' in a path must be escaped.
std::string UnixTarget(const std::string& path) {
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

grpc::Status ReadPem(const std::string& path, std::string* text) {
  std::ifstream file(path, std::ios::binary);
  text->assign(kMaxPemBytes + 1, '\0');
  file.read(text->data(), static_cast<std::streamsize>(text->size()));
  text->resize(static_cast<size_t>(file.gcount()));
  if (text->empty()) return Refuse("cannot read " + path);
  if (text->size() > kMaxPemBytes) {
    return Refuse(path + " is too large for a PEM file");
  }
  return grpc::Status::OK;
}

grpc::Status OpenTcpChannel(const Endpoint& endpoint,
                            std::shared_ptr<grpc::Channel>* channel) {
  grpc::SslCredentialsOptions options;
  for (const auto& [path, text] :
       {std::pair{&endpoint.ca, &options.pem_root_certs},
        std::pair{&endpoint.certificate, &options.pem_cert_chain},
        std::pair{&endpoint.key, &options.pem_private_key}}) {
    grpc::Status status = ReadPem(*path, text);
    if (!status.ok()) return status;
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (!endpoint.server_name.empty()) {
    arguments.SetSslTargetNameOverride(endpoint.server_name);
  }
  *channel = grpc::CreateCustomChannel(
      endpoint.address, grpc::SslCredentials(options), arguments);
  return grpc::Status::OK;
}

}  // namespace

std::string SocketPath(const std::string& given, const Console& console,
                       bool is_root) {
  std::string path = given;
  if (path.empty()) path = console.environment("INTERLINK_API_SOCKET");
  if (!path.empty()) return path.starts_with("unix:") ? path.substr(5) : path;
  const std::string runtime = console.environment("RUNTIME_DIRECTORY");
  if (!runtime.empty()) return runtime + "/api.sock";
  if (is_root) return "/run/interlink/api.sock";
  const std::string user = console.environment("XDG_RUNTIME_DIR");
  return user.empty() ? "" : user + "/interlink/api.sock";
}

grpc::Status OpenChannel(const Endpoint& endpoint,
                         std::shared_ptr<grpc::Channel>* channel) {
  if (!endpoint.address.empty()) return OpenTcpChannel(endpoint, channel);
  if (endpoint.socket.empty()) {
    return Refuse(
        "there is no usual place for the daemon's socket here "
        "(XDG_RUNTIME_DIR is not set); name it with --api-socket PATH or "
        "INTERLINK_API_SOCKET");
  }
  if (endpoint.socket.size() >= sizeof(sockaddr_un::sun_path)) {
    return Refuse("the socket's path " + endpoint.socket + " is longer than " +
                  std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " bytes");
  }
  *channel = grpc::CreateChannel(UnixTarget(endpoint.socket),
                                 grpc::InsecureChannelCredentials());
  return grpc::Status::OK;
}

grpc::Status UnreachableFailure(const Endpoint& endpoint,
                                const std::string& cause) {
  const auto unreachable = [](const std::string& sentence) {
    return LocalFailure(grpc::StatusCode::UNAVAILABLE, "DAEMON_UNREACHABLE",
                        sentence);
  };
  if (!endpoint.address.empty()) {
    return unreachable("no connection to interlinkd at " + endpoint.address +
                       " (" + cause +
                       "); check that it runs with --api-listen, and the "
                       "files given as --cert, --key and --ca");
  }
  const std::string& path = endpoint.socket;
  if (access(path.c_str(), F_OK) != 0) {
    return unreachable("there is no socket " + path +
                       "; start interlinkd, or name its socket with "
                       "--api-socket PATH or INTERLINK_API_SOCKET");
  }
  if (access(path.c_str(), R_OK | W_OK) != 0) {
    return unreachable("you may not use the socket " + path +
                       "; join the group that owns it, or work as the user "
                       "that runs interlinkd");
  }
  return unreachable("nobody answers at the socket " + path + " (" + cause +
                     "); start interlinkd, or look into its log");
}

}  // namespace interlink::cli
