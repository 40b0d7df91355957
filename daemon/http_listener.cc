#include "daemon/http_listener.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
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

namespace interlink::daemon {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr size_t kMaxConnections = 64;
constexpr uint32_t kMaxHeaderBytes = 8 * 1024;
constexpr std::chrono::seconds kRequestTimeout{5};
constexpr std::chrono::milliseconds kAcceptPause{100};

using Request = http::request<http::empty_body>;
using Response = http::response<http::string_body>;

Response Text(http::status status, std::string body) {
  Response response(status, 11);
  response.set(http::field::content_type, "text/plain; charset=utf-8");
  response.body() = std::move(body);
  return response;
}

// Of what is no HTTP, as opposed to what is no connection any more.
const boost::system::error_category& kHttpErrors =
    make_error_code(http::error::end_of_stream).category();

// What is wrong with what arrived instead of a request.
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
  Server(asio::io_context& context, Pages pages)
      : acceptor_(context), pause_(context), pages_(std::move(pages)) {}

  absl::Status Listen(const std::string& address) {
    const auto refuse = [&](const std::string& why) {
      return absl::UnavailableError("cannot serve HTTP on " + address + ": " +
                                    why);
    };
    const size_t colon = address.rfind(':');
    std::string host = address.substr(0, colon);
    if (host.size() > 2 && host.front() == '[') {
      host = host.substr(1, host.size() - 2);
    }
    error_code error;
    tcp::resolver resolver(acceptor_.get_executor());
    const auto found = resolver.resolve(host, address.substr(colon + 1),
                                        tcp::resolver::passive, error);
    if (error) return refuse(error.message());
    const tcp::endpoint endpoint = *found.begin();
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error)
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) return refuse(error.message());
    address_ = address.substr(0, colon + 1) +
               std::to_string(acceptor_.local_endpoint().port());
    Accept();
    return absl::OkStatus();
  }

  void Close() {
    error_code ignored;  // It is closed either way.
    acceptor_.close(ignored);
    pause_.cancel();
    for (Session* session : sessions_) session->Close();
  }

  const std::string& address() const { return address_; }

 private:
  class Session : public std::enable_shared_from_this<Session> {
   public:
    Session(tcp::socket socket, std::shared_ptr<Server> server)
        : stream_(std::move(socket)), server_(std::move(server)) {
      server_->sessions_.insert(this);
    }
    ~Session() { server_->sessions_.erase(this); }

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
              self->Answer();
            } else if (error.category() == kHttpErrors &&
                       error != http::error::end_of_stream) {
              self->Write(Refusal(error), /*keep_alive=*/false);
            }
          });
    }
    void Close() { stream_.close(); }

   private:
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
    beast::flat_buffer buffer_{2 * kMaxHeaderBytes};
    std::optional<http::request_parser<http::empty_body>> parser_;
    Response response_;
  };

  void Accept() {
    acceptor_.async_accept(
        [self = shared_from_this()](error_code error, tcp::socket socket) {
          self->Accepted(error, std::move(socket));
        });
  }

  void Accepted(error_code error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (error) {  // Out of descriptors, perhaps: not again at once.
      pause_.expires_after(kAcceptPause);
      pause_.async_wait([self = shared_from_this()](error_code cancelled) {
        if (!cancelled) self->Accept();
      });
      return;
    }
    if (sessions_.size() < kMaxConnections) {
      std::make_shared<Session>(std::move(socket), shared_from_this())->Read();
    }
    Accept();
  }

  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  const Pages pages_;
  std::string address_;
  std::set<Session*> sessions_;
};

HttpListener::HttpListener(std::shared_ptr<Server> server)
    : server_(std::move(server)) {}

HttpListener::~HttpListener() { server_->Close(); }

absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::Start(
    AsioEventLoop& loop, const std::string& address, Pages pages) {
  auto server = std::make_shared<Server>(loop.context(), std::move(pages));
  if (auto status = server->Listen(address); !status.ok()) return status;
  return std::unique_ptr<HttpListener>(new HttpListener(std::move(server)));
}

const std::string& HttpListener::address() const { return server_->address(); }

}  // namespace interlink::daemon
