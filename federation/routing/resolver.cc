#include "federation/routing/resolver.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "federation/base/contact_template.h"
#include "federation/base/names.h"
#include "federation/base/reason.h"
#include "federation/base/settings.h"

namespace interlink::federation {
namespace {

absl::Status NotFound(store::InternalNumber number) {
  return Refusal(
      Reason::kNumberNotFound,
      "neither this account nor a linked one has number " + number.ToString() +
          "; if a linked account should have it, ask that account's "
          "administrator whether the number is private there or has no "
          "destination");
}

absl::Status NeverRemote(store::InternalNumber number) {
  return Refusal(Reason::kNumberNotFound,
                 "number " + number.ToString() +
                     " is never-remote, so no linked account is asked for it, "
                     "and this account does not have it; add it here, or take "
                     "it out of --never-remote");
}

void SetUnanswered(const std::vector<store::InterlinkId>& ids,
                   api::Resolution& resolution) {
  resolution.set_complete(ids.empty());
  for (size_t i = 0; i < std::min(ids.size(), kMostNamed); ++i) {
    resolution.add_unanswered_interlink_ids(ids[i].ToHex());
  }
}

// Among several accounts that have a number, the one to call first.
auto Seniority(const LinkedPeer& peer) {
  return std::make_tuple(peer.priority, peer.establish_time, peer.id);
}

}  // namespace

struct Resolver::Question {
  explicit Question(store::InternalNumber asked) : number(asked) {}

