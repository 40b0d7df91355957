#include "daemon/net/socket_acceptor.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>

namespace interlink::daemon {
namespace {

// After an error that would come again at once, such as no descriptor left.
constexpr std::chrono::milliseconds kRetryPause{100};

void RemoveSocket(const std::string& path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) {
    unlink(path.c_str());
  }
}

}  // namespace

struct SocketAcceptor::State : std::enable_shared_from_this<State> {
  State(boost::asio::io_context& context, std::string the_path,
        Accepted the_accepted)
      : acceptor(context),
        pause(context),
        path(std::move(the_path)),
        accepted(std::move(the_accepted)) {}

  boost::system::error_code Listen() {
    boost::system::error_code error;
    RemoveSocket(path);
    acceptor.open({}, error);
    if (!error) acceptor.bind(path, error);
    if (error) return error;
    acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
    if (error) RemoveSocket(path);
    return error;
  }

  void Accept() {
    acceptor.async_accept([self = shared_from_this()](
                              boost::system::error_code error, Socket socket) {
      if (!self->acceptor.is_open()) return;
      if (error && error != boost::asio::error::connection_aborted) {
        self->AcceptLater(error);
        return;
      }
      if (!error) {
        self->is_troubled = false;
        self->accepted(std::move(socket));
      }
      self->Accept();
    });
  }

  void AcceptLater(const boost::system::error_code& error) {
    if (!std::exchange(is_troubled, true)) {
      spdlog::warn("connections to {} cannot be accepted for now: {}", path,
                   error.message());
    }
    pause.expires_after(kRetryPause);
    pause.async_wait([self = shared_from_this()](boost::system::error_code) {
      if (self->acceptor.is_open()) self->Accept();
    });
  }

  boost::asio::local::stream_protocol::acceptor acceptor;
  boost::asio::steady_timer pause;
  const std::string path;
  const Accepted accepted;
  bool is_troubled = false;
};

absl::StatusOr<std::unique_ptr<SocketAcceptor>> SocketAcceptor::Listen(
    boost::asio::io_context& context, const std::string& path,
    Accepted accepted) {
  auto state = std::make_shared<State>(context, path, std::move(accepted));
  if (const auto error = state->Listen()) {
    return absl::UnavailableError("cannot listen on " + path + ": " +
                                  error.message() +
                                  "; is its folder there, and ours?");
  }
  state->Accept();
  return std::unique_ptr<SocketAcceptor>(new SocketAcceptor(std::move(state)));
}

SocketAcceptor::SocketAcceptor(std::shared_ptr<State> state)
    : state_(std::move(state)) {}

SocketAcceptor::~SocketAcceptor() {
  boost::system::error_code ignored;  // It is closed either way.
  state_->acceptor.close(ignored);
  state_->pause.cancel();
}

}  // namespace interlink::daemon
