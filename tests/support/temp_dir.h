#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace interlink::testing {

// A new, empty, private directory under the system's temporary one, removed
// with all that is in it at destruction.
//
// Threading: as a const object, any thread.
class TempDir {
 public:
  TempDir() {
    std::string name =
        (std::filesystem::temp_directory_path() / "interlink-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;  // A test's leftovers are no reason to fail it.
    std::filesystem::remove_all(path_, ignored);
  }

  // Absolute, without a slash at the end.
  const std::string& path() const { return path_; }
  // Of a file in it, which need not exist.
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace interlink::testing
