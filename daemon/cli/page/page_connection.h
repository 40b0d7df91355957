#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/cli/connect/connect_server.h"
#include "daemon/cli/page/page_rules.h"
#include "daemon/cli/page/page_server.h"

namespace interlink::cli {

// One connection of a browser: its requests, one after the other.
//
// While a call is answered it goes on reading, to learn that the browser has
// left; that ends the call, and so does a client that sends much more before it
// has its answer.
// Threading: the thread of the loop.
class PageConnection final
    : public ConnectAnswer,
      public std::enable_shared_from_this<PageConnection> {
 public:
  PageConnection(boost::asio::ip::tcp::socket socket, Sessions& sessions,
                 ConnectServer& api, const PageServer::Options& options,
                 std::function<void()> ended);
  ~PageConnection() override;

  void Start();
  void Close();
  // Whether a request of it has shown a session.
  bool is_known() const { return is_known_; }

 private:
  using Error = boost::system::error_code;

  void ReadHeader();
  void OnHeader(Error error);
  void ReadBody(PageTarget target);
  void OnRequest(PageTarget target);
  void RefuseUnreadable(Error error);
  void Refuse(const PageRefusal& refusal);

  PageRequest Facts() const;
  std::string Field(boost::beast::string_view name) const;
  void SendSiteFile();
  void BeginSession();
  void OpenCall();

  void Answer(int status, const Metadata& headers, std::string body) override;
  void Begin(const Metadata& headers) override;
  void Send(std::string part) override;
  void End(std::string part) override;

  void Write(std::string bytes);
  void OnWritten(Error error);
  void WatchForClose();
  void RefuseMore();
  void Finish();
  void Discard();

  boost::beast::tcp_stream stream_;
  Sessions& sessions_;
  ConnectServer& api_;
  const PageServer::Options& options_;
  const std::function<void()> ended_;

  boost::beast::flat_buffer buffer_;
  std::optional<
      boost::beast::http::request_parser<boost::beast::http::string_body>>
      parser_;
  std::unique_ptr<ConnectCall> call_;
  bool is_known_ = false;
  bool must_close_ = false;
  bool is_watching_ = false;

  // What is being written, what waits for it, and what follows.
  std::string written_;
  std::string waiting_;
  bool is_writing_ = false;
  bool is_whole_ = false;     // The answer ends with what was handed in.
  bool wants_go_on_ = false;  // A part was sent.
};

}  // namespace interlink::cli
