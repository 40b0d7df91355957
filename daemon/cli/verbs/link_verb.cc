#include <future>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/show/progress.h"
#include "daemon/cli/show/row.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/verbs/verbs.h"

namespace interlink::cli {
namespace {

constexpr std::chrono::seconds kDefaultPatience(60);
constexpr size_t kMaxKeyBytes = 1 << 16;  // A key in the mail that brought it.

bool HoldsKey(const std::string& text) {
  return text.find("ilk1_") != std::string::npos;
}

grpc::Status Damaged(const std::string& sentence) {
  return LocalFailure(grpc::StatusCode::INVALID_ARGUMENT, "KEY_DAMAGED",
                      sentence);
}

// Finds words after `link` that are in the wrong order, and names without
// quotes. The error repeats no key.
grpc::Status CheckWords(const Arguments& arguments) {
  if (HoldsKey(arguments.name)) {
    return LocalFailure(
        grpc::StatusCode::INVALID_ARGUMENT, "USAGE",
        arguments.key.empty()
            ? "a name is missing before the key: interlinkctl link NAME, and "
              "the key is asked for"
            : "the name comes first, and the key behind it: interlinkctl link "
              "NAME KEY");
  }
  const bool is_key = arguments.key.empty() || arguments.key == "-" ||
                      arguments.key.find("ilk") != std::string::npos;
  if (is_key) return grpc::Status::OK;
  return Damaged("\"" + arguments.key +
                 "\" is not an authorization key, which begins with ilk1_; put "
                 "a name with spaces in quotes");
}

// The text that holds the key: the argument, else text typed or pasted at a
// terminal, else all of standard input. nullopt if the user gave up.
std::optional<std::string> ReadKey(const Console& console,
                                   const std::string& key) {
  if (!key.empty() && key != "-") return key;
  if (console.in_is_terminal) {
    console.err << "Paste the key and press Enter (it is not shown): "
                << std::flush;
    auto text = console.read_secret();
    console.err << std::endl;
    return text;
  }
  std::string text(kMaxKeyBytes, '\0');
  console.in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(console.in.gcount()));
  return text;
}

// How the linking goes, on one line.
std::string LinkingInOneLine(const Console& console, const v1::Interlink& row) {
  const Time now = console.now();
  const std::string trouble = TroubleInWords(row, now);
  return RowInOneLine(row, now, console.HasColour()) +
         (trouble.empty() ? "" : " … " + trouble);
}

// Calls LinkAccount, which lasts as long as the linking does, and shows
// progress from a watch beside it, which the answer ends. One long call instead
// of several short ones: a repeated call could find the row just linked, and
// fail with NAME_TAKEN.
grpc::Status LinkWithProgress(Session& session,
                              const v1::LinkAccountRequest& request,
                              v1::LinkAccountResponse* response) {
  auto& stub = session.api.stub<v1::InterlinkService::Stub>();
  grpc::ClientContext link_context;
  session.api.SetDeadline(link_context, kDefaultPatience);
  grpc::ClientContext watch_context;
  const auto answer = std::make_shared<std::promise<grpc::Status>>();
  stub.async()->LinkAccount(&link_context, &request, response,
                            [&watch_context, answer](grpc::Status status) {
                              watch_context.TryCancel();
                              answer->set_value(std::move(status));
                            });
  {
    const Progress progress(session.console);
    const auto watch = stub.WatchInterlinks(&watch_context, {});
    v1::WatchInterlinksResponse event;
    while (watch->Read(&event)) {
      const v1::Interlink& row = event.interlink();
      if (row.state() == v1::INTERLINK_STATE_LINKING &&
          row.name() == Trim(request.name())) {
        progress.Show(LinkingInOneLine(session.console, row));
      }
    }
    watch->Finish();  // Cancelled, or the daemon stops; the answer says which.
  }
  return answer->get_future().get();
}

grpc::Status LinkQuietly(Session& session,
                         const v1::LinkAccountRequest& request,
                         v1::LinkAccountResponse* response) {
  grpc::ClientContext context;
  session.api.SetDeadline(context, kDefaultPatience);
  return session.api.stub<v1::InterlinkService::Stub>().LinkAccount(
      &context, request, response);
}

// The row that the key made under that name before, if it did: LinkAccount may
// be repeated, and then changes nothing.
std::optional<v1::Interlink> LinkedBefore(Session& session,
                                          const std::string& name) {
  v1::Interlink row;
  const bool is_known = session.api.FindInterlink(name, &row).ok();
  return is_known && row.state() == v1::INTERLINK_STATE_ESTABLISHED
             ? std::optional(row)
             : std::nullopt;
}

void PrintStillLinking(const Console& console, const v1::Interlink& row) {
  const std::string name = Clean(row.name());
  console.err << "interlinkctl: " << name
              << " is not linked yet; interlinkd goes on trying.\n"
                 "  See how it goes with `interlinkctl watch`; call it off "
                 "with `interlinkctl delete '"
              << name << "'`.\n";
}

}  // namespace

ExitCode Link(Session& session, const Arguments& arguments) {
  const Console& console = session.console;
  if (const auto wrong = CheckWords(arguments); !wrong.ok()) {
    return session.Fail(wrong);
  }
  auto key = ReadKey(console, arguments.key);
  if (!key.has_value()) {
    return session.Fail(LocalFailure(grpc::StatusCode::CANCELLED, "INTERRUPTED",
                                     "no key was entered, and nothing was "
                                     "changed; run it again to enter one"));
  }
  // Protobuf carries only UTF-8.
  if (!IsUtf8(*key)) {
    return session.Fail(
        Damaged("this is not UTF-8 text; copy the line that begins with ilk1_ "
                "out of it"));
  }
  v1::LinkAccountRequest request;
  request.set_name(arguments.name);
  request.set_key(*std::move(key));
  v1::LinkAccountResponse response;
  const auto before = LinkedBefore(session, request.name());
  const bool shows_progress = console.err_is_terminal && !session.json();
  const grpc::Status status =
      shows_progress ? LinkWithProgress(session, request, &response)
                     : LinkQuietly(session, request, &response);
  if (!status.ok()) return session.Fail(status);
  const v1::Interlink& row = response.interlink();
  const bool is_linked = row.state() == v1::INTERLINK_STATE_ESTABLISHED;
  const ExitCode code = is_linked ? ExitCode::kDone : ExitCode::kUnreachable;
  if (session.json()) {
    session.PrintJson(response);
    return code;
  }
  const Time now = console.now();
  console.out << RowInOneLine(row, now, console.HasColour());
  if (is_linked) {
    const bool is_old = before && before->id() == row.id();
    console.out << (is_old ? ", linked already with " : ", linked with ")
                << PeerInWords(row)
                << (is_old ? ": the key was entered before, and nothing has "
                             "changed"
                           : "");
  }
  console.out << '\n';
  const std::string trouble = TroubleInWords(row, now);
  if (!trouble.empty()) console.out << "    " << trouble << '\n';
  session.Warn(response.warnings());
  if (!is_linked) PrintStillLinking(console, row);
  return code;
}

}  // namespace interlink::cli
