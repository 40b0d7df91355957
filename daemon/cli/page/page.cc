#include "daemon/cli/page/page.h"

#include <sys/wait.h>

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/connect/connect_server.h"
#include "daemon/cli/page/browser.h"
#include "daemon/cli/page/enter_watch.h"
#include "daemon/cli/page/listen_address.h"
#include "daemon/cli/page/page_loop.h"
#include "daemon/cli/page/page_server.h"
#include "daemon/cli/page/sessions.h"
#include "daemon/cli/show/terminal.h"

namespace interlink::cli {
namespace {

using Error = boost::system::error_code;

ExitCode Refuse(const Session& session, const grpc::Status& status) {
  PrintFailure(session.console, session.output, FailureOf(status));
  return ExitCode::kUsage;
}

// The page, and what is said about it at the terminal.
class ServedPage {
 public:
  ServedPage(Session& session, bool opens_browser)
      : session_(session),
        opens_browser_(opens_browser),
        api_(
            session.api.channel(),
            [this](std::function<void()> task) { loop_.Post(std::move(task)); },
            OptionsFor(session)) {}
  ~ServedPage() {
    // From here on a signal ends the program at once.
    Error ignored;
    signals_.cancel(ignored);
    signals_.clear(ignored);
    server_.reset();
    enter_->Stop();
    // Until gRPC is done with the calls that were cancelled.
    loop_.RunUntil([this] { return api_.calls() == 0; });
  }
  ServedPage(const ServedPage&) = delete;
  ServedPage& operator=(const ServedPage&) = delete;

  ExitCode Serve(const std::string& listen) {
    PageServer::Options options;
    options.listen = listen;
    options.token_tried = [this] { OnTokenTried(); };
    const grpc::Status status =
        PageServer::Start(loop_, sessions_, api_, std::move(options), &server_);
    if (!status.ok()) return Refuse(session_, status);
    signals_.async_wait([this](Error error, int) {
      if (!error) loop_.context().stop();
    });
    // Such as ssh, which leaves no other sign that its user is gone.
    const PipeWatch pipe_watch(session_.console.out_descriptor, [this] {
      loop_.Post([this] { loop_.context().stop(); });
    });
    AwaitBrowser();
    ShowLink();
    enter_->Start(session_.console.in_descriptor);
    loop_.context().run();
    return ExitCode::kDone;
  }

 private:
  static ConnectServer::Options OptionsFor(const Session& session) {
    ConnectServer::Options options;
    if (session.api.timeout()) options.timeout = *session.api.timeout();
    options.explain = [&endpoint = session.endpoint](const grpc::Status& why) {
      return Explained(endpoint, why);
    };
    return options;
  }

  void ShowLink() {
    has_warned_of_guesses_ = false;
    const std::string link =
        "http://" + server_->address() + "/#token=" + sessions_.NewToken();
    std::ostream& out = session_.console.out;
    if (session_.json()) {
      out << nlohmann::json{{"link", link}}.dump() << std::endl;
    } else {
      out << link << "\n"
          << "Whoever opens it first may do what you may; it works once. Enter "
             "prints another, Ctrl-C ends the page."
          << std::endl;
    }
    if (!opens_browser_) return;
    const grpc::Status status = file_.Write(session_.console, link);
    if (!status.ok()) return Warn(FailureOf(status).message);
    browser_ = OpenInBrowser(file_.path());
    if (browser_ < 0) WarnOfBrowser();
  }

  void WarnOfBrowser() {
    Warn("xdg-open could not show the page in a browser; open the link");
  }
  void Warn(const std::string& warning) { session_.Warn(warning); }

  void OnTokenTried() {
    if (!sessions_.has_token()) file_.Remove();
    if (!sessions_.was_guessed() || has_warned_of_guesses_) return;
    has_warned_of_guesses_ = true;
    Warn("somebody on this machine has tried " +
         std::to_string(Sessions::kManyWrong) +
         " wrong links or more; the one above still works, because nobody can "
         "guess it");
  }

  // A browser that was started ends when it pleases; xdg-open says soon whether
  // there is one.
  void AwaitBrowser() {
    children_.async_wait([this](Error error, int) {
      if (error) return;
      int how = 0;
      if (browser_ > 0 && waitpid(browser_, &how, WNOHANG) == browser_) {
        browser_ = -1;
        if (!WIFEXITED(how) || WEXITSTATUS(how) != 0) WarnOfBrowser();
      }
      AwaitBrowser();
    });
  }

  Session& session_;
  const bool opens_browser_;
  PageLoop loop_;
  Sessions sessions_;
  ConnectServer api_;
  std::unique_ptr<PageServer> server_;
  LinkFile file_;
  bool has_warned_of_guesses_ = false;  // Since the last link.
  pid_t browser_ = -1;                  // The xdg-open that runs.
  boost::asio::signal_set signals_{loop_.context(), SIGINT, SIGTERM, SIGHUP};
  boost::asio::signal_set children_{loop_.context(), SIGCHLD};
  const std::shared_ptr<EnterWatch> enter_ =
      std::make_shared<EnterWatch>(loop_.context(), [this] { ShowLink(); });
};

}  // namespace

ExitCode ServePage(Session& session, const std::string& listen, bool open) {
  boost::asio::ip::tcp::endpoint endpoint;
  grpc::Status status = ReadListenAddress(listen, &endpoint);
  if (!status.ok()) return Refuse(session, status);
  // Without a daemon nothing on the page would work.
  v1::GetAccountResponse account;
  status = session.api.Call(&v1::DaemonService::Stub::GetAccount,
                            v1::GetAccountRequest(), &account);
  if (!status.ok()) return session.Fail(status);
  // Else a read of the terminal could stop the program in the background.
  std::signal(SIGTTIN, SIG_IGN);
  ServedPage page(session, open);
  return page.Serve(listen);
}

}  // namespace interlink::cli
