#include "tests/support/crash_env.h"

#include <functional>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

namespace interlink::testing {

// Counts what is written and what is synced; open files are followed by name,
// which RocksDB does not change while it writes.
class CrashEnv::File : public rocksdb::WritableFileWrapper {
 public:
  File(CrashEnv& env, std::string name,
       std::unique_ptr<rocksdb::WritableFile> target)
      : WritableFileWrapper(target.get()),
        env_(env),
        name_(std::move(name)),
        target_(std::move(target)) {}

  rocksdb::Status Append(const rocksdb::Slice& data) override {
    if (auto s = env_.CheckPower(); !s.ok()) return s;
    size_ += data.size();
    return target_->Append(data);
  }
  rocksdb::Status Append(
      const rocksdb::Slice& data,
      const rocksdb::DataVerificationInfo& /*checksum*/) override {
    return Append(data);
  }
  rocksdb::Status Truncate(uint64_t size) override {
    size_ = size;
    return target_->Truncate(size);
  }
  rocksdb::Status Sync() override {
    if (std::string_view(name_).ends_with(".log")) env_.BeginLogSync();
    if (auto s = env_.CheckPower(); !s.ok()) return s;
    return env_.Synced(name_, size_);
  }
  rocksdb::Status Fsync() override { return Sync(); }

 private:
  CrashEnv& env_;
  const std::string name_;
  const std::unique_ptr<rocksdb::WritableFile> target_;
  uint64_t size_ = 0;
};

class CrashEnv::Directory : public rocksdb::Directory {
 public:
  Directory(CrashEnv& env, std::string name)
      : env_(env), name_(std::move(name)) {}
  rocksdb::Status Fsync() override {
    if (auto s = env_.CheckPower(); !s.ok()) return s;
    env_.SyncedNamesIn(name_);
    return rocksdb::Status::OK();
  }
  rocksdb::Status Close() override { return rocksdb::Status::OK(); }

