#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/config/config.h"
#include "daemon/doctor/door_trial.h"
#include "daemon/doctor/findings.h"
#include "daemon/http/access_token.h"
#include "daemon/http/pbx_http_door.h"
#include "daemon/sip/sip_listener.h"
#include "daemon/system/machine_hosts.h"
#include "daemon/system/ready_file.h"
#include "federation/account.h"
#include "federation/base/address.h"
#include "federation/base/event_loop.h"
#include "federation/base/randomness.h"

namespace interlink::daemon {

// Where a door is reached that stands at `address`: there and, if that is all
// addresses of the machine, at each of `hosts`, which are those addresses.
std::vector<federation::HostPort> PlacesOf(
    const std::string& address, const std::vector<std::string>& hosts);

// The doors that the settings open for the account's own PBX (design.md section
// 17); with none of them it does nothing.
//
// Threading: loop only, or while the loop does not run. Lifetime: what is
// passed to Open() must outlive it.
class PbxDoors {
 public:
  // `look` finds the machine's addresses. Errors: as a door's Open(), preceded
  // by where the setting was given.
  static absl::StatusOr<std::unique_ptr<PbxDoors>> Open(
      const Config& config, federation::EventLoop& loop,
      federation::Account& account, federation::Randomness& randomness,
      MachineHosts::Look look = HostsOfMachine);

  // Takes over who may ask, and reads the token again; a door that the settings
  // close stays as it was until a restart. Says whether another token is asked
  // for. Errors: as AccessToken::Read(), preceded by where it was given; then
  // nothing changes.
  absl::StatusOr<bool> Reload(const Config& config);

  // Whether calls are answered by SIP, or told that the account is not ready.
  void SetServing(bool is_serving);

  void AddTo(ReadyFile::Lines& lines) const;
  // Where the doors stand, whatever the settings say since.
  std::vector<federation::HostPort> Places() const;
  // `on_change` is called when a new address of the machine, or one less, has
  // changed Places().
  void OnNewPlaces(std::function<void()> on_change);
  // As the doctor examines them, by the rules of `config`; nullopt for one that
  // is closed.
  std::optional<StandingDoor> StandingHttp(const Config& config) const;
  std::optional<StandingDoor> StandingSip(const Config& config) const;
  // Adds what is wrong with the file of --pbx-http-token, or that another
  // secret is in it than the one that is asked for.
  void ExamineToken(const Config& config, Findings& findings) const;
  // nullptr if they are closed.
  const PbxHttpDoor* http() const { return http_.get(); }
  const SipListener* sip() const { return sip_.get(); }

 private:
  PbxDoors() = default;
  absl::Status OpenHttp(const Config& config, federation::EventLoop& loop,
                        federation::Account& account);
  absl::Status OpenSip(const Config& config, federation::EventLoop& loop,
                       federation::Account& account,
                       federation::Randomness& randomness);

  std::unique_ptr<PbxHttpDoor> http_;
  std::optional<AccessToken> token_;  // That http_ asks for.
  std::unique_ptr<SipListener> sip_;
  // While a door stands at all of them.
  std::unique_ptr<MachineHosts> hosts_;
};

}  // namespace interlink::daemon
