#include "daemon/net/socket_acceptor.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace interlink::daemon {
namespace {

void RemoveSocket(const std::string& path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) {
    unlink(path.c_str());
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<SocketAcceptor>> SocketAcceptor::Listen(
    boost::asio::io_context& context, const std::string& path,
    Accepted accepted) {
  auto state = std::make_shared<State>(context, std::move(accepted));
  state->address = path;
  boost::system::error_code error;
  RemoveSocket(path);
  state->acceptor.open({}, error);
  if (!error) state->acceptor.bind(path, error);
  const bool is_bound = !error;
  if (!error) {
    state->acceptor.listen(boost::asio::socket_base::max_listen_connections,
                           error);
  }
  if (error) {
    if (is_bound) RemoveSocket(path);
    return absl::UnavailableError("cannot listen on " + path + ": " +
                                  error.message() +
                                  "; is its folder there, and ours?");
  }
  struct stat made {};
  lstat(path.c_str(), &made);  // If it is gone already, it is like no other.
  state->Accept();
  return std::unique_ptr<SocketAcceptor>(
      new SocketAcceptor(std::move(state), made));
}

SocketAcceptor::~SocketAcceptor() {
  state_->End();
  struct stat found {};
  if (lstat(state_->address.c_str(), &found) == 0 &&
      found.st_dev == made_.st_dev && found.st_ino == made_.st_ino) {
    unlink(state_->address.c_str());
  }
}

}  // namespace interlink::daemon
