#include "daemon/api/api_streams.h"

#include <spdlog/spdlog.h>

#include <string>

#include "federation/base/reason.h"

namespace interlink::daemon {
namespace {

// How often unread streams are looked for while one of them has patience.
constexpr int kLooks = 6;

size_t MostOf(Role role) {
  switch (role) {
    case Role::kAdmin:
      return ApiStreams::kMostOfAdmins;
    case Role::kPbx:
      return ApiStreams::kMostOfPbxs;
    case Role::kViewer:
      return ApiStreams::kMostOfViewers;
    case Role::kPeer:
      break;  // Has no watches.
  }
  return 0;
}

absl::Status Stopping() {
  return absl::UnavailableError(
      "UNAVAILABLE: the daemon is stopping; watch again");
}

}  // namespace

absl::Status ApiStreams::Add(Role role, Stream* stream) {
  if (is_stopping_) return Stopping();
  std::set<Stream*>& open = open_[role];
  if (open.size() >= MostOf(role)) {
    return federation::Refusal(
        federation::Reason::kLimitReached,
        "the role " + RoleName(role) + " has " + std::to_string(MostOf(role)) +
            " watches, which is as many as it may have; close one first");
  }
  open.insert(stream);
  if (timer_ == nullptr) LookForUnread();
  return absl::OkStatus();
}

void ApiStreams::Remove(Role role, Stream* stream) {
  open_[role].erase(stream);
}

void ApiStreams::EndAll() {
  is_stopping_ = true;
  const auto open = open_;
  for (const auto& [role, streams] : open) {
    for (Stream* stream : streams) {
      stream->End(Stopping());
    }
  }
}

void ApiStreams::LookForUnread() {
  const federation::SteadyTime now = loop_.Now();
  bool is_one_open = false;
  for (const auto& [role, streams] : open_) {
    is_one_open = is_one_open || !streams.empty();
    for (Stream* stream : streams) {
      if (!stream->IsUnread(now - patience_)) continue;
      stream->BreakOff(federation::Refusal(
          federation::Reason::kLimitReached,
          "the client of this watch has left a message unread for too long; "
          "watch again"));
      const std::string name = RoleName(role);
      if (!log_.MayLog(name, now)) continue;
      spdlog::warn(
          "a watch of the role {} was ended, because its client has read "
          "nothing for {} seconds",
          name,
          std::chrono::duration_cast<std::chrono::seconds>(patience_).count());
    }
  }
  timer_ = is_one_open
               ? loop_.After(patience_ / kLooks, [this] { LookForUnread(); })
               : nullptr;
}

}  // namespace interlink::daemon
