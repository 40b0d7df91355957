#include "federation/routing/reachable_numbers.h"

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
  for (const MirrorListed& listed :
       mirrors_.List(cursor, *size, only ? &*only : nullptr)) {
    const auto uri = policy_.UriFor(listed.hit, listed.number);
    if (!uri || policy_.IsNeverRemote(listed.number)) continue;
    api::ReachableNumber& number = *response.add_numbers();
    number.set_number(listed.number.ToString());
    number.set_name(ShownName(listed.hit.name));
    number.set_interlink_id(listed.hit.peer->id_text);
    number.set_interlink_name(listed.hit.peer->name);
    number.set_uri(*uri);
    number.set_shadowed(directory_.FindOwn(listed.number).has_value());
    number.set_stale(!listed.is_fresh);
  }
  if (cursor) response.set_next_page_token(ToToken(*cursor));
  return response;
}

}  // namespace interlink::federation
