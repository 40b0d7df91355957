#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "daemon/doctor/door_trial.h"
#include "daemon/doctor/findings.h"
#include "daemon/doctor/way_trial.h"
#include "daemon/peer/dial/host_lookup.h"
#include "daemon/system/asio_event_loop.h"
#include "daemon/tls/tls_identity.h"
#include "federation/account.h"
#include "federation/identity/identity.h"
#include "federation/peer/peer_client.h"
#include "interlink/v1/doctor.pb.h"

namespace interlink::daemon {

// Examines the daemon and its links for an operator (design.md section 20). One
// examination at a time; it ends within kTime.
//
// Threading: loop only. Lifetime: what Patient names must outlive it; its
// destruction calls an examination off, which is then not answered.
class Doctor {
 public:
  static constexpr std::chrono::seconds kTime{14};
  // Links whose peers are tried when no link is named.
  static constexpr int kMostTried = 16;

  // The daemon, as far as it is examined.
  struct Patient {
    AsioEventLoop& loop;
    federation::Account& account;
    const federation::Identity& identity;
    const TlsIdentity& tls;
    federation::PeerClient& peers;
    federation::SteadyTime start;
    std::string data_dir;
    std::string listens_at;  // For peers.
    // Adds what is found of the settings and of the store.
    std::function<void(Findings&)> examine;
    // The PBX's doors; nullopt for one that is closed.
    std::function<std::optional<StandingDoor>()> sip_door;
    std::function<std::optional<StandingDoor>()> http_door;
    // Whether a call by SIP can be led to this destination of an own number.
    std::function<bool(const std::string& destination)> sip_leads_to;
    // How the contact's host is looked up, and for how long.
    HostLookup::Ask ask_dns = HostLookup::AskSystem;
    federation::Duration time_for_names = WayTrial::kNameTime;
  };
  using Done = absl::AnyInvocable<void(absl::StatusOr<v1::ExamineResponse>)>;

  explicit Doctor(Patient patient);
  ~Doctor();

  // `done` is called on the loop, perhaps at once. Errors: LINK_NOT_FOUND,
  // LIMIT_REACHED while another examination runs, or after Finish().
  void Examine(const v1::ExamineRequest& request, Done done);

  // Answers who waits with what was found so far: the daemon is stopping.
  void Finish();

 private:
  class Examination;

  const Patient patient_;
  HostLookup names_;
  std::unique_ptr<Examination> running_;
  bool is_stopping_ = false;
};

}  // namespace interlink::daemon
