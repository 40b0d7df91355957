#include "federation/routing/route_gaps.h"

#include <algorithm>
#include <utility>

#include "federation/base/reason.h"
#include "federation/mirrors/mirror_finding.h"

namespace interlink::federation {
namespace {

constexpr size_t kMostRefused = 20;
constexpr size_t kMostGapsInWords = 3;

std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "" : ",") + id;
  return text;
}

}  // namespace

void RouteGaps::AddUnanswered(store::InterlinkId id) {
  if (std::find(unanswered_.begin(), unanswered_.end(), id) ==
      unanswered_.end()) {
    unanswered_.push_back(id);
  }
}

void RouteGaps::AddRefused(const LinkedPeer& peer, const absl::Status& why) {
  const bool is_known =
      std::any_of(refused_.begin(), refused_.end(),
                  [&](const Refused& other) { return other.id == peer.id; });
  if (is_known || refused_.size() == kMostRefused) return;
  refused_.push_back({peer.id, "\"" + peer.name + "\" has it, but " +
                                   std::string(why.message())});
}

void RouteGaps::Forget(
    const std::function<bool(store::InterlinkId id)>& is_gone) {
  std::erase_if(unanswered_, is_gone);
  std::erase_if(refused_,
                [&](const Refused& refused) { return is_gone(refused.id); });
}

std::string RouteGaps::RefusedInWords() const {
  std::string text;
  for (size_t i = 0; i < std::min(refused_.size(), kMostGapsInWords); ++i) {
    text += (i == 0 ? "" : "; ") + refused_[i].words;
  }
  return refused_.size() > kMostGapsInWords ? text + "; and others" : text;
}

void RouteGaps::AddTo(api::Resolution& resolution) const {
  resolution.set_complete(unanswered_.empty());
  for (size_t i = 0; i < std::min(unanswered_.size(), kMostNamed); ++i) {
    resolution.add_unanswered_interlink_ids(unanswered_[i].ToHex());
  }
  for (const Refused& refused : refused_) {
    resolution.add_refused_interlink_ids(refused.id.ToHex());
  }
}

absl::Status RouteGaps::AddTo(absl::Status refusal) const {
  api::Resolution named;
  AddTo(named);
  if (!unanswered_.empty()) {
    refusal = WithMetadata(std::move(refusal), "unanswered_interlink_ids",
                           Joined(named.unanswered_interlink_ids()));
  }
  if (!refused_.empty()) {
    refusal = WithMetadata(std::move(refusal), "refused_interlink_ids",
                           Joined(named.refused_interlink_ids()));
  }
  return refusal;
}

}  // namespace interlink::federation
