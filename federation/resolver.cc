#include "federation/resolver.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "federation/names.h"
#include "federation/pairing.h"
#include "federation/reason.h"

namespace interlink::federation {
namespace {

// How long a route may be used: as long as an answer counts as fresh.
constexpr std::chrono::seconds kRouteLife{12};

absl::Status NotFound(store::InternalNumber number) {
  return Refusal(
      Reason::kNumberNotFound,
      "neither this account nor a linked one has number " + number.ToString());
}

// Among several accounts that have a number, the one to call first.
auto Seniority(const Row& row) {
  return std::make_tuple(row.record.priority(),
                         store::FromTimestamp(row.record.establish_time()),
                         row.id);
}

}  // namespace

struct Resolver::Question {
  explicit Question(store::InternalNumber asked) : number(asked) {}

  const store::InternalNumber number;
  Done done;
  std::unique_ptr<EventLoop::Timer> budget;
  std::set<store::InterlinkId> waiting;
  std::vector<store::InterlinkId> unanswered;
  std::map<store::InterlinkId, api::Route> routes;
};

Resolver::Resolver(const Context& context, const Directory& directory,
                   LinkHealth& health)
    : context_(context), directory_(directory), health_(health) {}

Resolver::~Resolver() = default;

std::optional<absl::StatusOr<api::Resolution>> Resolver::AnswerLocally(
    const api::ResolveRequest& request) const {
  auto number = ParseNumber(request.number());
  if (!number.ok()) return number.status();
  const auto destination = directory_.FindOwn(*number);
  if (!destination) return std::nullopt;
  ++context_.counters.resolved_locally;
  api::Resolution resolution;
  resolution.set_source(api::RESOLUTION_SOURCE_LOCAL);
  resolution.set_complete(true);
  if (!destination->empty()) {
    api::Route& route = *resolution.add_routes();
    route.set_uri(*destination);
    route.set_number(number->ToString());
  }
  return resolution;
}

void Resolver::AskPeers(const api::ResolveRequest& request, Done done) {
  auto number = ParseNumber(request.number());
  const auto& never = context_.settings.never_remote;
  if (!number.ok() ||
      std::find(never.begin(), never.end(), *number) != never.end()) {
    context_.loop.Post(
        [status = number.ok() ? NotFound(*number) : number.status(),
         done = std::move(done)]() mutable { done(std::move(status)); });
    return;
  }
  auto question = std::make_shared<Question>(*number);
  question->done = std::move(done);
  for (const auto& [id, row] : context_.interlinks.rows()) Ask(question, row);
  open_[question.get()] = question;
  question->budget = context_.loop.After(
      question->waiting.empty() ? Duration::zero() : Duration(kResolveBudget),
      [this, weak = std::weak_ptr(question)] {
        if (auto late = weak.lock()) Finish(late);
      });
}

void Resolver::Ask(const std::shared_ptr<Question>& question, const Row& row) {
  // Paused and orphaned links have no say.
  if (!row.Is(store::v1::ROW_STATE_ESTABLISHED) ||
      row.health == api::INTERLINK_HEALTH_PAUSED ||
      row.health == api::INTERLINK_HEALTH_ORPHANED) {
    return;
  }
  auto target = health_.Askable(row.id);
  if (!target) {
    question->unanswered.push_back(row.id);
    return;
  }
  question->waiting.insert(row.id);
  v1::LookupRequest request;
  request.set_interlink_id(row.id.ToBytes());
  request.set_number(question->number.ToString());
  context_.peers.Lookup(
      *target, request, kResolveBudget,
      [this, id = row.id, question](PeerAnswer<v1::LookupResponse> answer) {
        health_.Ended(id, answer.status, answer.from_peer, answer.round_trip);
        Answered(question, id, answer);
      });
}

void Resolver::Answered(const std::shared_ptr<Question>& question,
                        store::InterlinkId id,
                        const PeerAnswer<v1::LookupResponse>& answer) {
  if (!open_.contains(question.get())) return;  // The time was up.
  question->waiting.erase(id);
  const Row* row = context_.interlinks.Find(id);
  if (row != nullptr) {
    const auto reason = ReasonOf(answer.status);
    if (answer.status.ok()) {
      if (answer.response.has_entry()) {
        auto route = RouteFrom(*row, question->number, answer.response.entry());
        if (route) question->routes.emplace(id, *std::move(route));
      }
    } else if (reason != Reason::kLinkPaused &&
               reason != Reason::kLinkUnknown) {
      question->unanswered.push_back(id);
    }
  }
  if (question->waiting.empty()) Finish(question);
}

std::optional<api::Route> Resolver::RouteFrom(
    const Row& row, store::InternalNumber number,
    const v1::LookupResponse::Entry& entry) {
  auto contact = ContactTemplate::Parse(entry.contact());
  if (!contact.ok()) return std::nullopt;
  const auto& hosts = context_.settings.contact_hosts;
  if (!hosts.empty() &&
      std::find(hosts.begin(), hosts.end(), contact->host()) == hosts.end()) {
    return std::nullopt;
  }
  auto linked = ContactTemplate::Parse(row.record.peer().contact());
  if (linked.ok() && linked->host() != contact->host() &&
      told_hosts_[row.id] != contact->host()) {
    told_hosts_[row.id] = contact->host();
    Transaction transaction = Begin(context_);
    transaction.Tell("CONTACT_HOST_CHANGED", kByPeer, &row,
                     "a route leads to " + contact->host() +
                         ", which is not the host named at linking, " +
                         linked->host());
    transaction.Commit().IgnoreError();  // The route holds all the same.
  }
  api::Route route;
  route.set_uri(contact->UriFor(number));
  route.set_number(number.ToString());
  route.set_display_name(ShownName(entry.name()));
  route.set_interlink_id(row.id.ToHex());
  route.set_interlink_name(row.record.name());
  *route.mutable_expire_time() =
      store::ToTimestamp(context_.loop.WallNow() + kRouteLife);
  return route;
}

void Resolver::Finish(const std::shared_ptr<Question>& question) {
  open_.erase(question.get());
  question->unanswered.insert(question->unanswered.end(),
                              question->waiting.begin(),
                              question->waiting.end());
  context_.loop.Post([result = Conclude(*question),
                      done = std::move(question->done)]() mutable {
    done(std::move(result));
  });
  question->budget.reset();
}

absl::StatusOr<api::Resolution> Resolver::Conclude(const Question& question) {
  api::Resolution resolution;
  resolution.set_source(api::RESOLUTION_SOURCE_PEER);
  // A link that was deleted while it was asked has no say any more.
  std::string silent;
  for (store::InterlinkId id : question.unanswered) {
    const Row* row = context_.interlinks.Find(id);
    if (row == nullptr) continue;
    resolution.add_unanswered_interlink_ids(id.ToHex());
    silent += (silent.empty() ? "\"" : ", \"") + row->record.name() + "\"";
  }
  resolution.set_complete(silent.empty());
  std::vector<const Row*> rows;
  for (const auto& [id, route] : question.routes) {
    if (const Row* row = context_.interlinks.Find(id)) rows.push_back(row);
  }
  std::sort(rows.begin(), rows.end(), [](const Row* a, const Row* b) {
    return Seniority(*a) < Seniority(*b);
  });
  for (const Row* row : rows) {
    *resolution.add_routes() = question.routes.at(row->id);
  }
  if (!rows.empty()) {
    ++context_.counters.resolved_by_peers;
    return resolution;
  }
  if (silent.empty()) {
    ++context_.counters.resolved_nowhere;
    return NotFound(question.number);
  }
  ++context_.counters.resolved_incomplete;
  return Refusal(Reason::kLookupIncomplete,
                 "no linked account that answered has number " +
                     question.number.ToString() +
                     ", but these did not answer: " + silent + "; try again");
}

}  // namespace interlink::federation
