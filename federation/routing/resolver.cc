#include "federation/routing/resolver.h"

#include <algorithm>
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
  return WithMetadata(
      Refusal(Reason::kNumberNotFound,
              "number " + number.ToString() +
                  " is never-remote, so no linked account is asked for it, and "
                  "this account does not have it; add it here, or take it out "
                  "of --never-remote"),
      std::string(kNeverRemoteKey), number.ToString());
}

}  // namespace

struct Resolver::Question {
  Question(Target asked, Asker the_asker)
      : target(asked), asker(std::move(the_asker)) {}

  const Target target;
  const Asker asker;
  // The first route ends the question, because the mirrors have none.
  bool is_first_enough = true;
  Done done;
  std::unique_ptr<EventLoop::Timer> budget;
  std::set<store::InterlinkId> waiting;
  // Of links that were not asked, at most kMostNamed are named.
  RouteGaps gaps;
  std::vector<MirrorHit> stale;
  std::vector<MirrorHit> hits;
};

Resolver::Resolver(EventLoop& loop, const Directory& directory,
                   const Mirrors& mirrors, const PausedLinks& paused,
                   const DialPrefixes& prefixes, const RoutingPolicy& policy,
                   const CallTokenMint& tokens, LinkCalls& calls,
                   ContactAlarm& alarm)
    : loop_(loop),
      directory_(directory),
      mirrors_(mirrors),
      paused_(paused),
      prefixes_(prefixes),
      policy_(policy),
      tokens_(tokens),
      calls_(calls),
      alarm_(alarm) {}

Resolver::~Resolver() = default;

std::optional<absl::StatusOr<api::Resolution>> Resolver::AnswerAtOnce(
    const api::ResolveRequest& request, const Asker& asker) const {
  auto number = ParseNumber(request.number());
  if (!number.ok()) return number.status();
  if (request.calling_number().size() > kMaxUriBytes) {
    return Refusal(Reason::kRequestInvalid, "a calling number has at most " +
                                                std::to_string(kMaxUriBytes) +
                                                " bytes");
  }
  api::Resolution resolution;
  if (const auto destination = directory_.FindOwn(*number)) {
    resolution.set_source(api::RESOLUTION_SOURCE_LOCAL);
    resolution.set_complete(true);
    if (!destination->empty()) {
      api::Route& route = *resolution.add_routes();
      route.set_uri(*destination);
      route.set_number(number->ToString());
    }
    return resolution;
  }
  const Target target = prefixes_.TargetOf(*number);
  for (const store::InternalNumber asked : {*number, target.number}) {
    if (policy_.IsNeverRemote(asked)) return NeverRemote(asked);
  }
  if (request.bypass_mirror()) return std::nullopt;
  MirrorFinding finding = FindInMirrors(target);
  RouteGaps gaps(std::move(finding.not_in_step));
  AddRoutes(std::move(finding.fresh), target.number, asker, resolution, gaps);
  if (resolution.routes_size() > 0) {
    gaps.AddTo(resolution);
    return resolution;
  }
  if (finding.is_any_askable) return std::nullopt;
  return Conclude(target, asker, std::move(finding.stale), std::move(gaps));
}

std::optional<std::string> Resolver::UserFor(
    const MirrorHit& hit, store::InternalNumber number) const {
  if (!hit.needs_token) return number.ToString();
  return tokens_.Mint(hit.peer->id, number);
}

void Resolver::AddRoutes(std::vector<MirrorHit> hits,
                         store::InternalNumber number, const Asker& asker,
                         api::Resolution& resolution, RouteGaps& gaps) const {
  resolution.set_source(api::RESOLUTION_SOURCE_PEER);
  if (hits.empty()) return;
  SortAsCalled(hits);
  const SteadyTime now = loop_.Now();
  const WallTime wall_now = loop_.WallNow();
  for (MirrorHit& hit : hits) {
    const auto contact = policy_.ContactFor(hit, number, asker);
    if (!contact.ok()) {
      gaps.AddRefused(*hit.peer, contact.status());
      continue;
    }
    const auto user = UserFor(hit, number);
    if (!user) {
      gaps.AddUnanswered(hit.peer->id);
      continue;
    }
    api::Route& route = *resolution.add_routes();
    route.set_uri(contact->UriFor(*user));
    route.set_number(number.ToString());
    route.set_display_name(ShownName(std::move(hit.name)));
    route.set_interlink_id(hit.peer->id_text);
    route.set_interlink_name(hit.peer->name);
    // Less than the life of any token.
    const Duration left = std::max(hit.fresh_until - now, Duration::zero());
    *route.mutable_expire_time() = store::ToTimestamp(
        wall_now + std::chrono::duration_cast<WallTime::duration>(left));
  }
}

