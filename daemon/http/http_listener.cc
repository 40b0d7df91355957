#include "daemon/http/http_listener.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <limits>
#include <optional>
#include <set>
#include <utility>  // Boost.Asio 1.74 forgets it.

#include "daemon/net/connection_places.h"
#include "daemon/net/source_network.h"
#include "daemon/net/tcp_acceptor.h"
#include "daemon/net/turned_away.h"

namespace interlink::daemon {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr size_t kMaxConnections = 256;
constexpr size_t kMaxSilentPerSource = 128;
constexpr uint32_t kMaxHeaderBytes = 8 * 1024;
constexpr std::chrono::seconds kRequestTimeout{5};
// The request follows the end of TCP's handshake at once, so it is late by what
// the way delays it.
constexpr std::chrono::milliseconds kTimeToAsk{50};

using Request = http::request<http::empty_body>;
using Response = http::response<http::string_body>;

Response Text(http::status status, std::string body) {
  Response response(status, 11);
  response.set(http::field::content_type, "text/plain; charset=utf-8");
  response.body() = std::move(body);
  return response;
}

// Errors in HTTP itself, as opposed to those of the connection.
const boost::system::error_category& kHttpErrors =
    make_error_code(http::error::end_of_stream).category();

// The answer to bytes that are no request.
Response Refusal(error_code error) {
  return error == http::error::header_limit ||
                 error == http::error::buffer_overflow
             ? Text(http::status::request_header_fields_too_large,
                    "the header of a request has at most 8 KiB\n")
             : Text(http::status::bad_request, "not an HTTP request\n");
}

Response Page(const HttpListener::Pages& pages, const Request& request) {
  if (request.method() != http::verb::get &&
      request.method() != http::verb::head) {
    Response response =
        Text(http::status::method_not_allowed, "only GET and HEAD\n");
    response.set(http::field::allow, "GET, HEAD");
    return response;
  }
  const auto target = request.target();
  const auto path = target.substr(0, target.find('?'));
  if (path == "/healthz") {
    return Text(http::status::ok, "ok\n");  // The loop answers: that is all.
  }
  if (path == "/readyz") {
    return pages.is_ready()
               ? Text(http::status::ok, "ready\n")
               : Text(http::status::service_unavailable, "not ready\n");
  }
  if (path == "/metrics") {
    Response response = Text(http::status::ok, pages.metrics());
    response.set(http::field::content_type,
                 "text/plain; version=0.0.4; charset=utf-8");
    return response;
  }
  return Text(http::status::not_found,
              "only /metrics, /healthz and /readyz are here\n");
}

}  // namespace

class HttpListener::Server : public std::enable_shared_from_this<Server> {
 public:
  Server(const federation::EventLoop& loop, Pages pages)
      : pages_(std::move(pages)),
        loop_(loop),
        turned_away_(loop, "--http-listen") {}

  absl::Status Listen(asio::io_context& context, const std::string& address) {
    auto acceptor = TcpAcceptor::Listen(
        context, address, [weak = weak_from_this()](tcp::socket socket) {
          if (const auto self = weak.lock()) self->Accepted(std::move(socket));
        });
    if (!acceptor.ok()) {
      return absl::UnavailableError("cannot serve HTTP on " + address + ": " +
                                    std::string(acceptor.status().message()));
    }
    acceptor_ = *std::move(acceptor);
    return absl::OkStatus();
  }

  void Close() {
    acceptor_.reset();
    for (Session* session : sessions_) session->Close();
  }

  const std::string& address() const { return acceptor_->address(); }
  uint64_t turned_away() const { return turned_away_.count(); }

 private:
  class Session : public std::enable_shared_from_this<Session> {
   public:
    Session(tcp::socket socket, std::shared_ptr<Server> server)
        : stream_(std::move(socket)), server_(std::move(server)) {
      server_->sessions_.insert(this);
    }
    ~Session() {
      server_->sessions_.erase(this);
      server_->places_.Leave(place_);
    }

    void Serve(ConnectionPlaces::Id place) {
      place_ = place;
      Read();
    }
    void Close() { stream_.close(); }

