#include "daemon/doctor/machine.h"

#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace interlink::daemon {
namespace {

// RocksDB stops when a file cannot be written; a compaction of a million
// numbers writes about this much anew.
constexpr uint64_t kEnoughBytes = 512ull << 20;
constexpr uint64_t kFewBytes = 8ull << 20;
constexpr uint64_t kFewFiles = 100;
// Listeners, the store's files and calls of the API.
constexpr uint64_t kDescriptorsOfDaemon = 200;

std::string Megabytes(uint64_t bytes) {
  return absl::StrCat(bytes >> 20, " MB");
}

}  // namespace

std::optional<bool> LookWhetherClockIsKept() {
  timex state{};  // Asks, and sets nothing.
  const int result = adjtimex(&state);
  if (result < 0) return std::nullopt;
  return result != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

void JudgeClock(std::optional<bool> is_kept, Findings& findings) {
  if (!is_kept) {
    return findings.NotExamined(
        "clock", "the daemon may not ask the kernel here: see `timedatectl`");
  }
  if (*is_kept) return findings.Ok("clock", "kept right by a time service");
  findings.Warning(
      "clock",
      "the kernel says that no time service sets this machine's clock. If the "
      "clock is an hour ahead, other accounts refuse this daemon's "
      "certificates; if it "
      "is an hour behind, this daemon refuses theirs. Run chrony or "
      "systemd-timesyncd, in a container on its host");
}

absl::StatusOr<DiskSpace> LookAtDisk(const std::string& folder) {
  struct statvfs found {};
  if (statvfs(folder.c_str(), &found) != 0) {
    return absl::UnavailableError(std::strerror(errno));
  }
  return DiskSpace{
      .free_bytes = uint64_t{found.f_bavail} * found.f_frsize,
      // Some file systems make them as needed, and say 0 of 0.
      .free_files = found.f_files == 0 ? kFewFiles : uint64_t{found.f_favail}};
}

void JudgeDisk(const absl::StatusOr<DiskSpace>& space,
               const std::string& folder, Findings& findings) {
  if (!space.ok()) {
    return findings.Fault(
        "disk", absl::StrCat("the file system of ", folder,
                             " cannot be looked at: ", space.status().message(),
                             "; see that it is mounted"));
  }
  if (space->free_files < kFewFiles) {
    return findings.Fault(
        "disk",
        absl::StrCat("only ", space->free_files, " more files can be made at ",
                     folder, "; remove files that are not the store's"));
  }
  const std::string left =
      absl::StrCat(Megabytes(space->free_bytes), " are free at ", folder);
  if (space->free_bytes >= kEnoughBytes) return findings.Ok("disk", left);
  const std::string advice =
      absl::StrCat(left, "; free ", Megabytes(kEnoughBytes),
                   " or more, of files that are not the store's");
  if (space->free_bytes < kFewBytes) return findings.Fault("disk", advice);
  findings.Warning("disk", advice);
}

absl::StatusOr<Descriptors> LookAtDescriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return absl::UnavailableError(std::strerror(errno));
  }
  Descriptors descriptors{.open = 0, .limit = limit.rlim_cur};
  std::error_code error;
  std::filesystem::directory_iterator open("/proc/self/fd", error);
  while (!error && open != std::filesystem::directory_iterator()) {
    ++descriptors.open;
    open.increment(error);
  }
  if (error == std::errc::too_many_files_open ||
      error == std::errc::too_many_files_open_in_system) {
    return absl::ResourceExhaustedError(error.message());
  }
  if (error) return absl::UnavailableError(error.message());
  return descriptors;
}

void JudgeDescriptors(const absl::StatusOr<Descriptors>& descriptors,
                      size_t links, Findings& findings) {
  if (absl::IsResourceExhausted(descriptors.status())) {
    return findings.Fault(
        "descriptors",
        absl::StrCat("no file and no connection can be opened any more: ",
                     descriptors.status().message(),
                     "; raise LimitNOFILE= of the unit, or ulimit -n, and "
                     "restart the daemon"));
  }
  if (!descriptors.ok()) {
    return findings.NotExamined(
        "descriptors",
        absl::StrCat(
            "/proc/self/fd cannot be read: ", descriptors.status().message(),
            "; see the number of files in the daemon's /proc/PID/fd "
            "as root"));
  }
  const uint64_t wanted =
      std::max(descriptors->open, kDescriptorsOfDaemon + 2 * links);
  const std::string found =
      absl::StrCat(descriptors->open, " of ", descriptors->limit,
                   " files and connections are in use");
  if (wanted <= descriptors->limit / 10 * 9) {
    return findings.Ok("descriptors", found);
  }
  findings.Warning(
      "descriptors",
      absl::StrCat(found, "; ", links, " links may take ", wanted,
                   ": raise LimitNOFILE= of the unit, or ulimit -n"));
}

void JudgeCertificate(federation::WallTime not_after, federation::Duration life,
                      federation::WallTime now, Findings& findings) {
  using Days = std::chrono::duration<int64_t, std::ratio<24 * 3600>>;
  const auto left = not_after - now;
  const std::string days =
      absl::StrCat(std::chrono::floor<Days>(left).count(), " days");
  if (left <= std::chrono::seconds(0)) {
    return findings.Fault(
        "certificate",
        "the certificate for other accounts has expired by this machine's "
        "clock, which "
        "may have been set forward; set it right and restart the daemon");
  }
  if (left > life / 4 && left <= life) {
    return findings.Ok("certificate", "valid for " + days +
                                          " more; renewed in time by itself");
  }
  findings.Warning("certificate",
                   "the certificate for other accounts ends in " + days +
                       " by this machine's clock, which may have been set; "
                       "set it right and restart the daemon");
}

}  // namespace interlink::daemon
