#include "federation/routing/reachable_numbers.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "federation/base/names.h"
#include "federation/base/paging.h"
#include "federation/base/reason.h"
#include "federation/ledger/interlinks.h"

namespace interlink::federation {
namespace {

std::string ToToken(const Mirrors::Cursor& cursor) {
  return cursor.number.ToString() + "." + std::to_string(cursor.link);
}

absl::StatusOr<Mirrors::Cursor> FromToken(const std::string& token) {
  const size_t dot = token.find('.');
  const auto number =
      store::InternalNumber::Parse(std::string_view(token).substr(0, dot));
  const std::string link = dot == token.npos ? "" : token.substr(dot + 1);
  if (!number || link.empty() || link.size() > 5 ||
      link.find_first_not_of("0123456789") != link.npos ||
      std::stoul(link) > 65'535) {
    return BadPageToken();
  }
  return Mirrors::Cursor{*number,
                         static_cast<MirrorIndex::LinkIndex>(std::stoul(link))};
}

}  // namespace

absl::StatusOr<api::ListReachableNumbersResponse> ReachableNumbers::List(
    const api::ListReachableNumbersRequest& request) const {
  std::optional<store::InterlinkId> only;
  if (!request.interlink_id().empty()) {
    auto id = ParseInterlinkId(request.interlink_id());
    if (!id.ok()) return id.status();
    only = *id;
    const auto peer = mirrors_.PeerOf(*only);
    if (peer == nullptr || peer->is_paused) {
      return Refusal(Reason::kLinkNotFound,
                     "there is no interlink with this id over which calls go "
                     "now; list the interlinks to see whether it is paused or "
                     "was removed");
    }
  }
  std::optional<Mirrors::Cursor> cursor;
  if (!request.page_token().empty()) {
    auto start = FromToken(request.page_token());
    if (!start.ok()) return start.status();
    cursor = *start;
  }
  const auto size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  api::ListReachableNumbersResponse response;
  // Of the latest number: those who share one are listed one after the other.
  std::optional<store::InternalNumber> ordered;
  std::vector<store::InterlinkId> order;
  for (const MirrorListed& listed :
       mirrors_.List(cursor, *size, only ? &*only : nullptr)) {
    const auto contact = policy_.ContactFor(listed.hit, listed.number);
    if (!contact.ok() || policy_.IsNeverRemote(listed.number)) continue;
    if (ordered != listed.number) {
      ordered = listed.number;
      order = CallOrder(listed.number);
    }
    const auto turn =
        std::find(order.begin(), order.end(), listed.hit.peer->id);
    if (turn == order.end()) continue;  // It was taken back just now.
    api::ReachableNumber& number = *response.add_numbers();
    number.set_number(listed.number.ToString());
    number.set_name(ShownName(listed.hit.name));
    number.set_interlink_id(listed.hit.peer->id_text);
    number.set_interlink_name(listed.hit.peer->name);
    number.set_uri(contact->UriFor(number.number()));
    if (LeadsTo(listed, listed.number)) {
      number.set_turn(static_cast<uint32_t>(turn - order.begin()) + 1);
    } else {
      number.set_shadowed(true);
    }
    number.set_stale(!listed.is_fresh);
    number.set_needs_token(listed.hit.needs_token);
    const std::string& prefix = listed.hit.peer->dial_prefix;
    const auto prefixed =
        store::InternalNumber::Parse(prefix + number.number());
    if (!prefix.empty() && prefixed && LeadsTo(listed, *prefixed)) {
      number.set_prefixed_number(prefixed->ToString());
    }
  }
  if (cursor) response.set_next_page_token(ToToken(*cursor));
  return response;
}

bool ReachableNumbers::LeadsTo(const MirrorListed& listed,
                               store::InternalNumber dialled) const {
  if (directory_.FindOwn(dialled) || policy_.IsNeverRemote(dialled)) {
    return false;
  }
  const auto target = prefixes_.TargetOf(dialled);
  return target.number == listed.number &&
         (!target.only || *target.only == listed.hit.peer->id);
}

std::vector<store::InterlinkId> ReachableNumbers::CallOrder(
    store::InternalNumber number) const {
  MirrorFinding finding = mirrors_.Find(number);
  std::vector<store::InterlinkId> order;
  for (auto* hits : {&finding.fresh, &finding.stale}) {
    SortAsCalled(*hits);
    for (const MirrorHit& hit : *hits) {
      if (policy_.ContactFor(hit, number).ok()) order.push_back(hit.peer->id);
    }
  }
  return order;
}

}  // namespace interlink::federation
