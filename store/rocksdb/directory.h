#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/env.h"

// What the engine does with directories. All errors are UNAVAILABLE, with what
// the system said.
namespace interlink::store {

// Whether there is anything at `path`. An error if that cannot be seen, which
// is no sign that there is nothing.
absl::StatusOr<bool> Exists(const std::string& path, rocksdb::Env* env);

// Makes `directory`, readable to this user only, and syncs its name. OK if it
// exists already.
absl::Status MakeDirectory(const std::string& directory, rocksdb::Env* env);

// Syncs the names of the files in `directory`.
absl::Status SyncDirectory(const std::string& directory, rocksdb::Env* env);

// Removes `path` and everything in it, as far as it can be removed.
void RemoveTree(const std::string& path, rocksdb::Env* env);

// Checks that a file of some size can be written and synced in `directory`, by
// writing one and removing it again.
absl::Status CheckWritable(const std::string& directory, rocksdb::Env* env);

// `path` without slashes at its end, which say nothing.
std::string WithoutSlash(std::string path);
// The directory of `path`, which does not end in a slash; "." for a bare name.
std::string ParentOf(const std::string& path);

}  // namespace interlink::store
