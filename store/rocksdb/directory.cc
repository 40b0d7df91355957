#include "store/rocksdb/directory.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "store/rocksdb/errors.h"

namespace interlink::store {

absl::StatusOr<bool> Exists(const std::string& path, rocksdb::Env* env) {
  if (env != rocksdb::Env::Default()) {
    const rocksdb::Status found = env->FileExists(path);
    if (found.ok() || found.IsNotFound()) return found.ok();
    return ToStatus(found, "cannot look at", path);
  }
  // Env::FileExists() also says no where it may not look.
  struct stat found {};
  if (lstat(path.c_str(), &found) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return Unavailable("cannot look at " + path + ": " + std::strerror(errno));
}

absl::Status MakeDirectory(const std::string& directory, rocksdb::Env* env) {
  if (env != rocksdb::Env::Default()) {
    if (env->FileExists(directory).ok()) return absl::OkStatus();
    const rocksdb::Status made = env->CreateDir(directory);
    if (!made.ok()) return ToStatus(made, "cannot make", directory);
  } else if (mkdir(directory.c_str(), 0700) != 0) {  // Env would make it 0755.
    const int error = errno;
    struct stat found {};
    if (error == EEXIST && stat(directory.c_str(), &found) == 0 &&
        S_ISDIR(found.st_mode)) {
      return absl::OkStatus();
    }
    return ToStatus(
        rocksdb::Status::IOError(directory, rocksdb::Slice(strerror(error))),
        "cannot make", directory);
  }
  return SyncDirectory(ParentOf(directory), env);
}

absl::Status SyncDirectory(const std::string& directory, rocksdb::Env* env) {
  std::unique_ptr<rocksdb::Directory> opened;
  rocksdb::Status status = env->NewDirectory(directory, &opened);
  if (status.ok()) status = opened->Fsync();
  return ToStatus(status, "cannot sync", directory);
}

std::string WithoutSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

void RemoveTree(const std::string& path, rocksdb::Env* env) {
  std::vector<std::string> names;  // None of a file.
  env->GetChildren(path, &names).PermitUncheckedError();
  for (const std::string& name : names) RemoveTree(path + "/" + name, env);
  if (!env->DeleteDir(path).ok()) env->DeleteFile(path).PermitUncheckedError();
}

absl::Status CheckWritable(const std::string& directory, rocksdb::Env* env) {
  // Opening a store rewrites its latest changes, which are smaller than this.
  constexpr size_t kProbeBytes = 4 * 1024 * 1024;
  const std::string probe = directory + "/probe.tmp";
  const rocksdb::Status status = rocksdb::WriteStringToFile(
      env, std::string(kProbeBytes, '\0'), probe, /*should_sync=*/true);
  env->DeleteFile(probe).PermitUncheckedError();
  return ToStatus(status, "cannot write the 4 MiB that opening it needs to",
                  probe);
}

}  // namespace interlink::store
