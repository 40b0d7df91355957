#include "daemon/config/door_warnings.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "federation/base/host.h"
#include "federation/base/reach.h"

namespace interlink::daemon {
namespace {

using Ranges = std::vector<AddressRange>;

bool AreLoopback(const Ranges& ranges) {
  return std::all_of(
      ranges.begin(), ranges.end(),
      [](const AddressRange& range) { return range.IsLoopback(); });
}

// Whether "host:port" is reached from this machine alone.
bool IsOnLoopback(const std::string& listen) {
  const auto host = federation::Host::Parse(
      std::string_view(listen).substr(0, listen.rfind(':')));
  return host.ok() && federation::IsOnSameMachine(*host);
}

// In all of these, `list` is a setting that names who may ask, and `listen` the
// setting of its door.
void WarnOfHostBits(const std::string& list, const Ranges& ranges,
                    std::vector<std::string>& warnings) {
  for (const AddressRange& range : ranges) {
    if (!range.HasHostBits()) continue;
    warnings.push_back(list + " allows all of " + range.ToText() +
                       ": write it so, or " + range.AddressText() +
                       " for that address alone");
  }
}

void WarnOfEverybody(const std::string& list, const Ranges& ranges,
                     const std::string& listen, const std::string& advice,
                     std::vector<std::string>& warnings) {
  for (const AddressRange& range : ranges) {
    if (!range.HasAll()) continue;
    warnings.push_back(list + " has " + range.ToText() +
                       ", so everybody who reaches " + listen +
                       " may ask: " + advice);
  }
}

void WarnOfNobody(const std::string& list, const std::string& listen,
                  const std::string& address,
                  std::vector<std::string>& warnings) {
  warnings.push_back(listen + " is " + address + ", but " + list +
                     " has loopback addresses alone, so a PBX on another "
                     "machine is refused: add its address to " +
                     list);
}

// What to do about a file that every user of the machine can read, so that this
// process still can; empty if not everybody can.
std::string AdviceToHide(const std::string& path) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0 || (file.st_mode & S_IROTH) == 0) {
    return "";
  }
  if (file.st_uid == geteuid()) return "chmod 600 " + path;
  const group* const own = getgrgid(getegid());
  return "chgrp " +
         (own != nullptr ? std::string(own->gr_name)
                         : std::to_string(getegid())) +
         " " + path + " && chmod 640 " + path;
}

void AddHttp(const Config& config, std::vector<std::string>& warnings) {
  const std::string listen = "--pbx-http-listen";
  WarnOfHostBits("--pbx-http-allow", config.pbx_http_allow, warnings);
  WarnOfHostBits("--phonebook-allow", config.phonebook_allow, warnings);
  const std::string advice = AdviceToHide(config.pbx_http_token);
  if (!advice.empty()) {
    warnings.push_back(
        "every user of this machine can read the file of --pbx-http-token: " +
        advice);
  }
  if (IsOnLoopback(config.pbx_http_listen)) return;
  if (config.pbx_http_token.empty()) {
    const std::string names = "name addresses, or set --pbx-http-token";
    WarnOfEverybody("--pbx-http-allow", config.pbx_http_allow, listen, names,
                    warnings);
    WarnOfEverybody("--phonebook-allow", config.phonebook_allow, listen, names,
                    warnings);
  }
  if (AreLoopback(config.pbx_http_allow) &&
      AreLoopback(config.phonebook_allow)) {
    WarnOfNobody("--pbx-http-allow", listen, config.pbx_http_listen, warnings);
  }
}

void WarnOfSip(const Config& config, std::vector<std::string>& warnings) {
  const std::string listen = "--sip-listen";
  WarnOfHostBits("--sip-allow", config.sip_allow, warnings);
  if (IsOnLoopback(config.sip_listen)) return;
  WarnOfEverybody("--sip-allow", config.sip_allow, listen,
                  "name the addresses of your PBXs", warnings);
  if (AreLoopback(config.sip_allow)) {
    WarnOfNobody("--sip-allow", listen, config.sip_listen, warnings);
  }
}

}  // namespace

std::vector<std::string> DoorWarnings(const Config& config) {
  std::vector<std::string> warnings;
  if (!config.pbx_http_listen.empty()) AddHttp(config, warnings);
  if (!config.sip_listen.empty()) WarnOfSip(config, warnings);
  return warnings;
}

}  // namespace interlink::daemon
