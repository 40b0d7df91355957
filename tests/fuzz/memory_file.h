#pragma once

#include <string>
#include <string_view>

namespace interlink::fuzz {

// A file that is nowhere on a disk, for a library that takes secrets only by
// path. Readers see all of the old contents or all of the new.
//
// Threading: one thread; readers of the path whenever they like.
class MemoryFile {
 public:
  MemoryFile();
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  // Aborts if memory runs out.
  void Write(std::string_view contents);

  // For this process alone, and for as long as this object lives.
  std::string path() const;

 private:
  const int descriptor_;
};

}  // namespace interlink::fuzz