void Resolver::AddLinksWithoutRoute(const std::vector<MirrorHit>& hits,
                                    Question& question) const {
  for (const MirrorHit& hit : hits) {
    const auto contact =
        policy_.ContactFor(hit, question.target.number, question.asker);
    if (!contact.ok()) {
      question.gaps.AddRefused(*hit.peer, contact.status());
    } else if (hit.needs_token && !tokens_.CanMint(hit.peer->id)) {
      question.gaps.AddUnanswered(hit.peer->id);
    }
  }
}

absl::Status Resolver::NobodyHas(const Target& target,
                                 const RouteGaps& gaps) const {
  const store::InternalNumber number = target.number;
  if (gaps.has_refused()) {
    return gaps.AddTo(Refusal(Reason::kNumberNotFound,
                              "no route leads to number " + number.ToString() +
                                  ": " + gaps.RefusedInWords()));
  }
  if (target.only) return NotBehindPrefix(target);
  const std::string paused = paused_.InWords();
  if (paused.empty()) return NotFound(number);
  return Refusal(Reason::kNumberNotFound,
                 "neither this account nor a linked one that was asked has "
                 "number " +
                     number.ToString() + "; not asked: " + paused +
                     "; an interlink is asked again once it is resumed");
}

std::string Resolver::NamesOf(
    const std::vector<store::InterlinkId>& links) const {
  constexpr size_t kMostInWords = 5;
  std::string names;
  for (size_t i = 0; i < std::min(kMostInWords, links.size()); ++i) {
    const auto peer = mirrors_.PeerOf(links[i]);
    if (peer == nullptr) continue;
    names += (names.empty() ? "\"" : ", \"") + peer->name + "\"";
  }
  return links.size() > kMostInWords ? names + " and others" : names;
}

absl::Status Resolver::NotBehindPrefix(const Target& target) const {
  const std::string number = target.number.ToString();
  const auto peer = mirrors_.PeerOf(*target.only);
  const std::string only =
      peer == nullptr ? "one interlink" : "\"" + peer->name + "\"";
  const bool is_paused = peer == nullptr || peer->is_paused;
  return Refusal(Reason::kNumberNotFound,
                 target.prefix + number + " is the prefix " + target.prefix +
                     ", which asks " + only + " alone, and " + number +
                     (is_paused ? "; that interlink is paused, or forgotten by "
                                  "the other account"
                                : ", which that account does not share") +
                     "; without the prefix all interlinks are asked");
}

absl::Status Resolver::Incomplete(const Target& target,
                                  const RouteGaps& gaps) const {
  const std::string silent = NamesOf(gaps.unanswered());
  std::string refused = gaps.RefusedInWords();
  if (!refused.empty()) refused = "; " + refused;
  return gaps.AddTo(
      Refusal(Reason::kLookupIncomplete,
              "no answer came from " + silent + ", where number " +
                  target.number.ToString() +
                  " may be; no other linked account leads to it" + refused +
                  "; try again, and if the silence lasts, see the list of "
                  "interlinks for its reason: one that was paused or deleted "
                  "is not waited for"));
}

absl::StatusOr<api::Resolution> Resolver::Conclude(const Target& target,
                                                   const Asker& asker,
                                                   std::vector<MirrorHit> stale,
                                                   RouteGaps gaps) const {
  if (gaps.unanswered().empty()) return NobodyHas(target, gaps);
  api::Resolution resolution;
  AddRoutes(std::move(stale), target.number, asker, resolution, gaps);
  gaps.AddTo(resolution);
  if (resolution.routes_size() > 0) {
    resolution.set_stale(true);
    return resolution;
  }
  return Incomplete(target, gaps);
}

