#include "daemon/cli/api/api.h"

#include <vector>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/show/text.h"

namespace interlink::cli {
namespace {

constexpr size_t kIdDigits = 32;
constexpr size_t kLeastIdDigits = 8;

bool IsIdOrItsBeginning(const std::string& text) {
  return text.size() >= kLeastIdDigits && text.size() <= kIdDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// Makes names equal that differ only in case or in spaces; the daemon has no
// two rows with such names. ASCII only: other letters have to be typed as they
// are.
std::string Folded(std::string_view name) {
  std::string folded;
  for (const char c : LowerCase(Trim(name))) {
    if (c != ' ' || folded.back() != ' ') folded += c;
  }
  return folded;
}

}  // namespace

Api::Api(const std::shared_ptr<grpc::Channel>& channel,
         std::optional<std::chrono::seconds> timeout)
    : channel_(channel),
      stubs_(v1::InterlinkService::NewStub(channel),
             v1::NumberService::NewStub(channel),
             v1::ResolverService::NewStub(channel),
             v1::DaemonService::NewStub(channel),
             v1::DoctorService::NewStub(channel)),
      timeout_(timeout) {}

void Api::SetDeadline(grpc::ClientContext& context,
                      std::optional<std::chrono::seconds> otherwise) const {
  const auto timeout = timeout_.has_value() ? timeout_ : otherwise;
  if (!timeout.has_value()) return;
  context.set_deadline(std::chrono::system_clock::now() + *timeout);
}

grpc::Status Api::ListInterlinks(v1::ListInterlinksResponse* list,
                                 Removed removed) {
  v1::ListInterlinksRequest request;
  request.set_show_removed(removed == Removed::kShown);
  return CallForAllPages(&v1::InterlinkService::Stub::ListInterlinks, request,
                         list);
}

grpc::Status Api::FindInterlink(const std::string& name_or_id,
                                v1::Interlink* interlink) {
  v1::ListInterlinksResponse list;
  grpc::Status status = ListInterlinks(&list);
  if (!status.ok()) return status;
  const std::string name = Folded(name_or_id);
  for (const v1::Interlink& row : list.interlinks()) {
    if (Folded(row.name()) == name) {
      *interlink = row;
      return status;
    }
  }
  const std::string id = LowerCase(name_or_id);
  std::vector<const v1::Interlink*> found;
  for (const v1::Interlink& row : list.interlinks()) {
    if (IsIdOrItsBeginning(id) && row.id().starts_with(id)) {
      found.push_back(&row);
    }
  }
  if (found.size() > 1) {
    return LocalFailure(grpc::StatusCode::INVALID_ARGUMENT, "ID_AMBIGUOUS",
                        "several ids begin with " + id + "; give more digits");
  }
  if (found.size() == 1) {
    *interlink = *found[0];
    return status;
  }
  if (id.size() == kIdDigits && IsIdOrItsBeginning(id)) {
    v1::GetInterlinkRequest request;
    request.set_id(id);
    v1::GetInterlinkResponse response;
    status =
        Call(&v1::InterlinkService::Stub::GetInterlink, request, &response);
    if (status.ok()) interlink->Swap(response.mutable_interlink());
    return status;
  }
  return LocalFailure(grpc::StatusCode::NOT_FOUND, "LINK_NOT_FOUND",
                      "no interlink is called \"" + name_or_id +
                          "\"; `interlinkctl list` shows those there are");
}

grpc::Status Api::FindRemoved(const std::string& name,
                              v1::Interlink* interlink) {
  v1::ListInterlinksResponse all;
  const grpc::Status status = ListInterlinks(&all, Removed::kShown);
  if (!status.ok()) return status;
  const v1::Interlink* found = nullptr;
  const std::string folded = Folded(name);
  for (const v1::Interlink& row : all.interlinks()) {
    const bool is_removed = row.state() == v1::INTERLINK_STATE_REMOVED;
    if (is_removed && Folded(row.name()) == folded) found = &row;
  }
  if (found != nullptr) {
    *interlink = *found;
    return status;
  }
  return LocalFailure(grpc::StatusCode::NOT_FOUND, "LINK_NOT_FOUND",
                      "no interlink is or was called \"" + name +
                          "\"; `interlinkctl list --removed` shows them all");
}

grpc::Status Api::EndlessListFailure() {
  return grpc::Status(grpc::StatusCode::INTERNAL,
                      "the daemon's list has no end: it gave the same page "
                      "token twice");
}

}  // namespace interlink::cli
