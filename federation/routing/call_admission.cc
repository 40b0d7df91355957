#include "federation/routing/call_admission.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "federation/base/contact_template.h"
#include "federation/base/reason.h"
#include "federation/identity/proof.h"

namespace interlink::federation {
namespace {

constexpr int kSecondsOfBurst = 10;

constexpr std::string_view kInvalid =
    "this is no call token of an interlink of this account that stands and is "
    "not paused: a call token is checked at the account that is called, not at "
    "the caller's; dial the number itself, and if that is refused too, see "
    "whether the interlink still stands on both sides";
constexpr std::string_view kPlainNumber =
    "this is a number and no call token, and this account lets in only calls "
    "that bring one (--call-admission token); the other account's daemon may "
    "be too old, see `interlinkctl list`";
constexpr std::string_view kWholeUri =
    "this is more than a call token; give only what stands between sip: and @";
constexpr std::string_view kNoToken =
    "this has not the form of a call token; dial the number itself";
constexpr std::string_view kExpired =
    "this call token is too old, or dated later than now: a phone has "
    "redialled an earlier call, or this account's daemon was just started with "
    "another clock than before; dial the number itself";
constexpr std::string_view kUsed =
    "this call token was used for as many calls as one may make; dial the "
    "number itself";
static_assert(AdmittedTokens::kMost == 50'000);
constexpr std::string_view kTooManyTokens =
    "calls over this interlink have brought 50000 different call tokens within "
    "--call-token-life of this account, and more are not remembered; try again "
    "in a second, or lower --call-token-life";
constexpr std::string_view kTooMany =
    "too many calls over this interlink; try again in a second, or raise "
    "--call-limit of this account";
constexpr std::string_view kNotShared =
    "this account does not share the number that was called; it may be private "
    "now, or have no destination";

TokenBucket BucketOf(int limit) {
  return {static_cast<double>(limit),
          static_cast<double>(limit) * kSecondsOfBurst};
}

}  // namespace

CallAdmission::CallAdmission(const EventLoop& loop, const CallClock& clock,
                             const Directory& directory,
                             const CallSecrets& secrets, Randomness& randomness,
                             RefusedCalls& refused, Counters& counters)
    : loop_(loop),
      clock_(clock),
      directory_(directory),
      secrets_(secrets),
      refused_(refused),
      counters_(counters),
      nobody_(randomness.NewId<store::InterlinkId>()),
      nobodys_key_(randomness.Bytes(kCallKeyBytes)) {}

void CallAdmission::Reload(const AccountSettings& settings) {
  absl::MutexLock lock(&mutex_);
  const int former_limit = rules_.limit;
  rules_ = {.asks_for_tokens = settings.asks_for_call_tokens,
            .token_life = settings.call_token_life,
            .limit = settings.call_limit};
  if (rules_.limit == former_limit) return;
  for (auto& [id, link] : links_) link.bucket = BucketOf(rules_.limit);
}

void CallAdmission::SetLink(store::InterlinkId id, const Row* row) {
  absl::MutexLock lock(&mutex_);
  if (row == nullptr || !row->Is(store::v1::ROW_STATE_ESTABLISHED)) {
    if (links_.erase(id) > 0) by_tag_.erase({CallToken::TagOf(id), id});
    return;
  }
  const auto [entry, is_new] = links_.try_emplace(id);
  Link& link = entry->second;
  if (is_new) {
    // As stored before the last start; from then on, as it is heard.
    link.is_paused_by_peer = row->record.peer().paused();
    link.bucket = BucketOf(rules_.limit);
    by_tag_.emplace(CallToken::TagOf(id), id);
  }
  link.name = row->record.name();
  link.is_paused_here = row->record.paused();
}

void CallAdmission::SetPausedByPeer(store::InterlinkId id, bool is_paused) {
  absl::MutexLock lock(&mutex_);
  const auto found = links_.find(id);
  if (found != links_.end()) found->second.is_paused_by_peer = is_paused;
}

CallAdmission::Rules CallAdmission::rules() const {
  absl::ReaderMutexLock lock(&mutex_);
  return rules_;
}

absl::StatusOr<api::AuthorizeCallResponse> CallAdmission::Authorize(
    const api::AuthorizeCallRequest& request) {
  const std::string& dialled = request.dialled();
  if (dialled.size() > kMaxUriBytes) {
    return Refusal(
        Reason::kRequestInvalid,
        "dialled has at most " + std::to_string(kMaxUriBytes) + " bytes");
  }
  const auto token = CallToken::Parse(dialled);
  if (!token) return AdmitWithoutToken(dialled);
  const auto link = LinkOf(*token);
  return link ? AdmitOver(*link, *token, request.call_id()) : Invalid(kInvalid);
}

std::vector<store::InterlinkId> CallAdmission::OpenLinksWithTag(
    uint32_t tag) const {
  std::vector<store::InterlinkId> ids;
  absl::ReaderMutexLock lock(&mutex_);
  for (auto i = by_tag_.lower_bound({tag, store::InterlinkId()});
       i != by_tag_.end() && i->first == tag; ++i) {
    if (links_.at(i->second).IsOpen()) ids.push_back(i->second);
  }
  return ids;
}

std::optional<store::InterlinkId> CallAdmission::LinkOf(
    const CallToken& token) const {
  std::vector<store::InterlinkId> ids = OpenLinksWithTag(token.tag());
  if (ids.empty()) ids.push_back(nobody_);
  const std::chrono::seconds life = rules().token_life;
  std::optional<store::InterlinkId> found;
  for (const store::InterlinkId id : ids) {
    const std::string former = secrets_.FormerKeyOf(id, life);
    const std::string key = id == nobody_ ? nobodys_key_ : secrets_.KeyOf(id);
    bool is_minted = token.IsMintedWith(key, id);
    if (!former.empty()) is_minted |= token.IsMintedWith(former, id);
    if (is_minted && id != nobody_) found = id;
  }
  return found;
}

absl::StatusOr<api::AuthorizeCallResponse> CallAdmission::AdmitOver(
    store::InterlinkId id, const CallToken& token, const std::string& call_id) {
  const auto now = static_cast<uint32_t>(
      std::chrono::floor<std::chrono::seconds>(clock_.Now()).count());
  absl::MutexLock lock(&mutex_);
  const auto found = links_.find(id);
  // Closed while the token was checked.
  if (found == links_.end() || !found->second.IsOpen()) {
    return Invalid(kInvalid);
  }
  Link& link = found->second;
  const int64_t age = static_cast<int32_t>(now - token.clock());
  const auto life = static_cast<uint32_t>(rules_.token_life.count());
  // What is forgotten was too old, and stays so if tokens live longer now: it
  // may have been used.
  if (std::abs(age) > life || link.admitted.IsForgotten(token)) {
    return Refuse(id, Reason::kCallTokenExpired, kExpired,
                  counters_.calls_refused_expired);
  }
  link.admitted.ForgetBefore(now - std::min(now, life));
  if (link.admitted.IsUsedUp(token)) {
    return Refuse(id, Reason::kCallTokenUsed, kUsed,
                  counters_.calls_refused_used);
  }
  if (link.admitted.IsFull() && !link.admitted.Has(token)) {
    return Limited(id, kTooManyTokens);
  }
  if (rules_.limit > 0 && !link.bucket.Take(loop_.Now())) {
    return Limited(id, kTooMany);
  }
  auto called = directory_.FindCalled(token.number());
  if (!called) return NotShared(id);
  if (!link.admitted.HasCall(token, call_id)) {
    ++counters_.calls_admitted;
    counters_.calls_by_link.AddAdmitted(id);
  }
  link.admitted.Add(token, call_id);
  api::AuthorizeCallResponse response;
  response.set_interlink_id(id.ToHex());
  response.set_interlink_name(link.name);
  response.set_number(token.number().ToString());
  response.set_display_name(std::move(called->name));
  response.set_destination(std::move(called->destination));
  return response;
}

absl::StatusOr<api::AuthorizeCallResponse> CallAdmission::AdmitWithoutToken(
    const std::string& dialled) {
  const auto number = store::InternalNumber::Parse(dialled);
  if (number && !rules().asks_for_tokens) return AdmitOpenly(*number);
  if (number) return Invalid(kPlainNumber);
  const bool is_uri = dialled.starts_with("sip:") ||
                      dialled.starts_with("sips:") ||
                      dialled.find('@') != dialled.npos;
  return Invalid(is_uri ? kWholeUri : kNoToken);
}

absl::StatusOr<api::AuthorizeCallResponse> CallAdmission::AdmitOpenly(
    store::InternalNumber number) {
  auto called = directory_.FindCalled(number);
  if (!called) return NotShared(std::nullopt);
  ++counters_.calls_admitted_openly;
  api::AuthorizeCallResponse response;
  response.set_number(number.ToString());
  response.set_display_name(std::move(called->name));
  response.set_destination(std::move(called->destination));
  return response;
}

absl::Status CallAdmission::Refuse(std::optional<store::InterlinkId> link,
                                   Reason reason, std::string_view sentence,
                                   Counters::Count& count) {
  ++count;
  if (link) counters_.calls_by_link.AddRefused(*link);
  refused_.Note(link, sentence);
  return Refusal(reason, sentence);
}

absl::Status CallAdmission::Limited(store::InterlinkId link,
                                    std::string_view sentence) {
  return RetryAfter(Refuse(link, Reason::kRateLimited, sentence,
                           counters_.calls_refused_limited),
                    std::chrono::seconds(1));
}

absl::Status CallAdmission::Invalid(std::string_view sentence) {
  return Refuse(std::nullopt, Reason::kCallTokenInvalid, sentence,
                counters_.calls_refused_invalid);
}

absl::Status CallAdmission::NotShared(std::optional<store::InterlinkId> link) {
  return Refuse(link, Reason::kNumberNotFound, kNotShared,
                counters_.calls_refused_not_shared);
}

}  // namespace interlink::federation
