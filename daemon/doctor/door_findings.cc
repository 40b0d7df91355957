#include "daemon/doctor/door_findings.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace interlink::daemon {

void JudgeClosedWay(const std::string& check, const std::string& address,
                    const std::vector<DoorTrial::Way>& ways,
                    Findings& findings) {
  const std::string setting = absl::StrCat("--", check, "-allow");
  if (ways.empty()) {
    return findings.NotExamined(
        check, absl::StrCat("this machine has no way to its own ", address,
                            "; have the PBX ask there"));
  }
  const std::string source = ways.front().from.to_string();
  findings.NotExamined(
      check, absl::StrCat(address, " does not answer this machine, because ",
                          setting, " does not have ", source,
                          "; if the PBX is on this one, add ", source, " to ",
                          setting));
}

void JudgeDoor(const std::string& check, const std::string& address,
               const std::string& line, Findings& findings) {
  if (line.empty()) {
    return findings.Warning(check,
                            absl::StrCat("no answer at ", address,
                                         " within 2 s, though this machine may "
                                         "ask there; see the daemon's log and "
                                         "this machine's packet filter"));
  }
  const std::string status = line.substr(0, line.find(' ') + 2);
  if (status.ends_with(" 5")) {
    return findings.Fault(check, absl::StrCat(address,
                                              " turns every call "
                                              "away: ",
                                              line,
                                              "; see whether the store takes "
                                              "changes, and the daemon's log"));
  }
  findings.Ok(check, "answers at " + address);
}

void JudgeContact(const std::string& contact,
                  const HostLookup::Found& addresses, Findings& findings) {
  if (addresses.ok()) {
    return findings.Ok("contact", "calls are sent to " + contact);
  }
  if (!absl::IsNotFound(addresses.status())) {
    return findings.NotExamined(
        "contact",
        absl::StrCat("calls are sent to ", contact,
                     ", whose host cannot be looked up here now: ",
                     addresses.status().message(),
                     "; see /etc/resolv.conf and the name servers, then "
                     "examine it again"));
  }
  findings.Warning(
      "contact", "calls are sent to " + contact +
                     ", whose host has no address that is known here; correct "
                     "--contact or the DNS, unless it has SRV records there");
}

}  // namespace interlink::daemon