  const store::InternalNumber number;
  // The first route ends the question, because the mirrors have none.
  bool is_first_enough = true;
  Done done;
  std::unique_ptr<EventLoop::Timer> budget;
  std::set<store::InterlinkId> waiting;
  // Links that were not asked, at most kMostNamed, or did not answer.
  std::vector<store::InterlinkId> unanswered;
  std::vector<MirrorHit> stale;
  std::vector<MirrorHit> hits;
};

Resolver::Resolver(EventLoop& loop, Counters& counters,
                   const Directory& directory, const Mirrors& mirrors,
                   const PausedLinks& paused, const RoutingPolicy& policy,
                   LinkCalls& calls, ContactAlarm& alarm)
    : loop_(loop),
      counters_(counters),
      directory_(directory),
      mirrors_(mirrors),
      paused_(paused),
      policy_(policy),
      calls_(calls),
      alarm_(alarm) {}

Resolver::~Resolver() = default;

std::optional<absl::StatusOr<api::Resolution>> Resolver::AnswerAtOnce(
    const api::ResolveRequest& request) const {
  auto number = ParseNumber(request.number());
  if (!number.ok()) {
    ++counters_.resolves_refused;
    return number.status();
  }
  if (request.calling_number().size() > kMaxUriBytes) {
    ++counters_.resolves_refused;
    return Refusal(Reason::kRequestInvalid, "a calling number has at most " +
                                                std::to_string(kMaxUriBytes) +
                                                " bytes");
  }
  api::Resolution resolution;
  if (const auto destination = directory_.FindOwn(*number)) {
    ++counters_.resolved_locally;
    resolution.set_source(api::RESOLUTION_SOURCE_LOCAL);
    resolution.set_complete(true);
    if (!destination->empty()) {
      api::Route& route = *resolution.add_routes();
      route.set_uri(*destination);
      route.set_number(number->ToString());
    }
    return resolution;
  }
  if (policy_.IsNeverRemote(*number)) {
    ++counters_.resolved_never_remote;
    return NeverRemote(*number);
  }
  if (request.bypass_mirror()) return std::nullopt;
  MirrorFinding finding = mirrors_.Find(*number);
  AddRoutes(std::move(finding.fresh), *number, resolution);
  if (resolution.routes_size() > 0) {
    ++counters_.resolved_by_peers;
    SetUnanswered(finding.not_in_step, resolution);
    return resolution;
  }
  if (finding.is_any_askable) return std::nullopt;
  return Conclude(*number, std::move(finding.stale), finding.not_in_step);
}

void Resolver::AddRoutes(std::vector<MirrorHit> hits,
                         store::InternalNumber number,
                         api::Resolution& resolution) const {
  resolution.set_source(api::RESOLUTION_SOURCE_PEER);
  if (hits.empty()) return;
  std::sort(hits.begin(), hits.end(), [](const auto& a, const auto& b) {
    return Seniority(*a.peer) < Seniority(*b.peer);
  });
  const SteadyTime now = loop_.Now();
  const WallTime wall_now = loop_.WallNow();
  for (MirrorHit& hit : hits) {
    auto uri = policy_.UriFor(hit, number);
    if (!uri) continue;
    api::Route& route = *resolution.add_routes();
    route.set_uri(*std::move(uri));
    route.set_number(number.ToString());
    route.set_display_name(ShownName(std::move(hit.name)));
    route.set_interlink_id(hit.peer->id_text);
    route.set_interlink_name(hit.peer->name);
    const Duration left = std::max(hit.fresh_until - now, Duration::zero());
    *route.mutable_expire_time() = store::ToTimestamp(
        wall_now + std::chrono::duration_cast<WallTime::duration>(left));
  }
}

absl::Status Resolver::NobodyHas(store::InternalNumber number) const {
  const std::string paused = paused_.InWords();
  if (paused.empty()) return NotFound(number);
  return Refusal(Reason::kNumberNotFound,
                 "neither this account nor a linked one that was asked has "
                 "number " +
                     number.ToString() + "; not asked: " + paused +
                     "; an interlink is asked again once it is resumed");
}

absl::StatusOr<api::Resolution> Resolver::Conclude(
    store::InternalNumber number, std::vector<MirrorHit> stale,
    const std::vector<store::InterlinkId>& unanswered) const {
  if (unanswered.empty()) {
    ++counters_.resolved_nowhere;
    return NobodyHas(number);
  }
  api::Resolution resolution;
  AddRoutes(std::move(stale), number, resolution);
  SetUnanswered(unanswered, resolution);
  if (resolution.routes_size() > 0) {
    ++counters_.resolved_stale;
    resolution.set_stale(true);
    return resolution;
  }
  ++counters_.resolved_incomplete;
  constexpr size_t kMostInWords = 5;
  std::string silent = mirrors_.NamesOf(unanswered, kMostInWords);
  if (unanswered.size() > kMostInWords) silent += " and others";
  std::string ids;
  for (const std::string& id : resolution.unanswered_interlink_ids()) {
    ids += (ids.empty() ? "" : ",") + id;
  }
  return WithMetadata(
      Refusal(Reason::kLookupIncomplete,
              "no linked account that answered has number " +
                  number.ToString() +
                  ", but these did not answer, and may have it: " + silent +
                  "; try again, and if one stays silent, the list of "
                  "interlinks says why: one that does not come back can be "
                  "paused or deleted, and is not asked then"),
      "unanswered_interlink_ids", ids);
}

void Resolver::AskPeers(const api::ResolveRequest& request, Done done) {
  // The mirrors may have learned of it since.
  if (auto answer = AnswerAtOnce(request)) {
    loop_.Post([answer = *std::move(answer), done = std::move(done)]() mutable {
      done(std::move(answer));
    });
    return;
  }
  auto question = std::make_shared<Question>(*ParseNumber(request.number()));
  question->done = std::move(done);
  question->is_first_enough = !request.bypass_mirror();
  open_[question.get()] = question;
  std::vector<store::InterlinkId> asked;
  if (request.bypass_mirror()) {
    asked = mirrors_.LiveLinks();
  } else {
    question->stale = mirrors_.Find(question->number).stale;
    LinksOutOfStep links = mirrors_.OutOfStep();
    asked = std::move(links.askable);
    question->unanswered = std::move(links.silent);
  }
  for (store::InterlinkId id : asked) Ask(question, id);
  question->budget = loop_.After(
      question->waiting.empty() ? Duration::zero() : Duration(kResolveBudget),
      [this, weak = std::weak_ptr(question)] {
        if (auto late = weak.lock()) Finish(late);
      });
}

void Resolver::Ask(const std::shared_ptr<Question>& question,
                   store::InterlinkId id) {
  const bool is_asked = calls_.Lookup(
      id, question->number, kResolveBudget,
      [this, id, question](PeerAnswer<v1::LookupResponse> answer) {
        Answered(question, id, std::move(answer));
      });
  if (is_asked) {
    question->waiting.insert(id);
  } else {
    question->unanswered.push_back(id);
  }
}

void Resolver::Answered(const std::shared_ptr<Question>& question,
                        store::InterlinkId id,
                        PeerAnswer<v1::LookupResponse> answer) {
  if (!open_.contains(question.get())) return;  // The time was up.
  question->waiting.erase(id);
  // nullptr if the link was deleted or paused meanwhile: then nothing counts.
  const auto peer = mirrors_.PeerOf(id);
  const auto reason = ReasonOf(answer.status);
  if (peer != nullptr && !answer.status.ok() && reason != Reason::kLinkPaused &&
      reason != Reason::kLinkUnknown) {
    question->unanswered.push_back(id);
  } else {
    // Its answer replaces its last word.
    std::erase_if(question->stale,
                  [id](const MirrorHit& hit) { return hit.peer->id == id; });
  }
  if (peer != nullptr && answer.status.ok() && answer.response.has_entry()) {
    auto& entry = *answer.response.mutable_entry();
    v1::DirectoryPart heard;
    heard.add_entries()->set_number(question->number.ToString());
    heard.mutable_entries(0)->set_contact(entry.contact());
    alarm_.Heard(id, heard);
    question->hits.push_back({.peer = peer,
                              .name = std::move(*entry.mutable_name()),
                              .contact = std::move(*entry.mutable_contact()),
                              .fresh_until = loop_.Now() + kLease});
  }
  const bool is_enough = question->is_first_enough && !question->hits.empty();
  if (question->waiting.empty() || is_enough) Finish(question);
}

void Resolver::Finish(const std::shared_ptr<Question>& question) {
  open_.erase(question.get());
  question->budget.reset();
  auto& unanswered = question->unanswered;
  unanswered.insert(unanswered.end(), question->waiting.begin(),
                    question->waiting.end());
  // A link that was deleted or paused meanwhile is not waited for.
  const auto is_gone = [this](store::InterlinkId id) {
    return mirrors_.PeerOf(id) == nullptr;
  };
  std::erase_if(unanswered, is_gone);
  std::erase_if(question->stale, [&is_gone](const MirrorHit& hit) {
    return is_gone(hit.peer->id);
  });
  api::Resolution resolution;
  AddRoutes(std::move(question->hits), question->number, resolution);
  absl::StatusOr<api::Resolution> result;
  if (resolution.routes_size() > 0) {
    ++counters_.resolved_by_peers;
    SetUnanswered(unanswered, resolution);
    result = std::move(resolution);
  } else {
    result = Conclude(question->number, std::move(question->stale), unanswered);
  }
  loop_.Post(
      [result = std::move(result), done = std::move(question->done)]() mutable {
        done(std::move(result));
      });
}

}  // namespace interlink::federation
