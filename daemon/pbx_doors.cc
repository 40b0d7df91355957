#include "daemon/pbx_doors.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/http/pbx_access.h"
#include "daemon/sip/account_calls.h"

namespace interlink::daemon {
namespace {

absl::StatusOr<PbxAccess> AccessFrom(const Config& config) {
  PbxAccess access{.pbx = config.pbx_http_allow,
                   .phones = config.phonebook_allow};
  if (config.pbx_http_token.empty()) return access;
  auto token = AccessToken::Read(config.pbx_http_token);
  if (!token.ok()) return config.Of("pbx-http-token", token.status());
  access.token = *std::move(token);
  return access;
}

// Also where its name has led.
template <class Door>
std::vector<std::string> AddressesOf(const Door& door) {
  if (door.address() == door.numeric_address()) return {door.address()};
  return {door.address(), door.numeric_address()};
}

}  // namespace

std::vector<federation::HostPort> PlacesOf(
    const std::string& address, const std::vector<std::string>& hosts) {
  auto place = federation::SplitHostPort(address);
  if (!place) return {};
  std::vector<federation::HostPort> places = {*place};
  if (!place->host.IsUnspecified()) return places;
  for (const std::string& text : hosts) {
    auto host = federation::Host::Parse(text);
    if (host.ok()) places.push_back({*std::move(host), place->port});
  }
  return places;
}

absl::StatusOr<std::unique_ptr<PbxDoors>> PbxDoors::Open(
    const Config& config, federation::EventLoop& loop,
    federation::Account& account, federation::Randomness& randomness,
    MachineHosts::Look look) {
  std::unique_ptr<PbxDoors> doors(new PbxDoors);
  auto status = doors->OpenHttp(config, loop, account);
  if (status.ok()) status = doors->OpenSip(config, loop, account, randomness);
  if (!status.ok()) return status;
  const auto places = doors->Places();
  if (std::any_of(places.begin(), places.end(), [](const auto& place) {
        return place.host.IsUnspecified();
      })) {
    doors->hosts_ = std::make_unique<MachineHosts>(loop, std::move(look));
  }
  return doors;
}

absl::Status PbxDoors::OpenHttp(const Config& config,
                                federation::EventLoop& loop,
                                federation::Account& account) {
  if (config.pbx_http_listen.empty()) return absl::OkStatus();
  auto access = AccessFrom(config);
  if (!access.ok()) return access.status();
  token_ = access->token;
  auto http = PbxHttpDoor::Open(loop, account, *std::move(access),
                                config.pbx_http_host, config.pbx_http_listen);
  if (!http.ok()) return config.Of("pbx-http-listen", http.status());
  http_ = *std::move(http);
  return absl::OkStatus();
}

absl::Status PbxDoors::OpenSip(const Config& config,
                               federation::EventLoop& loop,
                               federation::Account& account,
                               federation::Randomness& randomness) {
  if (config.sip_listen.empty()) return absl::OkStatus();
  SipListener::Options options{.address = config.sip_listen,
                               .allowed = config.sip_allow};
  const std::string seed = randomness.Bytes(sizeof(options.seed));
  std::memcpy(&options.seed, seed.data(), seed.size());
  auto sip = SipListener::Start(
      options, [&account, &loop](federation::EventLoop& sip_loop) {
        return std::make_unique<AccountCalls>(account, loop, sip_loop);
      });
  if (!sip.ok()) return config.Of("sip-listen", sip.status());
  sip_ = *std::move(sip);
  return absl::OkStatus();
}

void PbxDoors::SetServing(bool is_serving) {
  if (sip_ != nullptr) sip_->SetServing(is_serving);
}

absl::StatusOr<bool> PbxDoors::Reload(const Config& config) {
  const bool stays = config.pbx_http_listen.empty();
  auto access = stays ? PbxAccess() : AccessFrom(config);
  if (!access.ok()) return access.status();
  if (sip_ != nullptr && !config.sip_listen.empty()) {
    sip_->SetAllowed(config.sip_allow);
  }
  if (http_ == nullptr || stays) return false;
  const bool has_new_token = access->token != token_;
  token_ = access->token;
  http_->Reload(*std::move(access), config.pbx_http_host);
  return has_new_token;
}

void PbxDoors::AddTo(ReadyFile::Lines& lines) const {
  if (http_ != nullptr) lines.emplace_back("pbx_http", http_->address());
  if (sip_ != nullptr) lines.emplace_back("sip", sip_->address());
}

std::optional<StandingDoor> PbxDoors::StandingHttp(const Config& config) const {
  if (http_ == nullptr) return std::nullopt;
  return StandingDoor{.address = http_->address(),
                      .numeric_address = http_->numeric_address(),
                      .answers = [&config](const auto& source) {
                        return AnyContains(config.pbx_http_allow, source) ||
                               AnyContains(config.phonebook_allow, source);
                      }};
}

std::optional<StandingDoor> PbxDoors::StandingSip(const Config& config) const {
  if (sip_ == nullptr) return std::nullopt;
  return StandingDoor{.address = sip_->address(),
                      .numeric_address = sip_->numeric_address(),
                      .answers = [&config](const auto& source) {
                        return AnyContains(config.sip_allow, source);
                      }};
}

void PbxDoors::ExamineToken(const Config& config, Findings& findings) const {
  if (http_ == nullptr || config.pbx_http_token.empty()) return;
  const auto token = AccessToken::Read(config.pbx_http_token);
  if (!token.ok()) {
    findings.Fault(
        "pbx-http",
        absl::StrCat(
            std::string(config.Of("pbx-http-token", token.status()).message()),
            "; the secret that was read before is still asked for, but no "
            "reload and no restart succeeds until this is mended"));
  } else if (token_ != *token) {
    findings.Warning("pbx-http",
                     absl::StrCat("the secret in ", config.pbx_http_token,
                                  " has changed since it was read; reload the "
                                  "daemon to put it in force"));
  }
}

std::vector<federation::HostPort> PbxDoors::Places() const {
  std::vector<std::string> addresses;
  if (http_ != nullptr) addresses = AddressesOf(*http_);
  if (sip_ != nullptr) {
    for (std::string& address : AddressesOf(*sip_)) {
      addresses.push_back(std::move(address));
    }
  }
  std::vector<federation::HostPort> places;
  for (const std::string& address : addresses) {
    for (auto& place :
         PlacesOf(address, hosts_ != nullptr ? hosts_->hosts()
                                             : std::vector<std::string>())) {
      places.push_back(std::move(place));
    }
  }
  return places;
}

void PbxDoors::OnNewPlaces(std::function<void()> on_change) {
  if (hosts_ != nullptr) hosts_->OnChange(std::move(on_change));
}

}  // namespace interlink::daemon