void Resolver::AskPeers(const api::ResolveRequest& request, Done done,
                        const Asker& asker) {
  // The mirrors may have learned of it since.
  if (auto answer = AnswerAtOnce(request, asker)) {
    loop_.Post([answer = *std::move(answer), done = std::move(done)]() mutable {
      done(std::move(answer));
    });
    return;
  }
  auto question = std::make_shared<Question>(
      prefixes_.TargetOf(*ParseNumber(request.number())), asker);
  question->done = std::move(done);
  question->is_first_enough = !request.bypass_mirror();
  open_[question.get()] = question;
  for (const store::InterlinkId id : LinksToAsk(*question)) Ask(question, id);
  question->budget = loop_.After(
      question->waiting.empty() ? Duration::zero() : Duration(kResolveBudget),
      [this, weak = std::weak_ptr(question)] {
        if (auto late = weak.lock()) Finish(late);
      });
}

std::vector<store::InterlinkId> Resolver::LinksToAsk(Question& question) const {
  const auto& only = question.target.only;
  if (!question.is_first_enough) {
    auto live = mirrors_.LiveLinks();
    std::erase_if(live,
                  [&](store::InterlinkId id) { return only && id != *only; });
    return live;
  }
  MirrorFinding finding = FindInMirrors(question.target);
  question.stale = std::move(finding.stale);
  std::vector<store::InterlinkId> asked;
  if (!only) {
    LinksOutOfStep links = mirrors_.OutOfStep();
    asked = std::move(links.askable);
    question.gaps = RouteGaps(std::move(links.silent));
  } else if (finding.is_any_askable) {
    asked = std::move(finding.not_in_step);
  } else {
    question.gaps = RouteGaps(std::move(finding.not_in_step));
  }
  // Those that have the number.
  AddLinksWithoutRoute(finding.fresh, question);
  return asked;
}

void Resolver::Ask(const std::shared_ptr<Question>& question,
                   store::InterlinkId id) {
  const bool is_asked = calls_.Lookup(
      id, {question->target.number, question->asker.trace}, kResolveBudget,
      [this, id, question](PeerAnswer<v1::LookupResponse> answer) {
        Answered(question, id, std::move(answer));
      });
  if (is_asked) {
    question->waiting.insert(id);
  } else {
    question->gaps.AddUnanswered(id);
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
    question->gaps.AddUnanswered(id);
  } else {
    // Its answer replaces its last word.
    std::erase_if(question->stale,
                  [id](const MirrorHit& hit) { return hit.peer->id == id; });
  }
  if (peer != nullptr && answer.status.ok() && answer.response.has_entry()) {
    auto& entry = *answer.response.mutable_entry();
    v1::DirectoryPart heard;
    heard.add_entries()->set_number(question->target.number.ToString());
    heard.mutable_entries(0)->set_contact(entry.contact());
    alarm_.Heard(id, heard);
    question->hits.push_back(
        {.peer = peer,
         .name = std::move(*entry.mutable_name()),
         .contact = std::move(*entry.mutable_contact()),
         .fresh_until = loop_.Now() + kLease,
         .needs_token = AsksForTokens(answer.response.call_terms())});
  }
  const bool is_enough = question->is_first_enough && !question->hits.empty();
  if (question->waiting.empty() || is_enough) Finish(question);
}

void Resolver::Finish(const std::shared_ptr<Question>& question) {
  open_.erase(question.get());
  question->budget.reset();
  RouteGaps& gaps = question->gaps;
  for (const store::InterlinkId id : question->waiting) gaps.AddUnanswered(id);
  // A link that was deleted or paused meanwhile is not waited for.
  const auto is_gone = [this](store::InterlinkId id) {
    return mirrors_.PeerOf(id) == nullptr;
  };
  gaps.Forget(is_gone);
  std::erase_if(question->stale, [&is_gone](const MirrorHit& hit) {
    return is_gone(hit.peer->id);
  });
  api::Resolution resolution;
  AddRoutes(std::move(question->hits), question->target.number, question->asker,
            resolution, gaps);
  absl::StatusOr<api::Resolution> result;
  if (resolution.routes_size() > 0) {
    gaps.AddTo(resolution);
    result = std::move(resolution);
  } else {
    result = Conclude(question->target, question->asker,
                      std::move(question->stale), std::move(gaps));
  }
  loop_.Post(
      [result = std::move(result), done = std::move(question->done)]() mutable {
        done(std::move(result));
      });
}

}  // namespace interlink::federation