   private:
    void Read() {
      parser_.emplace();
      parser_->header_limit(kMaxHeaderBytes);
      // It is not read. (Boost 1.74 takes "none" for none allowed.)
      parser_->body_limit(std::numeric_limits<uint64_t>::max());
      stream_.expires_after(kRequestTimeout);
      http::async_read_header(
          stream_, buffer_, *parser_,
          [self = shared_from_this()](error_code error, size_t) {
            if (!error) {
              self->server_->places_.Settle(self->place_);
              self->Answer();
            } else if (error.category() == kHttpErrors &&
                       error != http::error::end_of_stream) {
              self->Write(Refusal(error), /*keep_alive=*/false);
            }
          });
    }
    void Answer() {
      const Request& request = parser_->get();
      const bool has_body =
          parser_->chunked() || parser_->content_length().value_or(0) > 0;
      Response response = Page(server_->pages_, request);
      response.prepare_payload();
      if (request.method() == http::verb::head) response.body().clear();
      Write(std::move(response), request.keep_alive() && !has_body);
    }

    void Write(Response response, bool keep_alive) {
      response_ = std::move(response);
      if (!response_.has_content_length()) response_.prepare_payload();
      response_.keep_alive(keep_alive);
      http::async_write(stream_, response_,
                        [self = shared_from_this()](error_code error, size_t) {
                          if (error) return;
                          self->server_->places_.Unsettle(
                              self->place_, self->server_->loop_.Now());
                          if (self->response_.keep_alive()) {
                            self->Read();
                          } else {
                            self->Finish();
                          }
                        });
    }

    // To close with something unread would take the answer from the client.
    void Finish() {
      error_code ignored;  // The client may have closed first.
      stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
      Discard();
    }
    void Discard() {
      buffer_.clear();
      stream_.async_read_some(
          buffer_.prepare(kMaxHeaderBytes),
          [self = shared_from_this()](error_code error, size_t) {
            if (!error) self->Discard();
          });
    }

    beast::tcp_stream stream_;
    std::shared_ptr<Server> server_;
    ConnectionPlaces::Id place_ = 0;
    beast::flat_buffer buffer_{2 * kMaxHeaderBytes};
    std::optional<http::request_parser<http::empty_body>> parser_;
    Response response_;
  };

  void Accepted(tcp::socket socket) {
    error_code error;
    const tcp::endpoint remote = socket.remote_endpoint(error);
    if (error) return;  // It is gone already.
    const std::string network = NetworkOf(remote.address());
    const auto session =
        std::make_shared<Session>(std::move(socket), shared_from_this());
    const auto place = places_.Take(
        network, loop_.Now(), [this, network, weak = std::weak_ptr(session)] {
          turned_away_.Add(network);
          if (const auto evicted = weak.lock()) evicted->Close();
        });
    if (place) {
      session->Serve(*place);
    } else {
      turned_away_.Add(network);
    }
  }

  std::unique_ptr<TcpAcceptor> acceptor_;
  const Pages pages_;
  const federation::EventLoop& loop_;
  ConnectionPlaces places_{{.in_all = kMaxConnections,
                            .silent_in_all = kMaxConnections,
                            .silent_per_source = kMaxSilentPerSource,
                            .time_to_speak = kTimeToAsk}};
  TurnedAway turned_away_;
  std::set<Session*> sessions_;
};

HttpListener::HttpListener(std::shared_ptr<Server> server)
    : server_(std::move(server)) {}

HttpListener::~HttpListener() { server_->Close(); }

absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::Start(
    AsioEventLoop& loop, const std::string& address, Pages pages) {
  auto server = std::make_shared<Server>(loop, std::move(pages));
  auto status = server->Listen(loop.context(), address);
  if (!status.ok()) return status;
  return std::unique_ptr<HttpListener>(new HttpListener(std::move(server)));
}

const std::string& HttpListener::address() const { return server_->address(); }

uint64_t HttpListener::turned_away() const { return server_->turned_away(); }

}  // namespace interlink::daemon
