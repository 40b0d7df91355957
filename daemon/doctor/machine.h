#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/doctor/findings.h"
#include "federation/base/event_loop.h"

// What a daemon needs of its machine. Each Look...() reads the machine, and
// each Judge...() says whether that will do. Threading: any thread.
namespace interlink::daemon {

// Whether the system's clock is kept right by a time service, as the kernel
// knows it; nullopt if this process may not ask, as under the package's unit.
std::optional<bool> LookWhetherClockIsKept();
void JudgeClock(std::optional<bool> is_kept, Findings& findings);

struct DiskSpace {
  uint64_t free_bytes = 0;  // For this user.
  uint64_t free_files = 0;
};
absl::StatusOr<DiskSpace> LookAtDisk(const std::string& folder);
void JudgeDisk(const absl::StatusOr<DiskSpace>& space,
               const std::string& folder, Findings& findings);

struct Descriptors {
  uint64_t open = 0;
  uint64_t limit = 0;
};
// Errors: RESOURCE_EXHAUSTED if not even one more can be opened, UNAVAILABLE if
// they cannot be counted, as without /proc.
absl::StatusOr<Descriptors> LookAtDescriptors();
// A link takes two: its session and, now and then, a call.
void JudgeDescriptors(const absl::StatusOr<Descriptors>& descriptors,
                      size_t links, Findings& findings);

// `not_after`: the end of the certificate that is shown to peers, which is
// renewed when two thirds of `life` are over.
void JudgeCertificate(federation::WallTime not_after, federation::Duration life,
                      federation::WallTime now, Findings& findings);

}  // namespace interlink::daemon
