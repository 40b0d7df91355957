#include "daemon/cli/verbs/explanation.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <string_view>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/show/table.h"
#include "daemon/cli/show/text.h"
#include "daemon/cli/show/when.h"

namespace interlink::cli {
namespace {

using Ids = std::set<std::string>;

// So many links are named at most, as interlink.proto says.
constexpr size_t kMostUnanswered = 100;
constexpr size_t kMostRefused = 20;

// The ids that an error tells programs under `key`.
Ids IdsIn(const grpc::Status& status, const std::string& key) {
  std::istringstream list(MetadataOf(status, key));
  Ids ids;
  for (std::string id; std::getline(list, id, ',');) ids.insert(id);
  return ids;
}

// What became of one question.
class Explanation {
 public:
  Explanation(const v1::ListInterlinksResponse& list,
              const v1::ResolveRequest& request, const grpc::Status& status,
              const v1::Resolution& resolution)
      : resolution_(resolution),
        was_soon_found_(!resolution.routes().empty() && !resolution.stale() &&
                        !request.bypass_mirror()),
        is_never_remote_(!MetadataOf(status, "never_remote").empty()),
        unanswered_(IdsIn(status, "unanswered_interlink_ids")),
        refused_(IdsIn(status, "refused_interlink_ids")) {
    const auto& unanswered = resolution.unanswered_interlink_ids();
    unanswered_.insert(unanswered.begin(), unanswered.end());
    const auto& refused = resolution.refused_interlink_ids();
    refused_.insert(refused.begin(), refused.end());
    const std::string& dialled = request.number();
    for (const v1::Interlink& row : list.interlinks()) {
      const std::string& prefix = row.dial_prefix();
      const bool fits = !prefix.empty() && dialled.size() > prefix.size() &&
                        dialled.starts_with(prefix) &&
                        row.state() == v1::INTERLINK_STATE_ESTABLISHED;
      if (!fits) continue;
      if (only_ == nullptr || only_->dial_prefix().size() < prefix.size()) {
        only_ = &row;
      }
    }
    if (only_ != nullptr) rest_ = dialled.substr(only_->dial_prefix().size());
  }

  // How the dialled number was read; empty if it is what was asked for.
  std::string PrefixInWords() const {
    if (only_ == nullptr || IsLocal() || is_never_remote_) return "";
    const std::string prefix = Clean(only_->dial_prefix());
    return prefix + Clean(rest_) + " is the prefix " + prefix + " of " +
           Clean(only_->name()) + ", which alone is asked, and its number " +
           Clean(rest_) + ".";
  }

  // What the row's account had to do with it.
  std::string PartOf(const v1::Interlink& row) const {
    if (row.state() != v1::INTERLINK_STATE_ESTABLISHED) {
      return "not linked, so not asked";
    }
    if (IsLocal()) return "not asked: this account has the number";
    if (is_never_remote_) return "not asked: the number is never-remote";
    if (only_ != nullptr && only_->id() != row.id()) {
      return "not asked: the prefix " + Clean(only_->dial_prefix()) +
             " leads to " + Clean(only_->name()) + " alone";
    }
    switch (row.health()) {
      case v1::INTERLINK_HEALTH_PAUSED:
        return "paused, so not asked";
      case v1::INTERLINK_HEALTH_ORPHANED:
        return "forgotten by the other account, so not asked";
      default:
        return AnswerOf(row);
    }
  }

  // Why the first route comes first; empty if there is no choice.
  std::string WhyFirst() const {
    if (resolution_.routes_size() < 2) return "";
    return "Of several interlinks, that of the lowest priority comes first, "
           "and of "
           "equal ones the oldest; `interlinkctl priority NAME N` changes "
           "that, and `interlinkctl prefix NAME DIGITS` makes the others "
           "reachable.";
  }

 private:
  bool IsLocal() const {
    return resolution_.source() == v1::RESOLUTION_SOURCE_LOCAL;
  }

  std::string AnswerOf(const v1::Interlink& row) const {
    const auto& routes = resolution_.routes();
    const auto route = std::find_if(
        routes.begin(), routes.end(),
        [&](const auto& other) { return other.interlink_id() == row.id(); });
    if (route == routes.begin() && !routes.empty()) return "has it, first";
    if (route != routes.end()) {
      return "has it, after " + Clean((route - 1)->interlink_name());
    }
    if (refused_.contains(row.id())) {
      return "has it, but its contact is refused here";
    }
    if (row.health() == v1::INTERLINK_HEALTH_UNREACHABLE) {
      return "cannot be reached";
    }
    if (unanswered_.contains(row.id())) {
      return was_soon_found_ ? "not waited for: another one has it"
                             : "no answer";
    }
    const bool are_all_named =
        unanswered_.size() < kMostUnanswered && refused_.size() < kMostRefused;
    return are_all_named ? "does not share it" : "not known";
  }

  const v1::Resolution& resolution_;  // Empty: there is no route.
  // The first answer with a route ended the question: perhaps the others were
  // not even asked.
  const bool was_soon_found_;
  const bool is_never_remote_;
  Ids unanswered_;
  Ids refused_;
  const v1::Interlink* only_ = nullptr;  // Whose prefix was dialled.
  std::string rest_;                     // What was dialled after it.
};

bool IsCallToken(std::string_view uri) {
  return uri.starts_with("sip:il-") || uri.starts_with("sips:il-");
}

void PrintWhatThePbxIsTold(const Console& console, const grpc::Status& status,
                           const v1::Resolution& resolution) {
  if (FailureOf(status).reason == "LOOKUP_INCOMPLETE") {
    console.out << "The PBX is told to try again: 503 by HTTP, 480 by SIP.\n";
    return;
  }
  if (resolution.routes().empty()) {
    console.out << "The PBX is told that there is no route: 404.\n";
    return;
  }
  const std::string& uri = resolution.routes(0).uri();
  console.out << "The PBX is told " << Clean(uri);
  if (IsCallToken(uri)) {
    console.out << "\nIts user part is a call token, which the other account "
                   "asks for; each question makes a new one";
  }
  console.out << ".\n";
  if (uri == resolution.routes(0).number()) {
    console.out << "By SIP it is told 404 instead: the destination is the "
                   "number itself, and the call would come back here.\n";
  }
}

}  // namespace

void ExplainResolution(Session& session, const v1::ResolveRequest& request,
                       const grpc::Status& status,
                       const v1::Resolution& resolution) {
  const Console& console = session.console;
  v1::ListInterlinksResponse list;
  const grpc::Status listed = session.api.ListInterlinks(&list);
  if (!listed.ok()) {
    session.Fail(listed);
    return;
  }
  const Explanation explanation(list, request, status, resolution);
  console.out << '\n';
  const std::string prefix = explanation.PrefixInWords();
  if (!prefix.empty()) console.out << prefix << '\n';
  Table table({"INTERLINK", "PRIORITY", "LINKED", "ANSWER"});
  const Time now = console.now();
  for (const v1::Interlink& row : list.interlinks()) {
    table.AddRow({Clean(row.name()), std::to_string(row.priority()),
                  row.has_establish_time()
                      ? AgoInWords(ToTime(row.establish_time()), now)
                      : "-",
                  explanation.PartOf(row)});
  }
  if (!list.interlinks().empty()) table.Print(console.out);
  const std::string why = explanation.WhyFirst();
  if (!why.empty()) console.out << why << '\n';
  PrintWhatThePbxIsTold(console, status, resolution);
  console.out.flush();
}

}  // namespace interlink::cli