 private:
  CrashEnv& env_;
  const std::string name_;
};

CrashEnv::CrashEnv(std::optional<uint64_t> seed)
    : EnvWrapper(std::unique_ptr<rocksdb::Env>(
          rocksdb::NewMemEnv(rocksdb::Env::Default()))),
      seed_(seed) {}
CrashEnv::~CrashEnv() = default;

void CrashEnv::Crash() {
  absl::MutexLock lock(&mutex_);
  crashed_ = true;
}

void CrashEnv::Restart() {
  absl::MutexLock lock(&mutex_);
  for (const auto& [name, state] : files_) {
    std::string content;
    rocksdb::ReadFileToString(target(), name, &content).PermitUncheckedError();
    target()->DeleteFile(name).PermitUncheckedError();
    std::optional<std::string> left = state.before;
    if (state.named) {
      left = content.substr(
          0, state.synced + Left(name, content.size() - state.synced));
    }
    if (!left) continue;
    rocksdb::WriteStringToFile(target(), *left, name).PermitUncheckedError();
  }
  files_.clear();
  ++restarts_;
  crashed_ = false;
  lies_ = false;
  next_failure_.reset();
  has_failed_ = false;
}

uint64_t CrashEnv::Left(const std::string& name, uint64_t size) const {
  if (!seed_ || size == 0) return 0;
  std::seed_seq seed{*seed_, restarts_,
                     uint64_t{std::hash<std::string>()(name)}};
  std::mt19937_64 engine(seed);
  return engine() % (size + 1);
}

void CrashEnv::LieAboutSyncs() {
  absl::MutexLock lock(&mutex_);
  lies_ = true;
}

void CrashEnv::FailNextSync(Failure failure) {
  absl::MutexLock lock(&mutex_);
  next_failure_ = failure;
}

void CrashEnv::HoldSyncs() {
  absl::MutexLock lock(&mutex_);
  holds_syncs_ = true;
}

void CrashEnv::LetBegunSyncsEnd() {
  absl::MutexLock lock(&mutex_);
  let_end_ = log_syncs_;
}

void CrashEnv::LetSyncsEnd() {
  absl::MutexLock lock(&mutex_);
  holds_syncs_ = false;
}

int CrashEnv::log_syncs() const {
  absl::MutexLock lock(&mutex_);
  return log_syncs_;
}

void CrashEnv::BeginLogSync() {
  absl::MutexLock lock(&mutex_);
  const auto may_end = [this, number = ++log_syncs_]() {
    mutex_.AssertHeld();
    return !holds_syncs_ || number <= let_end_;
  };
  mutex_.Await(absl::Condition(&may_end));
}

bool CrashEnv::has_failed() const {
  absl::MutexLock lock(&mutex_);
  return has_failed_;
}

void CrashEnv::CopyDirectory(const std::string& from, const std::string& to) {
  CreateDirIfMissing(to).PermitUncheckedError();
  std::vector<std::string> names;
  GetChildren(from, &names).PermitUncheckedError();
  for (const std::string& name : names) {
    if (name == "LOCK") continue;  // It is no file to this kind of memory.
    std::string content;
    rocksdb::ReadFileToString(target(), from + "/" + name, &content)
        .PermitUncheckedError();
    rocksdb::WriteStringToFile(target(), content, to + "/" + name)
        .PermitUncheckedError();
  }
}

void CrashEnv::RemoveDirectory(const std::string& path) {
  std::vector<std::string> names;
  GetChildren(path, &names).PermitUncheckedError();
  for (const std::string& name : names) {
    DeleteFile(path + "/" + name).PermitUncheckedError();
  }
  DeleteDir(path).PermitUncheckedError();
}

rocksdb::Status CrashEnv::NewWritableFile(
    const std::string& name, std::unique_ptr<rocksdb::WritableFile>* file,
    const rocksdb::EnvOptions& options) {
  if (auto s = CheckPower(); !s.ok()) return s;
  std::unique_ptr<rocksdb::WritableFile> made;
  const auto status = target()->NewWritableFile(name, &made, options);
  if (!status.ok()) return status;
  *file = std::make_unique<File>(*this, name, std::move(made));
  absl::MutexLock lock(&mutex_);
  files_[name] = State();
  return status;
}

rocksdb::Status CrashEnv::NewDirectory(
    const std::string& name, std::unique_ptr<rocksdb::Directory>* directory) {
  *directory = std::make_unique<Directory>(*this, name);
  return rocksdb::Status::OK();
}

rocksdb::Status CrashEnv::DeleteFile(const std::string& name) {
  if (auto s = CheckPower(); !s.ok()) return s;
  absl::MutexLock lock(&mutex_);
  files_.erase(name);
  return target()->DeleteFile(name);
}

rocksdb::Status CrashEnv::RenameFile(const std::string& from,
                                     const std::string& to) {
  if (auto s = CheckPower(); !s.ok()) return s;
  absl::MutexLock lock(&mutex_);
  State state;
  if (const auto known = files_.extract(from)) state = known.mapped();
  state.named = false;
  state.before.reset();
  if (std::string old; rocksdb::ReadFileToString(target(), to, &old).ok()) {
    state.before = std::move(old);
  }
  files_[to] = std::move(state);
  return target()->RenameFile(from, to);
}

rocksdb::Status CrashEnv::CheckPower() const {
  absl::MutexLock lock(&mutex_);
  return crashed_ ? rocksdb::Status::IOError("no power")
                  : rocksdb::Status::OK();
}

rocksdb::Status CrashEnv::Synced(const std::string& name, uint64_t size) {
  absl::MutexLock lock(&mutex_);
  const bool fails = next_failure_ && std::string_view(name).ends_with(".log");
  const bool is_synced =
      !lies_ && !(fails && next_failure_ == Failure::kNothingSynced);
  const auto file = files_.find(name);
  if (file != files_.end() && is_synced) {
    file->second.synced = size;
    file->second.named |= fails;
  }
  if (!fails) return rocksdb::Status::OK();
  crashed_ = has_failed_ = true;
  next_failure_.reset();
  return rocksdb::Status::IOError("cannot sync");
}

void CrashEnv::SyncedNamesIn(const std::string& directory) {
  absl::MutexLock lock(&mutex_);
  if (lies_) return;
  for (auto& [name, state] : files_) {
    if (name.substr(0, name.rfind('/')) == directory) state.named = true;
  }
}

}  // namespace interlink::testing
