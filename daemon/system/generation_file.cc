#include "daemon/system/generation_file.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <string_view>
#include <utility>

#include "daemon/system/folder.h"
#include "daemon/system/text_file.h"
#include "store/failpoint.h"

namespace interlink::daemon {
namespace {

constexpr std::string_view kAccount = "account=";
constexpr std::string_view kGeneration = "generation=";

absl::Status DoesNotReadBack(const std::string& path) {
  return absl::DataLossError(
      "the file " + path +
      " does not read back, so that a store put back from an older copy would "
      "not be recognised by it; it is written anew");
}

// False unless the whole text is in the file, and the file on the disk.
bool WriteSynced(const std::string& path, std::string_view text) {
  const int file =
      open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool is_written = write(file, text.data(), text.size()) ==
                              static_cast<ssize_t>(text.size()) &&
                          fsync(file) == 0;
  return close(file) == 0 && is_written;
}

bool SyncFolderOf(const std::string& path) {
  const int directory =
      open(FolderOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return false;
  const bool is_synced = fsync(directory) == 0;
  close(directory);
  return is_synced;
}

}  // namespace

absl::StatusOr<uint64_t> GenerationFile::Read(const std::string& path,
                                              store::AccountId account) {
  const auto text = ReadTextFile(path);
  if (absl::IsNotFound(text.status())) return 0;
  if (absl::IsInvalidArgument(text.status())) return DoesNotReadBack(path);
  if (!text.ok()) return text.status();
  std::istringstream file(*text);
  std::string account_line;
  std::string generation_line;
  if (!std::getline(file, account_line) ||
      !std::getline(file, generation_line) ||
      !account_line.starts_with(kAccount) ||
      !generation_line.starts_with(kGeneration)) {
    return DoesNotReadBack(path);
  }
  uint64_t count = 0;
  const char* const end = generation_line.data() + generation_line.size();
  const auto read =
      std::from_chars(generation_line.data() + kGeneration.size(), end, count);
  if (read.ec != std::errc() || read.ptr != end) return DoesNotReadBack(path);
  return account_line.substr(kAccount.size()) == account.ToHex() ? count : 0;
}

GenerationFile::GenerationFile(std::string path, store::AccountId account)
    : path_(std::move(path)), account_(account), writer_([this] { Run(); }) {}

GenerationFile::~GenerationFile() {
  {
    const absl::MutexLock lock(&mutex_);
    is_ending_ = true;
  }
  writer_.join();
}

void GenerationFile::Note(uint64_t count) {
  const absl::MutexLock lock(&mutex_);
  noted_ = count;
}

void GenerationFile::Run() {
  for (;;) {
    uint64_t count = 0;
    {
      const auto has_work = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
        return noted_ != written_ || is_ending_;
      };
      const absl::MutexLock lock(&mutex_, absl::Condition(&has_work));
      if (noted_ == written_) return;
      // Even if it fails: the next count is another chance.
      count = written_ = noted_;
    }
    store::PassFailpoint("generation/unwritten");
    if (auto s = Write(count); !s.ok()) {
      spdlog::error("{}", std::string(s.message()));
    }
  }
}

absl::Status GenerationFile::Write(uint64_t count) const {
  const std::string draft = path_ + ".new";
  const std::string text = std::string(kAccount) + account_.ToHex() + "\n" +
                           std::string(kGeneration) + std::to_string(count) +
                           "\n";
  const bool is_drafted = WriteSynced(draft, text);
  store::PassFailpoint("generation/unrenamed");
  if (is_drafted && rename(draft.c_str(), path_.c_str()) == 0 &&
      SyncFolderOf(path_)) {
    return absl::OkStatus();
  }
  return absl::UnavailableError("cannot write the file " + path_ + ": " +
                                std::strerror(errno) +
                                "; a store put back from an older copy may "
                                "not be recognised");
}

}  // namespace interlink::daemon
